/** Which passwords everybody tries first, by the list of zxcvbn-ts (some 49,000, in lower case). */
import { dictionary } from '@zxcvbn-ts/language-common'
import { faultOfPassword } from '../../shared/domain/password.ts'
import { Refusal } from '../refusal.ts'

const common = new Set(dictionary['passwords-common'])

/** PASSWORD_WEAK with the rule that it breaks. */
export function refuseWeak(password: string, workNumber: string): void {
  const fault = faultOfPassword(password, { workNumber, isCommon: text => common.has(text) })
  if (fault !== null) throw new Refusal('PASSWORD_WEAK', null, { fault })
}
