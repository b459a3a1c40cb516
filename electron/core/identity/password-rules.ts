/** The rules of passwords (shared/domain/password.ts) with a list of common ones, which is read when somebody first sets one. */
import { faultOfPassword } from '../../../shared/domain/password.ts'
import { Refusal } from '../refusal.ts'

let common: Promise<ReadonlySet<string>> | null = null
const readCommon = async (): Promise<ReadonlySet<string>> => {
  const { dictionary } = await import('@zxcvbn-ts/language-common')
  return new Set(dictionary['passwords-common'])
}

/** PASSWORD_WEAK, with the rule that it breaks. `former`: the one that it replaces. */
export async function checkNewPassword(
  password: string,
  { workNumber, former }: { workNumber: string; former: string | null },
): Promise<void> {
  common ??= readCommon()
  const list = await common
  const fault =
    password === former ? 'same' : faultOfPassword(password, { workNumber, isCommon: text => list.has(text) })
  if (fault !== null) throw new Refusal('PASSWORD_WEAK', { fault })
}
