/** Changes as writers leave them: unnumbered, in the transaction of the change itself. */
import { type Insert, insertAll, type Queries } from '../storage/sql.ts'

export type WrittenChange = {
  kind: 'case' | 'operator' | 'publication' | 'callback'
  subject: string
  /** null: every seat is told. */
  branch: string | null
}

const columns = { kind: 'text', subject: 'text', branch: 'text', written_at: 'timestamptz' }

/** For a transaction that has the subjects' rows locked: the ids drawn here order the changes of one subject. */
export const changesInsert = (now: string, changes: readonly WrittenChange[]): Insert => ({
  table: 'change_inbox',
  columns,
  rows: changes.map(change => ({ ...change, written_at: now })),
})

export const writeChanges = (tx: Queries, now: string, changes: readonly WrittenChange[]): Promise<void> =>
  insertAll(tx, [changesInsert(now, changes)])
