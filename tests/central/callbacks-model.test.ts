/**
 * Five seats, two centres on one database, and everything that goes wrong: calls posted twice and out of order, answers that are
 * lost, seats that die with a lease, conversations elsewhere, a clock that jumps. Each step against callback-reference.ts.
 */
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Central, createCentral } from '../../central/central.ts'
import { openPostgres } from '../../central/storage/postgres.ts'
import { orderCallbacks } from '../../shared/domain/callback-order.ts'
import { callbackPolicyName } from '../../shared/domain/callback-policy.ts'
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts'
import {
  acted,
  missed,
  morning,
  policy,
  type QueueSeat,
  record,
  seatFor,
  takeLeaseClock,
} from './callback-queue.ts'
import { createReference, type Reference, type RefOutcome, type RefTask } from './callback-reference.ts'
import {
  addPeople,
  type DatabaseKind,
  databaseFor,
  databaseKinds,
  log,
  people,
  startCentre,
  type TestCentre,
} from './centre.ts'

let postgres: Postgres | null = null
beforeAll(async () => {
  if (hasPostgres) postgres = await startPostgres()
})
afterAll(async () => {
  await postgres?.stop()
})

/** The same schedules in every run; others are looked for with ZUOXI_SEED, and what fails is told with its seed. */
const seed = Number(process.env['ZUOXI_SEED'] ?? 20_261_124)
const seatCount = 5
const numberCount = 6
const minute = 60_000
const leaseSeconds = 60
const place = (count: number) => fc.integer({ min: 0, max: count - 1 })
const seat = place(seatCount)
const number = place(numberCount)
const outcomes: RefOutcome[] = ['reached', 'no-answer', 'busy', 'failed']

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('miss' as const),
      number,
      agoMinutes: place(20),
      again: place(6),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('claim' as const), seat, first: number, lost: place(6) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('race' as const), seat, other: seat, first: number }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('dial' as const), seat }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('outcome' as const),
      seat,
      which: place(outcomes.length),
      twice: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('decline' as const), seat }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), seat }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('answered' as const),
      seat,
      number,
      agoMinutes: place(10),
      outbound: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('time' as const),
      seconds: fc.constantFrom(1, 20, 59, 60, 61, 300, 3_600, -30, -600),
      sweep: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('undo' as const), number }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('release' as const), number }) },
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

