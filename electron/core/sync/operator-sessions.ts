/** The signed-in operator's session at the centre. Its access token is short; a refresh token works once and is replaced. */
import { z } from 'zod'
import { type OperatorSession, operatorSession } from '../../../shared/contract/central.ts'
import type { Clock } from '../context.ts'
import type { Database } from '../storage/database.ts'
import { readState, writeState } from '../storage/local-state.ts'
import { type AccountAsks, createAccountAsks } from './account-asks.ts'
import { type CentreClient, CentreFailure } from './centre-client.ts'

/** Kept in the encrypted database, so that a core that was killed goes on with it. */
const refreshState = 'centre-session'
/** Seconds before its end at which a token is replaced. */
const early = 60

export const forgetSession = (db: Database): void => writeState(db, refreshState, null)

export type OperatorSessions = {
  signIn(workNumber: string, password: string, code?: string): Promise<OperatorSession>
  account: AccountAsks
  /** Null: nobody is signed in at the centre. */
  token(): Promise<string | null>
  /** Asks the centre whether it still holds. */
  look(): void
  end(): void
}

export function createOperatorSessions(parts: {
  clock: Clock
  client: CentreClient
  read(): Database
  write<T>(work: (db: Database) => T): T
  /** The centre ended it: another password, role or branch, disabled, revoked. */
  ended(): void
  /** The session goes on, and proves longer. */
  renewed(session: OperatorSession): void
}): OperatorSessions {
  const { clock, client, read, write } = parts
  let access: { token: string; until: number } | null = null
  let refreshing: Promise<string | null> | null = null

  const keep = (session: OperatorSession) => {
    access = {
      token: session.accessToken,
      until: clock.now() + (session.expiresInSeconds - early) * 1_000,
    }
    write(db => writeState(db, refreshState, session.refreshToken))
    return session
  }

  const refresh = async (): Promise<string | null> => {
    const refreshToken = readState(read(), refreshState)
    if (refreshToken === null) return null
    try {
      const session = keep(
        await client.ask('POST', '/v1/sessions/refresh', operatorSession, { body: { refreshToken } }),
      )
      parts.renewed(session)
      return session.accessToken
    } catch (error) {
      // Refused for good: it ends here, and the operator may sign in again.
      // Not if somebody else signed in meanwhile.
      const isPresent = readState(read(), refreshState) === refreshToken
      if (error instanceof CentreFailure && !error.passes && isPresent) {
        write(db => writeState(db, refreshState, null))
        if (error.code === 'SESSION_ENDED') parts.ended()
      }
      throw error
    }
  }

  const token = (): Promise<string | null> => {
    if (access !== null && clock.now() < access.until) return Promise.resolve(access.token)
    refreshing ??= refresh().finally(() => {
      refreshing = null
    })
    return refreshing
  }

  return {
    signIn: async (workNumber, password, code) => {
      const body = { workNumber, password, ...(code === undefined ? {} : { code }) }
      return keep(await client.ask('POST', '/v1/sessions', operatorSession, { body }))
    },
    token,
    account: createAccountAsks({ client, token, keep }),
    look: () => {
      access = null
      refreshing ??= refresh().finally(() => {
        refreshing = null
      })
      refreshing.catch(() => {})
    },
    end: () => {
      const refreshToken = readState(read(), refreshState)
      access = null
      write(db => writeState(db, refreshState, null))
      if (refreshToken === null) return
      void client.ask('POST', '/v1/sessions/end', z.object({}), { body: { refreshToken } }).catch(() => {})
    },
  }
}
