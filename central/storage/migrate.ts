/** Brings a database to what this program writes. Forward only; several processes may start at once. */
import * as firstTables from './migrations/10-first-tables.ts'
import * as files from './migrations/20-files.ts'
import * as callbacks from './migrations/40-callbacks.ts'
import * as loop from './migrations/42-loop.ts'
import * as presence from './migrations/46-presence.ts'
import * as intakeFiles from './migrations/47-intake-files.ts'
import * as relations from './migrations/49-relations.ts'
import * as actorProofs from './migrations/60-actor-proofs.ts'
import * as branches from './migrations/62-branches.ts'
import * as accounts from './migrations/64-accounts.ts'
import * as doors from './migrations/66-doors.ts'
import type { Sql } from './sql.ts'

const migrations: readonly { id: number; sql: string }[] = [
  firstTables,
  files,
  callbacks,
  loop,
  presence,
  intakeFiles,
  relations,
  actorProofs,
  branches,
  accounts,
  doors,
]
/** Any constant; advisory locks of the centre begin with these digits. */
const migrationLock = 12_345_001

export async function migrate(sql: Sql): Promise<void> {
  // Another process may be at it for a long time; so may this one.
  await sql.patientTransaction(async tx => {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [migrationLock])
    await tx.script(
      'CREATE TABLE IF NOT EXISTS migration (id integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())',
    )
    const [latest] = await tx.query<{ id: number | null }>('SELECT max(id) AS id FROM migration')
    const known = migrations.at(-1)?.id ?? 0
    const present = latest?.id ?? 0
    if (present > known)
      throw new Error(`central: the database was written by a newer program (${present} > ${known})`)
    for (const { id, sql: text } of migrations) {
      if (id <= present) continue
      await tx.script(text)
      await tx.query('INSERT INTO migration (id) VALUES ($1)', [id])
    }
  })
}
