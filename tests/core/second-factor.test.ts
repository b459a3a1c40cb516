/** The second factor and one's own password, at a seat whose centre answers or is away. */
import { Secret, TOTP } from 'otpauth'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createSignIn } from '../../electron/core/identity/sign-in.ts'
import type { AccountAsks } from '../../electron/core/sync/account-asks.ts'
import { CentreFailure } from '../../electron/core/sync/centre-client.ts'
import type { OperatorSession } from '../../shared/contract/central.ts'
import { noAccount, refusalOfAsync, resumeOf, type SeatParts, seatParts } from '../support/seat-parts.ts'

const step = 30_000
const page = 1
const password = '管理员-Zuoxi-2026'
const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
let seat: SeatParts
/** What the centre says to a right password. */
let answer: OperatorSession | CentreFailure
let account: AccountAsks
let asked: unknown[]
beforeEach(() => {
  seat = seatParts()
  seat.person('anna')
  answer = session()
  asked = []
  account = noAccount
})
afterEach(() => seat.close())

const refused = (code: string, data?: unknown) =>
  new CentreFailure('refused', code, { status: 401, code, data })
const session = (lastStep = 0): OperatorSession => ({
  accessToken: 'a'.repeat(16),
  expiresInSeconds: 600,
  refreshToken: 'r'.repeat(16),
  operator: {
    operatorId: 'anna',
    workNumber: 'anna',
    name: '安娜',
    branch: '云澜中心',
    role: 'lead',
    skills: [],
    disabled: false,
    employer: '',
  },
  offlineDays: 7,
  totp: { secret, lastStep },
})
const signIn = () =>
  createSignIn({
    ...seat,
    retryLive: () => false,
    local: null,
    resume: resumeOf(seat),
    centreSet: () => true,
    centre: {
      configured: () => true,
      wake: () => {},
      signedOut: () => {},
      account,
      signIn: (...given) => {
        asked.push(given)
        return answer instanceof CentreFailure ? Promise.reject(answer) : Promise.resolve(answer)
      },
    },
  })
const codeAt = (now: number) => new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: now })
const chosen = (code?: string, given = password) =>
  refusalOfAsync(signIn().chosen('anna', { password: given, code }, page))
const here = () => seat.identity.current(seat.db)?.operatorId ?? null
const away = () => {
  answer = new CentreFailure('network', '连不上')
  seat.write(db => seat.identity.signOut(db))
}

it('the centre asks for the code, and is told it', async () => {
  answer = refused('SECOND_FACTOR_NEEDED')
  expect(await chosen()).toBe('SECOND_FACTOR_NEEDED')
  answer = refused('SECOND_FACTOR_WRONG', { retryAfterSeconds: 0 })
  expect(await chosen('123456')).toBe('SECOND_FACTOR_WRONG')
  answer = session()
  expect(await chosen('654321')).toBe('none')
  expect(asked.at(-1)).toEqual(['anna', password, '654321'])
})

it('without the centre the seat asks for the code too, and takes each one once', async () => {
  await chosen('1')
  away()
  expect(await chosen()).toBe('SECOND_FACTOR_NEEDED')
  expect(await chosen('000000')).toBe('SECOND_FACTOR_WRONG')
  const code = codeAt(seat.time.now)
  expect(await chosen(code)).toBe('none')
  away()
  // The seat was started again meanwhile: what was used is in the database.
  expect(await chosen(code)).toBe('SECOND_FACTOR_WRONG')
  seat.time.now += step
  expect(await chosen(codeAt(seat.time.now))).toBe('none')
})

it('a code that the centre took does not open the seat without it', async () => {
  const used = Math.floor(seat.time.now / step)
  answer = session(used)
  await chosen('1')
  away()
  expect(await chosen(codeAt(seat.time.now))).toBe('SECOND_FACTOR_WRONG')
  seat.time.now += step
  expect(await chosen(codeAt(seat.time.now))).toBe('none')
})

it('a code is right half a minute before and after, and no longer', async () => {
  await chosen('1')
  away()
  expect(await chosen(codeAt(seat.time.now - 2 * step))).toBe('SECOND_FACTOR_WRONG')
  expect(await chosen(codeAt(seat.time.now - step))).toBe('none')
  away()
  expect(await chosen(codeAt(seat.time.now + 2 * step))).toBe('SECOND_FACTOR_WRONG')
  expect(await chosen(codeAt(seat.time.now + step))).toBe('none')
})

it('guessing codes counts as guessing passwords', async () => {
  await chosen('1')
  away()
  for (let tries = 0; tries < 5; tries += 1) expect(await chosen('000000')).toBe('SECOND_FACTOR_WRONG')
  expect(await chosen(codeAt(seat.time.now))).toBe('SIGN_IN_LOCKED')
})

