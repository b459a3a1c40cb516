/** Sends what waits. A case's commands go in the order of their numbers, and none passes one of its case that is parked. */
import { z } from 'zod'
import { type CommandResult, commandResult, maxCommands } from '../../../shared/contract/central.ts'
import type { Command } from '../../../shared/domain/command.ts'
import type { Database } from '../storage/database.ts'
import { type CentreClient, CentreFailure } from './centre-client.ts'

const maxBytes = 1024 * 1024
const answerSchema = z.object({ results: z.array(commandResult), serverTime: z.iso.datetime() })

type Row = Omit<Command, 'args'> & { args: string }
export type PushParts = {
  read(): Database
  write<T>(work: (db: Database) => T): T
  client: CentreClient
  token(): Promise<string>
  now(): string
}

/** The next batch, the oldest first. */
function nextBatch(db: Database): Command[] {
  const rows = db
    .prepare(
      `SELECT client_id AS clientId, seq, id, operator_id AS operatorId, case_id AS caseId,
              schema_version AS schemaVersion, name, args, base_version AS baseVersion, issued_at AS issuedAt
       FROM outbox o WHERE id NOT IN (SELECT command_id FROM parked)
         AND NOT EXISTS (SELECT 1 FROM outbox b JOIN parked p ON p.command_id = b.id
                         WHERE b.case_id = o.case_id AND b.seq < o.seq)
       ORDER BY seq LIMIT ?`,
    )
    .all(maxCommands) as Row[]
  const batch: Command[] = []
  let bytes = 0
  for (const row of rows) {
    bytes += Buffer.byteLength(row.args) + 400
    if (batch.length > 0 && bytes > maxBytes) break
    batch.push({ ...row, args: JSON.parse(row.args) as unknown })
  }
  return batch
}

const park = (db: Database, id: string, code: string, sentence: string, at: string, conflict: unknown) =>
  db
    .prepare(
      `INSERT INTO parked (command_id, code, sentence, at, conflict) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (command_id) DO UPDATE SET code = excluded.code, sentence = excluded.sentence,
         at = excluded.at, conflict = excluded.conflict`,
    )
    .run(id, code, sentence, at, conflict === null ? null : JSON.stringify(conflict))

function settle(db: Database, result: CommandResult, at: string): void {
  if (result.outcome === 'conflict' || result.outcome === 'rejected') {
    const conflict = result.outcome === 'conflict' ? result.detail : null
    park(db, result.id, result.code, result.sentence, at, conflict)
    return
  }
  db.prepare('DELETE FROM outbox WHERE id = ?').run(result.id)
  db.prepare('DELETE FROM parked WHERE command_id = ?').run(result.id)
}

/**
 * Sends one batch and keeps its answer in one transaction. How many commands were answered; 0: nothing to send. Throws a
 * CentreFailure that passes when it is to be tried later. A request that is refused as a whole is halved until the one
 * command that is at fault is parked.
 */
export async function pushOnce(parts: PushParts): Promise<number> {
  const batch = nextBatch(parts.read())
  if (batch.length === 0) return 0
  return send(parts, batch)
}

async function send(parts: PushParts, batch: Command[]): Promise<number> {
  try {
    const token = await parts.token()
    const { results } = await parts.client.ask('POST', '/v1/commands', answerSchema, {
      body: { commands: batch },
      token,
    })
    const sent = new Set(batch.map(({ id }) => id))
    const ours = results.filter(({ id }) => sent.has(id))
    // A command without a result would be sent again at once and for ever.
    if (ours.length === 0) throw new CentreFailure('network', '中心的答复不完整')
    parts.write(db => {
      for (const result of ours) settle(db, result, parts.now())
    })
    return ours.length
  } catch (error) {
    if (!(error instanceof CentreFailure) || error.passes || [401, 403].includes(error.status)) throw error
    const [only] = batch
    if (batch.length === 1 && only !== undefined) {
      parts.write(db => park(db, only.id, error.code, error.message, parts.now(), null))
      return 1
    }
    const middle = Math.ceil(batch.length / 2)
    const first = await send(parts, batch.slice(0, middle))
    // The second half may hold commands of a case that was parked by the first: they are chosen anew.
    const allowed = new Set(nextBatch(parts.read()).map(({ id }) => id))
    const rest = batch.slice(middle).filter(({ id }) => allowed.has(id))
    return rest.length === 0 ? first : first + (await send(parts, rest))
  }
}
