/**
 * What a centre must do with missed calls and callbacks. Nothing can be claimed in the quiet hours of its policy: it is run outside
 * of them, under a policy that has none, or with 煤气 among its urgent words.
 */
import { randomInt, randomUUID } from 'node:crypto'
import { centralContract } from '../../shared/contract/central.ts'
import { type ConformingSeat, Failure, outputOf, same, type Target, that, told } from './target.ts'

type Headers = Record<string, string>
type Check = (what: string, work: () => Promise<void>) => Promise<void>

const routes = centralContract.callbacks
/** One after the other from a place of this run's own: none twice within a run. */
let nextNumber = randomInt(100_000_000)
const someNumber = () => {
  nextNumber = (nextNumber + 1) % 100_000_000
  return `199${String(nextNumber).padStart(8, '0')}`
}
/** A run before this one may have left a task of a number open. */
const numbersTried = 5

export async function checkCallbacks(
  target: Target,
  seat: ConformingSeat,
  person: Headers,
  key: string,
  check: Check,
): Promise<void> {
  const post = async (...calls: unknown[]) => {
    const { results } = await target.get(
      outputOf(routes.post),
      'POST',
      '/v1/missed-calls',
      { 'x-api-key': key },
      { calls },
    )
    same(results.length, calls.length, 'results')
    return results
  }
  const outcomesOf = (results: Awaited<ReturnType<typeof post>>) =>
    results.map(result => (result.outcome === 'rejected' ? result.code : result.outcome))
  const outcomes = async (...calls: unknown[]) => outcomesOf(await post(...calls))
  const call = (originalCallId: string, number: string, more: object = {}) => ({
    originalCallId,
    number,
    missedAt: new Date(Date.now() - 60_000).toISOString(),
    note: '煤气泄漏',
    ...more,
  })
  /** What the calls of a number come to that had no task before. */
  const onFreeNumber = async (calls: (number: string) => unknown[]) => {
    for (let tries = 1; ; tries += 1) {
      const results = await post(...calls(someNumber()))
      if (results[0]?.outcome !== 'repeated' || tries === numbersTried) return results
    }
  }
  const opened = async (): Promise<{ taskId: string; number: string }> => {
    let number = ''
    const [result] = await onFreeNumber(free => {
      number = free
      return [call(randomUUID(), free)]
    })
    if (result?.outcome === 'opened') return { taskId: result.taskId ?? '', number }
    throw new Failure(`a missed call of ${number} was answered ${JSON.stringify(result)}`)
  }
  const claim = (headers: Headers, requestId: string, ...taskIds: string[]) =>
    target.get(outputOf(routes.claim), 'POST', '/v1/callback-claims', headers, { requestId, taskIds })
  const lease = async (taskId: string) => {
    const result = await claim(person, randomUUID(), taskId)
    const quiet = result.passed.some(({ code }) => code === 'CALLBACK_QUIET')
    that(
      !quiet,
      'these are quiet hours of its policy, in which nothing can be claimed: see the head of this file',
    )
    that(result.outcome === 'granted', `a claim was answered ${JSON.stringify(result.passed)}`)
    return result.outcome === 'granted' ? result.lease.fence : 0
  }
  const ask = (taskId: string, what: string, body: object) =>
    target.ask('POST', `/v1/callbacks/${taskId}/${what}`, person, body)
  const refused = (taskId: string, what: string, body: object) =>
    target.refused('POST', `/v1/callbacks/${taskId}/${what}`, person, body)
  const read = (taskId: string) => target.get(outputOf(routes.get), 'GET', `/v1/callbacks/${taskId}`, person)

  await check('takes missed calls with the key for them only', async () => {
    const body = { calls: [call(randomUUID(), someNumber())] }
    same(await target.refused('POST', '/v1/missed-calls', {}, body), '401 UNAUTHENTICATED', 'without a key')
    same(await target.refused('POST', '/v1/missed-calls', person, body), '401 UNAUTHENTICATED', 'as a seat')
  })
  await check('makes one task of a number however it is written, and counts each call once', async () => {
    let sent: unknown[] = []
    const results = await onFreeNumber(number => {
      sent = [call(randomUUID(), `+86 ${number}`), call(randomUUID(), number)]
      return sent
    })
    same(outcomesOf(results), ['opened', 'repeated'], 'two calls')
    same(await outcomes(...sent.toReversed()), ['duplicate', 'duplicate'], 'the same again')
    const [result] = await post(sent[1])
    same(
      (await read(result?.outcome === 'duplicate' ? (result.taskId ?? '') : '')).task.calls,
      2,
      'the count',
    )
  })
  await check('refuses single missed calls with codes, and takes the others', async () => {
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString()
    const results = await onFreeNumber(number => {
      const id = randomUUID()
      return [
        call(id, number),
        call(id, someNumber()),
        { ...call(randomUUID(), ''), number: null },
        call(randomUUID(), number, { missedAt: inAnHour }),
        'not a call',
        { ...call(randomUUID(), ''), withheld: true },
      ]
    })
    same(
      outcomesOf(results),
      ['opened', 'CALL_DIFFERS', 'NUMBER_MISSING', 'MISSED_IN_FUTURE', 'MISSED_CALL_INVALID', 'listed'],
      'outcomes',
    )
    const many = {
      calls: Array.from({ length: 10_000 }, () => ({ ...call(randomUUID(), someNumber()), note: '' })),
    }
    same(
      await target.refused('POST', '/v1/missed-calls', { 'x-api-key': key }, many),
      '413 TOO_MANY_CALLS',
      '10,000',
    )
  })
  await check('gives a task once, and the same lease for the same request', async () => {
    const { taskId } = await opened()
    const requests = Array.from({ length: 6 }, () => randomUUID())
    const results = await Promise.all(requests.map(each => claim(person, each, taskId)))
    same(results.filter(result => result.outcome === 'granted').length, 1, 'granted')
    const which = results.findIndex(result => result.outcome === 'granted')
    const again = await claim(person, requests[which] ?? '', taskId)
    that(again.outcome === 'granted' && again.lease.fence === 1, 'asked again')
    const held = (await claim(person, randomUUID(), taskId)).passed[0]
    that(held?.code === 'CALLBACK_HELD' && held.heldBy !== null, 'it does not say who has it')
  })
  await check('works a task under its fence alone, and waits after an attempt', async () => {
    const { taskId } = await opened()
    const before = await lease(taskId)
    await ask(taskId, 'decline', { fence: before })
    const fence = await lease(taskId)
    same(await refused(taskId, 'dialling', { fence: before }), '409 FENCE_STALE', 'the fence before')
    same(
      await refused(taskId, 'dialling', { fence: fence + 1 }),
      '403 LEASE_NOT_YOURS',
      'one that was never given',
    )
    same(
      await refused(taskId, 'outcome', { fence, outcome: 'busy' }),
      '409 CALLBACK_NOT_DIALLING',
      'a result before it was dialled',
    )
    same((await ask(taskId, 'dialling', { fence })).status, 200, 'dialling')
    same((await ask(taskId, 'outcome', { fence, outcome: 'busy' })).status, 200, 'busy')
    const { task, history } = await read(taskId)
    same([task.state, task.attempts], ['open', 1], 'after an attempt')
    same(
      history.map(entry => entry.kind),
      ['opened', 'claimed', 'declined', 'claimed', 'dialling', 'outcome'],
      'its history',
    )
    same((await claim(person, randomUUID(), taskId)).passed[0]?.code, 'CALLBACK_NOT_YET', 'at once again')
  })
  await check('frees a declined task without an attempt', async () => {
    const { taskId } = await opened()
    await ask(taskId, 'decline', { fence: await lease(taskId) })
    same((await read(taskId)).task.attempts, 0, 'attempts')
    same(await lease(taskId), 2, 'the next fence')
  })
  await check('closes a number’s task on an answered call, whatever came first, and undoes it', async () => {
    const { taskId, number } = await opened()
    const answered = (originalCallId: string) =>
      seat.command('call.record', null, {
        callId: randomUUID(),
        direction: 'inbound',
        state: 'talking',
        facts: {
          originalCallId,
          callerNumber: number,
          calledNumber: null,
          displayName: null,
          queue: null,
          skill: null,
          dialect: null,
          recordingId: null,
        },
        offeredAt: new Date().toISOString(),
        answeredAt: new Date().toISOString(),
        endedAt: null,
        hangUpSide: null,
        outcome: null,
        sipStatus: null,
        numberKey: number,
        operatorId: null,
        caseId: null,
      })
    const id = randomUUID()
    same(told(await seat.push(answered(id))), ['applied null'], 'the record')
    same((await read(taskId)).task.closed?.reason, 'answered', 'closed')
    same(await outcomes(call(id, number)), ['answered'], 'the same call posted as missed')
    same((await claim(person, randomUUID(), taskId)).passed[0]?.code, 'CALLBACK_CLOSED', 'a claim')
    same((await ask(taskId, 'undo', { reason: '不是本人' })).status, 200, 'undo')
    same((await read(taskId)).task.state, 'open', 'undone')
  })
  await check(
    'keeps what comes from the outbox too late, and refuses what was never this seat’s',
    async () => {
      const { taskId } = await opened()
      const fence = await lease(taskId)
      await ask(taskId, 'decline', { fence })
      const result = (of: number) =>
        seat.command('callback.outcome', null, {
          taskId,
          fence: of,
          outcome: 'no-answer',
          caseId: null,
          note: '',
          at: new Date().toISOString(),
        })
      same(
        told(await seat.push(result(fence), result(fence + 5))),
        ['applied null', 'rejected LEASE_NOT_YOURS'],
        'outcomes',
      )
      const { task, history } = await read(taskId)
      same([task.state, history.at(-1)?.kind], ['open', 'late-result'], 'the task')
    },
  )
}
