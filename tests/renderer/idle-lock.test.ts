import { beforeEach, expect, it } from 'vitest'
import { createIdleLock, type IdleLock, warnMs } from '../../renderer/features/identity/idle-lock.ts'

const minute = 60_000
let now: number
let timers: { at: number; run: () => void }[]
let inCall: boolean
let warned: (number | null)[]
let locks: number
let idle: IdleLock
beforeEach(() => {
  now = 0
  timers = []
  inCall = false
  warned = []
  locks = 0
  idle = createIdleLock({
    now: () => now,
    after: (ms, run) => {
      const timer = { at: now + ms, run }
      timers.push(timer)
      return () => {
        timers = timers.filter(other => other !== timer)
      }
    },
    limitMs: () => 15 * minute,
    inCall: () => inCall,
    warn: seconds => warned.push(seconds),
    lock: () => {
      locks += 1
    },
  })
})

const pass = (ms: number) => {
  const end = now + ms
  for (;;) {
    const next = timers.toSorted((a, b) => a.at - b.at)[0]
    if (next === undefined || next.at > end) break
    timers = timers.filter(other => other !== next)
    now = next.at
    next.run()
  }
  now = end
}

it('locks after the time, and says so in the last minute', () => {
  pass(15 * minute - warnMs - 1)
  expect([locks, warned]).toEqual([0, []])
  pass(warnMs)
  expect(locks).toBe(0)
  expect(warned[0]).toBe(60)
  pass(1)
  expect(locks).toBe(1)
  expect(warned.at(-1)).toBeNull()
})

it('a key or the mouse begins the time anew, also in the last minute', () => {
  pass(14 * minute + 30_000)
  expect(warned.at(-1)).toBe(30)
  idle.touched()
  expect(warned.at(-1)).toBeNull()
  pass(14 * minute)
  expect(locks).toBe(0)
  pass(minute)
  expect(locks).toBe(1)
})

it('never locks in a call, and gives the whole time after it', () => {
  pass(10 * minute)
  inCall = true
  pass(60 * minute)
  inCall = false
  pass(14 * minute)
  expect(locks).toBe(0)
  pass(minute + 5_000)
  expect(locks).toBe(1)
})

it('a machine that slept is locked when it wakes', () => {
  const [timer] = timers
  now = 8 * 60 * minute
  timer?.run()
  expect(locks).toBe(1)
})

it('stops with the seat', () => {
  idle.stop()
  pass(60 * minute)
  expect(locks).toBe(0)
})
