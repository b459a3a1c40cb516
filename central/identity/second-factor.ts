/**
 * The second factor (两步验证): an administrator opens a window of ten minutes, the person at the seat takes the secret once and
 * confirms it with a code, and gets recovery codes. Each code works once. `SecondFactor` is the port for another kind of it.
 */
import type { NewSecondFactor } from '../../shared/contract/central-accounts.ts'
import type { OperatorSession } from '../../shared/contract/central-identity.ts'
import type { CentralContext, Random } from '../context.ts'
import { isoNow } from '../context.ts'
import { Refusal } from '../refusal.ts'
import type { Queries } from '../storage/sql.ts'
import { endSessions } from './end-sessions.ts'
import type { Endings } from './endings.ts'
import type { SecretBox } from './secret-box.ts'
import { digestOf, newCode, normalCode } from './secrets.ts'

/**
 * One kind of second factor. A hardware key (WebAuthn) fits here too: its `secret` is the public key and the counter of the key,
 * and its `code` the signed challenge, as text.
 */
export type SecondFactor = {
  kind: string
  /** `uri` is what the person's device reads. */
  begin(random: Random, label: string): { secret: string; uri: string }
  /** The step that the code belongs to, after `lastStep`; null: it is wrong, or was used. */
  verify(secret: string, code: string, at: { lastStep: number; now: number }): number | null
  /** What a seat needs to verify while the centre is away; null: this kind does not work then. */
  offline(secret: string, lastStep: number): OperatorSession['totp']
}

const windowMs = 10 * 60_000
const recoveryCodes = 10

type Row = {
  secret: string | null
  last_step: number
  confirmed_at: Date | null
  pending: string | null
  window_until: Date | null
}

export type SecondFactors = {
  /** NOT_FOUND. */
  open(operatorId: string, by: string | null): Promise<{ until: string }>
  /** NOT_FOUND. */
  reset(operatorId: string, by: string | null): Promise<void>
  /** `until`: of an open window in which nothing was taken yet. */
  of(operatorId: string): Promise<{ enrolled: boolean; until: string | null }>
  /** SECOND_FACTOR_WINDOW_CLOSED. */
  begin(tx: Queries, operatorId: string, label: string): Promise<NewSecondFactor>
  /** The recovery codes. SECOND_FACTOR_WINDOW_CLOSED, SECOND_FACTOR_WRONG. */
  confirm(tx: Queries, operatorId: string, code: string): Promise<string[]>
  /** By a code of the device, or a recovery code. */
  verify(operatorId: string, code: string): Promise<boolean>
  offline(tx: Queries, operatorId: string): Promise<OperatorSession['totp']>
}

