/**
 * Missed calls (漏接来电), from an exchange or as a seat saw them. Each once by its original call id, in any order, any number of
 * times; what a conversation covers already is no missed call.
 */
import { createHash } from 'node:crypto'
import { type MissedCallResult, missedCall } from '../../shared/contract/central-callbacks.ts'
import { type MissedCallRefusal, missedCallRefusals } from '../../shared/contract/central-errors.ts'
import type { CallbackTask } from '../../shared/domain/callback.ts'
import { moveCallback, openTask, settleCallback } from '../../shared/domain/callback-moves.ts'
import type { CallbackPolicy } from '../../shared/domain/callback-policy.ts'
import { normalizeNumber } from '../../shared/domain/phone-number.ts'
import { insertRows, type Queries, rowsOf } from '../storage/sql.ts'
import { ownersOf } from './case-owners.ts'
import { factsOf } from './missed-facts.ts'
import { type Doer, nobody, type Step, saveSteps, type TaskRow, taskOf } from './task-rows.ts'

/** An exchange's clock may go this much ahead; more is refused. */
const futureMs = 5 * 60_000
/** Skills that a matching seat has, beside the dialect's own name. */
const enterpriseSkill = '涉企'
const dialectSkill = '方言'

export type SeenCall = {
  originalCallId: string
  kind: CallbackTask['kind']
  numberKey: string | null
  number: string
  extension: string | null
  dialable: boolean
  missedAt: number
  queue: string | null
  branch: string | null
  wants: string[]
  enterprise: boolean
  dialect: string | null
  note: string
  digest: string
}
export type SeenBy = 'exchange' | 'seat'

type Facts = {
  originalCallId: string
  number: string | null
  missedAt: number
  queue: string | null
  branch: string | null
  skill: string | null
  dialect: string | null
  enterprise: boolean
  note: string
}

const isPlain = (value: unknown): boolean =>
  typeof value !== 'string' || (!value.includes('\u0000') && value.isWellFormed())

export function seenCall(facts: Facts, areaCode: string): SeenCall {
  const { kind, key, extension, display, dialable } = normalizeNumber(facts.number, { areaCode })
  const { skill, dialect, enterprise } = facts
  const wants = [
    ...(skill === null ? [] : [skill]),
    ...(dialect === null ? [] : [dialect, dialectSkill]),
    ...(enterprise ? [enterpriseSkill] : []),
  ]
  return {
    originalCallId: facts.originalCallId,
    kind: kind === 'withheld' ? 'withheld' : key === null ? 'invalid' : 'number',
    numberKey: key,
    number: display,
    extension,
    dialable: dialable && key !== null,
    missedAt: facts.missedAt,
    queue: facts.queue,
    branch: facts.branch,
    wants: [...new Set(wants)],
    enterprise,
    dialect,
    note: facts.note,
    digest: createHash('sha256')
      .update(JSON.stringify([key, facts]))
      .digest('base64url'),
  }
}

export type ReadCall = { call: SeenCall } | { id: string; code: MissedCallRefusal }

/** One item of a post. Whether it lies in the future is judged later, by the database's time. */
export function readMissedCall(raw: unknown, place: number, areaCode: string): ReadCall {
  const named =
    typeof raw === 'object' && raw !== null && 'originalCallId' in raw ? raw.originalCallId : undefined
  const id = typeof named === 'string' && named !== '' && named.length <= 256 ? named : `#${place}`
  const read = missedCall.safeParse(raw)
  if (!read.success || !Object.values(read.data).every(isPlain)) return { id, code: 'MISSED_CALL_INVALID' }
  const { number, withheld, missedAt, queue, branch, skill, dialect, enterprise, note } = read.data
  const missed = Date.parse(missedAt)
  if (new Date(missed).getUTCFullYear() < 1970) return { id, code: 'MISSED_CALL_INVALID' }
  if (!withheld && (number ?? '').trim() === '') return { id, code: 'NUMBER_MISSING' }
  const facts = {
    originalCallId: id,
    number: withheld ? null : (number ?? null),
    missedAt: missed,
    queue: queue ?? null,
    branch: branch ?? null,
    skill: skill ?? null,
    dialect: dialect ?? null,
    enterprise,
    note: note.trim(),
  }
  return { call: seenCall(facts, areaCode) }
}

