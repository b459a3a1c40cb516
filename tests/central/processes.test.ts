import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts'
import {
  type CentralProcess,
  clientOf,
  filing,
  listen,
  proofAt,
  seatAt,
  startCentralProcess,
} from './processes.ts'

let postgres: Postgres | null = null
const folders: string[] = []
const folder = () => {
  const made = mkdtempSync(join(tmpdir(), 'zuoxi-central-'))
  folders.push(made)
  return made
}
beforeAll(async () => {
  if (hasPostgres) postgres = await startPostgres()
})
afterAll(async () => {
  await postgres?.stop()
  for (const each of folders) rmSync(each, { recursive: true, force: true })
})

describe.runIf(hasPostgres)('two processes on one database', () => {
  let one: CentralProcess
  let two: CentralProcess
  beforeAll(async () => {
    const database = await postgres?.database()
    // Both at once: the migrations of an empty database run once.
    ;[one, two] = await Promise.all([
      startCentralProcess(['--data-dir', folder()], database),
      startCentralProcess(['--data-dir', folder()], database),
    ])
  })
  afterAll(async () => {
    await Promise.all([one.end(), two.end()])
  })

  it('applies what reaches both of them once, and each takes the other’s tokens', async () => {
    const seat = await seatAt(one.url, one.enrolmentCode)
    const there = clientOf(two.url, () => seat.headers)
    const proof = await proofAt(seat.client)
    const batches = Array.from({ length: 5 }, (_, batch) =>
      Array.from({ length: 40 }, (__, place) =>
        filing(seat.credential.clientId, batch * 40 + place + 1, proof),
      ),
    )
    const answers = await Promise.all(
      batches.flatMap(commands => [
        seat.client.commands.push({ commands }),
        there.commands.push({ commands: commands.toReversed() }),
      ]),
    )
    const outcomes = answers.flatMap(({ results }) => results.map(({ id, outcome }) => `${outcome} ${id}`))
    expect(new Set(outcomes).size).toBe(400)
    expect(outcomes.filter(each => each.startsWith('applied'))).toHaveLength(200)
    expect(outcomes.filter(each => each.startsWith('duplicate'))).toHaveLength(200)

    const session = await there.sessions.create({ workNumber: '1001', password: 'yanshi-12345' })
    const both = clientOf(one.url, () => ({ ...seat.headers, 'x-operator-session': session.accessToken }))
    expect((await both.callers.get({ number: '19900000001' })).caseCount).toBe(200)
    expect(await (await fetch(`${one.url}/readyz`)).json()).toEqual({ status: 'ready' })
  })

  it('wakes a seat at one process by what a seat did at the other, and gives it the change', async () => {
    const session = await seatAt(two.url, two.enrolmentCode)
    const page = async (cursor?: string) =>
      session.client.changes.list(cursor === undefined ? {} : { cursor })
    let { cursor, more } = await page()
    while (more) ({ cursor, more } = await page(cursor))
    const stream = listen(two.url, session.headers)
    await expect.poll(stream.text, { timeout: 10_000 }).toContain('retry:')
    const writer = await clientOf(one.url, () => session.headers).commands.push({
      commands: [filing(session.credential.clientId, 1, await proofAt(session.client))],
    })
    expect(writer.results).toMatchObject([{ outcome: 'applied' }])
    await expect.poll(stream.text, { timeout: 10_000 }).toContain('data: changed')
    expect((await page(cursor)).changes).toHaveLength(1)
    stream.close()
    expect((await fetch(`${two.url}/v1/events`)).status).toBe(401)
  })

  it('goes on after its connections to the database were cut', async () => {
    const pg = await import('pg')
    const client = new pg.default.Client({ connectionString: postgres?.url ?? '' })
    await client.connect()
    await client.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'zuoxi-central%'",
    )
    await client.end()
    await expect
      .poll(async () => (await fetch(`${one.url}/readyz`)).status, { timeout: 10_000, interval: 100 })
      .toBe(200)
    expect(one.child.exitCode).toBeNull()
    expect(two.child.exitCode).toBeNull()
  })
})

describe('one process', () => {
  it('answers requests in hand before it ends, and its event streams end', async () => {
    const central = await startCentralProcess(['--data-dir', folder()])
    const seat = await seatAt(central.url, central.enrolmentCode)
    const stream = listen(central.url, seat.headers)
    await expect.poll(stream.text, { timeout: 10_000 }).toContain('retry:')
    // A request of which the last byte is sent after the signal.
    const command = filing(seat.credential.clientId, 1, await proofAt(seat.client))
    const body = JSON.stringify({ commands: [command] })
    const { hostname, port } = new URL(central.url)
    const socket = connect(Number(port), hostname)
    let answer = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      answer += chunk
    })
    const closed = new Promise(resolve => socket.once('close', resolve))
    const head = [
      'POST /v1/commands HTTP/1.1',
      `host: ${hostname}`,
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(body)}`,
      `authorization: ${seat.headers['authorization']}`,
    ]
    const first = Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
    await new Promise(resolve => socket.write(first.subarray(0, -1), resolve))
    // Answered on another connection: by then the first one's bytes have been read as well.
    await fetch(`${central.url}/healthz`)
    const ended = central.end()
    await expect.poll(stream.closed, { timeout: 10_000 }).toBe(true)
    socket.write(first.subarray(-1))
    await closed
    expect(answer).toMatch(/^HTTP\/1.1 200/)
    expect(answer).toContain('"outcome":"applied"')
    expect(await ended).toBe(0)
  })

  it('keeps what it acknowledged when it is killed, and takes its folder over from a dead one', async () => {
    const data = folder()
    const first = await startCentralProcess(['--data-dir', data])
    expect(first.stderr()).toContain('demonstration and tests only')
    const seat = await seatAt(first.url, first.enrolmentCode)
    const commands = [filing(seat.credential.clientId, 1, await proofAt(seat.client))]
    await seat.client.commands.push({ commands })
    await expect(startCentralProcess(['--data-dir', data])).rejects.toThrow('in use by process')
    await first.end('SIGKILL')
    const second = await startCentralProcess(['--data-dir', data])
    const again = await clientOf(second.url, () => seat.headers).commands.push({ commands })
    expect(again.results).toMatchObject([{ outcome: 'duplicate', version: 1 }])
    expect(await second.end()).toBe(0)
  })

  it('ends with whoever forked it', async () => {
    const script = `
      const { fork } = require('node:child_process')
      const child = fork(process.argv[1], ['serve', '--data-dir', process.argv[2], '--log-level', 'warn'], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
      child.on('message', ready => { console.log(JSON.stringify(ready)) })`
    const parent = spawn(
      process.execPath,
      ['-e', script, join(import.meta.dirname, '..', '..', 'central', 'main.ts'), folder()],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const ready = await new Promise<{ url: string; pid: number }>(resolve => {
      let said = ''
      parent.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString('utf8')
        if (said.includes('\n')) resolve(JSON.parse(said) as { url: string; pid: number })
      })
    })
    expect((await fetch(`${ready.url}/healthz`)).status).toBe(200)
    parent.kill('SIGKILL')
    const alive = () => {
      try {
        return process.kill(ready.pid, 0)
      } catch {
        return false
      }
    }
    await expect.poll(alive, { timeout: 15_000 }).toBe(false)
  })
})
