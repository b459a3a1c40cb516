/**
 * Seats that relate the same cases at cross purposes, with and without a line, in whatever order it reaches the centre: at rest all of
 * them show what the centre has, every case has one main case, and whatever the centre refused stands where somebody sees it.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type CaseCommand, type CaseState, reduceCase } from '../../central/commands/case-reducer.ts'
import { Refusal } from '../../electron/core/refusal.ts'
import { applyChange, applyOperator } from '../../electron/core/sync/apply-changes.ts'
import type { HistoryEntry } from '../../shared/domain/case.ts'
import { mainOf, relation, type Standing } from '../../shared/domain/case-relations.ts'
import type { CommandArgs } from '../../shared/domain/command.ts'
import { documentOf, type SeatParts, seatParts } from '../support/seat-parts.ts'

const seatCount = 3
const caseCount = 4
const lead = {
  operatorId: 'lead',
  workNumber: '1002',
  name: '周伯安',
  branch: '云澜中心',
  role: 'lead' as const,
  skills: [],
  disabled: false,
  employer: '',
}
const nat = (max: number) => fc.nat({ max: max - 1 })
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('relate' as const),
      seat: nat(seatCount),
      one: nat(caseCount),
      other: nat(caseCount),
      relation: fc.constantFrom('merge' as const, 'merge' as const, ...relation.options),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('close' as const),
      seat: nat(seatCount),
      one: nat(caseCount),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('push' as const), seat: nat(seatCount) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pull' as const), seat: nat(seatCount) }) },
)

/** The centre's rules on a table in memory. */
function createTable() {
  const cases = new Map<string, CaseState>()
  const histories = new Map<string, HistoryEntry[]>()
  const keep = (state: CaseState, entry: HistoryEntry) => {
    cases.set(state.caseId, state)
    histories.set(state.caseId, [...(histories.get(state.caseId) ?? []), entry])
  }
  const judge = (command: CaseCommand, issuedAt: string) => {
    const outcome = reduceCase(cases.get(command.caseId), command, {
      operator: lead,
      live: true,
      grantedTo: () => [],
      seat: { seatId: 's', branch: '云澜中心' },
      at: issuedAt,
      counted: said => said,
      now: issuedAt,
      entryKnown: false,
      numberTakenBy: undefined,
      other: command.name === 'case.relate' ? cases.get(command.args.otherId) : undefined,
      standing: caseId => cases.get(caseId),
      reasonKnown: () => true,
    })
    if (outcome.kind !== 'applied') return outcome
    if (outcome.entry !== null) keep(outcome.state, outcome.entry)
    if (outcome.also !== undefined) keep(outcome.also.state, outcome.also.entry)
    return outcome
  }
  const document = (caseId: string) => {
    const state = cases.get(caseId)
    if (state === undefined) throw new Error('no such case')
    const { caseNumber, version, status, relations, loop, fields, createdAt } = state
    return documentOf({
      caseId,
      caseNumber,
      version,
      status,
      relations,
      loop,
      fields,
      createdAt,
      operatorId: 'lead',
      history: histories.get(caseId) ?? [],
    })
  }
  return { cases, judge, document }
}

const caseId = (place: number) => `case-${place % caseCount}`

/** What was refused is given up by taking it back, as its operator would. */
const refusedOf = (seat: SeatParts) =>
  seat.db
    .prepare(
      "SELECT o.case_id AS caseId, o.args FROM outbox o JOIN parked p ON p.command_id = o.id WHERE o.name = 'case.relate'",
    )
    .all() as { caseId: string; args: string }[]