export const keysOfCalls = (calls: readonly SeenCall[]): string[] =>
  calls.flatMap(({ numberKey, originalCallId }) =>
    numberKey === null ? [originalCallId] : [numberKey, originalCallId],
  )

const rejected = (originalCallId: string, code: MissedCallRefusal): MissedCallResult => ({
  originalCallId,
  outcome: 'rejected',
  code,
  sentence: missedCallRefusals[code],
})

export type Taking = {
  by: SeenBy
  doer: Doer
  reportedBy: string
  policy: CallbackPolicy
  at: number
  now: string
  newId(): string
}

/** The numbers are locked (keysOfCalls). One result for each call, in their order. */
export async function takeMissedCalls(
  tx: Queries,
  calls: readonly SeenCall[],
  taking: Taking,
): Promise<MissedCallResult[]> {
  const { by, at } = taking
  const results = new Map<SeenCall, MissedCallResult>()
  const firstOf = new Map<string, SeenCall>()
  const isEarly = ({ missedAt }: SeenCall) => by === 'exchange' && missedAt > at + futureMs
  const taken = await idsTaken(tx, calls.filter(isEarly))
  for (const call of calls) {
    const first = firstOf.get(call.originalCallId)
    if (isEarly(call) && !taken.has(call.originalCallId))
      results.set(call, rejected(call.originalCallId, 'MISSED_IN_FUTURE'))
    else if (first === undefined) firstOf.set(call.originalCallId, call)
    else if (first.digest !== call.digest) results.set(call, rejected(call.originalCallId, 'CALL_DIFFERS'))
  }
  const once = [...firstOf.values()]
  const fresh = await keepNew(tx, once, taking)
  const known = once.filter(call => !fresh.has(call.originalCallId))
  for (const [call, result] of await judgeKnown(tx, known, by)) results.set(call, result)
  const opened = await place(
    tx,
    once.filter(call => fresh.has(call.originalCallId)),
    taking,
  )
  for (const [call, result] of opened) results.set(call, result)
  return calls.map(call => {
    const own = results.get(call)
    if (own !== undefined) return own
    const first = firstOf.get(call.originalCallId)
    const before = first === undefined ? undefined : results.get(first)
    if (before === undefined || before.outcome === 'rejected')
      return rejected(call.originalCallId, 'CALL_DIFFERS')
    return { ...before, outcome: 'duplicate' }
  })
}

/** The database's clock may have been set back since a call was taken. */
async function idsTaken(tx: Queries, calls: readonly SeenCall[]): Promise<Set<string>> {
  if (calls.length === 0) return new Set()
  const rows = await tx.query<{ original_call_id: string }>(
    'SELECT original_call_id FROM missed_call WHERE original_call_id = ANY ($1::text[])',
    [calls.map(({ originalCallId }) => originalCallId)],
  )
  return new Set(rows.map(({ original_call_id: id }) => id))
}

/** The ids that were not there. In order, so that two posts with the same calls can not wait for each other. */
async function keepNew(
  tx: Queries,
  calls: readonly SeenCall[],
  { by, reportedBy, at }: Taking,
): Promise<Set<string>> {
  if (calls.length === 0) return new Set()
  const columns = {
    original_call_id: 'text',
    kind: 'text',
    number_key: 'text',
    missed_at: 'timestamptz',
    wants: 'text[]',
    enterprise: 'boolean',
    dialect: 'text',
    note: 'text',
    exchange_digest: 'text',
    seat_digest: 'text',
    reported_by: 'text',
    received_at: 'timestamptz',
  }
  const rows = calls.map(call => ({
    original_call_id: call.originalCallId,
    kind: call.kind,
    number_key: call.numberKey,
    // No call was missed after now: a clock that is a little ahead is set right.
    missed_at: new Date(Math.min(call.missedAt, at)).toISOString(),
    wants: call.wants,
    enterprise: call.enterprise,
    dialect: call.dialect,
    note: call.note,
    exchange_digest: by === 'exchange' ? call.digest : null,
    seat_digest: by === 'seat' ? call.digest : null,
    reported_by: reportedBy,
    received_at: new Date(at).toISOString(),
  }))
  const names = Object.keys(columns).join(', ')
  const added = await tx.query<{ original_call_id: string }>(
    `INSERT INTO missed_call (${names}) SELECT ${names} FROM ${rowsOf(columns, 'r')} ORDER BY original_call_id
     ON CONFLICT DO NOTHING RETURNING original_call_id`,
    [JSON.stringify(rows)],
  )
  return new Set(added.map(({ original_call_id: id }) => id))
}

