/** The outbox: what this seat has done and no centre has confirmed. Written in the transaction of what it tells. */
import type { ConflictDetail } from '../../../shared/contract/central.ts'
import { type CommandName, commandSchemaVersion } from '../../../shared/domain/command.ts'
import type { SignCommand } from '../../../shared/domain/command-proof.ts'
import { commandAccess } from '../../../shared/domain/permission.ts'
import type { Clock, Random } from '../context.ts'
import { isoNow } from '../context.ts'
import type { Database } from '../storage/database.ts'
import { highestSeq } from './seat-identity.ts'

export type Command = {
  name: CommandName
  operatorId: string | null
  caseId: string | null
  args: unknown
  /** The case's version on which the operator acted; null where there was none. */
  baseVersion: number | null
}

type Waiting = {
  seq: number
  operatorId: string | null
  caseId: string | null
  schemaVersion: number
  name: string
  args: string
  baseVersion: number | null
  issuedAt: string
}

export type Outbox = {
  /** Returns under which id it waits, and when it was done. */
  append(db: Database, command: Command): { id: string; issuedAt: string }
  /**
   * Signs a command that waits with the secret of whoever is signed in; `change` is what becomes different of it. False: the secret
   * of the operator whom it names is not open here, and nothing proves the command any more.
   */
  signAnew(db: Database, id: string, change?: { args?: unknown; operatorId?: string }): boolean
  /** An edit that clashes with what this seat knows already is parked as the centre would park it. */
  parkConflict(db: Database, id: string, conflict: ConflictDetail): void
  waiting(db: Database): number
}

export function createOutbox(parts: {
  clock: Clock
  random: Random
  clientId(db: Database): string
  sign: SignCommand
}): Outbox {
  return {
    append: (db, command) => {
      const id = parts.random.uuid()
      const issuedAt = isoNow(parts.clock)
      const { name, caseId, baseVersion } = command
      const client = parts.clientId(db)
      // What AUTOINCREMENT would draw: the proof is made over it.
      const seq = highestSeq(db) + 1
      const schemaVersion = commandSchemaVersion
      const about = { id, client, seq, caseId, schemaVersion, name, baseVersion, issuedAt }
      const proof = parts.sign({ ...about, operatorId: command.operatorId, args: command.args })
      // A seat may tell of a call without saying whose it was; naming a person needs their secret.
      const named = proof !== null || commandAccess[name].by === 'person'
      db.prepare(
        `INSERT INTO outbox (seq, id, client_id, operator_id, case_id, schema_version, name, args, base_version, issued_at, proof)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ).run(
        seq,
        id,
        client,
        named ? command.operatorId : null,
        caseId,
        schemaVersion,
        name,
        JSON.stringify(command.args),
        baseVersion,
        issuedAt,
        proof === null ? null : JSON.stringify(proof),
      )
      return { id, issuedAt }
    },

    signAnew: (db, id, change = {}) => {
      const row = db
        .prepare(
          `SELECT seq, operator_id AS operatorId, case_id AS caseId, schema_version AS schemaVersion, name, args,
                  base_version AS baseVersion, issued_at AS issuedAt FROM outbox WHERE id = ?`,
        )
        .get(id) as Waiting | undefined
      if (row === undefined) return false
      const args = change.args === undefined ? row.args : JSON.stringify(change.args)
      const operatorId = change.operatorId ?? row.operatorId
      const client = parts.clientId(db)
      const proof = parts.sign({ ...row, id, client, operatorId, args: JSON.parse(args) as unknown })
      db.prepare('UPDATE outbox SET args = ?, operator_id = ?, proof = ? WHERE id = ?').run(
        args,
        operatorId,
        proof === null ? null : JSON.stringify(proof),
        id,
      )
      return proof !== null
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