export function createSecondFactors(
  context: CentralContext,
  { kind, box, endings }: { kind: SecondFactor; box: SecretBox; endings: Endings },
): SecondFactors {
  const { sql, clock, random } = context

  const rowOf = async (tx: Queries, operatorId: string, lock = ''): Promise<Row | undefined> =>
    (
      await tx.query<Row>(
        `SELECT secret, last_step, confirmed_at, pending, window_until FROM second_factor WHERE operator_id = $1 ${lock}`,
        [operatorId],
      )
    )[0]
  const secretIn = (row: Row | undefined, operatorId: string): string | null =>
    row?.secret == null || row.confirmed_at === null ? null : box.open(row.secret, operatorId)
  const isOpen = (row: Row | undefined): row is Row & { window_until: Date } =>
    row?.window_until != null && row.window_until.getTime() > clock.now()
  const audit = (tx: Queries, by: string | null, action: string, operatorId: string) =>
    tx.query(
      `INSERT INTO audit (at, operator_id, action, subject_kind, subject_id, result)
       VALUES ($1, $2, $3, 'operator', $4, 'done')`,
      [isoNow(clock), by, action, operatorId],
    )
  const mustExist = async (tx: Queries, operatorId: string) => {
    const found = await tx.query('SELECT 1 FROM operator WHERE operator_id = $1 FOR UPDATE', [
      operatorId.replaceAll('\u0000', '\ufffd'),
    ])
    if (found.length === 0) throw new Refusal('NOT_FOUND')
  }

  return {
    open: (operatorId, by) =>
      sql.transaction(async tx => {
        await mustExist(tx, operatorId)
        const until = new Date(clock.now() + windowMs).toISOString()
        await tx.query(
          `INSERT INTO second_factor (operator_id, window_until) VALUES ($1, $2)
           ON CONFLICT (operator_id) DO UPDATE SET window_until = excluded.window_until, pending = NULL`,
          [operatorId, until],
        )
        await audit(tx, by, 'secondFactor.open', operatorId)
        return { until }
      }),

    reset: (operatorId, by) =>
      sql.transaction(async tx => {
        await mustExist(tx, operatorId)
        await tx.query('DELETE FROM second_factor WHERE operator_id = $1', [operatorId])
        await tx.query('DELETE FROM recovery_code WHERE operator_id = $1', [operatorId])
        await endSessions({ tx, now: isoNow(clock), endings }, 'ended', { operatorId })
        await audit(tx, by, 'secondFactor.reset', operatorId)
      }),

    of: async operatorId => {
      const row = await rowOf(sql, operatorId)
      const until = isOpen(row) && row.pending === null ? row.window_until.toISOString() : null
      return { enrolled: row?.confirmed_at != null, until }
    },

    begin: async (tx, operatorId, label) => {
      const row = await rowOf(tx, operatorId, 'FOR UPDATE')
      if (!isOpen(row) || row.pending !== null) throw new Refusal('SECOND_FACTOR_WINDOW_CLOSED')
      const { secret, uri } = kind.begin(random, label)
      await tx.query('UPDATE second_factor SET pending = $2 WHERE operator_id = $1', [
        operatorId,
        box.seal(secret, operatorId),
      ])
      return { uri, secret, until: row.window_until.toISOString() }
    },

    confirm: async (tx, operatorId, code) => {
      const row = await rowOf(tx, operatorId, 'FOR UPDATE')
      const secret = isOpen(row) && row.pending !== null ? box.open(row.pending, operatorId) : null
      if (row === undefined || secret === null) throw new Refusal('SECOND_FACTOR_WINDOW_CLOSED')
      const step = kind.verify(secret, code.trim(), { lastStep: 0, now: clock.now() })
      if (step === null) throw new Refusal('SECOND_FACTOR_WRONG', null, { retryAfterSeconds: 0 })
      await tx.query(
        `UPDATE second_factor SET kind = $2, secret = pending, pending = NULL, window_until = NULL, confirmed_at = $3, last_step = $4
         WHERE operator_id = $1`,
        [operatorId, kind.kind, isoNow(clock), step],
      )
      await tx.query('DELETE FROM recovery_code WHERE operator_id = $1', [operatorId])
      const codes = Array.from({ length: recoveryCodes }, () => newCode(random))
      for (const each of codes)
        await tx.query('INSERT INTO recovery_code (operator_id, code_hash) VALUES ($1, $2)', [
          operatorId,
          digestOf(normalCode(each)),
        ])
      await audit(tx, operatorId, 'secondFactor.confirm', operatorId)
      return codes
    },

    verify: async (operatorId, code) => {
      const row = await rowOf(sql, operatorId)
      const secret = secretIn(row, operatorId)
      const lastStep = row?.last_step ?? 0
      const step = secret === null ? null : kind.verify(secret, code.trim(), { lastStep, now: clock.now() })
      if (step !== null) {
        // Two at once with one code: the second changes no row.
        const used = await sql.query(
          'UPDATE second_factor SET last_step = $2 WHERE operator_id = $1 AND last_step < $2 RETURNING 1',
          [operatorId, step],
        )
        return used.length > 0
      }
      const used = await sql.query(
        `UPDATE recovery_code SET used_at = $3 WHERE operator_id = $1 AND code_hash = $2 AND used_at IS NULL RETURNING 1`,
        [operatorId, digestOf(normalCode(code)), isoNow(clock)],
      )
      return used.length > 0
    },

    offline: async (tx, operatorId) => {
      const row = await rowOf(tx, operatorId)
      const secret = secretIn(row, operatorId)
      return secret === null ? null : kind.offline(secret, row?.last_step ?? 0)
    },
  }
}
