/** Sends what waits. A case's commands go in the order of their numbers, and none passes one of its case that is parked. */
import { z } from 'zod'
import { type CommandResult, commandResult, maxCommands } from '../../../shared/contract/central.ts'
import type { Command } from '../../../shared/domain/command.ts'
import type { Database } from '../storage/database.ts'
import { type CentreClient, CentreFailure } from './centre-client.ts'

const maxBytes = 1024 * 1024
/** Requests at once. What concerns one case always goes in one of them. */
const lanes = 4
const answerSchema = z.object({ results: z.array(commandResult), serverTime: z.iso.datetime() })
/** Refusals that mean that this is not the only seat of its identity: nothing is wrong with the command. */
const twinCodes: ReadonlySet<string> = new Set(['SEQ_TAKEN', 'CLIENT_MISMATCH'])

type Row = Omit<Command, 'args' | 'clientId'> & { args: string }
export type PushParts = {
  read(): Database
  write<T>(work: (db: Database) => T): T
  client: CentreClient
  clientId(): string
  now(): string
  heard(serverTime: string): void
}

/** Another seat uses this one's identity: ask for a new one and send again. */
export class IdentityTaken extends Error {
  constructor() {
    super('SEQ_TAKEN')
    this.name = 'IdentityTaken'
  }
}

/** What may be sent now, the oldest first. */
function sendable(db: Database, limit: number): Row[] {
  return db
    .prepare(
      `SELECT seq, id, operator_id AS operatorId, case_id AS caseId, schema_version AS schemaVersion, name, args,
              base_version AS baseVersion, issued_at AS issuedAt
       FROM outbox o WHERE id NOT IN (SELECT command_id FROM parked)
         AND NOT EXISTS (SELECT 1 FROM parked p JOIN outbox b ON b.id = p.command_id
                         WHERE b.case_id = o.case_id AND b.seq < o.seq)
       ORDER BY seq LIMIT ?`,
    )
    .all(limit) as Row[]
}

type Lane = { commands: Command[]; bytes: number }

/** Dealt out to requests that may be under way together. What does not fit waits for the next time. */
function deal(rows: readonly Row[], clientId: string): Command[][] {
  // Nobody may act at the centre before it has been told of them.
  const together = rows.some(({ name }) => name === 'operator.create') ? 1 : lanes
  const dealt: Lane[] = Array.from({ length: together }, () => ({ commands: [], bytes: 0 }))
  const laneOf = new Map<string, Lane>()
  const held = new Set<string>()
  for (const { args, ...row } of rows) {
    const subject = row.caseId ?? ''
    const bytes = Buffer.byteLength(args) + 400
    const fits = (lane: Lane) =>
      lane.commands.length === 0 || (lane.commands.length < maxCommands && lane.bytes + bytes <= maxBytes)
    const lane = laneOf.get(subject) ?? dealt.find(fits)
    if (lane === undefined || held.has(subject) || !fits(lane)) {
      held.add(subject)
      continue
    }
    laneOf.set(subject, lane)
    lane.commands.push({ ...row, clientId, args: JSON.parse(args) as unknown })
    lane.bytes += bytes
  }
  return dealt.map(({ commands }) => commands).filter(commands => commands.length > 0)
}

const park = (db: Database, id: string, code: string, sentence: string, at: string, conflict: unknown) =>
  db
    .prepare(
      `INSERT INTO parked (command_id, code, sentence, at, conflict) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (command_id) DO UPDATE SET code = excluded.code, sentence = excluded.sentence,
         at = excluded.at, conflict = excluded.conflict`,
    )
    .run(id, code, sentence, at, conflict === null ? null : JSON.stringify(conflict))

function settle(db: Database, result: CommandResult, caseId: string | null, at: string): void {
  if (result.outcome === 'conflict' || result.outcome === 'rejected') {
    const conflict = result.outcome === 'conflict' ? result.detail : null
    park(db, result.id, result.code, result.sentence, at, conflict)
    return
  }
  db.prepare('DELETE FROM outbox WHERE id = ?').run(result.id)
  db.prepare('DELETE FROM parked WHERE command_id = ?').run(result.id)
  // A page that was read before this took effect must not put the case back.
  if (caseId !== null && result.version !== null)
    db.prepare('UPDATE cases SET told_version = max(coalesce(told_version, 0), ?) WHERE case_id = ?').run(
      result.version,
      caseId,
    )
}

/**
 * Sends what waits, in up to four requests at once, and keeps each answer in one transaction. How many commands were answered;
 * 0: nothing to send. Throws a CentreFailure when it is to be tried later, after every request has come to its end, and
 * IdentityTaken.
 */
export async function pushOnce(parts: PushParts): Promise<number> {
  const batches = deal(sendable(parts.read(), lanes * maxCommands), parts.clientId())
  const ends = await Promise.allSettled(batches.map(batch => send(parts, batch)))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  return ends.reduce((sum, end) => sum + (end.status === 'fulfilled' ? end.value : 0), 0)
}

async function send(parts: PushParts, batch: Command[]): Promise<number> {
  try {
    const { results, serverTime } = await parts.client.ask('POST', '/v1/commands', answerSchema, {
      body: { commands: batch },
    })
    parts.heard(serverTime)
    const caseOf = new Map(batch.map(({ id, caseId }) => [id, caseId]))
    const ours = results.filter(({ id }) => caseOf.has(id))
    // A command without a result would be sent again at once and for ever.
    if (ours.length === 0) throw new CentreFailure('network', '中心的答复不完整')
    const taken = ours.filter(result => result.outcome === 'rejected' && twinCodes.has(result.code))
    parts.write(db => {
      for (const result of ours)
        if (!taken.includes(result)) settle(db, result, caseOf.get(result.id) ?? null, parts.now())
    })
    if (taken.length > 0) throw new IdentityTaken()
    return ours.length
  } catch (error) {
    // 401 and 403 are about the seat, not about a command.
    if (!(error instanceof CentreFailure) || error.passes || [401, 403].includes(error.status)) throw error
    return halve(parts, batch, error)
  }
}

/** A request that is refused as a whole is halved until the one command that is at fault is parked. */
async function halve(parts: PushParts, batch: Command[], failure: CentreFailure): Promise<number> {
  const [only] = batch
  if (batch.length === 1 && only !== undefined) {
    parts.write(db => park(db, only.id, failure.code, failure.message, parts.now(), null))
    return 1
  }
  const middle = Math.ceil(batch.length / 2)
  const first = await send(parts, batch.slice(0, middle))
  // The second half may hold commands of a case that was parked by the first: they are chosen anew.
  const allowed = new Set(sendable(parts.read(), lanes * maxCommands).map(({ id }) => id))
  const rest = batch.slice(middle).filter(({ id }) => allowed.has(id))
  return rest.length === 0 ? first : first + (await send(parts, rest))
}
