/** Sends what waits. A case's commands go in the order of their numbers, and none passes one of its case that is parked. */
import { z } from 'zod'
import { type CommandResult, commandResult, maxCommands } from '../../../shared/contract/central.ts'
import { type Command, commandArgs } from '../../../shared/domain/command.ts'
import type { Database } from '../storage/database.ts'
import { type CentreClient, CentreFailure } from './centre-client.ts'

const maxBytes = 1024 * 1024
/** Commands in one request while somebody saves: reading and writing five hundred holds the thread for 20 ms. */
const fewCommands = 100
/** Answers that are kept in one transaction while somebody saves: a save that arrives meanwhile waits for so many. */
const keptTogether = 100
/** Requests at once. What concerns one case is never under way in two of them. */
const lanes = 4
const answerSchema = z.object({ results: z.array(commandResult), serverTime: z.iso.datetime() })
/** Refusals that mean that this is not the only seat of its identity: nothing is wrong with the command. */
const twinCodes: ReadonlySet<string> = new Set(['SEQ_TAKEN', 'CLIENT_MISMATCH'])

type Row = Omit<Command, 'args' | 'clientId' | 'proof'> & { args: string; proof: string | null }
export type PushRow = Pick<Row, 'name' | 'args' | 'operatorId'>
export type PushParts = {
  read(): Database
  write<T>(work: (db: Database) => T): T
  /** On the disk only with the next `write`: an answer that was lost with the power comes again. */
  writeSoon?<T>(work: (db: Database) => T, inUse?: boolean): T
  client: CentreClient
  clientId(): string
  now(): string
  heard(serverTime: string): void
  /** The session under which these go, where one of them needs it: that of whoever is signed in here. */
  session?(batch: readonly PushRow[]): Promise<string | null>
  /** Lets whatever waits have the thread. */
  breathe?(): Promise<void>
  /** Somebody saves meanwhile. */
  inUse?(): boolean
  /** A relation of these two cases (关联、并单) was refused: it shows no more. */
  relationRefused?(db: Database, caseIds: readonly string[]): void
  /** So many commands have been answered; told while others are under way. */
  answered?(commands: number): void
}

/** Another seat uses this one's identity: ask for a new one and send again. */
export class IdentityTaken extends Error {
  constructor() {
    super('SEQ_TAKEN')
    this.name = 'IdentityTaken'
  }
}

/** What may be sent now, the oldest first. What was refused of two cases' relation holds nothing else of them up. */
function sendable(db: Database, after: number, most = maxCommands): Row[] {
  return db
    .prepare(
      `SELECT seq, id, operator_id AS operatorId, case_id AS caseId, schema_version AS schemaVersion, name, args,
              base_version AS baseVersion, issued_at AS issuedAt, proof
       FROM outbox o WHERE seq > ? AND id NOT IN (SELECT command_id FROM parked)
         AND NOT EXISTS (SELECT 1 FROM parked p JOIN outbox b ON b.id = p.command_id
                         WHERE b.case_id = o.case_id AND b.seq < o.seq AND b.name <> 'case.relate')
       ORDER BY seq LIMIT ?`,
    )
    .all(after, most) as Row[]
}

/** The cases that a command is about. What is of no case counts as one. */
function subjectsOf({ name, caseId, args }: Row): string[] {
  const relate = name === 'case.relate' ? commandArgs['case.relate'].safeParse(JSON.parse(args)) : null
  return relate?.success === true ? [caseId ?? '', relate.data.otherId] : [caseId ?? '']
}

/** One walk through the outbox, dealt out to requests that are under way together. */
function createDealer(db: () => Database, most: () => number) {
  /** Cases of which something is under way. */
  const underWay = new Set<string>()
  /** Cases of which something was passed over: the rest of them waits for the next walk too, in its order. */
  const held = new Set<string>()
  let after = 0

  const next = (): Row[] => {
    for (;;) {
      const found = sendable(db(), after, most())
      if (found.length === 0) return []
      const batch: Row[] = []
      let bytes = 0
      for (const row of found) {
        const subjects = subjectsOf(row)
        const size = Buffer.byteLength(row.args) + 400
        if (batch.length > 0 && bytes + size > maxBytes) break
        after = row.seq
        if (subjects.some(subject => held.has(subject) || underWay.has(subject))) {
          for (const subject of subjects) held.add(subject)
          continue
        }
        batch.push(row)
        bytes += size
      }
      if (batch.length === 0) continue
      for (const subject of batch.flatMap(subjectsOf)) underWay.add(subject)
      return batch
    }
  }
  const over = (batch: readonly Row[], isWhole: boolean) => {
    for (const subject of batch.flatMap(subjectsOf)) {
      underWay.delete(subject)
      // What got no answer goes again before anything later of its case.
      if (!isWhole) held.add(subject)
    }
  }
  return { next, over }
}

