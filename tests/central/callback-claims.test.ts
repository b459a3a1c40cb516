/** The one move that SQL makes by itself does what the machine of shared/domain/callback-moves.ts does, and refuses what it refuses. */
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { claimTask, createClaims } from '../../central/callbacks/claim.ts'
import { createCrowd } from '../../central/callbacks/crowd.ts'
import { nobody, saveSteps } from '../../central/callbacks/task-rows.ts'
import type { CallbackTask } from '../../shared/domain/callback.ts'
import { claimRefusal, moveCallback, settleCallback } from '../../shared/domain/callback-moves.ts'
import {
  type CallbackPolicy,
  isQuiet,
  mayRingInQuiet,
  sampleCallbackPolicy,
} from '../../shared/domain/callback-policy.ts'
import { someTask } from '../domain/some-callback.ts'
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts'
import { morning, takeLeaseClock } from './callback-queue.ts'
import {
  branch,
  type DatabaseKind,
  databaseFor,
  databaseKinds,
  otherBranch,
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

const iso = (ms: number) => new Date(ms).toISOString()
const near = fc.constantFrom(-700_000, -600_000, -60_000, -1, 0, 1, 60_000, 600_000)
const some = fc.record({
  branch: fc.constantFrom(null, branch, otherBranch),
  dialable: fc.constantFrom(true, true, true, false),
  wants: fc.constantFrom<string[]>([], [], ['方言'], ['涉企', '苏州话']),
  note: fc.constantFrom('', '有人被困'),
  openedIn: near,
  notBefore: fc.option(near, { freq: 2 }),
  preferred: fc.option(near, { freq: 2 }),
  assignedTo: fc.constantFrom(null, null, 'me', 'another'),
  assignedIn: near,
  state: fc.constantFrom(
    'open' as const,
    'open' as const,
    'claimed' as const,
    'dialling' as const,
    'uncertain' as const,
    'closed' as const,
  ),
  leaseIn: near,
})

/** Time is settled in it as far as the sweep would have: only a claim itself may meet a lease that ended. */
function taskFrom(of: typeof some extends fc.Arbitrary<infer T> ? T : never, now: number): CallbackTask {
  const taskId = randomUUID()
  const held = of.state === 'claimed' || of.state === 'dialling' || of.state === 'uncertain'
  return someTask(now - 3_600_000, {
    taskId,
    numberKey: taskId,
    branch: of.branch,
    dialable: of.dialable,
    wants: of.wants,
    note: of.note,
    openedAt: iso(now + of.openedIn),
    notBefore: of.notBefore === null ? null : iso(now + of.notBefore),
    preferred:
      of.preferred === null ? null : { at: iso(now + of.preferred), askedAt: iso(now - 900_000), note: '' },
    assigned:
      of.assignedTo === null ? null : { operatorId: of.assignedTo, by: 'lead', at: iso(now + of.assignedIn) },
    state: of.state,
    fence: 3,
    lease: held
      ? { seatId: 's-before', operatorId: 'before', until: iso(now + of.leaseIn), renewals: 2 }
      : null,
    uncertainSince: of.state === 'uncertain' ? iso(now - 60_000) : null,
    closed:
      of.state === 'closed'
        ? { at: iso(now), reason: 'removed', outcome: null, operatorId: null, caseId: null, detail: '' }
        : null,
  })
}

describe.each<DatabaseKind>(databaseKinds)('claims on %s', kind => {
  let centre: TestCentre
  let setClock: (ms: number) => Promise<void>
  beforeAll(async () => {
    centre = await startCentre(await databaseFor(kind, postgres))
    setClock = await takeLeaseClock(centre.sql)
  })
  afterAll(() => centre.end())

  it('are what the machine makes of the first task that it lets this seat have', async () => {
    const claims = createClaims(centre.context)
    const device = {
      clientId: 'c-me',
      seatId: 's-me',
      branch,
      beforeProofs: false,
      contact: { contactAt: '2026-11-24T02:00:00.000Z', awayFrom: null, backAt: null },
    }
    const operator = {
      operatorId: 'me',
      workNumber: '1',
      name: '我',
      branch,
      role: 'agent' as const,
      skills: ['方言'],
      disabled: false,
      employer: '',
    }
    const policies: CallbackPolicy[] = [
      { ...sampleCallbackPolicy, assignedMinutes: 10 },
      {
        ...sampleCallbackPolicy,
        assignedMinutes: 10,
        urgentInQuiet: false,
        quiet: { from: 9 * 60 + 59, to: 10 * 60 + 1 },
      },
      { ...sampleCallbackPolicy, assignedMinutes: 10, quiet: { from: 22 * 60, to: 10 * 60 } },
      { ...sampleCallbackPolicy, assignedMinutes: 10, quiet: { from: 10 * 60, to: 9 * 60 } },
    ]
    await setClock(morning)
    await fc.assert(
      fc.asyncProperty(
        fc.array(some, { minLength: 1, maxLength: 6 }),
        fc.constantFrom(...policies),
        async (given, policy) => {
          const tasks = given.map(each => taskFrom(each, morning))
          const times = { at: iso(morning), now: iso(morning) }
          const steps = tasks.map(task => ({ before: null, task, kind: 'opened' as const, by: nobody }))
          await centre.sql.transaction(tx => saveSteps(tx, steps, times))

          const seat = { branch, operatorId: 'me', skills: operator.skills }
          const expected = tasks.find(
            task =>
              claimRefusal(task, seat, policy, morning) === null &&
              (!isQuiet(policy, morning) || mayRingInQuiet(task, policy, morning)),
          )
          const claim = { requestId: randomUUID(), taskIds: tasks.map(({ taskId }) => taskId) }
          const result = await claimTask(centre.context, claims, { device, operator }, claim, policy)
          if (expected === undefined) {
            expect(result.outcome).toBe('none')
            const codes = tasks.map(task => {
              const code = claimRefusal(task, seat, policy, morning) ?? 'CALLBACK_QUIET'
              // Of another branch it is not there, whatever its state is.
              return task.branch !== null && task.branch !== branch ? 'NOT_FOUND' : code
            })
            expect(result.passed.map(each => each.code)).toEqual(codes)
            return
          }
          if (result.outcome !== 'granted') throw new Error(`not granted: ${JSON.stringify(result.passed)}`)
          const settled = settleCallback(expected, policy, morning).at(-1)?.task ?? expected
          const event = { type: 'claim', seatId: 's-me', ...seat } as const
          expect({ task: result.lease.task, kind: 'claimed' }).toEqual(
            moveCallback(settled, event, policy, morning),
          )
        },
      ),
      { numRuns: 150 },
    )
  }, 120_000)
})

describe('a crowd', () => {
  it('lets one go at once, takes the rest together, and a bad one alone', async () => {
    const ran: string[][] = []
    let open = () => {}
    const gate = new Promise<void>(resolve => {
      open = resolve
    })
    const ask = createCrowd<string, string>(
      async items => {
        ran.push([...items])
        if (ran.length === 1) await gate
        if (items.includes('bad')) throw new Error('bad')
        return items.map(item => item.toUpperCase())
      },
      { most: 3, atOnce: 1 },
    )
    const asked = ['a', 'b', 'bad', 'c', 'd'].map(ask)
    open()
    const results = await Promise.allSettled(asked)
    expect(results.map(each => (each.status === 'fulfilled' ? each.value : 'refused'))).toEqual([
      'A',
      'B',
      'refused',
      'C',
      'D',
    ])
    expect(ran).toEqual([['a'], ['b', 'bad', 'c'], ['b'], ['bad'], ['c'], ['d']])
  })
})
