import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDevices, type Devices } from '../../central/identity/devices.ts'
import { createTokens } from '../../central/identity/tokens.ts'
import { openPostgres } from '../../central/storage/postgres.ts'
import type { Sql } from '../../central/storage/sql.ts'
import { systemClock, systemRandom } from '../../central/system.ts'
import { parseCallbackToken } from '../../shared/domain/callback-dial.ts'
import { sampleCallbackPolicy } from '../../shared/domain/callback-policy.ts'
import { commandSchemaVersion } from '../../shared/domain/command.ts'
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts'
import { signCommand } from '../support/sign-command.ts'
import { missed, morning, record, takeLeaseClock } from './callback-queue.ts'
import { type CentralProcess, clientOf, seatAt, startCentralProcess } from './processes.ts'

const password = 'yanshi-12345'
const within = async <T>(ms: number, work: () => Promise<T | null>): Promise<T> => {
  const end = Date.now() + ms
  for (;;) {
    const found = await work()
    if (found !== null) return found
    if (Date.now() > end) throw new Error(`not within ${ms} ms`)
    await new Promise(resolve => setTimeout(resolve, 25))
  }
}

describe.runIf(hasPostgres)('two centre processes on one PostgreSQL', () => {
  let postgres: Postgres
  let sql: Sql
  let one: CentralProcess
  let two: CentralProcess
  let setClock: (ms: number) => Promise<void>
  let devices: Devices
  let now = morning
  const folder = mkdtempSync(join(tmpdir(), 'zuoxi-callbacks-'))

  beforeAll(async () => {
    postgres = await startPostgres()
    const database = await postgres.database()
    const start = () =>
      startCentralProcess(['--data-dir', folder, '--requests-per-minute', '1000000'], database)
    one = await start()
    two = await start()
    sql = await openPostgres(database, { log: pino({ level: 'silent' }) })
    setClock = await takeLeaseClock(sql)
    const context = { sql, clock: systemClock, random: systemRandom, log: pino({ level: 'silent' }) }
    devices = createDevices(context, {
      tokens: await createTokens(context),
      endings: { announce: async () => {}, on: () => () => {}, stop: async () => {} },
      renewKey: Buffer.alloc(32),
      centreKey: '',
    })
  })
  afterAll(async () => {
    await one.end()
    await two.end()
    await sql.close()
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** A seat of its own with somebody signed in, at this process. */
  const seatOf = async (at: CentralProcess, workNumber: string) => {
    const { code } = await devices.enrolmentCode('云澜中心', null)
    const enrolled = await seatAt(at.url, code)
    const { accessToken, proof } = await enrolled.client.sessions.create({ workNumber, password })
    if (proof === undefined) throw new Error('the sign-in gave no secret')
    const headers = { ...enrolled.headers, 'x-operator-session': accessToken }
    return { ...enrolled, headers, proof, client: clientOf(at.url, () => headers) }
  }
  const exchange = (at: CentralProcess) => clientOf(at.url, () => ({ 'x-api-key': at.missedCallsKey }))
  const open = async (number: string) => {
    const { results } = await exchange(one).callbacks.post({ calls: [missed(randomUUID(), number, now)] })
    const [result] = results
    if (result?.outcome !== 'opened' || result.taskId === null) throw new Error(`answered ${result?.outcome}`)
    return result.taskId
  }

  it('count 200 calls of 60 numbers right that are posted to both at once, twice, in any order', async () => {
    const forms = [
      (n: string) => n,
      (n: string) => `+86${n}`,
      (n: string) => `0${n}`,
      (n: string) => `sip:0086${n}@pbx`,
    ]
    const calls = Array.from({ length: 200 }, (_, place) =>
      missed(
        `storm-${place}`,
        forms[place % 4]?.(`1998888${String(place % 60).padStart(4, '0')}`) ?? '',
        now - place * 1_000,
      ),
    )
    const posts = [one, two, one, two].flatMap((at, turn) =>
      Array.from({ length: 5 }, (_, part) => {
        const some = calls.filter((_, place) => (place + turn) % 5 === part)
        return exchange(at).callbacks.post({ calls: turn % 2 === 0 ? some : some.toReversed() })
      }),
    )
    const results = (await Promise.all(posts)).flatMap(answer => answer.results)
    expect(results.filter(result => result.outcome === 'opened')).toHaveLength(60)
    expect(results.filter(result => result.outcome === 'repeated')).toHaveLength(140)
    expect(results.filter(result => result.outcome === 'duplicate')).toHaveLength(600)
    const rows = await sql.query<{ calls: number; tasks: number }>(
      `SELECT calls, count(*) AS tasks FROM callback_task WHERE number_key LIKE '1998888%' AND closed_at IS NULL GROUP BY calls ORDER BY calls`,
    )
    expect(rows).toEqual([
      { calls: 3, tasks: 40 },
      { calls: 4, tasks: 20 },
    ])
  })

  it('give each task to one of five seats that claim in a crowd through both', async () => {
    const seats = await Promise.all(
      [one, two, one, two, one].map((at, place) => seatOf(at, ['1001', '1002', '2001'][place % 3] ?? '1001')),
    )
    const rows = await sql.query<{ task_id: string }>(
      `SELECT task_id FROM callback_task WHERE number_key LIKE '1998888%' ORDER BY first_missed_at`,
    )
    const taskIds = rows.map(row => row.task_id)
    const granted = await Promise.all(
      Array.from({ length: 20 }, () =>
        seats.map(({ client }) =>
          client.callbacks.claim({ requestId: randomUUID(), taskIds: taskIds.slice(0, 50) }),
        ),
      ).flat(),
    )
    const given = granted.flatMap(result => (result.outcome === 'granted' ? [result.lease.task.taskId] : []))
    expect(given.toSorted()).toEqual(taskIds.slice(0, 50).toSorted())
    const none = granted.find(result => result.outcome === 'none')
    expect(none?.passed[0]).toMatchObject({
      code: 'CALLBACK_HELD',
      heldBy: { operatorName: expect.any(String) },
    })
  })

  it('show a task as closed at the other process within two seconds of the answer', async () => {
    const [near, far] = [await seatOf(one, '1001'), await seatOf(two, '1002')]
    const number = '19977770001'
    const taskId = await open(number)
    let cursor: string | undefined
    const seen = async () => {
      for (;;) {
        const page = await far.client.changes.list({ cursor })
        cursor = page.cursor
        const found = page.changes.find(each => each.kind === 'callback' && each.callback.taskId === taskId)
        if (found?.kind === 'callback') return found.callback.state
        if (!page.more) return null
      }
    }
    expect(await within(10_000, seen)).toBe('open')
    const began = Date.now()
    const { results } = await near.client.commands.push({
      commands: [
        signCommand(
          {
            clientId: near.credential.clientId,
            seq: 1,
            id: randomUUID(),
            operatorId: 'demo-1001',
            caseId: null,
            schemaVersion: commandSchemaVersion,
            name: 'call.record',
            args: record(number, { answeredMs: now }),
            baseVersion: null,
            issuedAt: new Date().toISOString(),
          },
          near.proof,
        ),
      ],
    })
    expect(results[0]?.outcome).toBe('applied')
    expect(await within(10_000, seen)).toBe('closed')
    console.log(`closed at the other process after ${Date.now() - began} ms (bound: 2000)`)
  })

  it('refuse a seat that was stopped between its check and its INVITE and wakes later', async () => {
    const [a, b] = [await seatOf(one, '1001'), await seatOf(two, '1002')]
    const taskId = await open('19977770002')
    const child = fork(
      join(import.meta.dirname, 'claimant.ts'),
      [JSON.stringify({ url: one.url, headers: a.headers, taskId, requestId: randomUUID() })],
      { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
    )
    const told = <T>() => new Promise<T>(resolve => child.once('message', message => resolve(message as T)))
    expect((await told<{ fence: number }>()).fence).toBe(1)
    child.kill('SIGSTOP')

    now += sampleCallbackPolicy.leaseSeconds * 1_000
    await setClock(now)
    const state = async () => (await b.client.callbacks.get({ taskId })).task.state
    expect(await within(10_000, async () => ((await state()) === 'uncertain' ? 'uncertain' : null))).toBe(
      'uncertain',
    )
    const refused = await b.client.callbacks.claim({ requestId: randomUUID(), taskIds: [taskId] })
    expect(refused).toMatchObject({ outcome: 'none', passed: [{ code: 'CALLBACK_UNCERTAIN' }] })
    await expect(a.client.callbacks.release({ taskId, reason: '试试' })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    })
    await b.client.callbacks.release({ taskId, reason: '本人说没有接通' })
    const result = await b.client.callbacks.claim({ requestId: randomUUID(), taskIds: [taskId] })
    if (result.outcome !== 'granted') throw new Error('not granted')
    const mine = await b.client.callbacks.dialling({ taskId, fence: result.lease.fence })

    const ended = told<{ invite: string; answer: string }>()
    child.kill('SIGCONT')
    child.send('go')
    const late = await ended
    expect(late.answer).toBe('FENCE_STALE')
    // What the exchange sees in its INVITE, should it send one: over, and older than one it knows.
    const [stale, live] = [parseCallbackToken(late.invite), parseCallbackToken(mine.token)]
    expect(stale?.until).toBeLessThanOrEqual(now)
    expect(live?.until).toBeGreaterThan(now)
    expect(stale?.fence).toBeLessThan(live?.fence ?? 0)
    const { task, history } = await b.client.callbacks.get({ taskId })
    expect(task).toMatchObject({ state: 'dialling', fence: result.lease.fence })
    expect(history.map(entry => entry.kind)).toEqual([
      'opened',
      'claimed',
      'dialling',
      'uncertain',
      'released',
      'claimed',
      'dialling',
      'late-result',
    ])
  })

  it('lose and repeat nothing when one of them is killed in the middle and the exchange replays', async () => {
    const calls = Array.from({ length: 300 }, (_, place) =>
      missed(`kill-${place}`, `1996666${String(place % 100).padStart(4, '0')}`, now),
    )
    const posting = calls.map(call =>
      exchange(two)
        .callbacks.post({ calls: [call] })
        .then(
          ({ results }) => results[0],
          () => undefined,
        ),
    )
    await posting[20]
    two.child.kill('SIGKILL')
    const answered = await Promise.all(posting)
    expect(answered.some(result => result === undefined)).toBe(true)
    // The exchange replays everything, as after a down time.
    const { results } = await exchange(one).callbacks.post({ calls })
    for (const [place, before] of answered.entries())
      if (before !== undefined) expect(results[place]?.outcome).toBe('duplicate')
    const [row] = await sql.query<{ calls: number; tasks: number }>(
      `SELECT sum(calls) AS calls, count(*) AS tasks FROM callback_task WHERE number_key LIKE '1996666%' AND closed_at IS NULL`,
    )
    expect([Number(row?.calls), row?.tasks]).toEqual([300, 100])
    const metrics = await (await fetch(`${one.metricsUrl}/metrics`)).text()
    expect(metrics).toMatch(/zuoxi_missed_calls_total\{outcome="duplicate",code=""\} \d+/)
    expect(metrics).toMatch(/zuoxi_callbacks\{which="open"\} \d+/)
  })
})