it('the database holds no secret that its password does not open', async () => {
  await chosen('1')
  const kept = JSON.stringify(seat.db.prepare('SELECT * FROM second_factor').all())
  expect(kept).not.toContain(secret)
  expect(kept).not.toContain(Buffer.from(secret).toString('base64url'))
})

it('one that was reset at the centre is asked for no more', async () => {
  await chosen('1')
  answer = { ...session(), totp: null }
  await chosen()
  away()
  expect(await chosen()).toBe('none')
})

it('a given password is replaced under the ticket, and only then is anybody signed in', async () => {
  const weak = refused('PASSWORD_WEAK', { fault: 'common' })
  const replies: (OperatorSession | CentreFailure)[] = [weak, session()]
  account = {
    ...noAccount,
    replacePassword: (...given) => {
      asked.push(given)
      const next = replies.shift()
      return next === undefined || next instanceof CentreFailure
        ? Promise.reject(next)
        : Promise.resolve(next)
    },
  }
  answer = refused('PASSWORD_CHANGE_NEEDED', { ticket: 't'.repeat(20), reason: 'given', until: '' })
  const it = signIn()
  expect(await refusalOfAsync(it.chosen('anna', { password }, page))).toBe('PASSWORD_CHANGE_NEEDED')
  expect(here()).toBeNull()
  expect(await refusalOfAsync(it.replacePassword('Zuoxi-Neu-7788', 2))).toBe('SIGN_IN_AGAIN')
  expect(await refusalOfAsync(it.replacePassword('Zuoxi-Neu-7788', page))).toBe('PASSWORD_WEAK')
  expect(await refusalOfAsync(it.replacePassword('Zuoxi-Neu-7788', page))).toBe('none')
  expect(asked.at(-1)).toEqual(['t'.repeat(20), 'Zuoxi-Neu-7788'])
  expect(here()).toBe('anna')
  answer = new CentreFailure('network', '连不上')
  seat.write(db => seat.identity.signOut(db))
  expect(await chosen(codeAt(seat.time.now))).toBe('SIGN_IN_FAILED')
  expect(await chosen(codeAt(seat.time.now), 'Zuoxi-Neu-7788')).toBe('none')
})

it('who must have a second factor sets it up under the ticket, and is then signed in', async () => {
  account = {
    ...noAccount,
    beginSecondFactor: ticket => {
      asked.push(ticket)
      return Promise.resolve({ uri: 'otpauth://totp/x', secret, until: new Date(0).toISOString() })
    },
    confirmSecondFactor: (ticket, code) => {
      asked.push([ticket, code])
      return code === '123456'
        ? Promise.resolve({ recoveryCodes: ['AAAA-BBBB'], session: session() })
        : Promise.reject(refused('SECOND_FACTOR_WRONG', { retryAfterSeconds: 0 }))
    },
  }
  answer = refused('SECOND_FACTOR_ENROLMENT_NEEDED', { ticket: null, until: null })
  const it = signIn()
  const enter = () => refusalOfAsync(it.chosen('anna', { password }, page))
  expect(await enter()).toBe('SECOND_FACTOR_WINDOW_CLOSED')
  expect(await refusalOfAsync(Promise.resolve().then(() => it.beginSecondFactor(page)))).toBe('SIGN_IN_AGAIN')
  answer = refused('SECOND_FACTOR_ENROLMENT_NEEDED', { ticket: 't'.repeat(20), until: null })
  expect(await enter()).toBe('SECOND_FACTOR_ENROLMENT_NEEDED')
  expect((await it.beginSecondFactor(page)).secret).toBe(secret)
  expect(await refusalOfAsync(it.confirmSecondFactor({ code: '000000' }, page))).toBe('SECOND_FACTOR_WRONG')
  expect(here()).toBeNull()
  expect(await it.confirmSecondFactor({ code: '123456' }, page)).toEqual({ recoveryCodes: ['AAAA-BBBB'] })
  expect(here()).toBe('anna')
})

it('one’s own password is changed at the centre, and holds at the seat without it', async () => {
  account = {
    ...noAccount,
    changePassword: (old, next) => {
      asked.push([old, next])
      return old === password
        ? Promise.resolve({ ...session(), totp: null })
        : Promise.reject(refused('SIGN_IN_FAILED', { retryAfterSeconds: 0 }))
    },
  }
  answer = { ...session(), totp: null }
  const it = signIn()
  await it.chosen('anna', { password }, page)
  const change = (old: string, next: string) => refusalOfAsync(it.changePassword(old, next))
  expect(await change('错误的口令', 'Zuoxi-Neu-7788')).toBe('SIGN_IN_FAILED')
  expect(await change(password, '12345678')).toBe('PASSWORD_WEAK')
  expect(await change(password, 'Zuoxi-Neu-7788')).toBe('none')
  away()
  expect(await chosen(undefined, password)).toBe('SIGN_IN_FAILED')
  expect(await chosen(undefined, 'Zuoxi-Neu-7788')).toBe('none')
})
