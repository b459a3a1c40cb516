/** The people (坐席人员) as the centre keeps them. */
import type { CentralOperator } from '../../shared/contract/central.ts'
import { mayManage } from '../../shared/domain/permission.ts'
import { writeChanges } from '../changes/inbox.ts'
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'
import { Refusal } from '../refusal.ts'
import { type Queries, sqlState } from '../storage/sql.ts'
import { hashPassword } from './passwords.ts'

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

export type Operators = {
  /**
   * Without a password, one that was set stays. `by` null: whoever runs the centre itself. FORBIDDEN: an administrator of one branch
   * has the people of that branch only. OPERATOR_EXISTS when the work number is another person's.
   */
  save(
    operator: CentralOperator,
    password: string | undefined,
    by: CentralOperator | null,
  ): Promise<CentralOperator>
}

export function createOperators(context: CentralContext, changed: () => void): Operators {
  const { sql, clock, random } = context

  /** Whether `by` may do this, and the work number is nobody else's. The person's row stays locked until it is written. */
  const settle = async (tx: Queries, operator: CentralOperator, by: CentralOperator | null) => {
    const [row] = await tx.query<OperatorRow>(
      `SELECT ${operatorColumns} FROM operator WHERE operator_id = $1 FOR UPDATE`,
      [operator.operatorId],
    )
    const before = row === undefined ? null : operatorOf(row)
    if (by !== null && !mayManage(by, before, operator)) throw new Refusal('FORBIDDEN')
    // Under this prefix integrations are written down.
    if (operator.operatorId.startsWith('key:')) throw new Refusal('BAD_REQUEST')
    // Older programs may have left two people with one number; what was so may stay.
    if (before?.workNumber === operator.workNumber) return
    const others = await tx.query('SELECT 1 FROM operator WHERE work_number = $1 AND operator_id <> $2', [
      operator.workNumber,
      operator.operatorId,
    ])
    if (others.length > 0) throw new Refusal('OPERATOR_EXISTS')
  }

  const refused = (operator: CentralOperator, by: CentralOperator | null, code: string) =>
    sql.query(
      `INSERT INTO audit (at, operator_id, action, subject_kind, subject_id, result)
       VALUES ($1, $2, 'operator.save', 'operator', $3, $4)`,
      [isoNow(clock), by?.operatorId ?? null, operator.operatorId, code],
    )

  return {
    save: async (operator, password, by) => {
      const hash = password === undefined ? null : await hashPassword(password, random)
      try {
        await sql.transaction(async tx => {
          const now = isoNow(clock)
          await settle(tx, operator, by)
          await tx.query(
            `INSERT INTO operator (operator_id, work_number, name, branch, role, skills, employer, disabled, unit_code, all_branches, password_hash, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             ON CONFLICT (operator_id) DO UPDATE SET
               work_number = excluded.work_number, name = excluded.name, branch = excluded.branch, role = excluded.role,
               skills = excluded.skills, employer = excluded.employer, disabled = excluded.disabled, unit_code = excluded.unit_code,
               all_branches = excluded.all_branches,
               password_hash = coalesce(excluded.password_hash, operator.password_hash), updated_at = excluded.updated_at`,
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
            ],
          )
          // A new password, or the end of a person's work here, ends what was signed in before.
          if (hash !== null || operator.disabled)
            await tx.query(
              'UPDATE operator_session SET ended_at = $2 WHERE operator_id = $1 AND ended_at IS NULL',
              [operator.operatorId, now],
            )
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
      changed()
      return operator
    },
  }
}
