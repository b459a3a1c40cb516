/** Signing in (登录): short access tokens, refresh tokens that work once, and a lock after too many failures. */
import type { CentralOperator, OperatorSession } from '../../shared/contract/central.ts'
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'
import { Refusal } from '../refusal.ts'
import type { Queries } from '../storage/sql.ts'
import type { ActorProofs } from './actor-proofs.ts'
import { checkPassword } from './check-password.ts'
import type { Device } from './devices.ts'
import { type OperatorRow, operatorColumns, operatorOf } from './operators.ts'
import { digestOf, newSecret } from './secrets.ts'
import { accessSeconds, type Tokens } from './tokens.ts'

/** Without the columns that both tables have. */
const sessionsOfPeople = `operator JOIN (
  SELECT session_id, operator_id, seat_id, ended_at, revoked_at FROM operator_session) s USING (operator_id)`
const refreshMs = 7 * 24 * 3_600_000

/** A person who is signed in at the centre now. */
export type LiveSession = { operatorId: string; sessionId: string }

export type Sessions = {
  signIn(device: Device, input: { workNumber: string; password: string }): Promise<OperatorSession>
  refresh(device: Device, refreshToken: string): Promise<OperatorSession>
  end(device: Device, refreshToken: string): Promise<void>
  /** Who holds this access token, or UNAUTHENTICATED. */
  of(token: string): Promise<CentralOperator>
  /** Whose session this token is, where it is live and of this seat. Null: it is not. */
  live(token: string, device: Device): Promise<LiveSession | null>
}

export function createSessions(
  context: CentralContext,
  tokens: Tokens,
  proofs: ActorProofs,
  options: { offlineDays: number },
): Sessions {
  const { sql, clock, random } = context

  const grant = async (
    tx: Queries,
    sessionId: string,
    seatId: string,
    operator: CentralOperator,
  ): Promise<OperatorSession> => {
    const refreshToken = newSecret(random)
    const proof = proofs.issue({ sessionId, operatorId: operator.operatorId, seatId })
    await tx.query('UPDATE operator_session SET proves_until = $2 WHERE session_id = $1', [
      sessionId,
      proof.until,
    ])
    await tx.query('INSERT INTO refresh_token (token_hash, session_id, expires_at) VALUES ($1, $2, $3)', [
      digestOf(refreshToken),
      sessionId,
      new Date(clock.now() + refreshMs).toISOString(),
    ])
    return {
      accessToken: await tokens.sign('operator', sessionId),
      expiresInSeconds: accessSeconds,
      refreshToken,
      operator,
      offlineDays: options.offlineDays,
      proof,
    }
  }

  const audit = (tx: Queries, device: Device, operatorId: string | null, action: string, result: string) =>
    tx.query(
      `INSERT INTO audit (at, client_id, operator_id, action, subject_kind, subject_id, result)
       VALUES ($1, $2, $3, $4, 'operator', $3, $5)`,
      [isoNow(clock), device.clientId, operatorId, action, result],
    )

  const end = (tx: Queries, sessionId: string) =>
    tx.query('UPDATE operator_session SET ended_at = coalesce(ended_at, $2) WHERE session_id = $1', [
      sessionId,
      isoNow(clock),
    ])

  return {
    signIn: async (device, input) => {
      const now = isoNow(clock)
      // A unit's people work on the page of the units.
      const checked = await checkPassword(context, input, ({ role }) => role !== 'unit')
      if (!checked.right) {
        await audit(sql, device, checked.operatorId, 'operator.signIn', checked.code)
        throw new Refusal(checked.code)
      }
      const { row } = checked
      return sql.transaction(async tx => {
        const sessionId = random.uuid()
        await tx.query('UPDATE operator SET failures = 0, locked_until = NULL WHERE operator_id = $1', [
          row.operator_id,
        ])
        await tx.query(
          'INSERT INTO operator_session (session_id, operator_id, seat_id, branch, created_at) VALUES ($1, $2, $3, $4, $5)',
          [sessionId, row.operator_id, device.seatId, device.branch, now],
        )
        await audit(tx, device, row.operator_id, 'operator.signIn', 'done')
        return grant(tx, sessionId, device.seatId, operatorOf(row))
      })
    },

    refresh: async (device, refreshToken) => {
      const session = await sql.transaction(async tx => {
        const now = isoNow(clock)
        const [used] = await tx.query<{ session_id: string }>(
          'UPDATE refresh_token SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2 RETURNING session_id',
          [digestOf(refreshToken), now],
        )
        if (used === undefined) {
          const [again] = await tx.query<{ session_id: string }>(
            'SELECT session_id FROM refresh_token WHERE token_hash = $1',
            [digestOf(refreshToken)],
          )
          if (again !== undefined) {
            await end(tx, again.session_id)
            await audit(tx, device, null, 'operator.refresh', 'token used twice')
          }
          return null
        }
        const [row] = await tx.query<OperatorRow>(
          `SELECT ${operatorColumns} FROM ${sessionsOfPeople}
           WHERE session_id = $1 AND ended_at IS NULL AND revoked_at IS NULL AND seat_id = $2 AND NOT disabled`,
          [used.session_id, device.seatId],
        )
        return row === undefined ? null : grant(tx, used.session_id, device.seatId, operatorOf(row))
      })
      if (session === null) throw new Refusal('UNAUTHENTICATED')
      return session
    },

    end: async (device, refreshToken) => {
      await sql.transaction(async tx => {
        const [row] = await tx.query<{ session_id: string; operator_id: string }>(
          'SELECT session_id, operator_id FROM refresh_token JOIN operator_session USING (session_id) WHERE token_hash = $1 AND seat_id = $2',
          [digestOf(refreshToken), device.seatId],
        )
        if (row === undefined) return
        await end(tx, row.session_id)
        await audit(tx, device, row.operator_id, 'operator.signOut', 'done')
      })
    },

    of: async token => {
      const sessionId = await tokens.verify('operator', token)
      const [row] = await sql.query<OperatorRow>(
        `SELECT ${operatorColumns} FROM ${sessionsOfPeople}
         WHERE session_id = $1 AND ended_at IS NULL AND revoked_at IS NULL AND NOT disabled`,
        [sessionId],
      )
      if (row === undefined) throw new Refusal('UNAUTHENTICATED')
      return operatorOf(row)
    },

    live: async (token, device) => {
      const sessionId = await tokens.verify('operator', token).catch(() => null)
      if (sessionId === null) return null
      const [row] = await sql.query<{ operator_id: string }>(
        `SELECT operator_id FROM operator_session JOIN operator USING (operator_id)
         WHERE session_id = $1 AND ended_at IS NULL AND revoked_at IS NULL AND seat_id = $2 AND NOT disabled`,
        [sessionId, device.seatId],
      )
      return row === undefined ? null : { operatorId: row.operator_id, sessionId }
    },
  }
}
