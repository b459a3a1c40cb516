/** What must hold at rest, whatever happened before. */
import { conflictDetail } from '../../shared/contract/central.ts'
import { caseLoop } from '../../shared/domain/case-loop.ts'
import { caseRelations } from '../../shared/domain/case-relations.ts'
import { commandArgs } from '../../shared/domain/command.ts'
import type { SimCentre } from './centre.ts'
import type { Ledger } from './ledger.ts'
import type { SimSeat } from './seat.ts'
import type { Tally } from './tally.ts'
import { beginning, type Timeline } from './timeline.ts'

export type Checked = {
  centre: SimCentre
  ledger: Ledger
  seats: SimSeat[]
  tally: Tally
  timeline: Pick<Timeline, 'now'>
}

/**
 * Refusals that a seat may be left with. `CASE_NOT_FOUND`: of a case whose filing was lost with its database. `LIVE_SESSION_NEEDED`:
 * whoever did it does not sit there any more. `ACTOR_UNPROVED`: of the version before, or renumbered while its author was away.
 */
const parkedCodes = new Set([
  'ACTOR_UNPROVED',
  'LIVE_SESSION_NEEDED',
  'EDIT_CONFLICT',
  'MOVE_NOT_POSSIBLE',
  'FORBIDDEN',
  'BAD_REQUEST',
  'CASE_NOT_FOUND',
  'CASE_NUMBER_TAKEN',
  'RELATED_CASE_NOT_FOUND',
  'RELATION_NOT_POSSIBLE',
  'MERGE_NOT_POSSIBLE',
  'MERGE_MAIN_CLOSED',
  'MERGED_ELSEWHERE',
])

export type OutboxRow = {
  id: string
  caseId: string | null
  name: string
  args: string
  code: string | null
  sentence: string | null
  conflict: string | null
  proof: string | null
  /** Neither parked nor behind a parked one of its case: it is to be sent. */
  waits: boolean
  text: string
}

export function outboxOf(seat: SimSeat): OutboxRow[] {
  const rows = (seat.life?.db
    .prepare(
      `SELECT o.id, o.case_id AS caseId, o.name, o.args, o.proof, p.code, p.sentence, p.conflict
       FROM outbox o LEFT JOIN parked p ON p.command_id = o.id ORDER BY o.seq`,
    )
    .all() ?? []) as Omit<OutboxRow, 'waits' | 'text'>[]
  const blocked = new Set<string | null>()
  return rows.map(row => {
    const behind = row.caseId !== null && blocked.has(row.caseId)
    if (row.code !== null && row.name !== 'case.relate') blocked.add(row.caseId)
    const waits = row.code === null && !behind
    return { ...row, waits, text: `${row.name} ${row.id} ${row.code ?? (behind ? 'behind' : 'waits')}` }
  })
}

type CentreCase = {
  case_id: string
  case_number: string
  version: number
  branch: string
  seat_id: string
  status: string
  confidential: boolean
  fields: string
  loop: string | null
  relations: string | null
  entries: string[]
}

function that(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what)
}

const sorted = (fields: unknown) => JSON.stringify(fields, Object.keys(fields as object).sort())

const loopOf = ({ loop }: { loop: string | null }) =>
  loop === null ? null : JSON.stringify(caseLoop.parse(JSON.parse(loop)))

const relationsOf = ({ relations }: { relations: string | null }) =>
  relations === null ? null : JSON.stringify(caseRelations.parse(JSON.parse(relations)))

/** Whoever follows a merge comes to an end. */
function checkMerges(cases: CentreCase[]): void {
  const into = new Map(
    cases.map(each => [
      each.case_id,
      each.relations === null
        ? undefined
        : caseRelations.parse(JSON.parse(each.relations)).mergedInto?.caseId,
    ]),
  )
  for (const start of into.keys()) {
    const seen = new Set<string>()
    for (let at: string | undefined = start; at !== undefined; at = into.get(at)) {
      that(!seen.has(at), `the merges of ${start} go in a circle`)
      seen.add(at)
    }
  }
}

export async function checkAll(world: Checked): Promise<void> {
  const { centre } = world
  const cases = await centre.sql.query<CentreCase>(
    `SELECT c.*, (SELECT array_agg(entry_id ORDER BY entry_id) FROM case_history h WHERE h.case_id = c.case_id) AS entries
     FROM cases c`,
  )
  await checkOnce(world, cases)
  checkOutboxes(world)
  await checkNothingMissing(world, cases)
  await checkReplicas(world, cases)
  checkNumbers(world)
  checkMerges(cases)
  await checkRemembered(world)
  await checkAuthors(world)
}

