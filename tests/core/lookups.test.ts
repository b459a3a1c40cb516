import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createLookups, type Lookups } from '../../electron/core/lookups/lookups.ts'
import { applyChange } from '../../electron/core/sync/apply-changes.ts'
import type { SeatEvent } from '../../shared/contract/seat.ts'
import type { CallEvent } from '../../shared/domain/call.ts'
import {
  judgeLookup,
  type LookupPolicy,
  lookupPolicyName,
  sampleLookupPolicy,
} from '../../shared/domain/lookup-policy.ts'
import type { Operator } from '../../shared/domain/operator.ts'
import { documentOf, refusalOf, type SeatParts, seatParts } from '../support/seat-parts.ts'

let seat: SeatParts
let lookups: Lookups
let contractor: Operator
const events: SeatEvent['type'][] = []
beforeEach(() => {
  seat = seatParts()
  events.length = 0
  lookups = createLookups({
    store: { db: seat.read, write: seat.write, writeSoon: seat.write },
    context: { clock: seat.clock, random: seat.random, publish: ({ type }) => void events.push(type) },
    audit: seat.audit,
  })
  contractor = seat.person('contractor', 'contractor')
})
afterEach(() => seat.close())

const number = (index: number) => `199${String(index).padStart(8, '0')}`
const limit = sampleLookupPolicy.callers.contractor
const rows = (action: string) =>
  seat.db.prepare('SELECT subject_id AS subject, result FROM audit WHERE action = ?').all(action) as {
    subject: string
    result: string
  }[]
const lookUp = (index: number) => refusalOf(() => lookups.caller(contractor, number(index)))

it('three hundred numbers leave three hundred traces, and most of them are refused', () => {
  const answers = Array.from({ length: 300 }, (_, index) => lookUp(index))
  expect(answers.filter(answer => answer === 'none')).toHaveLength(limit.perHour)
  expect(answers.filter(answer => answer === 'LOOKUP_LIMIT')).toHaveLength(300 - limit.perHour)
  const traces = rows('caller.lookup')
  expect(traces).toHaveLength(300)
  expect(traces.filter(({ result }) => result === 'refused')).toHaveLength(300 - limit.perHour)
  for (const { subject } of traces) expect(subject).not.toMatch(/199\d{4}/)
  // Nor by a digest that anybody could make of eleven digits.
  expect(traces.map(({ subject }) => subject)).not.toContain(
    createHash('sha256').update(number(0)).digest('base64url').slice(0, 22),
  )
})

it('the same number again counts once; an hour later there is room again, until the day is used up', () => {
  expect([lookUp(1), lookUp(1), lookUp(1)]).toEqual(['none', 'none', 'none'])
  expect(rows('caller.lookup')).toHaveLength(1)
  seat.time.now += (sampleLookupPolicy.againMinutes + 1) * 60_000
  lookUp(1)
  expect(rows('caller.lookup')).toHaveLength(2)
  let index = 100
  let allowed = 0
  for (let hour = 0; hour < 10; hour += 1) {
    seat.time.now += 3_600_001
    for (let each = 0; each < limit.perHour + 5; each += 1) if (lookUp((index += 1)) === 'none') allowed += 1
  }
  expect(allowed).toBe(limit.perDay - 2)
})

it('the pop of a call that goes on is never refused, and counts', () => {
  for (let index = 0; index < limit.perHour; index += 1) lookUp(index)
  expect(lookUp(500)).toBe('LOOKUP_LIMIT')
  const offered: CallEvent = {
    type: 'offered',
    at: new Date(seat.time.now).toISOString(),
    facts: {
      originalCallId: null,
      callerNumber: number(500),
      calledNumber: null,
      displayName: null,
      queue: null,
      skill: null,
      dialect: null,
      recordingId: null,
    },
  }
  seat.write(db => seat.calls.report(db, contractor.operatorId, 'c', [offered]))
  expect(lookUp(500)).toBe('none')
  expect(rows('caller.lookup').filter(({ result }) => result === 'done')).toHaveLength(limit.perHour + 1)
  const tell = (caseId: string, contactNumber: string) =>
    seat.write(db =>
      applyChange(
        db,
        {
          kind: 'case',
          case: documentOf({ caseId, fields: { ...documentOf({ caseId }).fields, contactNumber } }),
        },
        false,
        seat.apply,
      ),
    )
  tell('of-the-caller', number(500))
  tell('of-another', number(501))
  for (let index = 0; index < sampleLookupPolicy.cases.contractor.perHour; index += 1)
    lookups.caseRead(contractor, `k${index}`)
  expect(refusalOf(() => lookups.caseRead(contractor, 'of-the-caller'))).toBe('none')
  expect(refusalOf(() => lookups.caseRead(contractor, 'of-another'))).toBe('LOOKUP_LIMIT')
})

it('a run of lookups is told to the leads once', () => {
  for (let index = 0; index < sampleLookupPolicy.run.lookups + 5; index += 1) lookUp(index)
  expect(events).toEqual(['lookup-alarm'])
  expect(lookups.alarms()).toMatchObject([
    { operatorId: contractor.operatorId, operatorName: contractor.name },
  ])
})

it('the city publishes its own limits; one that cannot be read changes nothing', () => {
  const publish = (version: string, content: unknown) =>
    seat.db
      .prepare(
        "INSERT INTO publication (name, version, effective_at, sha256, content) VALUES (?, ?, '2026-01-01T00:00:00.000Z', ?, ?)",
      )
      .run(lookupPolicyName, version, version, JSON.stringify(content))
  const own: LookupPolicy = {
    ...sampleLookupPolicy,
    callers: { ...sampleLookupPolicy.callers, contractor: { perHour: 2, perDay: 2 } },
  }
  publish('1', own)
  expect([lookUp(1), lookUp(2), lookUp(3)]).toEqual(['none', 'none', 'LOOKUP_LIMIT'])
  seat.db.prepare('DELETE FROM publication').run()
  publish('2', { ...own, callers: 'many' })
  expect(lookUp(3)).toBe('none')
})

it('a unit looks nobody up', () => {
  const counts = { lastHour: 0, lastDay: 0, inRun: 0 }
  expect(judgeLookup(sampleLookupPolicy, 'caller.lookup', 'unit', counts, true).allowed).toBe(false)
})
