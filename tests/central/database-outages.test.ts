/** A database that goes away and comes back, again and again, finds the centre with as many connections as before. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts'
import { socketsTo } from '../support/sockets.ts'
import {
  type CentralProcess,
  clientOf,
  filing,
  listen,
  proofAt,
  seatAt,
  startCentralProcess,
} from './processes.ts'

const outages = 50
/** The pool's connections and the listener's. */
const mostConnections = 16 + 1

let postgres: Postgres | null = null
const folders: string[] = []
const folder = () => {
  const made = mkdtempSync(join(tmpdir(), 'zuoxi-outages-'))
  folders.push(made)
  return made
}
beforeAll(async () => {
  // What it has confirmed is there after a crash.
  if (hasPostgres) postgres = await startPostgres({ crashes: true })
})
afterAll(async () => {
  await postgres?.stop()
  for (const each of folders) rmSync(each, { recursive: true, force: true })
})

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

describe.skipIf(!hasPostgres || process.platform !== 'linux')(
  'a centre whose database comes and goes',
  () => {
    it('holds no more connections after fifty outages, hears notifications again, and lets another centre start', async () => {
      if (postgres === null) return
      const database = await postgres.database()
      const args = ['--data-dir', folder(), '--requests-per-minute', '1000000']
      const one = await startCentralProcess(args, database)
      const ended: CentralProcess[] = [one]
      let asking = true
      let mostSockets = 0
      const watch = setInterval(() => {
        mostSockets = Math.max(mostSockets, socketsTo(postgres?.port ?? 0, one.child.pid ?? 0))
      }, 50)
      try {
        const seat = await seatAt(one.url, one.enrolmentCode)
        const proof = await proofAt(seat.client)
        const { cursor } = await seat.client.changes.list({})
        // Seats go on asking meanwhile, or the pool would have nothing to connect for.
        const seats = Array.from({ length: 4 }, async () => {
          while (asking) {
            await seat.client.changes.list({ cursor }).catch(() => {})
            await pause(20)
          }
        })
        let mostAtServer = 0
        for (let outage = 0; outage < outages; outage += 1) {
          await postgres.crash()
          // The longest is long enough for two or three tries, most are over before the next one.
          await pause(outage % 10 === 0 ? 1_000 : 30)
          await postgres.restart()
          const admin = new pg.Client({ connectionString: database })
          await admin.connect()
          await pause(50)
          const { rows } = await admin.query<{ count: string }>(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'zuoxi-central%'",
          )
          mostAtServer = Math.max(mostAtServer, Number(rows[0]?.count))
          await admin.end()
          // Once is enough to know.
          if (mostAtServer > mostConnections || mostSockets > mostConnections) break
        }
        asking = false
        await Promise.all(seats)
        expect(mostAtServer).toBeLessThanOrEqual(mostConnections)
        expect(mostSockets).toBeLessThanOrEqual(mostConnections)

        await expect
          .poll(async () => (await fetch(`${one.url}/readyz`)).status, { timeout: 10_000, interval: 100 })
          .toBe(200)
        const two = await startCentralProcess(['--data-dir', folder()], database)
        ended.push(two)
        const stream = listen(one.url, seat.headers)
        await expect.poll(stream.text, { timeout: 10_000 }).toContain('retry:')
        const elsewhere = clientOf(two.url, () => seat.headers)
        let seq = 0
        // The listener may still be in its wait when the first one is said.
        await expect
          .poll(
            async () => {
              seq += 1
              await elsewhere.commands.push({ commands: [filing(seat.credential.clientId, seq, proof)] })
              return stream.text()
            },
            { timeout: 35_000, interval: 1_000 },
          )
          .toContain('data: changed')
        stream.close()
      } finally {
        asking = false
        clearInterval(watch)
        await Promise.all(ended.map(each => each.end()))
      }
    }, 240_000)
  },
)
