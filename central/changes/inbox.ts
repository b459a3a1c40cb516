/** Changes as writers leave them: unnumbered, in the transaction of the change itself. */
import { insertRows, type Queries } from '../storage/sql.ts'

export type WrittenChange = {
  kind: 'case' | 'operator' | 'publication' | 'callback'
  subject: string
  /** null: every seat is told. */
  branch: string | null
}

/** Called while the subjects' rows are locked: the ids drawn here order the changes of one subject. */
export const writeChanges = (tx: Queries, now: string, changes: readonly WrittenChange[]): Promise<void> =>
  insertRows(
    tx,
    'change_inbox',
    { kind: 'text', subject: 'text', branch: 'text', written_at: 'timestamptz' },
    changes.map(change => ({ ...change, written_at: now })),
  )