/** Every command took effect once: by the audit, and by what it did. */
async function checkOnce({ centre }: Checked, cases: CentreCase[]): Promise<void> {
  const took = await centre.sql.query<{ id: string; name: string; count: number }>(
    `SELECT command_id AS id, action AS name, count(*) AS count FROM audit
     WHERE result = 'done' AND command_id IS NOT NULL GROUP BY command_id, action`,
  )
  for (const { id, name, count } of took) that(count === 1, `${name} ${id} took effect ${count} times`)
  const [kept] = await centre.sql.query<{ states: number }>('SELECT count(*) AS states FROM seat_state')
  const states = took.filter(({ name }) => name === 'seat.state')
  that(kept?.states === states.length, 'a state of a seat was kept more or less than once')
  for (const each of cases)
    that(
      each.version === each.entries.length,
      `case ${each.case_id} is at version ${each.version} and its history has ${each.entries.length} entries`,
    )
}

function checkOutboxes({ seats, tally }: Checked): void {
  for (const seat of seats) {
    for (const row of outboxOf(seat)) {
      that(!row.waits, `${seat.name} keeps ${row.text}`)
      if (row.code === null) {
        tally.count('behind a parked one')
        continue
      }
      tally.count(`parked ${row.code}`)
      that(parkedCodes.has(row.code), `${seat.name} has parked ${row.text}`)
      that(
        row.code !== 'ACTOR_UNPROVED' || row.proof === null,
        `${seat.name} has proved ${row.text}, and the centre says it has not`,
      )
      that((row.sentence ?? '') !== '', `${seat.name} has parked ${row.text} without a sentence`)
      if (row.code === 'EDIT_CONFLICT')
        that(
          conflictDetail.safeParse(JSON.parse(row.conflict ?? 'null')).success,
          `${seat.name} cannot show both values of ${row.text}`,
        )
    }
  }
}

/** What a seat has kept is at the centre or visibly at a seat. */
async function checkNothingMissing({ centre, ledger, seats }: Checked, cases: CentreCase[]): Promise<void> {
  const waiting = new Set(seats.flatMap(outboxOf).map(({ id }) => id))
  const applied = new Set(
    (await centre.sql.query<{ id: string }>("SELECT command_id AS id FROM audit WHERE result = 'done'")).map(
      ({ id }) => id,
    ),
  )
  const entries = new Set(cases.flatMap(each => each.entries.map(entry => `${each.case_id} ${entry}`)))
  for (const { id, name, caseId, args, mayBeLost, givenUp, seat } of ledger.kept.values()) {
    if (applied.has(id)) {
      const { entryId = caseId } = JSON.parse(args) as { entryId?: string }
      // An edit whose value was made already has none.
      if (['case.create', 'case.addRemark', 'case.move', 'case.relate'].includes(name))
        that(entries.has(`${caseId} ${entryId}`), `${name} ${id} of ${seat} left no entry at the centre`)
      continue
    }
    that(
      waiting.has(id) || mayBeLost || givenUp,
      `${name} ${id}, which ${seat} has kept, is neither at the centre nor at any seat`,
    )
  }
}

