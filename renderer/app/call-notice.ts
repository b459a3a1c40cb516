/** What the system's notification of a call says: no name, and no whole number. */
import { maskNumber, type NormalizedNumber } from '../../shared/domain/phone-number.ts'
import type { CallNotice } from '../bridge/bridge.ts'

export function callNotice(
  number: Pick<NormalizedNumber, 'key' | 'display'>,
  language: 'zh-CN' | 'en-US',
): CallNotice {
  const chinese = language === 'zh-CN'
  const body = number.key === null ? (chinese ? '匿名来电' : 'Withheld number') : maskNumber(number.display)
  return chinese
    ? { title: '来电', body, answer: '接听', decline: '拒接' }
    : { title: 'Call', body, answer: 'Answer', decline: 'Decline' }
}
