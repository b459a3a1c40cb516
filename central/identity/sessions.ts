/**
 * Signing in (登录): short access tokens, and refresh tokens that work once, both good only together with the token of the device
 * that they were given to. Each request looks at the session's row: what ended there ends at once.
 */
import type { CentralOperator, OperatorSession } from '../../shared/contract/central.ts'
import type { NewSecondFactor } from '../../shared/contract/central-accounts.ts'
import { type IdentityPolicy, needsSecondFactor } from '../../shared/domain/identity-policy.ts'
import { worksFor } from '../../shared/domain/permission.ts'
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'
import { Refusal } from '../refusal.ts'
import type { Queries } from '../storage/sql.ts'
import type { ActorProofs } from './actor-proofs.ts'
import { checkPassword, type PasswordHolder, signInFailed } from './check-password.ts'
import { refuseWeak } from './common-passwords.ts'
import type { Device } from './devices.ts'
import type { Endings } from './endings.ts'
import { type OperatorRow, operatorColumns, operatorOf } from './operators.ts'
import type { Passwords, Source } from './passwords.ts'
import type { SecondFactors } from './second-factor.ts'
import { digestOf, newSecret } from './secrets.ts'
import { changeNeeded, sameAgain, setPassword } from './set-password.ts'
import type { SignInFailures } from './sign-in-failures.ts'
import type { TicketStep, Tickets } from './tickets.ts'
import { accessSeconds, type Tokens } from './tokens.ts'

/** Without the columns that both tables have. */
const sessionsOfPeople = `operator JOIN (
  SELECT session_id, operator_id, client_id, ended_at, revoked_at FROM operator_session) s USING (operator_id)`
const refreshMs = 7 * 24 * 3_600_000

export type Live = { operator: CentralOperator; sessionId: string }
/** A person who is signed in at the centre now. */
export type LiveSession = { operatorId: string; sessionId: string }

export type Sessions = {
  /** What `sessions.create` of the contract says. */
  signIn(
    device: Device,
    input: { workNumber: string; password: string; code?: string | undefined },
  ): Promise<OperatorSession>
  /** UNAUTHENTICATED, SESSION_ENDED. */
  refresh(device: Device, refreshToken: string): Promise<OperatorSession>
  end(device: Device, refreshToken: string): Promise<void>
  /** Who holds this access token at this device. UNAUTHENTICATED, SESSION_ENDED. */
  of(token: string, device: Device): Promise<Live>
  /** Whose session this token is, where it is live and of this device. Null: it is not. */
  live(token: string, device: Device): Promise<LiveSession | null>
  changePassword(
    device: Device,
    live: Live,
    input: { oldPassword: string; newPassword: string },
  ): Promise<OperatorSession>
  replacePassword(device: Device, input: { ticket: string; newPassword: string }): Promise<OperatorSession>
  beginSecondFactor(device: Device, who: Live | { ticket: string }): Promise<NewSecondFactor>
  confirmSecondFactor(
    device: Device,
    who: Live | { ticket: string },
    code: string,
  ): Promise<{ recoveryCodes: string[]; session: OperatorSession }>
}

