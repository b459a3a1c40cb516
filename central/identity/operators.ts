/** The people (坐席人员) as the centre keeps them. */
import type { CentralOperator } from '../../shared/contract/central.ts'
import { writeChanges } from '../changes/inbox.ts'
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'
import { Refusal } from '../refusal.ts'
import { sqlState } from '../storage/sql.ts'
import { refuseWeak } from './common-passwords.ts'
import { endSessions, type SessionsEnd } from './end-sessions.ts'
import type { Endings } from './endings.ts'
import type { Passwords } from './passwords.ts'

export type OperatorRow = {
  operator_id: string
  work_number: string
  name: string
  branch: string
  role: CentralOperator['role']
  skills: string
  employer: string
  disabled: boolean
  unit_code: string
}
export const operatorColumns =
  'operator_id, work_number, name, branch, role, skills, employer, disabled, unit_code'

export const operatorOf = (row: OperatorRow): CentralOperator => ({
  operatorId: row.operator_id,
  workNumber: row.work_number,
  name: row.name,
  branch: row.branch,
  role: row.role,
  skills: JSON.parse(row.skills) as string[],
  disabled: row.disabled,
  employer: row.employer,
  ...(row.unit_code === '' ? {} : { unitCode: row.unit_code }),
})

/**
 * `own`: the person's own choice, which may grow old. `temporary`: an administrator gave it, and the person replaces it at the
 * first sign-in. `demo`: of an invented person, whom nobody asks for another.
 */
export type PasswordKind = 'own' | 'temporary' | 'demo'

export type Operators = {
  /**
   * Without a password, one that was set stays. OPERATOR_EXISTS when another person signs in with this work number, PASSWORD_WEAK.
   * A new password or the end of a person's work here revokes their sessions; another role, branch or unit ends them.
   */
  save(
    operator: CentralOperator,
    password: string | undefined,
    by: string | null,
    kind?: PasswordKind,
  ): Promise<CentralOperator>
  /** Null: there is no such person. */
  branchOf(operatorId: string): Promise<string | null>
}

/** What of a person decides what they may do. */
const rightsOf = ({ role, branch, unit_code }: OperatorRow) => JSON.stringify([role, branch, unit_code])

export function createOperators(
  context: CentralContext,
  parts: { passwords: Passwords; endings: Endings; changed(): void },
): Operators {
  const { sql, clock } = context
  return {
    save: async (operator, password, by, kind = 'own') => {
      if (password !== undefined) refuseWeak(password, operator.workNumber)
      const hash = password === undefined ? null : await parts.passwords.hash(password, 'administration')
      try {
        await sql.transaction(async tx => {
          const now = isoNow(clock)
          const [before] = await tx.query<OperatorRow>(
            `SELECT ${operatorColumns} FROM operator WHERE operator_id = $1 FOR UPDATE`,
            [operator.operatorId],
          )
          const [after] = await tx.query<OperatorRow>(
            `INSERT INTO operator (operator_id, work_number, name, branch, role, skills, employer, disabled, unit_code, password_hash,
               updated_at, must_change_password, password_set_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
             ON CONFLICT (operator_id) DO UPDATE SET
               work_number = excluded.work_number, name = excluded.name, branch = excluded.branch, role = excluded.role,
               skills = excluded.skills, employer = excluded.employer, disabled = excluded.disabled, unit_code = excluded.unit_code,
               password_hash = coalesce(excluded.password_hash, operator.password_hash), updated_at = excluded.updated_at,
               must_change_password = CASE WHEN excluded.password_hash IS NULL THEN operator.must_change_password
                 ELSE excluded.must_change_password END,
               password_set_at = CASE WHEN excluded.password_hash IS NULL THEN operator.password_set_at
                 ELSE excluded.password_set_at END
             RETURNING ${operatorColumns}`,
            [
              operator.operatorId,
              operator.workNumber,
              operator.name,
              operator.branch,
              operator.role,
              JSON.stringify(operator.skills),
              operator.employer,
              operator.disabled,
              operator.unitCode ?? '',
              hash,
              now,
              hash !== null && kind === 'temporary',
              hash === null || kind === 'demo' ? null : now,
            ],
          )
          const rightsDiffer =
            before !== undefined && after !== undefined && rightsOf(before) !== rightsOf(after)
          const ends: SessionsEnd | null =
            hash !== null || operator.disabled ? 'revoked' : rightsDiffer ? 'ended' : null
          if (ends !== null)
            await endSessions({ tx, now, endings: parts.endings }, ends, { operatorId: operator.operatorId })
          await tx.query(
            `INSERT INTO audit (at, operator_id, action, subject_kind, subject_id, result)
             VALUES ($1, $2, 'operator.save', 'operator', $3, 'done')`,
            [now, by, operator.operatorId],
          )
          await writeChanges(tx, now, [{ kind: 'operator', subject: operator.operatorId, branch: null }])
        })
      } catch (error) {
        if (sqlState(error) === '23505') throw new Refusal('OPERATOR_EXISTS')
        throw error
      }
      parts.changed()
      return operator
    },
    branchOf: async operatorId => {
      const [row] = await sql.query<{ branch: string }>(
        'SELECT branch FROM operator WHERE operator_id = $1',
        [operatorId.replaceAll('\u0000', '\ufffd')],
      )
      return row?.branch ?? null
    },
  }
}