type KnownRow = {
  original_call_id: string
  exchange_digest: string | null
  seat_digest: string | null
  task_id: string | null
}

/** The same call from the same side must be the same; from the other side it is the other's view of it. */
async function judgeKnown(
  tx: Queries,
  calls: readonly SeenCall[],
  by: SeenBy,
): Promise<Map<SeenCall, MissedCallResult>> {
  const results = new Map<SeenCall, MissedCallResult>()
  if (calls.length === 0) return results
  const rows = await tx.query<KnownRow>(
    'SELECT original_call_id, exchange_digest, seat_digest, task_id FROM missed_call WHERE original_call_id = ANY ($1::text[])',
    [calls.map(({ originalCallId }) => originalCallId)],
  )
  const column = by === 'exchange' ? 'exchange_digest' : 'seat_digest'
  const found = new Map(rows.map(row => [row.original_call_id, row]))
  const toFill: { original_call_id: string; digest: string }[] = []
  for (const call of calls) {
    const row = found.get(call.originalCallId)
    const digest = row?.[column] ?? null
    if (digest !== null && digest !== call.digest && by === 'exchange') {
      results.set(call, rejected(call.originalCallId, 'CALL_DIFFERS'))
      continue
    }
    if (digest === null) toFill.push({ original_call_id: call.originalCallId, digest: call.digest })
    results.set(call, {
      originalCallId: call.originalCallId,
      outcome: 'duplicate',
      taskId: row?.task_id ?? null,
    })
  }
  if (toFill.length > 0)
    await tx.query(
      `UPDATE missed_call m SET ${column} = r.digest FROM ${rowsOf({ original_call_id: 'text', digest: 'text' }, 'r')}
       WHERE m.original_call_id = r.original_call_id`,
      [JSON.stringify(toFill)],
    )
  return results
}