export function createSessions(
  context: CentralContext,
  parts: {
    tokens: Tokens
    proofs: ActorProofs
    passwords: Passwords
    failures: SignInFailures
    tickets: Tickets
    secondFactors: SecondFactors
    endings: Endings
    policy(): Promise<IdentityPolicy>
    offlineDays: number
  },
): Sessions {
  const { sql, clock, random } = context
  const { tokens, passwords, tickets, secondFactors, endings } = parts

  const sourceOf = ({ seatId }: Device): Source => `seat:${seatId}`
  const holderColumns = `${operatorColumns}, password_hash, must_change_password, password_set_at`

  const grant = async (
    tx: Queries,
    sessionId: string,
    { seatId }: Device,
    row: OperatorRow,
  ): Promise<OperatorSession> => {
    const refreshToken = newSecret(random)
    const proof = parts.proofs.issue({ sessionId, operatorId: row.operator_id, seatId })
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
      operator: operatorOf(row),
      offlineDays: parts.offlineDays,
      proof,
      totp: await secondFactors.offline(tx, row.operator_id),
    }
  }

  const open = async (tx: Queries, device: Device, row: OperatorRow): Promise<OperatorSession> => {
    const sessionId = random.uuid()
    await tx.query(
      `INSERT INTO operator_session (session_id, operator_id, seat_id, client_id, branch, created_at)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [sessionId, row.operator_id, device.seatId, device.clientId, device.branch, isoNow(clock)],
    )
    return grant(tx, sessionId, device, row)
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

  /** Who signs in has shown everything that they have. What is still missing is refused with a ticket for it. */
  const admit = async (device: Device, row: PasswordHolder): Promise<OperatorSession> => {
    const policy = await parts.policy()
    const reason = changeNeeded(row, policy, clock.now())
    if (reason !== null) {
      const given = await tickets.give(device, row.operator_id, 'password')
      throw new Refusal('PASSWORD_CHANGE_NEEDED', null, { ...given, reason })
    }
    if (needsSecondFactor(policy, row.role)) {
      const { enrolled, until } = await secondFactors.of(row.operator_id)
      if (!enrolled) {
        const given = until === null ? null : await tickets.give(device, row.operator_id, 'second-factor')
        throw new Refusal('SECOND_FACTOR_ENROLMENT_NEEDED', null, { ticket: given?.ticket ?? null, until })
      }
    }
    return sql.transaction(async tx => {
      await audit(tx, device, row.operator_id, 'operator.signIn', 'done')
      return open(tx, device, row)
    })
  }

  /** Whose ticket or session it is: nobody else signs that person out, or uses the ticket, meanwhile. */
  const holderOf = async (
    tx: Queries,
    device: Device,
    who: Live | { ticket: string },
    step: TicketStep,
  ): Promise<PasswordHolder> => {
    const operatorId =
      'ticket' in who ? await tickets.hold(tx, device, who.ticket, step) : who.operator.operatorId
    const [row] = await tx.query<PasswordHolder>(
      `SELECT ${holderColumns} FROM operator WHERE operator_id = $1 AND NOT disabled FOR UPDATE`,
      [operatorId],
    )
    if (row === undefined) throw new Refusal('ticket' in who ? 'TICKET_INVALID' : 'SESSION_ENDED')
    return row
  }

  const hashOfNew = (device: Device, password: string, { work_number }: OperatorRow) => {
    refuseWeak(password, work_number)
    return passwords.hash(password, sourceOf(device))
  }
  const replace = async (tx: Queries, device: Device, row: OperatorRow, hash: string, except?: string) => {
    const operatorId = row.operator_id
    const of = { operatorId, hash, ...(except === undefined ? {} : { except }) }
    await setPassword({ tx, now: isoNow(clock), endings }, of)
    if (except !== undefined) await end(tx, except)
    await audit(tx, device, operatorId, 'operator.changePassword', 'done')
  }

  return {
    signIn: async (device, { workNumber, password, code }) => {
      // A unit's people work on the page of the units.
      const checked = await checkPassword(
        context,
        parts,
        { workNumber, password, sources: [sourceOf(device)] },
        ({ role }) => role !== 'unit',
      )
      const { right } = checked
      if (right === null) {
        await audit(sql, device, checked.operatorId, 'operator.signIn', 'SIGN_IN_FAILED')
        throw signInFailed(checked)
      }
      const { row } = right
      // Told only to whoever knows the password.
      if (!worksFor(operatorOf(row), device.branch)) {
        await right.undo()
        await audit(sql, device, row.operator_id, 'operator.signIn', 'SEAT_OTHER_BRANCH')
        throw new Refusal('SEAT_OTHER_BRANCH')
      }
      if ((await secondFactors.of(row.operator_id)).enrolled) {
        if (code === undefined) {
          await right.undo()
          throw new Refusal('SECOND_FACTOR_NEEDED')
        }
        if (!(await secondFactors.verify(row.operator_id, code))) {
          await audit(sql, device, row.operator_id, 'operator.signIn', 'SECOND_FACTOR_WRONG')
          const { retryAfterSeconds } = right
          throw new Refusal('SECOND_FACTOR_WRONG', null, { retryAfterSeconds })
        }
      }
      await right.succeed()
      return admit(device, row)
    },

    refresh: async (device, refreshToken) => {
      const digest = digestOf(refreshToken)
      const outcome = await sql.transaction(async tx => {
        const now = isoNow(clock)
        const [held] = await tx.query<{ session_id: string; used_at: Date | null; live: boolean }>(
          `SELECT session_id, used_at, expires_at > $3 AS live FROM refresh_token JOIN operator_session USING (session_id)
           WHERE token_hash = $1 AND client_id = $2 FOR UPDATE OF refresh_token`,
          [digest, device.clientId, now],
        )
        if (held === undefined) return 'UNAUTHENTICATED' as const
        const sessionId = held.session_id
        if (held.used_at !== null) {
          await end(tx, sessionId)
          await audit(tx, device, null, 'operator.refresh', 'token used twice')
          return 'UNAUTHENTICATED' as const
        }
        if (!held.live) return 'UNAUTHENTICATED' as const
        await tx.query('UPDATE refresh_token SET used_at = $2 WHERE token_hash = $1', [digest, now])
        const [row] = await tx.query<OperatorRow>(
          `SELECT ${operatorColumns} FROM ${sessionsOfPeople}
           WHERE session_id = $1 AND ended_at IS NULL AND revoked_at IS NULL AND NOT disabled`,
          [sessionId],
        )
        // Whoever went to another branch meanwhile goes on there.
        if (row === undefined || !worksFor(operatorOf(row), device.branch)) return 'SESSION_ENDED' as const
        return grant(tx, sessionId, device, row)
      })
      if (typeof outcome === 'string') throw new Refusal(outcome)
      return outcome
    },

    end: async (device, refreshToken) => {
      await sql.transaction(async tx => {
        const [row] = await tx.query<{ session_id: string; operator_id: string }>(
          'SELECT session_id, operator_id FROM refresh_token JOIN operator_session USING (session_id) WHERE token_hash = $1 AND client_id = $2',
          [digestOf(refreshToken), device.clientId],
        )
        if (row === undefined) return
        await end(tx, row.session_id)
        await audit(tx, device, row.operator_id, 'operator.signOut', 'done')
      })
    },

    of: async (token, device) => {
      const sessionId = await tokens.verify('operator', token)
      const [row] = await sql.query<OperatorRow & { is_over: boolean }>(
        `SELECT ${operatorColumns}, ended_at IS NOT NULL OR revoked_at IS NOT NULL OR disabled AS is_over
         FROM ${sessionsOfPeople} WHERE session_id = $1 AND client_id = $2`,
        [sessionId, device.clientId],
      )
      if (row === undefined) throw new Refusal('UNAUTHENTICATED')
      if (row.is_over) throw new Refusal('SESSION_ENDED')
      return { operator: operatorOf(row), sessionId }
    },

    live: async (token, device) => {
      const sessionId = await tokens.verify('operator', token).catch(() => null)
      if (sessionId === null) return null
      const [row] = await sql.query<{ operator_id: string }>(
        `SELECT operator_id FROM operator_session JOIN operator USING (operator_id)
         WHERE session_id = $1 AND client_id = $2 AND ended_at IS NULL AND revoked_at IS NULL AND NOT disabled`,
        [sessionId, device.clientId],
      )
      return row === undefined ? null : { operatorId: row.operator_id, sessionId }
    },

    changePassword: async (device, { operator, sessionId }, { oldPassword, newPassword }) => {
      const { operatorId, workNumber } = operator
      const checked = await checkPassword(
        context,
        parts,
        { workNumber, password: oldPassword, sources: [sourceOf(device)] },
        row => row.operator_id === operatorId,
      )
      const { right } = checked
      if (right === null) {
        await audit(sql, device, operatorId, 'operator.changePassword', 'SIGN_IN_FAILED')
        throw signInFailed(checked)
      }
      await right.succeed()
      if (newPassword === oldPassword) throw sameAgain()
      const hash = await hashOfNew(device, newPassword, right.row)
      return sql.transaction(async tx => {
        const row = await holderOf(tx, device, { operator, sessionId }, 'password')
        await replace(tx, device, row, hash, sessionId)
        return open(tx, device, row)
      })
    },

    replacePassword: async (device, { ticket, newPassword }) => {
      const before = await sql.transaction(tx => holderOf(tx, device, { ticket }, 'password'))
      const hash = await hashOfNew(device, newPassword, before)
      if (await passwords.verify(newPassword, before.password_hash, sourceOf(device))) throw sameAgain()
      const row = await sql.transaction(async tx => {
        const held = await holderOf(tx, device, { ticket }, 'password')
        await replace(tx, device, held, hash)
        return { ...held, must_change_password: false, password_set_at: new Date(clock.now()) }
      })
      return admit(device, row)
    },

    beginSecondFactor: (device, who) =>
      sql.transaction(async tx => {
        const row = await holderOf(tx, device, who, 'second-factor')
        return secondFactors.begin(tx, row.operator_id, row.work_number)
      }),

    confirmSecondFactor: (device, who, code) =>
      sql.transaction(async tx => {
        const row = await holderOf(tx, device, who, 'second-factor')
        const recoveryCodes = await secondFactors.confirm(tx, row.operator_id, code)
        if ('ticket' in who) await tickets.use(tx, who.ticket)
        else await end(tx, who.sessionId)
        await audit(tx, device, row.operator_id, 'operator.signIn', 'done')
        return { recoveryCodes, session: await open(tx, device, row) }
      }),
  }
}