/** Every seat holds the cases that it may see as the centre has them, but for what it visibly keeps back. */
async function checkReplicas({ centre, seats, tally }: Checked, cases: CentreCase[]): Promise<void> {
  const granted = new Set(
    (await centre.sql.query<{ key: string }>(`SELECT case_id || ' ' || branch AS key FROM case_grant`)).map(
      ({ key }) => key,
    ),
  )
  const devices = new Map(
    (
      await centre.sql.query<{ client_id: string; seat_id: string; branch: string }>(
        'SELECT client_id, seat_id, branch FROM device',
      )
    ).map(row => [row.client_id, row]),
  )
  for (const seat of seats) {
    const db = seat.life?.db
    that(db !== undefined, `${seat.name} does not run`)
    const clientId: unknown = db
      .prepare("SELECT value FROM local_state WHERE name = 'client-id'")
      .pluck()
      .get()
    const device = devices.get(String(clientId))
    that(device !== undefined, `the centre does not know ${seat.name}`)
    const own = new Map(
      (
        db
          .prepare(
            'SELECT case_key, case_id, case_number, status, version, fields, loop, relations FROM cases',
          )
          .all() as (Omit<CentreCase, 'entries'> & { case_key: number })[]
      ).map(row => [row.case_id, row]),
    )
    const outbox = outboxOf(seat)
    for (const theirs of cases) {
      const sees =
        (theirs.branch === device.branch || granted.has(`${theirs.case_id} ${device.branch}`)) &&
        (!theirs.confidential || theirs.seat_id === device.seat_id)
      const mine = own.get(theirs.case_id)
      if (sees) tally.count('copy of a case held against the centre')
      own.delete(theirs.case_id)
      const unsent = outbox.filter(({ caseId }) => caseId === theirs.case_id)
      const about = `${seat.name}, case ${theirs.case_id}`
      if (!sees) {
        // A filing that the centre has taken and not told this seat yet is not a copy.
        that(mine === undefined, `${about} is here and may not be seen`)
        continue
      }
      that(mine !== undefined, `${about} is missing`)
      that(mine.case_number === theirs.case_number, `${about}: number ${mine.case_number}`)
      const kinds = new Map(
        db.prepare('SELECT entry_id, kind FROM case_history WHERE case_key = ?').raw().all(mine.case_key) as [
          string,
          string,
        ][],
      )
      const entries = [...kinds.keys()]
      const extra = entries.filter(entry => !theirs.entries.includes(entry))
      for (const entry of theirs.entries) that(entries.includes(entry), `${about}: entry ${entry} is missing`)
      // The entry of an edit that changed nothing goes when the case is told again, which a parked command may hold up.
      if (unsent.length === 0)
        for (const entry of extra) that(false, `${about}: entry ${entry} is nowhere else`)
      for (const entry of extra.filter(id => kinds.get(id) !== 'edited'))
        that(
          unsent.some(({ args }) => args.includes(entry)),
          `${about}: entry ${entry} is nowhere else`,
        )
      const fields = JSON.parse(mine.fields) as Record<string, unknown>
      const centreFields = JSON.parse(theirs.fields) as Record<string, unknown>
      const touched = new Map<string, unknown[]>()
      for (const { name, args } of unsent) {
        if (name !== 'case.edit') continue
        for (const { field, to } of commandArgs['case.edit'].parse(JSON.parse(args)).changes)
          touched.set(field, [...(touched.get(field) ?? []), to])
      }
      for (const [field, value] of Object.entries(centreFields)) {
        const allowed = [value, ...(touched.get(field) ?? [])]
        that(
          allowed.some(each => JSON.stringify(each) === JSON.stringify(fields[field])),
          `${about}: ${field} is ${JSON.stringify(fields[field])} and at the centre ${JSON.stringify(value)}`,
        )
      }
      if (unsent.length > 0) continue
      that(sorted(fields) === sorted(centreFields), `${about}: its fields are not the centre's`)
      that(mine.status === theirs.status, `${about}: ${mine.status}, at the centre ${theirs.status}`)
      that(loopOf(mine) === loopOf(theirs), `${about}: ${mine.loop}, at the centre ${theirs.loop}`)
      that(
        relationsOf(mine) === relationsOf(theirs),
        `${about}: ${mine.relations}, at the centre ${theirs.relations}`,
      )
      that(
        mine.version === theirs.version,
        `${about}: version ${mine.version}, at the centre ${theirs.version}`,
      )
    }
    for (const caseId of own.keys())
      that(
        outbox.some(row => row.caseId === caseId && row.name === 'case.create'),
        `${seat.name} has a case ${caseId} that nobody else knows`,
      )
  }
}

/** The ids of those commands that took effect, and of no other, are remembered. */
async function checkRemembered({ centre }: Checked): Promise<void> {
  const wrong = await centre.sql.query<{ id: string }>(
    `SELECT coalesce(c.id, a.id) AS id FROM applied_command c
     FULL JOIN (SELECT DISTINCT command_id AS id FROM audit WHERE result = 'done' AND command_id IS NOT NULL) a ON a.id = c.id
     WHERE a.id IS NULL OR c.id IS NULL`,
  )
  that(
    wrong.length === 0,
    `the id of ${wrong[0]?.id} is remembered and should not be, or the other way round`,
  )
}

/** Nothing took effect in the name of anybody but who gave it, and at no time but one that the centre saw. */
async function checkAuthors({ centre, ledger, timeline }: Checked): Promise<void> {
  const took = await centre.sql.query<{ id: string; by: string | null }>(
    "SELECT command_id AS id, operator_id AS by FROM audit WHERE result = 'done' AND command_id IS NOT NULL",
  )
  for (const { id, by } of took) {
    that(!ledger.hostile.has(id), `the forged command ${id} took effect in the name of ${by}`)
    const kept = ledger.kept.get(id)
    that(kept === undefined || kept.by.has(by), `${kept?.name} ${id} took effect in the name of ${by}`)
  }
  const [first, last] = [new Date(beginning).toISOString(), new Date(timeline.now).toISOString()]
  const entries = await centre.sql.query<{ entry: string }>('SELECT entry FROM case_history')
  for (const { entry } of entries) {
    const { at, entryId } = JSON.parse(entry) as { at: string; entryId: string }
    that(at >= first && at <= last, `entry ${entryId} counts at ${at}, which the centre never saw`)
  }
}

/** No two callers were told the same official number, unless a whole folder was copied and nobody could know yet. */
function checkNumbers({ ledger }: Checked): void {
  const told = new Map<string, string>()
  for (const { name, args, caseId, twin } of ledger.kept.values()) {
    if (name !== 'case.create' || twin || caseId === null) continue
    const { caseNumber } = JSON.parse(args) as { caseNumber: string }
    if (!/^\d{4}-\d{8}$/.test(caseNumber)) continue
    const other = told.get(caseNumber) ?? caseId
    that(other === caseId, `number ${caseNumber} was told for two cases`)
    told.set(caseNumber, caseId)
  }
}
