import { afterEach, beforeEach, expect, it } from 'vitest'
import { createSignIn } from '../../electron/core/identity/sign-in.ts'
import { CentreFailure } from '../../electron/core/sync/centre-client.ts'
import type { CentralOperator } from '../../shared/contract/central.ts'
import { noAccount, refusalOfAsync, resumeOf, type SeatParts, seatParts } from '../support/seat-parts.ts'

const minute = 60_000
const day = 24 * 60 * minute
const page = 1
let seat: SeatParts
/** What the centre says: a refusal's code, `away`, or yes. */
let centre: { configured: boolean; answer: string; asked: number; ended: number; offlineDays: number }
const people = new Map<string, CentralOperator>()
beforeEach(() => {
  seat = seatParts()
  centre = { configured: true, answer: 'password', asked: 0, ended: 0, offlineDays: 7 }
  people.clear()
  for (const operatorId of ['anna', 'bert'])
    people.set(operatorId, {
      operatorId,
      workNumber: operatorId,
      name: `${operatorId}，中心的姓名`,
      branch: '云澜中心',
      role: 'lead',
      skills: ['方言'],
      disabled: false,
      employer: '',
    })
})
afterEach(() => seat.close())

const signIn = () =>
  createSignIn({
    ...seat,
    retryLive: seat.unsent.retryLive,
    local: null,
    resume: resumeOf(seat),
    centreSet: () => centre.configured,
    centre: {
      wake: () => {},
      account: noAccount,
      configured: () => centre.configured,
      signedOut: () => {
        centre.ended += 1
      },
      signIn: (workNumber, password) => {
        centre.asked += 1
        if (centre.answer === 'away') return Promise.reject(new CentreFailure('network', '连不上'))
        const operator = people.get(workNumber)
        const code = centre.answer === 'password' ? 'SIGN_IN_FAILED' : centre.answer
        if (centre.answer !== 'password' || password !== '正确的口令' || operator === undefined)
          return Promise.reject(new CentreFailure('refused', code, { status: 401, code }))
        return Promise.resolve({
          accessToken: 'a'.repeat(16),
          expiresInSeconds: 600,
          refreshToken: 'r'.repeat(16),
          operator,
          offlineDays: centre.offlineDays,
          totp: null,
        })
      },
    },
  })
const chosen = (operatorId: string, password?: string) =>
  refusalOfAsync(signIn().chosen(operatorId, { password }, page))
const here = () => seat.identity.current(seat.db)?.operatorId ?? null
const online = async (operatorId = 'anna') => {
  centre.answer = 'password'
  expect(await refusalOfAsync(signIn().byNumber(operatorId, { password: '正确的口令' }, page))).toBe('none')
  centre.answer = 'away'
}

it('without a centre an operator is chosen, with one the password is asked', async () => {
  seat.person('anna')
  centre.configured = false
  expect(await chosen('anna')).toBe('none')
  expect([here(), centre.asked]).toEqual(['anna', 0])
  expect(await chosen('nobody')).toBe('OPERATOR_NOT_FOUND')
  centre.configured = true
  expect(await chosen('anna')).toBe('PASSWORD_NEEDED')
  expect(await chosen('anna', '')).toBe('PASSWORD_NEEDED')
})

it('online the centre decides, and tells who it is: role, name, skills', async () => {
  seat.person('anna')
  expect(await chosen('anna', '错误的口令')).toBe('SIGN_IN_FAILED')
  expect(here()).toBeNull()
  expect(await chosen('anna', '正确的口令')).toBe('none')
  expect(seat.identity.current(seat.db)).toMatchObject({
    name: 'anna，中心的姓名',
    role: 'lead',
    skills: ['方言'],
  })
  const stored = String(seat.db.prepare('SELECT verifier FROM offline_verifier').pluck().get())
  expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  centre.answer = 'SIGN_IN_LOCKED'
  expect(await chosen('anna', '正确的口令')).toBe('SIGN_IN_LOCKED')
})