describe.each<DatabaseKind>(databaseKinds)('the queue of callbacks on %s', kind => {
  let centre: TestCentre
  let centrals: [Central, Central]
  let end = async () => {}
  let setClock: (ms: number) => Promise<void>
  let seats: QueueSeat[]
  let lead: QueueSeat
  let run = 0
  let versions = 0

  beforeAll(async () => {
    const url = await databaseFor(kind, postgres)
    centre = await startCentre(url)
    centrals = [centre, centre]
    if (url !== null) {
      const sql = await openPostgres(url, { log })
      const second = await createCentral({ ...centre.context, sql, log })
      centrals = [centre, second]
      end = async () => {
        await second.close()
        await sql.close()
      }
    }
    setClock = await takeLeaseClock(centre.sql)
    await addPeople(centre)
    seats = []
    for (let each = 0; each < seatCount; each += 1) seats.push(await seatFor(centre))
    lead = await seatFor(centre, people.lead)
  })
  afterAll(async () => {
    await end()
    await centre.end()
  })

  async function begin(uncertainHoldMinutes: number | null): Promise<Reference> {
    versions += 1
    const content = {
      ...policy,
      leaseSeconds,
      uncertainHoldMinutes,
      attempts: 3,
      expireHours: 10_000,
      undoHours: 10_000,
      quiet: { from: 0, to: 0 },
      spacingMinutes: { ...policy.spacingMinutes, 'no-answer': 10, busy: 2, failed: 1 },
    }
    const effectiveAt = new Date(morning - 1_000_000 * minute + versions).toISOString()
    await centre.publications.publish(
      { name: callbackPolicyName, version: `model-${versions}`, effectiveAt, content },
      'test',
    )
    // The other centre looks a second later.
    centre.now.ms += 1_001
    const spacingMs = { 'no-answer': 10 * minute, busy: 2 * minute, failed: minute }
    const holdMs = uncertainHoldMinutes === null ? null : uncertainHoldMinutes * minute
    await setClock(morning)
    return createReference({ leaseMs: leaseSeconds * 1_000, attempts: 3, holdMs, spacingMs }, morning)
  }

  const textOf = (each: number) => `199${String(run).padStart(4, '0')}${String(each).padStart(4, '0')}`
  const centralOf = (turn: number) => centrals[turn % 2] ?? centrals[0]
  const seatAt = (each: number): QueueSeat => {
    const found = seats[each]
    if (found === undefined) throw new Error(`no seat ${each}`)
    return found
  }

  /** What a seat believes: it may be wrong, and acts on it all the same. */
  type Held = { task: RefTask; fence: number }

  async function perform(ref: Reference, steps: readonly Step[]) {
    const held = new Map<number, Held>()
    const lastIds: string[] = []
    let turn = 0
    const listFrom = (first: number): RefTask[] => {
      const all = Array.from({ length: numberCount }, (_, each) => ref.openOf((first + each) % numberCount))
      return all.flatMap(task => task ?? [])
    }
    const claimOne = (each: number, list: readonly RefTask[], via: number, requestId = randomUUID()) =>
      centralOf(via).callbacks.claim(seatAt(each), { requestId, taskIds: list.map(task => task.taskId) })

    for (const now of steps) {
      turn += 1
      const central = centralOf(turn)
      switch (now.kind) {
        case 'miss': {
          const again = now.again === 0 ? lastIds.at(-1) : undefined
          if (again !== undefined) {
            const [id = '', text = '', at = ''] = again.split(' ')
            expect(
              (await central.callbacks.post([missed(id, text, Number(at))], 'key:test'))[0]?.outcome,
            ).toBe('duplicate')
            break
          }
          const id = randomUUID()
          const at = ref.now() - now.agoMinutes * minute
          lastIds.push(`${id} ${textOf(now.number)} ${at}`)
          const [result] = await central.callbacks.post([missed(id, textOf(now.number), at)], 'key:test')
          const taskId = result?.outcome === 'opened' ? (result.taskId ?? '') : ''
          expect(result?.outcome).toBe(ref.post(id, now.number, at, () => taskId))
          break
        }
        case 'claim': {
          const list = listFrom(now.first)
          if (list.length === 0) break
          const requestId = randomUUID()
          const expected = list.find(ref.claimable)
          const result = await claimOne(now.seat, list, turn, requestId)
          expect(result.outcome === 'granted' ? result.lease.task.taskId : null).toBe(
            expected?.taskId ?? null,
          )
          if (result.outcome !== 'granted' || expected === undefined) break
          const fence = ref.claimed(expected, now.seat)
          expect(result.lease.fence).toBe(fence)
          expect(result.lease.leaseSeconds).toBe(leaseSeconds)
          // The answer was lost: it asks again, of the other centre, or it never learns of it.
          if (now.lost === 0) break
          if (now.lost === 1) expect(await claimOne(now.seat, list, turn + 1, requestId)).toEqual(result)
          held.set(now.seat, { task: expected, fence })
          break
        }
        case 'race': {
          const list = listFrom(now.first)
          if (list.length === 0 || now.seat === now.other) break
          const free = list.filter(ref.claimable)
          const results = await Promise.all([claimOne(now.seat, list, 0), claimOne(now.other, list, 1)])
          const given = results.map(result =>
            result.outcome === 'granted' ? result.lease.task.taskId : null,
          )
          expect(given.filter(each => each !== null).sort()).toEqual(
            free
              .slice(0, 2)
              .map(task => task.taskId)
              .sort(),
          )
          for (const [which, taskId] of given.entries()) {
            const task = free.find(each => each.taskId === taskId)
            if (task === undefined) continue
            const by = which === 0 ? now.seat : now.other
            held.set(by, { task, fence: ref.claimed(task, by) })
          }
          break
        }
        case 'dial': {
          const belief = held.get(now.seat)
          if (belief === undefined) break
          const { task, fence } = belief
          const code = await acted(
            central.callbacks.act(seatAt(now.seat), task.taskId, { type: 'dial', fence }),
          )
          expect(code === 'dialling').toBe(ref.dial(task, now.seat, fence))
          break
        }
        case 'outcome': {
          const belief = held.get(now.seat)
          if (belief === undefined) break
          const { task, fence } = belief
          const outcome = outcomes[now.which] ?? 'failed'
          const done = { type: 'outcome', fence, outcome, caseId: null, note: '' } as const
          const took = ref.outcome(task, now.seat, fence, outcome)
          const code = await acted(central.callbacks.act(seatAt(now.seat), task.taskId, done))
          expect(['open', 'closed'].includes(code) ? took || task.state === code : !took).toBe(true)
          if (now.twice) await acted(centralOf(turn + 1).callbacks.act(seatAt(now.seat), task.taskId, done))
          break
        }
        case 'decline': {
          const belief = held.get(now.seat)
          if (belief === undefined) break
          const { task, fence } = belief
          const before = task.state
          const took = ref.decline(task, now.seat, fence)
          const code = await acted(
            central.callbacks.act(seatAt(now.seat), task.taskId, { type: 'decline', fence, reason: '' }),
          )
          expect(code === 'open').toBe(took || (before === 'open' && task.fence === fence))
          break
        }
        case 'crash':
          held.delete(now.seat)
          break
        case 'answered': {
          const id = randomUUID()
          const at = ref.now() - now.agoMinutes * minute
          const direction = now.outbound ? 'outbound' : 'inbound'
          const call = record(textOf(now.number), { direction, answeredMs: at, originalCallId: id })
          const from = seatAt(now.seat)
          const results = await central.push(from.device, [from.seat.command('call.record', call)])
          expect(results[0]?.outcome).toBe('applied')
          ref.answered(id, now.number, at)
          break
        }
        case 'time': {
          // What time ended stays ended when the clock goes back.
          // A hold that ended is seen by the sweep alone.
          const sweeps =
            now.sweep || ref.tasks.some(({ state }) => state === 'dialling' || state === 'uncertain')
          if (now.seconds < 0 || sweeps) await central.callbacks.sweep()
          ref.at(ref.now() + now.seconds * 1_000)
          await setClock(ref.now())
          if (sweeps) await Promise.all(centrals.map(each => each.callbacks.sweep()))
          break
        }
        case 'undo': {
          const task = ref.tasks.findLast(each => each.number === now.number && each.state === 'closed')
          if (task === undefined) break
          const code = await acted(central.callbacks.act(lead, task.taskId, { type: 'undo', reason: '误关' }))
          expect(code === 'open').toBe(ref.undo(task))
          break
        }
        case 'release': {
          const task = ref.openOf(now.number)
          if (task?.state !== 'uncertain') break
          expect(await acted(central.callbacks.act(lead, task.taskId, { type: 'release', reason: '' }))).toBe(
            'open',
          )
          ref.release(task)
          break
        }
      }
      await compare(ref)
    }
  }

  const rowsOf = (ref: Reference) =>
    centre.sql.query<{
      task_id: string
      number_key: string
      state: string
      fence: number
      calls: number
      attempts: number
      until: Date | null
      now: Date
    }>(
      'SELECT task_id, number_key, state, fence, calls, attempts, lease_until AS until, lease_now() AS now FROM callback_task WHERE task_id = ANY ($1)',
      [ref.tasks.map(task => task.taskId)],
    )

  async function compare(ref: Reference) {
    const rows = await rowsOf(ref)
    const open = rows.filter(row => row.state !== 'closed').map(row => row.number_key)
    expect(new Set(open).size).toBe(open.length)
    const byId = new Map(rows.map(row => [row.task_id, row]))
    for (const task of ref.tasks) {
      const row = byId.get(task.taskId)
      const lapsed = row?.until !== null && row !== undefined && row.until <= row.now
      // What time has ended and nobody has looked at yet.
      const unswept =
        (row?.state === 'claimed' && lapsed && task.state === 'open') ||
        (row?.state === 'dialling' && lapsed) ||
        (row?.state === 'uncertain' && task.state !== 'uncertain' && task.state !== 'closed')
      if (!unswept)
        expect([row?.state, row?.fence, row?.attempts]).toEqual([task.state, task.fence, task.attempts])
      if (task.state !== 'closed')
        expect(row?.calls).toBe(task.calls.filter(call => call.coveredBy === null).length)
    }
    // No phone rang while another might have been ringing for the same task, and none under the same fence twice.
    const rung = ref.rings.map(ring => `${ring.task.taskId} ${ring.fence}`)
    expect(new Set(rung).size).toBe(rung.length)
  }

  /** Everybody is back: whatever is open is worked off in the order of its seats, and nothing is left. */
  async function drain(ref: Reference) {
    for (let round = 0; ; round += 1) {
      const open = ref.tasks.filter(task => task.state !== 'closed')
      if (open.length === 0) return
      expect(round).toBeLessThan(4 * numberCount + 4)
      // The clock may have been set back far behind what waits.
      ref.at(ref.now() + (round === 0 ? 48 * 60 : 15) * minute)
      await setClock(ref.now())
      while ((await centre.callbacks.sweep()) > 0);
      for (const task of open)
        if (task.state === 'uncertain') {
          expect(await acted(centre.callbacks.act(lead, task.taskId, { type: 'release', reason: '' }))).toBe(
            'open',
          )
          ref.release(task)
        }
      const tasks = await Promise.all(
        open.filter(task => task.state !== 'closed').map(task => centre.callbacks.get(lead, task.taskId)),
      )
      const order = orderCallbacks(
        tasks.map(({ task }) => task),
        { ...policy, quiet: { from: 0, to: 0 } },
        ref.now(),
      )
      const [first] = order
      if (first === undefined) continue
      expect(first.ready).toBe(true)
      const worker = seatAt(round % seatCount)
      const result = await centre.callbacks.claim(worker, {
        requestId: randomUUID(),
        taskIds: order.map(each => each.taskId),
      })
      if (result.outcome !== 'granted') throw new Error('an open task was not given')
      expect(result.lease.task.taskId).toBe(first.taskId)
      const { fence } = result.lease
      await centre.callbacks.act(worker, first.taskId, { type: 'dial', fence })
      const reached = { type: 'outcome', fence, outcome: 'reached', caseId: null, note: '' } as const
      await centre.callbacks.act(worker, first.taskId, reached)
      const task = ref.tasks.find(each => each.taskId === first.taskId)
      if (task === undefined) continue
      ref.claimed(task, round % seatCount)
      ref.dial(task, round % seatCount, fence)
      ref.outcome(task, round % seatCount, fence, 'reached')
    }
  }

  it('does what the reference does, loses nothing and starves nobody', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }),
        fc.constantFrom(null, 5),
        async (steps, hold) => {
          run += 1
          const ref = await begin(hold)
          await perform(ref, steps)
          await drain(ref)
          const [row] = await centre.sql.query<{ kept: number }>(
            `SELECT count(*) AS kept FROM missed_call WHERE original_call_id = ANY ($1) AND (task_id IS NOT NULL OR covered_by IS NOT NULL)`,
            [[...ref.ids]],
          )
          expect(row?.kept).toBe(ref.ids.size)
          // Nobody was rung whom somebody had spoken with since the last missed call: dialling was refused by the same rule.
          const late = await centre.sql.query(
            `SELECT 1 FROM callback_event d JOIN callback_event c ON c.task_id = d.task_id AND c.to_state = 'closed' AND c.entry < d.entry
             WHERE d.kind = 'dialling' AND d.task_id = ANY ($1) AND NOT EXISTS (
               SELECT 1 FROM callback_event u WHERE u.task_id = d.task_id AND u.kind = 'undone' AND u.entry > c.entry AND u.entry < d.entry)`,
            [ref.tasks.map(task => task.taskId)],
          )
          expect(late).toEqual([])
        },
      ),
      { numRuns: kind === 'postgres' ? 70 : 40, seed, endOnFailure: true },
    )
  }, 300_000)
})
