import { randomBytes, randomUUID } from 'node:crypto'
import { afterEach, expect, it } from 'vitest'
import {
  createPasswords,
  nobodysHash,
  type Passwords,
  type Source,
} from '../../central/identity/passwords.ts'

const random = { bytes: (count: number) => randomBytes(count), uuid: () => randomUUID() }
let passwords: Passwords
afterEach(() => passwords.close())

const outcome = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { code: string; data: unknown }) => `${error.code} ${JSON.stringify(error.data)}`,
  )

it('a password is known again, another is not, and the thread of requests stays free', async () => {
  passwords = createPasswords(random, 1)
  let turns = 0
  const counting = setInterval(() => {
    turns += 1
  }, 1)
  const hash = await passwords.hash('口令-Kouling-1', 'administration')
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  expect(await passwords.verify('口令-Kouling-1', hash, 'seat:a')).toBe(true)
  expect(await passwords.verify('口令-Kouling-2', hash, 'seat:a')).toBe(false)
  expect(await passwords.verify('x', nobodysHash, 'seat:a')).toBe(false)
  clearInterval(counting)
  expect(turns).toBeGreaterThan(0)
})

it('one source waits in a line of its own, and a long one is told to come back', async () => {
  passwords = createPasswords(random, 1)
  const asked = Array.from({ length: 8 }, () => outcome(passwords.verify('x', nobodysHash, 'address:1')))
  const busy = 'BUSY {"retryAfterSeconds":2}'
  // One at work, four in line.
  expect(await Promise.all(asked)).toEqual([...Array(5).fill('done'), busy, busy, busy])
})

it('a seat is not starved by guesses from many addresses', async () => {
  passwords = createPasswords(random, 1)
  const order: string[] = []
  const ask = (source: Source) =>
    passwords.verify('x', nobodysHash, source).then(
      () => order.push(source),
      () => order.push(`${source} refused`),
    )
  const guesses = Array.from({ length: 40 }, (_, place) => ask(`address:10.0.0.${place}`))
  await Promise.all([ask('seat:a'), ask('seat:b')])
  // One was at work already, and one may come between two seats.
  expect(order.filter(source => !source.endsWith('refused')).length).toBeLessThanOrEqual(5)
  await passwords.close()
  await Promise.all(guesses)
  expect(order.filter(source => source.endsWith('refused')).length).toBeGreaterThanOrEqual(7)
})