it('somebody unknown here signs in by number online only; afterwards offline too, and operators change', async () => {
  centre.answer = 'away'
  expect(await refusalOfAsync(signIn().byNumber('anna', { password: '正确的口令' }, page))).toBe(
    'CENTRE_UNREACHABLE',
  )
  await online('anna')
  await online('bert')
  expect([here(), centre.ended]).toEqual(['bert', 0])
  expect(await chosen('anna', '正确的口令')).toBe('none')
  // Bert's session at the centre is not used under Anna.
  expect([here(), centre.ended]).toEqual(['anna', 1])
  expect(await refusalOfAsync(signIn().byNumber('bert', { password: '正确的口令' }, page))).toBe('none')
  expect(here()).toBe('bert')
  seat.person('carl')
  expect(await chosen('carl', '正确的口令')).toBe('CENTRE_UNREACHABLE')
})

it('offline, wrong passwords are refused and then locked; neither a restart nor a clock that goes back unlocks', async () => {
  await online()
  for (let tries = 0; tries < 5; tries += 1) expect(await chosen('anna', '错误的口令')).toBe('SIGN_IN_FAILED')
  expect(await chosen('anna', '正确的口令')).toBe('SIGN_IN_LOCKED')
  seat.time.now += 29 * minute
  expect(await chosen('anna', '正确的口令')).toBe('SIGN_IN_LOCKED')
  seat.time.now -= 3 * day
  expect(await chosen('anna', '正确的口令')).toBe('SIGN_IN_LOCKED')
  seat.time.now += 3 * day + 2 * minute
  expect(await chosen('anna', '错误的口令')).toBe('SIGN_IN_FAILED')
  expect(await chosen('anna', '正确的口令')).toBe('none')
  expect(seat.db.prepare('SELECT failures FROM offline_verifier').pluck().get()).toBe(0)
})

it('many attempts at once are no way round the lock', async () => {
  await online()
  const codes = await Promise.all(Array.from({ length: 8 }, () => chosen('anna', '错误的口令')))
  expect(codes.filter(code => code === 'SIGN_IN_FAILED')).toHaveLength(5)
  expect(codes.filter(code => code === 'SIGN_IN_LOCKED')).toHaveLength(3)
})

it('an offline sign-in is good for so many days, also for a clock that goes back; an online one begins them anew', async () => {
  await online()
  seat.time.now += 7 * day - minute
  expect(await chosen('anna', '正确的口令')).toBe('none')
  seat.time.now += 2 * minute
  expect(await chosen('anna', '正确的口令')).toBe('OFFLINE_SIGN_IN_EXPIRED')
  seat.time.now -= 6 * day
  expect(await chosen('anna', '正确的口令')).toBe('OFFLINE_SIGN_IN_EXPIRED')
  await online()
  expect(await chosen('anna', '正确的口令')).toBe('none')
  centre.offlineDays = 0
  await online()
  expect(await chosen('anna', '正确的口令')).toBe('OFFLINE_SIGN_IN_EXPIRED')
})

it("a password that the centre refuses ends nothing that is cached; the centre's end of a person's work does", async () => {
  await online()
  centre.answer = 'SIGN_IN_FAILED'
  expect(await chosen('anna', '错误的口令')).toBe('SIGN_IN_FAILED')
  centre.answer = 'away'
  expect(await chosen('anna', '正确的口令')).toBe('none')
  centre.answer = 'OPERATOR_DISABLED'
  expect(await chosen('anna', '正确的口令')).toBe('SIGN_IN_FAILED')
  centre.answer = 'away'
  expect(await chosen('anna', '正确的口令')).toBe('CENTRE_UNREACHABLE')
})

it('a centre that refuses the seat itself says nothing of a password: the verifier decides', async () => {
  await online()
  centre.answer = 'UNAUTHENTICATED'
  expect(await chosen('anna', '错误的口令')).toBe('SIGN_IN_FAILED')
  expect(await chosen('anna', '正确的口令')).toBe('none')
})

it('the password is worked on beside the thread that saves', async () => {
  const { passwords } = seat
  const verifier = await passwords.hash('正确的口令')
  // Turns of this thread while two passwords are worked on: on this thread it would have none for 40 ms and more each time.
  let turns = 0
  const counting = setInterval(() => {
    turns += 1
  }, 1)
  const begun = performance.now()
  const right = await passwords.verify('正确的口令', verifier)
  const wrong = await passwords.verify('错误的口令', verifier)
  const took = performance.now() - begun
  clearInterval(counting)
  expect([right, wrong]).toEqual([true, false])
  expect(turns / took).toBeGreaterThan(0.2)
})
