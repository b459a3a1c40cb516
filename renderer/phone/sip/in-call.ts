/** What is said to the other side in a call beside its sound: keys, and INFO. */
import { PhoneError } from '../phone.ts'
import type { Leg } from './leg.ts'

export async function sendKeys(leg: Leg, digits: string, way: 'rfc4733' | 'info'): Promise<void> {
  if (!/^[0-9*#]{1,32}$/.test(digits)) throw new PhoneError('BAD_NUMBER', '按键只能是数字、* 和 #')
  if (way === 'info') {
    for (const digit of digits)
      await sendInfo(leg, 'application/dtmf-relay', `Signal=${digit}\r\nDuration=160\r\n`)
    return
  }
  const sent = leg.session.sessionDescriptionHandler?.sendDtmf(digits) ?? false
  if (!sent) throw new PhoneError('REFUSED', '对方线路不接受按键')
}

export function sendInfo(leg: Leg, contentType: string, content: string): Promise<void> {
  return new Promise((resolve, reject) => {
    leg.session
      .info({
        requestOptions: { body: { contentDisposition: 'render', contentType, content } },
        requestDelegate: {
          onAccept: () => resolve(),
          onReject: ({ message }) =>
            reject(new PhoneError('REFUSED', `话务台没有接受（${message.statusCode ?? '无应答'}）`)),
        },
      })
      .catch(() => reject(new PhoneError('REFUSED', '通话尚未接通')))
  })
}
