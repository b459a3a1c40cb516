/** The outbox: what this seat has done and no centre has confirmed. Written in the transaction of what it tells. */
import { type CommandName, commandSchemaVersion } from '../../../shared/domain/command.ts'
import type { Clock, Random } from '../context.ts'
import { isoNow } from '../context.ts'
import type { Database } from '../storage/database.ts'

export type Command = {
  name: CommandName
  operatorId: string | null
  caseId: string | null
  args: unknown
  /** The case's version on which the operator acted; null where there was none. */
  baseVersion: number | null
}

export type Outbox = {
  append(db: Database, command: Command): void
  waiting(db: Database): number
}

export function createOutbox(parts: {
  clock: Clock
  random: Random
  clientId(db: Database): string
}): Outbox {
  return {
    append: (db, command) => {
      db.prepare(
        `INSERT INTO outbox (id, client_id, operator_id, case_id, schema_version, name, args, base_version, issued_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ).run(
        parts.random.uuid(),
        parts.clientId(db),
        command.operatorId,
        command.caseId,
        commandSchemaVersion,
        command.name,
        JSON.stringify(command.args),
        command.baseVersion,
        isoNow(parts.clock),
      )
    },
    waiting: db => Number(db.prepare('SELECT count(*) FROM outbox').pluck().get()),
  }
}
