import { afterEach, beforeEach, expect, it } from 'vitest'
import { createUnwatchedLock, idleLockMinutes } from '../../electron/core/identity/idle-policy.ts'
import { type SeatParts, seatParts } from '../support/seat-parts.ts'

let seat: SeatParts
beforeEach(() => {
  seat = seatParts()
})
afterEach(() => seat.close())

const publish = (content: string) =>
  seat.db
    .prepare(
      `INSERT INTO publication (name, version, effective_at, sha256, content, told)
       VALUES ('identity-policy', ?, '2026-01-01T00:00:00.000Z', 'x', ?, ?)`,
    )
    .run(content, content, content.length)

it('the city’s policy says after how long a seat locks; without one it is 15 minutes', () => {
  expect(idleLockMinutes(seat.db, seat.time.now)).toBe(15)
  publish('{"idleLockMinutes":5}')
  expect(idleLockMinutes(seat.db, seat.time.now)).toBe(5)
})

it('a faulty policy counts as none', () => {
  publish('{"idleLockMinutes":0}')
  expect(idleLockMinutes(seat.db, seat.time.now)).toBe(15)
})

it('a seat without a page locks after that time, and not while one is open', () => {
  let timer: { ms: number; run: () => void } | null = null
  let locked = 0
  let mayLock = false
  const lock = createUnwatchedLock({
    clock: {
      now: () => 0,
      after: (ms, run) => {
        timer = { ms, run }
        return () => {
          timer = null
        }
      },
    },
    minutes: () => 15,
    mayLock: () => mayLock,
    lock: () => {
      locked += 1
    },
  })
  const pass = () => timer?.run()
  lock.connected(1)
  lock.connected(2)
  lock.disconnected(1)
  expect(timer).toBeNull()
  lock.disconnected(2)
  expect(timer).toMatchObject({ ms: 15 * 60_000 })
  lock.connected(3)
  expect(timer).toBeNull()
  lock.disconnected(3)
  // A call goes on in a page that is lost: it is waited for.
  pass()
  expect([locked, timer]).toMatchObject([0, { ms: 15 * 60_000 }])
  mayLock = true
  pass()
  expect(locked).toBe(1)
})