/** Each new call to the conversation that covers it, to the open task of its number, or to a new one. */
async function place(
  tx: Queries,
  calls: readonly SeenCall[],
  taking: Taking,
): Promise<Map<SeenCall, MissedCallResult>> {
  const results = new Map<SeenCall, MissedCallResult>()
  if (calls.length === 0) return results
  const { policy, at, now, by, doer, newId } = taking
  const keys = [...new Set(calls.flatMap(({ numberKey }) => numberKey ?? []))]
  const covering = await coveringOf(tx, calls, keys)
  const rows = await tx.query<TaskRow>(
    'SELECT * FROM callback_task WHERE number_key = ANY ($1::text[]) AND closed_at IS NULL ORDER BY task_id FOR UPDATE',
    [keys],
  )
  const settled = new Map<string, CallbackTask>()
  const steps: Step[] = []
  for (const row of rows) {
    const stored = taskOf(row)
    const ended = settleCallback(stored, policy, at).map(step => ({ ...step, by: nobody }))
    steps.push(...ended)
    const task = ended.at(-1)?.task ?? stored
    if (task.state !== 'closed' && task.numberKey !== null) settled.set(task.numberKey, task)
  }
  const placed: { original_call_id: string; task_id: string | null; covered_by: string | null }[] = []
  const openIds = new Map([...settled].map(([key, { taskId }]) => [key, taskId]))
  const opened = new Map<string, SeenCall>()
  for (const call of calls) {
    const { originalCallId, numberKey } = call
    const coveredBy = covering(call)
    if (coveredBy !== null) {
      placed.push({ original_call_id: originalCallId, task_id: null, covered_by: coveredBy })
      results.set(call, { originalCallId, outcome: 'answered', taskId: null })
      continue
    }
    const present = numberKey === null ? undefined : openIds.get(numberKey)
    const taskId = present ?? newId()
    if (present === undefined) {
      opened.set(taskId, call)
      if (numberKey !== null) openIds.set(numberKey, taskId)
    }
    placed.push({ original_call_id: originalCallId, task_id: taskId, covered_by: null })
    const outcome = present !== undefined ? 'repeated' : call.dialable ? 'opened' : 'listed'
    results.set(call, { originalCallId, outcome, taskId })
  }
  await tx.query(
    `UPDATE missed_call m SET task_id = r.task_id, covered_by = r.covered_by
     FROM ${rowsOf({ original_call_id: 'text', task_id: 'text', covered_by: 'text' }, 'r')}
     WHERE m.original_call_id = r.original_call_id`,
    [JSON.stringify(placed)],
  )

  const touched = [...new Set(placed.flatMap(({ task_id: taskId }) => taskId ?? []))]
  const facts = await factsOf(tx, touched)
  const owners = await ownersOf(
    tx,
    [...opened.values()].flatMap(({ numberKey }) => numberKey ?? []),
  )
  // What an exchange says is over; what a seat saw may still ring elsewhere.
  const notBefore = by === 'seat' ? new Date(at + policy.settleSeconds * 1_000).toISOString() : null
  const byId = new Map([...settled.values()].map(task => [task.taskId, task]))
  for (const taskId of touched) {
    const together = facts.get(taskId)
    if (together === undefined) continue
    const before = byId.get(taskId)
    const first = opened.get(taskId)
    if (before === undefined && first !== undefined) {
      const { branch, kind, numberKey, number, extension, dialable, queue } = first
      const own = { taskId, branch, kind, numberKey, number, extension, dialable, queue, notBefore }
      const owner = numberKey === null ? undefined : owners.get(numberKey)
      const assigned =
        owner === undefined ? null : { operatorId: owner, by: owner, at: new Date(at).toISOString() }
      steps.push({
        before: null,
        task: openTask({ ...together, ...own, assigned }, at),
        kind: 'opened',
        by: doer,
      })
    } else if (before !== undefined) {
      const after = moveCallback(before, { type: 'missed', facts: together }, policy, at)
      if (!('refused' in after) && after.kind !== null)
        steps.push({
          before,
          task: after.task,
          kind: after.kind,
          by: doer,
          detail: { calls: together.calls },
        })
    }
  }
  await saveSteps(tx, steps, { at: new Date(at).toISOString(), now })
  return results
}

/** The conversation after which a call is no missed one any more, or which that call became. */
async function coveringOf(
  tx: Queries,
  calls: readonly SeenCall[],
  keys: readonly string[],
): Promise<(call: SeenCall) => string | null> {
  const ids = calls.map(({ originalCallId }) => originalCallId)
  const contacts = await tx.query<{ contact_id: string; number_key: string | null; answered_at: Date }>(
    `SELECT DISTINCT ON (number_key) contact_id, number_key, answered_at FROM answered_contact
     WHERE number_key = ANY ($1::text[]) AND NOT undone ORDER BY number_key, answered_at DESC`,
    [keys],
  )
  const same = await tx.query<{ contact_id: string }>(
    'SELECT contact_id FROM answered_contact WHERE contact_id = ANY ($1::text[]) AND NOT undone',
    [ids],
  )
  const latest = new Map(contacts.map(contact => [contact.number_key, contact]))
  const itself = new Set(same.map(({ contact_id: id }) => id))
  return ({ originalCallId, numberKey, missedAt }) => {
    if (itself.has(originalCallId)) return originalCallId
    const contact = numberKey === null ? undefined : latest.get(numberKey)
    return contact !== undefined && contact.answered_at.getTime() >= missedAt ? contact.contact_id : null
  }
}

/** A conversation that covers nothing that came before it is kept too: a missed call may arrive late. */
export const keepContacts = (
  tx: Queries,
  contacts: readonly { contactId: string; numberKey: string | null; answeredAt: number }[],
  at: number,
): Promise<void> =>
  insertRows(
    tx,
    'answered_contact',
    { contact_id: 'text', number_key: 'text', answered_at: 'timestamptz', received_at: 'timestamptz' },
    contacts.map(({ contactId, numberKey, answeredAt }) => ({
      contact_id: contactId,
      number_key: numberKey,
      answered_at: new Date(answeredAt).toISOString(),
      received_at: new Date(at).toISOString(),
    })),
    'ON CONFLICT DO NOTHING',
  )