/** Arguments and proofs go as they were written: reading them only to write them again took as long as all the rest. */
function written(batch: readonly Row[], clientId: string, sentAt: string): string {
  const commands = batch.map(({ args, proof, ...row }) => {
    const proved = proof === null ? '' : `"proof":${proof},`
    return `${JSON.stringify({ ...row, clientId }).slice(0, -1)},${proved}"args":${args}}`
  })
  return `{"sentAt":${JSON.stringify(sentAt)},"commands":[${commands.join(',')}]}`
}

const park = (db: Database, id: string, code: string, sentence: string, at: string, conflict: unknown) =>
  db
    .prepare(
      `INSERT INTO parked (command_id, code, sentence, at, conflict) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (command_id) DO UPDATE SET code = excluded.code, sentence = excluded.sentence,
         at = excluded.at, conflict = excluded.conflict`,
    )
    .run(id, code, sentence, at, conflict === null ? null : JSON.stringify(conflict))

function settle(
  db: Database,
  result: CommandResult,
  sent: Row | undefined,
  { relationRefused }: PushParts,
  at: string,
): void {
  if (result.outcome === 'conflict' || result.outcome === 'rejected') {
    const conflict = result.outcome === 'conflict' ? result.detail : null
    park(db, result.id, result.code, result.sentence, at, conflict)
    if (sent?.name === 'case.relate') relationRefused?.(db, subjectsOf(sent))
    return
  }
  db.prepare('DELETE FROM outbox WHERE id = ?').run(result.id)
  db.prepare('DELETE FROM parked WHERE command_id = ?').run(result.id)
  // A page that was read before this took effect must not put the case back. None could tell the case before its first version.
  const caseId = sent?.caseId ?? null
  if (caseId !== null && result.version !== null && result.version > 1)
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
  const dealer = createDealer(parts.read, () => (parts.inUse?.() === true ? fewCommands : maxCommands))
  let answered = 0
  let failed = false

  /** Writing and packing a request takes a while: a save that arrives meanwhile waits for one of them, not for all. */
  let turn: Promise<void> = Promise.resolve()
  const breathe = () => (turn = turn.then(() => parts.breathe?.()))

  const lane = async () => {
    for (;;) {
      await breathe()
      if (failed) return
      const batch = dealer.next()
      if (batch.length === 0) return
      try {
        const count = await send(parts, batch)
        answered += count
        parts.answered?.(count)
        dealer.over(batch, count === batch.length)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: lanes }, lane))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  return answered
}

async function send(parts: PushParts, batch: readonly Row[]): Promise<number> {
  try {
    const session = (await parts.session?.(batch)) ?? null
    const { results, serverTime } = await parts.client.ask('POST', '/v1/commands', answerSchema, {
      json: written(batch, parts.clientId(), parts.now()),
      ...(session === null ? {} : { operatorSession: session }),
    })
    parts.heard(serverTime)
    const sent = new Map(batch.map(row => [row.id, row]))
    const ours = results.filter(({ id }) => sent.has(id))
    // A command without a result would be sent again at once and for ever.
    if (ours.length === 0) throw new CentreFailure('network', '中心的答复不完整')
    const taken = ours.filter(result => result.outcome === 'rejected' && twinCodes.has(result.code))
    const kept = ours.filter(result => !taken.includes(result))
    for (let from = 0, to = 0; from < kept.length; from = to) {
      to = from + (parts.inUse?.() === true ? keptTogether : maxCommands)
      const last = to >= kept.length
      const write = last ? parts.write : (parts.writeSoon ?? parts.write)
      write(db => {
        for (const result of kept.slice(from, to)) settle(db, result, sent.get(result.id), parts, parts.now())
      }, parts.inUse?.())
      if (!last) await parts.breathe?.()
    }
    if (taken.length > 0) throw new IdentityTaken()
    return ours.length
  } catch (error) {
    // 401 and 403 are about the seat, not about a command.
    if (!(error instanceof CentreFailure) || error.passes || [401, 403].includes(error.status)) throw error
    return halve(parts, batch, error)
  }
}

/** A request that is refused as a whole is halved until the one command that is at fault is parked. */
async function halve(parts: PushParts, batch: readonly Row[], failure: CentreFailure): Promise<number> {
  const [only] = batch
  if (batch.length === 1 && only !== undefined) {
    parts.write(db => park(db, only.id, failure.code, failure.message, parts.now(), null))
    return 1
  }
  const middle = Math.ceil(batch.length / 2)
  const first = await send(parts, batch.slice(0, middle))
  // The second half may hold commands of a case that was parked by the first: they are chosen anew.
  const before = (batch[middle]?.seq ?? 1) - 1
  const allowed = new Set(sendable(parts.read(), before).map(({ id }) => id))
  const rest = batch.slice(middle).filter(({ id }) => allowed.has(id))
  return rest.length === 0 ? first : first + (await send(parts, rest))
}