function play(steps: readonly Step[]): void {
  const table = createTable()
  const seats = Array.from({ length: seatCount }, (_, place) => seatParts(`converge-${place}`))
  const pull = (seat: SeatParts) =>
    seat.write(db => {
      for (const id of table.cases.keys())
        applyChange(db, { kind: 'case', case: table.document(id) }, false, seat.apply)
    })
  const push = (seat: SeatParts) => {
    const parked = new Set(seat.db.prepare('SELECT command_id FROM parked').pluck().all())
    for (const { id, caseId: of, name, args } of seat.waiting()) {
      if (of === null || parked.has(id)) continue
      const issuedAt = new Date(seat.time.now).toISOString()
      const outcome = table.judge({ name, caseId: of, args } as unknown as CaseCommand, issuedAt)
      seat.write(db => {
        if (outcome.kind === 'applied') {
          db.prepare('DELETE FROM outbox WHERE id = ?').run(id)
          db.prepare('UPDATE cases SET told_version = ? WHERE case_id = ?').run(outcome.state.version, of)
          return
        }
        if (outcome.kind === 'conflict') throw new Error('a relation conflicts with nothing')
        db.prepare('INSERT INTO parked (command_id, code, sentence, at) VALUES (?, ?, ?, ?)').run(
          id,
          outcome.code,
          outcome.code,
          issuedAt,
        )
        if (name === 'case.relate')
          seat.apply.relationRefused(db, [of, (args as CommandArgs<'case.relate'>).otherId])
      })
    }
  }
  try {
    const [first] = seats
    if (first === undefined) return
    for (let place = 0; place < caseCount; place += 1)
      table.judge(
        {
          name: 'case.create',
          caseId: caseId(place),
          digest: '',
          args: {
            caseNumber: `2026-${place}`,
            callId: null,
            catalogueVersion: 'test',
            createdAt: new Date(first.time.now + place * 1_000).toISOString(),
            fields: documentOf({ caseId: 'x' }).fields,
          },
        },
        new Date(first.time.now).toISOString(),
      )
    for (const seat of seats) {
      seat.write(db => applyOperator(db, lead))
      pull(seat)
    }
    for (const [place, each] of steps.entries()) {
      const seat = seats[each.seat]
      if (seat === undefined) continue
      seat.time.now += 1_000
      try {
        const requestId = `r${place}`
        if (each.do === 'relate')
          seat.write(db =>
            seat.cases.relations.relate(db, lead, {
              caseId: caseId(each.one),
              requestId,
              relation: each.relation,
              otherId: caseId(each.other),
            }),
          )
        if (each.do === 'close')
          seat.write(db =>
            seat.cases.move(db, lead, { caseId: caseId(each.one), requestId, move: 'close', reason: '' }),
          )
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
      }
      if (each.do === 'push') push(seat)
      if (each.do === 'pull') pull(seat)
    }
    for (const seat of seats) push(seat)
    for (const seat of seats) pull(seat)

    for (const seat of seats) {
      for (const { caseId: of, args } of refusedOf(seat)) {
        const { relation: what, otherId } = JSON.parse(args) as CommandArgs<'case.relate'>
        if (what !== 'link' && what !== 'merge') continue
        const shown = seat.cases.get(seat.db, lead, of).related
        expect(shown.some(({ caseId: other, refused }) => other === otherId && refused !== null)).toBe(true)
      }
      for (const state of table.cases.values()) {
        const here = seat.db
          .prepare('SELECT relations FROM cases WHERE case_id = ?')
          .pluck()
          .get(state.caseId) as string | null
        expect(here === null ? null : JSON.parse(here)).toEqual(state.relations)
        const merged = seat.cases.get(seat.db, lead, state.caseId).merged
        expect(merged).toBe(state.relations?.mergedInto != null)
      }
    }
    const look = (id: string): Standing | undefined => table.cases.get(id)
    for (const state of table.cases.values())
      expect(mainOf(state, look).relations?.mergedInto ?? null).toBeNull()
  } finally {
    for (const seat of seats) seat.close()
  }
}

it('all seats come to what the centre has, without circles, and what was refused is seen', () => {
  fc.assert(fc.property(fc.array(step, { minLength: 4, maxLength: 24 }), play), { numRuns: 25 })
})
