/** Exports in bulk: in the audit before the seat writes the file, whatever becomes of the file there. */
import type { CommandArgs } from '../../shared/domain/command.ts'
import { type CentralContext, isoNow } from '../context.ts'

/** Resolves when the audit has that this person began it. */
export async function recordExport(
  { sql, clock }: Pick<CentralContext, 'sql' | 'clock'>,
  { device, operator }: { device: { clientId: string }; operator: { operatorId: string; employer: string } },
  asked: CommandArgs<'ledger.export'>,
): Promise<void> {
  await sql.query(
    `INSERT INTO audit (at, client_id, operator_id, employer, action, subject_kind, subject_id, result, detail)
     VALUES ($1, $2, $3, $4, 'ledger.export', 'export', $5, 'begun', $6)`,
    [
      isoNow(clock),
      device.clientId,
      operator.operatorId,
      operator.employer,
      asked.exportId,
      JSON.stringify(asked),
    ],
  )
}
