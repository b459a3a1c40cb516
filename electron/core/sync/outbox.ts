/** The outbox: what this seat has done and no centre has confirmed. Written in the transaction of what it tells. */
import type { ConflictDetail } from '../../../shared/contract/central.ts'
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
  /** Returns under which id it waits, and when it was done. */
  append(db: Database, command: Command): { id: string; issuedAt: string }
  /** An edit that clashes with what this seat knows already is parked as the centre would park it. */
  parkConflict(db: Database, id: string, conflict: ConflictDetail): void
  waiting(db: Database): number
}

export function createOutbox(parts: {
  clock: Clock
  random: Random
  clientId(db: Database): string
}): Outbox {
  return {
    append: (db, command) => {
      const id = parts.random.uuid()
      const issuedAt = isoNow(parts.clock)
      db.prepare(
        `INSERT INTO outbox (id, client_id, operator_id, case_id, schema_version, name, args, base_version, issued_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ).run(
        id,
        parts.clientId(db),
        command.operatorId,
        command.caseId,
        commandSchemaVersion,
        command.name,
        JSON.stringify(command.args),
        command.baseVersion,
        issuedAt,
      )
      return { id, issuedAt }
    },
    parkConflict: (db, id, conflict) => {
      db.prepare('INSERT INTO parked (command_id, code, sentence, at, conflict) VALUES (?, ?, ?, ?, ?)').run(
        id,
        'EDIT_CONFLICT',
        '他人已修改同一内容，请选择保留哪一个',
        isoNow(parts.clock),
        JSON.stringify(conflict),
      )
    },
    waiting: db => Number(db.prepare('SELECT count(*) FROM outbox').pluck().get()),
  }
}
