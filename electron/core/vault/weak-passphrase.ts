/** A passphrase keeps the rules of a password. The list of common ones (zxcvbn-ts) is read only when somebody sets one. */
import { faultOfPassword } from '../../../shared/domain/password.ts'
import { Refusal } from '../refusal.ts'

/** PASSPHRASE_WEAK, with the rule that it breaks. */
export async function refuseWeakPassphrase(passphrase: string): Promise<void> {
  const { dictionary } = await import('@zxcvbn-ts/language-common')
  const common = new Set(dictionary['passwords-common'])
  const fault = faultOfPassword(passphrase, { workNumber: null, isCommon: text => common.has(text) })
  if (fault !== null) throw new Refusal('PASSPHRASE_WEAK', { fault })
}
