/** What a person does for their own account at the centre. An answer with a session takes the place of the one before. */
import { z } from 'zod'
import { type OperatorSession, operatorSession } from '../../../shared/contract/central.ts'
import { type NewSecondFactor, newSecondFactor } from '../../../shared/contract/central-accounts.ts'
import { type CentreClient, CentreFailure } from './centre-client.ts'

const confirmed = z.object({ recoveryCodes: z.array(z.string()), session: operatorSession })

export type AccountAsks = {
  changePassword(oldPassword: string, newPassword: string): Promise<OperatorSession>
  replacePassword(ticket: string, newPassword: string): Promise<OperatorSession>
  /** `ticket` null: under the live session. */
  beginSecondFactor(ticket: string | null): Promise<NewSecondFactor>
  confirmSecondFactor(
    ticket: string | null,
    code: string,
  ): Promise<{ recoveryCodes: string[]; session: OperatorSession }>
}

export function createAccountAsks(parts: {
  client: CentreClient
  token(): Promise<string | null>
  keep(session: OperatorSession): OperatorSession
}): AccountAsks {
  const { client, keep } = parts
  const ask = async <T>(path: string, output: z.ZodType<T>, body: object, ticket: string | null) => {
    if (ticket !== null) return client.ask('POST', path, output, { body: { ...body, ticket } })
    const token = await parts.token()
    if (token === null)
      throw new CentreFailure('refused', '中心没有您的登录', { status: 401, code: 'NO_SESSION' })
    return client.ask('POST', path, output, { body, operatorSession: token })
  }
  return {
    changePassword: async (oldPassword, newPassword) =>
      keep(await ask('/v1/account/password', operatorSession, { oldPassword, newPassword }, null)),
    replacePassword: async (ticket, newPassword) =>
      keep(await ask('/v1/account/password/replace', operatorSession, { newPassword }, ticket)),
    beginSecondFactor: ticket => ask('/v1/account/second-factor', newSecondFactor, {}, ticket),
    confirmSecondFactor: async (ticket, code) => {
      const answer = await ask('/v1/account/second-factor/confirm', confirmed, { code }, ticket)
      keep(answer.session)
      return answer
    },
  }
}
