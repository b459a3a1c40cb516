/** The people (坐席人员) as the centre keeps them. */
import type { CentralOperator } from '../../shared/contract/central.ts'
import { mayManage } from '../../shared/domain/permission.ts'
import { writeChanges } from '../changes/inbox.ts'
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'
import { Refusal } from '../refusal.ts'
import { type Queries, sqlState } from '../storage/sql.ts'
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
  all_branches: boolean
}
export const operatorColumns =
  'operator_id, work_number, name, branch, role, skills, employer, disabled, unit_code, all_branches'

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
  ...(row.all_branches ? { allBranches: true } : {}),
})

/**
 * `own`: the person's own choice, which may grow old. `temporary`: an administrator gave it, and the person replaces it at the
 * first sign-in. `demo`: of an invented person, whom nobody asks for another.
 */
export type PasswordKind = 'own' | 'temporary' | 'demo'

export type Operators = {
  /**
   * Without a password, one that was set stays. `by` null: whoever runs the centre itself. FORBIDDEN: an administrator of one branch
   * has the people of that branch only. OPERATOR_EXISTS when the work number is another person's, PASSWORD_WEAK. A new password or
   * the end of a person's work here revokes their sessions; another role, branch or unit ends them.
   */
  save(
    operator: CentralOperator,
    password: string | undefined,
    by: CentralOperator | null,
    kind?: PasswordKind,
  ): Promise<CentralOperator>
  /** Null: there is no such person. */
  find(operatorId: string): Promise<CentralOperator | null>
}

/** What of a person decides what they may do. */
const rightsOf = ({ role, branch, unitCode, allBranches }: CentralOperator) =>
  JSON.stringify([role, branch, unitCode, allBranches === true])

export function createOperators(
  context: CentralContext,
  parts: { passwords: Passwords; endings: Endings; changed(): void },
): Operators {
  const { sql, clock } = context

  /** The person as they were, locked until they are written. FORBIDDEN, OPERATOR_EXISTS. */
  const settle = async (
    tx: Queries,
    operator: CentralOperator,
    by: CentralOperator | null,
  ): Promise<CentralOperator | null> => {
    const [row] = await tx.query<OperatorRow>(
      `SELECT ${operatorColumns} FROM operator WHERE operator_id = $1 FOR UPDATE`,
      [operator.operatorId],
    )
    const before = row === undefined ? null : operatorOf(row)
    if (by !== null && !mayManage(by, before, operator)) throw new Refusal('FORBIDDEN')
    // Under this prefix integrations are written down.
    if (operator.operatorId.startsWith('key:')) throw new Refusal('BAD_REQUEST')
    // Older programs may have left two people with one number; what was so may stay.
    if (before?.workNumber === operator.workNumber) return before
    const others = await tx.query('SELECT 1 FROM operator WHERE work_number = $1 AND operator_id <> $2', [
      operator.workNumber,
      operator.operatorId,
    ])
    if (others.length > 0) throw new Refusal('OPERATOR_EXISTS')
    return before
  }

  const refused = (operator: CentralOperator, by: CentralOperator | null, code: string) =>
    sql.query(
      `INSERT INTO audit (at, operator_id, action, subject_kind, subject_id, result)
       VALUES ($1, $2, 'operator.save', 'operator', $3, $4)`,
      [isoNow(clock), by?.operatorId ?? null, operator.operatorId, code],
    )

  return {
    save: async (operator, password, by, kind = 'own') => {
      if (password !== undefined) refuseWeak(password, operator.workNumber)
      const hash = password === undefined ? null : await parts.passwords.hash(password, 'administration')
      try {
        await sql.transaction(async tx => {
          const now = isoNow(clock)
          const before = await settle(tx, operator, by)
          await tx.query(
            `INSERT INTO operator (operator_id, work_number, name, branch, role, skills, employer, disabled, unit_code, all_branches,
               password_hash, updated_at, must_change_password, password_set_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
             ON CONFLICT (operator_id) DO UPDATE SET
               work_number = excluded.work_number, name = excluded.name, branch = excluded.branch, role = excluded.role,
               skills = excluded.skills, employer = excluded.employer, disabled = excluded.disabled, unit_code = excluded.unit_code,
               all_branches = excluded.all_branches,
               password_hash = coalesce(excluded.password_hash, operator.password_hash), updated_at = excluded.updated_at,
               must_change_password = CASE WHEN excluded.password_hash IS NULL THEN operator.must_change_password
                 ELSE excluded.must_change_password END,
               password_set_at = CASE WHEN excluded.password_hash IS NULL THEN operator.password_set_at
                 ELSE excluded.password_set_at END`,
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
              operator.allBranches === true,
              hash,
              now,
              hash !== null && kind === 'temporary',
              hash === null || kind === 'demo' ? null : now,
            ],
          )
          const rightsDiffer = before !== null && rightsOf(before) !== rightsOf(operator)
          const ends: SessionsEnd | null =
            hash !== null || operator.disabled ? 'revoked' : rightsDiffer ? 'ended' : null
          if (ends !== null)
            await endSessions({ tx, now, endings: parts.endings }, ends, { operatorId: operator.operatorId })
          await tx.query(
            `INSERT INTO audit (at, operator_id, action, subject_kind, subject_id, result)
             VALUES ($1, $2, 'operator.save', 'operator', $3, 'done')`,
            [now, by?.operatorId ?? null, operator.operatorId],
          )
          await writeChanges(tx, now, [{ kind: 'operator', subject: operator.operatorId, branch: null }])
        })
      } catch (error) {
        if (sqlState(error) === '23505') throw new Refusal('OPERATOR_EXISTS')
        if (error instanceof Refusal) await refused(operator, by, error.code)
        throw error
      }
      parts.changed()
      return operator
    },
    find: async operatorId => {
      const [row] = await sql.query<OperatorRow>(
        `SELECT ${operatorColumns} FROM operator WHERE operator_id = $1`,
        [operatorId.replaceAll('\u0000', '\ufffd')],
      )
      return row === undefined ? null : operatorOf(row)
    },
  }
}
