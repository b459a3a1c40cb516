import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CallbackOutcome } from '../../shared/domain/callback.ts'
import { callbackPolicyName } from '../../shared/domain/callback-policy.ts'
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts'
import {
  acted,
  claim,
  claimed,
  leased,
  missed,
  morning,
  policy,
  type QueueSeat,
  record,
  seatFor,
  takeLeaseClock,
} from './callback-queue.ts'
import {
  addPeople,
  type DatabaseKind,
  databaseFor,
  databaseKinds,
  otherBranch,
  people,
  startCentre,
  strangers,
  type TestCentre,
} from './centre.ts'

let postgres: Postgres | null = null
beforeAll(async () => {
  if (hasPostgres) postgres = await startPostgres()
})
afterAll(async () => {
  await postgres?.stop()
})

const minute = 60_000
let numbers = 0
/** One that no other test uses. */
const someNumber = () => `1990${String((numbers += 1)).padStart(7, '0')}`

describe.each<DatabaseKind>(databaseKinds)('callbacks on %s', kind => {
  let centre: TestCentre
  let setClock: (ms: number) => Promise<void>
  let now = morning
  let a: QueueSeat
  let b: QueueSeat
  let far: QueueSeat
  let lead: QueueSeat

  beforeAll(async () => {
    centre = await startCentre(await databaseFor(kind, postgres))
    setClock = await takeLeaseClock(centre.sql)
    await addPeople(centre)
    a = await seatFor(centre)
    b = await seatFor(centre, people.colleague)
    far = await seatFor(centre, strangers.agent, otherBranch)
    lead = await seatFor(centre, people.lead)
  })
  afterAll(() => centre.end())

  const pass = async (ms: number) => {
    now += ms
    await setClock(now)
  }
  const post = async (...calls: unknown[]) =>
    (await centre.callbacks.post(calls, 'key:测试')).map(result =>
      result.outcome === 'rejected' ? result.code : result.outcome,
    )
  /** A task of a number of its own. */
  const open = async (more: object = {}, number = someNumber()) => {
    const id = randomUUID()
    const [result] = await centre.callbacks.post([missed(id, number, now, more)], 'key:测试')
    if (result?.outcome !== 'opened' || result.taskId === null) throw new Error(`answered ${result?.outcome}`)
    return { taskId: result.taskId, number, callId: id }
  }
  const of = async (taskId: string) => (await centre.callbacks.get(lead, taskId)).task
  const history = async (taskId: string) =>
    (await centre.callbacks.get(lead, taskId)).history.map(entry => entry.kind)
  const push = (from: QueueSeat, ...commands: unknown[]) => centre.push(from.device, commands)
  const act = (who: QueueSeat, taskId: string, action: Parameters<typeof centre.callbacks.act>[2]) =>
    acted(centre.callbacks.act(who, taskId, action))
  const outcome = (fence: number, what: CallbackOutcome, more = {}) =>
    ({ type: 'outcome', fence, outcome: what, caseId: null, note: '', ...more }) as Parameters<
      typeof centre.callbacks.act
    >[2]
  const dialled = async (who: QueueSeat, taskId: string) => {
    const { fence } = await leased(centre, who, taskId)
    expect(await act(who, taskId, { type: 'dial', fence })).toBe('dialling')
    return fence
  }

  describe('missed calls', () => {
    it('makes one task of a number in any way of writing, and counts the rest', async () => {
      const first = now - 30 * minute
      expect(
        await post(
          missed('w1', '+86 199-1111-0001', first + minute),
          missed('w2', '019911110001', first),
          missed('w3', 'sip:008619911110001@pbx.example;user=phone', first + 2 * minute),
          missed('w4', '0512-62889999-801', first),
          missed('w5', '+8651262889999', first),
          missed('w6', '95588', first),
          missed('w7', '+81312345678', first),
        ),
      ).toEqual(['opened', 'repeated', 'repeated', 'opened', 'repeated', 'opened', 'opened'])
      const [task] = await centre.sql.query<{ task_id: string }>(
        `SELECT task_id FROM callback_task WHERE number_key = '19911110001'`,
      )
      expect(await of(task?.task_id ?? '')).toMatchObject({
        calls: 3,
        firstMissedAt: new Date(first).toISOString(),
        lastMissedAt: new Date(first + 2 * minute).toISOString(),
      })
    })

    it('takes a call once however often it is posted, in bulk and out of order', async () => {
      const number = someNumber()
      const calls = Array.from({ length: 300 }, (_, place) =>
        missed(
          `bulk-${place}`,
          place % 3 === 0 ? number : `1991222${String(place).padStart(4, '0')}`,
          now - place * 1_000,
        ),
      )
      const once = await post(...calls)
      expect(once.filter(each => each === 'opened')).toHaveLength(201)
      expect(new Set(await post(...calls.toReversed()))).toEqual(new Set(['duplicate']))
      const [row] = await centre.sql.query<{ calls: number }>(
        'SELECT calls FROM callback_task WHERE number_key = $1',
        [number],
      )
      expect(row?.calls).toBe(100)
    })

    it('lists withheld numbers and what is no number, and gives them to nobody', async () => {
      expect(
        await post(
          missed('h1', null, now, { withheld: true }),
          missed('h2', 'anonymous', now),
          missed('h3', 'sip:alice@example.cn', now),
        ),
      ).toEqual(['listed', 'listed', 'listed'])
      const rows = await centre.sql.query<{ task_id: string; kind: string }>(
        'SELECT task_id, kind FROM callback_task WHERE NOT dialable ORDER BY kind',
      )
      expect(rows.map(row => row.kind)).toEqual(['invalid', 'withheld', 'withheld'])
      expect(await claimed(centre, a, rows[0]?.task_id ?? '')).toBe('CALLBACK_NOT_DIALABLE')
    })

    it('refuses each bad one by a code, changes nothing for it and takes the others', async () => {
      const count = async () =>
        (await centre.sql.query<{ n: number }>('SELECT count(*) AS n FROM missed_call'))[0]?.n
      expect(await post(missed('ok-1', someNumber(), now))).toEqual(['opened'])
      const before = (await count()) ?? 0
      expect(
        await post(
          missed('bad-1', null, now),
          missed('bad-2', '  ', now),
          missed('bad-3', someNumber(), now + 10 * minute),
          missed('ok-1', '19900009999', now),
          missed('ok-1', someNumber(), now - 1),
          { number: '19900000001' },
          'no object',
          missed('bad-4', '1990000\u00000001', now),
          missed('twice', '19955550001', now),
          missed('twice', '19955550002', now),
          missed('a-little-ahead', someNumber(), now + 2 * minute),
        ),
      ).toEqual([
        'NUMBER_MISSING',
        'NUMBER_MISSING',
        'MISSED_IN_FUTURE',
        'CALL_DIFFERS',
        'CALL_DIFFERS',
        'MISSED_CALL_INVALID',
        'MISSED_CALL_INVALID',
        'MISSED_CALL_INVALID',
        'opened',
        'CALL_DIFFERS',
        'opened',
      ])
      expect(await count()).toBe(before + 2)
      await expect(
        centre.callbacks.post(
          Array.from({ length: 10_000 }, (_, n) => missed(`m${n}`, '19900000001')),
          'key:测试',
        ),
      ).rejects.toMatchObject({ code: 'TOO_MANY_CALLS' })
      expect(await count()).toBe(before + 2)
    })

    it('counts a call once that the exchange and two seats saw', async () => {
      const number = someNumber()
      const seen = { outcome: 'missed', originalCallId: 'both-1', offeredMs: now } as const
      await push(a, a.seat.command('call.record', record(number, seen)))
      await push(b, b.seat.command('call.record', record(number, seen)))
      expect(await post(missed('both-1', number, now))).toEqual(['duplicate'])
      const rows = await centre.sql.query<{ calls: number; not_before: Date }>(
        'SELECT calls, not_before FROM callback_task WHERE number_key = $1',
        [number],
      )
      expect(rows.map(row => [row.calls, row.not_before.getTime()])).toEqual([
        [1, now + policy.settleSeconds * 1_000],
      ])
    })

    it('makes none of a call that was answered elsewhere, whichever is told first', async () => {
      const [one, two] = [someNumber(), someNumber()]
      const answered = (number: string, originalCallId: string) =>
        a.seat.command('call.record', record(number, { answeredMs: now, originalCallId }))
      await push(a, answered(one, 'elsewhere-1'))
      expect(await post(missed('elsewhere-1', one, now + 1_000))).toEqual(['answered'])
      expect(await post(missed('elsewhere-2', two, now + 1_000))).toEqual(['opened'])
      await push(a, answered(two, 'elsewhere-2'))
      expect(
        await centre.sql.query(
          'SELECT 1 FROM callback_task WHERE number_key = ANY ($1) AND closed_at IS NULL',
          [[one, two]],
        ),
      ).toEqual([])
    })
  })

  describe('leases', () => {
    it('gives a task to one of two seats that ask at one moment, and tells the other who has it', async () => {
      for (let round = 0; round < 20; round += 1) {
        const { taskId } = await open()
        const results = await Promise.all([claim(centre, a, taskId), claim(centre, b, taskId)])
        const granted = results.filter(result => result.outcome === 'granted')
        expect(granted).toHaveLength(1)
        const again = await claim(centre, granted[0] === results[0] ? b : a, taskId)
        expect(again.passed[0]).toMatchObject({
          code: 'CALLBACK_HELD',
          heldBy: { operatorName: granted[0] === results[0] ? people.agent.name : people.colleague.name },
        })
      }
    })

    it('gives the same lease for the same request, and the next choice when the first is taken', async () => {
      const [one, two] = [await open(), await open()]
      await leased(centre, a, one.taskId)
      const request = { requestId: randomUUID(), taskIds: [one.taskId, two.taskId] }
      const first = await centre.callbacks.claim(b, request)
      expect(first).toMatchObject({
        outcome: 'granted',
        lease: { fence: 1, leaseSeconds: policy.leaseSeconds, task: { taskId: two.taskId } },
        passed: [],
      })
      await pass(1_000)
      const again = await centre.callbacks.claim(b, request)
      expect(again).toMatchObject({
        outcome: 'granted',
        lease: { fence: 1, leaseSeconds: policy.leaseSeconds - 1 },
      })
      expect(await history(two.taskId)).toEqual(['opened', 'claimed'])
    })

    it('is free again when the lease ends before dialling, and the old holder is refused', async () => {
      const { taskId } = await open()
      const { fence } = await leased(centre, a, taskId)
      await pass(policy.leaseSeconds * 1_000)
      expect(await act(a, taskId, { type: 'dial', fence })).toBe('LEASE_ENDED')
      const next = await leased(centre, b, taskId)
      expect(next.fence).toBe(fence + 1)
      expect(await act(a, taskId, { type: 'dial', fence })).toBe('FENCE_STALE')
      expect(await act(a, taskId, { type: 'dial', fence: fence + 1 })).toBe('LEASE_NOT_YOURS')
      expect(await act(a, taskId, outcome(fence + 1, 'reached'))).toBe('LEASE_NOT_YOURS')
      expect(await act(b, taskId, { type: 'dial', fence: fence + 1 })).toBe('dialling')
      expect(await history(taskId)).toEqual(['opened', 'claimed', 'lease-ended', 'claimed', 'dialling'])
    })

    it('takes over at the claim itself what nobody swept yet', async () => {
      const { taskId } = await open()
      await leased(centre, a, taskId)
      await pass(policy.leaseSeconds * 1_000 - 1)
      expect(await claimed(centre, b, taskId)).toBe('CALLBACK_HELD')
      await pass(1)
      expect((await leased(centre, b, taskId)).task).toMatchObject({ fence: 2, version: 4, state: 'claimed' })
    })

    it('is uncertain and never free when the lease ends while dialling; what comes late is history', async () => {
      const { taskId } = await open()
      const fence = await dialled(a, taskId)
      await pass(policy.leaseSeconds * 1_000)
      await centre.callbacks.sweep()
      expect((await of(taskId)).state).toBe('uncertain')
      await pass(24 * 60 * minute)
      expect(await claimed(centre, b, taskId)).toBe('CALLBACK_UNCERTAIN')
      expect(await act(a, taskId, outcome(fence, 'no-answer'))).toBe('LEASE_ENDED')
      expect(await act(a, taskId, outcome(fence, 'no-answer'))).toBe('LEASE_ENDED')
      expect(await act(b, taskId, outcome(fence, 'no-answer'))).toBe('LEASE_NOT_YOURS')
      expect((await of(taskId)).state).toBe('uncertain')
      expect(await act(b, taskId, { type: 'release', reason: '已核实' })).toBe('open')
      expect(await act(a, taskId, outcome(fence, 'reached'))).toBe('FENCE_STALE')
      expect(await of(taskId)).toMatchObject({ state: 'open', attempts: 1, fence: fence + 1 })
      expect(await history(taskId)).toEqual([
        'opened',
        'claimed',
        'dialling',
        'uncertain',
        'late-result',
        'released',
        'late-result',
      ])
    })

    it('extends a lease as often as the policy says', async () => {
      const { taskId } = await open()
      const { fence } = await leased(centre, a, taskId)
      for (let turn = 0; turn < policy.renewals; turn += 1) {
        await pass(policy.leaseSeconds * 900)
        expect(await act(a, taskId, { type: 'renew', fence })).toBe('claimed')
      }
      expect(await act(a, taskId, { type: 'renew', fence })).toBe('LEASE_NOT_RENEWABLE')
      expect(await act(a, taskId, { type: 'decline', fence, reason: '' })).toBe('open')
      expect(await of(taskId)).toMatchObject({ attempts: 0, lastAttempt: null, state: 'open' })
      expect(await claimed(centre, b, taskId)).toMatchObject({ fence: fence + 1 })
    })
  })

  describe('results', () => {
    it('waits after an attempt as the policy says, and closes when its attempts are used', async () => {
      const { taskId } = await open()
      for (let attempt = 1; attempt <= policy.attempts; attempt += 1) {
        const fence = await dialled(a, taskId)
        const busy = outcome(fence, 'busy')
        const last = attempt === policy.attempts
        expect(await act(a, taskId, busy)).toBe(last ? 'closed' : 'open')
        expect(await act(a, taskId, busy)).toBe(last ? 'closed' : 'open')
        if (last) continue
        expect(await claimed(centre, b, taskId)).toBe('CALLBACK_NOT_YET')
        await pass(5 * minute)
      }
      expect(await of(taskId)).toMatchObject({
        attempts: 3,
        closed: { reason: 'attempts-used', outcome: 'busy' },
      })
      expect(await claimed(centre, b, taskId)).toBe('CALLBACK_CLOSED')
    })

    it('closes on being reached; what the conversation came to is told after', async () => {
      const { taskId, number } = await open()
      const fence = await dialled(a, taskId)
      expect(await act(a, taskId, outcome(fence, 'reached'))).toBe('closed')
      expect(await act(a, taskId, outcome(fence, 'case-filed', { caseId: 'case-1' }))).toBe('closed')
      expect((await of(taskId)).closed).toMatchObject({
        reason: 'reached',
        outcome: 'case-filed',
        caseId: 'case-1',
      })
      // Replayed from before the conversation: no reason to ring again.
      expect(await post(missed('late-replay', number, now - minute))).toEqual(['answered'])
      expect(await post(missed('after', number, now + 1_000))).toEqual(['opened'])
    })

    it('moves to the time that the citizen asked for, even when the call closed it already', async () => {
      const { taskId, number } = await open()
      const fence = await dialled(a, taskId)
      await push(a, a.seat.command('call.record', record(number, { direction: 'outbound', answeredMs: now })))
      expect((await of(taskId)).closed?.reason).toBe('answered')
      await pass(minute)
      const asked = new Date(now + 6 * 60 * minute).toISOString()
      const reschedule = { type: 'reschedule', fence, at: asked, note: '下班后' } as const
      expect(await act(b, taskId, reschedule)).toBe('LEASE_NOT_YOURS')
      expect(await act(a, taskId, { ...reschedule, at: new Date(now - 1).toISOString() })).toBe(
        'PREFERRED_TIME_INVALID',
      )
      expect(await act(a, taskId, reschedule)).toBe('open')
      expect(await act(a, taskId, reschedule)).toBe('open')
      expect(await of(taskId)).toMatchObject({
        preferred: { at: asked, note: '下班后' },
        notBefore: asked,
        closed: null,
      })
      // The record of the same call, sent again under another id, does not close it again.
      await push(
        a,
        a.seat.command('call.record', record(number, { direction: 'outbound', answeredMs: now - minute })),
      )
      expect((await of(taskId)).state).toBe('open')
      expect(await claimed(centre, b, taskId)).toBe('CALLBACK_NOT_YET')
      await pass(6 * 60 * minute)
      expect(await claimed(centre, b, taskId)).toMatchObject({ fence: fence + 1 })
    })

    it('takes results from the outbox: in time, late, and not from somebody else', async () => {
      const { taskId } = await open()
      const fence = await dialled(a, taskId)
      const result = (from: QueueSeat, about = taskId) =>
        from.seat.command('callback.outcome', {
          taskId: about,
          fence,
          outcome: 'no-answer',
          caseId: null,
          note: '',
          at: new Date(now).toISOString(),
        })
      expect(await push(b, result(b))).toMatchObject([{ outcome: 'rejected', code: 'LEASE_NOT_YOURS' }])
      const mine = result(a)
      expect(await push(a, mine)).toMatchObject([{ outcome: 'applied' }])
      expect(await push(a, mine)).toMatchObject([{ outcome: 'duplicate' }])
      expect(await of(taskId)).toMatchObject({ state: 'open', attempts: 1 })
      await pass(30 * minute)
      await dialled(b, taskId)
      expect(await push(a, result(a))).toMatchObject([{ outcome: 'applied' }])
      expect((await of(taskId)).state).toBe('dialling')
      expect((await history(taskId)).at(-1)).toBe('late-result')
      expect(await push(a, result(a, 'nothing'))).toMatchObject([
        { outcome: 'rejected', code: 'CALLBACK_NOT_FOUND' },
      ])
    })

    it('tells offline attempts in the history and counts them', async () => {
      const { taskId, number } = await open()
      const attempt = a.seat.command('callback.offline', {
        attemptId: randomUUID(),
        numberKey: number,
        originalCallId: null,
        callId: randomUUID(),
        outcome: 'no-answer',
        at: new Date(now).toISOString(),
      })
      expect(await push(a, attempt)).toMatchObject([{ outcome: 'applied' }])
      expect(await of(taskId)).toMatchObject({
        attempts: 1,
        notBefore: new Date(now + 30 * minute).toISOString(),
      })
      expect(await history(taskId)).toEqual(['opened', 'offline-attempt'])
    })
  })

  describe('conversations', () => {
    it.each(['inbound', 'outbound'] as const)(
      'closes the number’s task on an answered %s call, and undoes it',
      async direction => {
        const { taskId, number } = await open()
        await pass(minute)
        const talking = record(number, { direction, answeredMs: now })
        await push(b, b.seat.command('call.record', talking))
        expect(await of(taskId)).toMatchObject({
          state: 'closed',
          closed: { reason: 'answered', outcome: null },
        })
        expect(await act(a, taskId, { type: 'undo', reason: '不是本人' })).toBe('open')
        await pass(minute)
        await push(b, b.seat.command('call.record', { ...talking, state: 'ended', outcome: 'answered' }))
        expect((await of(taskId)).state).toBe('open')
        expect(await history(taskId)).toEqual(['opened', 'answered', 'undone'])
        await push(b, b.seat.command('call.record', record(number, { answeredMs: now })))
        expect((await of(taskId)).state).toBe('closed')
      },
    )

    it('stops a seat that has claimed and not dialled yet', async () => {
      const { taskId, number } = await open()
      const { fence } = await leased(centre, a, taskId)
      await push(b, b.seat.command('call.record', record(number, { answeredMs: now })))
      expect(await act(a, taskId, { type: 'dial', fence })).toBe('CALLBACK_CLOSED')
    })

    it('leaves what was missed after the conversation, in whatever order it is told', async () => {
      const [one, two] = [someNumber(), someNumber()]
      const at = (minutes: number) => now - 60 * minute + minutes * minute
      const talk = (number: string) =>
        push(b, b.seat.command('call.record', record(number, { answeredMs: at(30) })))
      await post(missed('o1', one, at(10)))
      await talk(one)
      await post(missed('o2', one, at(40)))
      await post(missed('o4', two, at(40)), missed('o3', two, at(10)))
      await talk(two)
      const rows = await centre.sql.query<{ calls: number; first_missed_at: Date }>(
        'SELECT calls, first_missed_at FROM callback_task WHERE number_key = ANY ($1) AND closed_at IS NULL',
        [[one, two]],
      )
      expect(rows.map(row => [row.calls, row.first_missed_at.getTime()])).toEqual([
        [1, at(40)],
        [1, at(40)],
      ])
    })

    it('does not undo into a second open task of the number', async () => {
      const { taskId, number } = await open()
      await push(b, b.seat.command('call.record', record(number, { answeredMs: now })))
      await pass(minute)
      await open({}, number)
      expect(await act(a, taskId, { type: 'undo', reason: '误关' })).toBe('CALLBACK_NUMBER_OPEN')
    })
  })

  describe('who may', () => {
    it('offers dialect and enterprise callers to matching seats first, then to all', async () => {
      const { taskId } = await open({ dialect: '苏州话' })
      const speaker = { ...a, operator: { ...people.agent, skills: ['苏州话'] } }
      expect(await claimed(centre, b, taskId)).toBe('CALLBACK_OTHERS_FIRST')
      const { fence } = await leased(centre, speaker, taskId)
      await act(speaker, taskId, { type: 'decline', fence, reason: '' })
      await pass(policy.skillFirstSeconds * 1_000)
      expect(await claimed(centre, b, taskId)).toMatchObject({ fence: 2 })
    })

    it('keeps a branch’s tasks in it, in claims and in the feed', async () => {
      const { taskId } = await open({ branch: otherBranch })
      expect(await claimed(centre, a, taskId)).toBe('NOT_FOUND')
      await centre.stamper.stamp()
      const seen = async (seat: QueueSeat) =>
        (await seat.seat.pull()).changes.some(
          change => change.kind === 'callback' && change.callback.taskId === taskId,
        )
      expect([await seen(a), await seen(far)]).toEqual([false, true])
      expect(await claimed(centre, far, taskId)).toMatchObject({ fence: 1 })
    })

    it('lets a supervisor take over, assign, release and remove, but not from under a ringing phone', async () => {
      const { taskId } = await open()
      const { fence } = await leased(centre, a, taskId)
      const over = await centre.callbacks.act(lead, taskId, { type: 'take-over' })
      expect(over).toMatchObject({
        fence: fence + 1,
        task: { lease: { operatorId: people.lead.operatorId } },
      })
      expect(await act(a, taskId, { type: 'dial', fence })).toBe('FENCE_STALE')
      expect(await act(lead, taskId, { type: 'assign', to: people.colleague.operatorId })).toBe('open')
      expect(await claimed(centre, a, taskId)).toBe('CALLBACK_OTHERS_FIRST')
      const dialling = await dialled(b, taskId)
      expect(await act(lead, taskId, { type: 'take-over' })).toBe('CALLBACK_DIALLING')
      expect(await act(b, taskId, outcome(dialling, 'failed'))).toBe('open')
      expect((await of(taskId)).attempts).toBe(0)
      expect(await act(lead, taskId, { type: 'remove', reason: '骚扰电话' })).toBe('closed')
      expect(await act(a, taskId, { type: 'undo', reason: '试试' })).toBe('FORBIDDEN')
      expect(await act(lead, taskId, { type: 'undo', reason: '误删' })).toBe('open')
    })
  })

  it('rings nobody in the quiet hours but urgent ones and those who asked for the time', async () => {
    const [plain, urgent] = [await open(), await open({ note: '家里煤气泄漏' })]
    const before = now
    await pass(Date.parse('2026-11-29T13:30:00.000Z') - now)
    expect(await claimed(centre, a, plain.taskId)).toBe('CALLBACK_QUIET')
    expect(await claimed(centre, a, plain.taskId, urgent.taskId)).toMatchObject({
      task: { taskId: urgent.taskId },
    })
    now = before
    await pass(0)
  })

  it('closes what is too old, and takes another policy from one publication', async () => {
    const { taskId } = await open()
    const hold = { ...policy, uncertainHoldMinutes: 10, expireHours: 1 }
    const publish = (version: string, content: unknown) =>
      centre.publications.publish(
        { name: callbackPolicyName, version, effectiveAt: new Date(morning - minute).toISOString(), content },
        'p-admin',
      )
    await expect(publish('bad', { attempts: 0 })).rejects.toMatchObject({ code: 'PUBLICATION_INVALID' })
    centre.now.ms += 1_000
    await publish('2', hold)
    const other = await open()
    const fence = await dialled(a, other.taskId)
    await pass(policy.leaseSeconds * 1_000)
    await centre.callbacks.sweep()
    await pass(10 * minute)
    await centre.callbacks.sweep()
    expect(await of(other.taskId)).toMatchObject({ state: 'open', attempts: 1, fence: fence + 1 })
    await pass(60 * minute)
    while ((await centre.callbacks.sweep()) > 0);
    expect((await of(taskId)).closed).toMatchObject({ reason: 'expired', operatorId: null })
    expect(
      await centre.sql.query('SELECT 1 FROM callback_task WHERE closed_at IS NULL AND NOT dialable'),
    ).toEqual([])
    centre.now.ms += 1_000
    await publish('3', policy)
  })

  it('counts the team’s figures from the history', async () => {
    const left = await centre.sql.query<{ task_id: string }>(
      'SELECT task_id FROM callback_task WHERE closed_at IS NULL',
    )
    for (const row of left) await act(lead, row.task_id, { type: 'remove', reason: '清空' })
    await pass(1_000)
    const from = new Date(now).toISOString()
    const [one, two, three] = [await open(), await open(), await open()]
    await pass(10 * minute)
    await act(a, one.taskId, outcome(await dialled(a, one.taskId), 'reached'))
    await push(b, b.seat.command('call.record', record(two.number, { answeredMs: now })))
    await act(a, three.taskId, outcome(await dialled(a, three.taskId), 'no-answer'))
    await pass(1)
    expect(
      await centre.callbacks.figures(lead.operator, { from, to: new Date(now).toISOString() }),
    ).toMatchObject({
      open: 1,
      overdue: 0,
      opened: 3,
      closed: 2,
      reached: 1,
      answered: 1,
      reachedOnFirstTry: 1,
      medianWaitSeconds: 600,
    })
  })

  it('has everything in the audit, and tells seats of tasks closed long ago as removed', async () => {
    const { taskId } = await open()
    await act(lead, taskId, { type: 'remove', reason: '重复' })
    const rows = await centre.sql.query<{ action: string; result: string }>(
      `SELECT action, result FROM audit WHERE subject_id = $1 ORDER BY entry`,
      [taskId],
    )
    expect(rows.map(row => row.action)).toEqual(['callback.opened', 'callback.removed'])
    await pass(8 * 24 * 60 * minute)
    while ((await centre.stamper.stamp()).count > 0);
    const { changes } = await a.seat.pull()
    expect(changes).toContainEqual({ kind: 'callback-removed', taskId })
  })
})
