/** Who sits at the seat from sign-in to sign-out: lock, unlock, a core that dies, and accounts of a seat without a centre. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ActorKeys, HeldProof } from '../../electron/core/identity/actor-keys.ts'
import { createLocalAccounts, waitAfter } from '../../electron/core/identity/local-accounts.ts'
import { createResume } from '../../electron/core/identity/resume.ts'
import { createSignIn } from '../../electron/core/identity/sign-in.ts'
import { applyOperator, ensureOperator } from '../../electron/core/sync/apply-changes.ts'
import { CentreFailure } from '../../electron/core/sync/centre-client.ts'
import {
  noAccount,
  refusalOf,
  refusalOfAsync,
  resumeOf,
  type SeatParts,
  seatParts,
} from '../support/seat-parts.ts'

const minute = 60_000
const page = 1
const password = '管理员-Zuoxi-2026'
let seat: SeatParts
beforeEach(() => {
  seat = seatParts()
})
afterEach(() => seat.close())

const centreIsAway = {
  configured: () => true,
  account: noAccount,
  wake: () => {},
  signedOut: () => {},
  signIn: () => Promise.reject(new CentreFailure('network', '连不上')),
}
const noCentre = { ...centreIsAway, configured: () => false }

function signInOf(options: { centre?: typeof noCentre; demo?: boolean; centreSet?: boolean } = {}) {
  const { passwords } = seat
  return createSignIn({
    ...seat,
    retryLive: () => false,
    local: options.demo === true ? null : createLocalAccounts({ ...seat, passwords }),
    resume: resumeOf(seat),
    centreSet: () => options.centreSet ?? false,
    centre: options.centre ?? noCentre,
  })
}
const access = () => seat.identity.access(seat.db)
const here = () => seat.identity.current(seat.db)?.operatorId ?? null
const administrator = { workNumber: '9001', name: '管理员', branch: '云澜中心' }

describe('lock', () => {
  it('a demonstration is locked and unlocked without a password', async () => {
    seat.person('anna')
    const signIn = signInOf({ demo: true })
    expect(access()).toBe('nobody')
    expect(signIn.entry(seat.db)).toBe('choose')
    await signIn.chosen('anna', {}, page)
    expect(access()).toBe('open')
    seat.write(db => seat.identity.lock(db))
    expect([access(), here()]).toEqual(['locked', 'anna'])
    await signIn.unlock({})
    expect(access()).toBe('open')
    expect(seat.audited().slice(-3)).toEqual(['operator.signIn', 'operator.lock', 'operator.unlock'])
  })

  it('unlocking asks the password of whoever locked it, and counts failures', async () => {
    const signIn = signInOf()
    await signIn.createFirstAdministrator(administrator, password)
    seat.write(db => seat.identity.lock(db))
    expect(await refusalOfAsync(signIn.unlock({}))).toBe('PASSWORD_NEEDED')
    for (let tries = 0; tries < 3; tries += 1)
      expect(await refusalOfAsync(signIn.unlock({ password: '错误的口令' }))).toBe('SIGN_IN_FAILED')
    expect(await refusalOfAsync(signIn.unlock({ password }))).toBe('SIGN_IN_LOCKED')
    expect(access()).toBe('locked')
    seat.time.now += waitAfter(3) + 1
    expect(await refusalOfAsync(signIn.unlock({ password }))).toBe('none')
    expect(access()).toBe('open')
  })

  it('the lock is in the database, and goes with the sign-out', async () => {
    seat.person('anna')
    const signIn = signInOf({ demo: true })
    await signIn.chosen('anna', {}, page)
    seat.write(db => seat.identity.lock(db))
    signIn.signOut()
    expect(access()).toBe('nobody')
    await signIn.chosen('anna', {}, page)
    expect(access()).toBe('open')
  })

  it('a centre that answers no more leaves unlocking to the verifier', async () => {
    seat.person('anna')
    const { passwords } = seat
    const verifier = await passwords.hash(password)
    seat.write(db => {
      db.prepare(
        "INSERT INTO offline_verifier (operator_id, verifier, verified_at, offline_days) VALUES ('anna', ?, ?, 7)",
      ).run(verifier, new Date(seat.time.now).toISOString())
      seat.identity.signIn(db, 'anna')
      seat.identity.lock(db)
    })
    // The clock of this one runs: the centre has 3 s.
    const waiting: { ms: number; run: () => void }[] = []
    const signIn = createSignIn({
      ...seat,
      clock: { now: seat.clock.now, after: (ms, run) => (waiting.push({ ms, run }), () => {}) },
      retryLive: () => false,
      local: null,
      resume: resumeOf(seat),
      centreSet: () => true,
      centre: { ...centreIsAway, signIn: () => new Promise(() => {}) },
    })
    const unlocking = signIn.unlock({ password })
    expect(waiting.map(({ ms }) => ms)).toEqual([3_000])
    for (const { run } of waiting) run()
    await unlocking
    expect(access()).toBe('open')
  })
})

describe('resume', () => {
  type Keys = Pick<ActorKeys, 'held' | 'hold' | 'drop'>
  const secret: HeldProof = { operatorId: 'anna', sessionId: 's', secret: '证明的密钥', until: 'u' }
  const holder = (first: HeldProof | null): Keys => {
    let held = first
    return {
      held: () => held,
      hold: next => {
        held = next
      },
      drop: () => {
        held = null
      },
    }
  }
  const coreOf = (given: Uint8Array | null, keys: Keys) => {
    let told: Uint8Array | null | undefined
    const resume = createResume({
      random: seat.random,
      identity: seat.identity,
      keys,
      given,
      tell: next => {
        told = next
      },
    })
    return { resume, told: () => told }
  }
  const signedIn = () => {
    seat.person('anna')
    const core = coreOf(null, holder(secret))
    seat.write(db => {
      seat.identity.signIn(db, 'anna')
      core.resume.begin(db)
    })
    core.resume.tell()
    const told = core.told()
    if (told == null) throw new Error('the shell was told nothing')
    return { core, told }
  }

  it('the next core goes on with the session, its lock and the proof', () => {
    const { told } = signedIn()
    seat.write(db => seat.identity.lock(db))
    const actor = holder(null)
    expect(seat.write(coreOf(told, actor).resume.settle)).toEqual({ ended: false })
    expect([here(), access(), actor.held()]).toEqual(['anna', 'locked', secret])
  })

  it('a program that was restarted signs whoever was there out', () => {
    signedIn()
    const actor = holder(secret)
    expect(seat.write(coreOf(null, actor).resume.settle)).toEqual({ ended: true })
    expect([here(), actor.held()]).toEqual([null, null])
    expect(seat.audited().at(-1)).toBe('operator.signOut')
  })

  it('another secret, or one of an earlier session, opens nothing', () => {
    const { told } = signedIn()
    expect(seat.write(coreOf(new Uint8Array(32), holder(null)).resume.settle)).toEqual({ ended: true })
    signedIn()
    expect(seat.write(coreOf(told, holder(null)).resume.settle)).toEqual({ ended: true })
  })

  it('the database holds neither the secret nor the proof', () => {
    const { told } = signedIn()
    const kept = seat.db.prepare('SELECT group_concat(value) FROM local_state').pluck().get() as string
    expect(kept).not.toContain(secret.secret)
    expect(kept).not.toContain(Buffer.from(told).toString('base64url'))
  })

  it('after the sign-out the shell has nothing to hand on', () => {
    const { core } = signedIn()
    seat.write(db => {
      seat.identity.signOut(db)
      core.resume.end(db)
    })
    core.resume.tell()
    expect(core.told()).toBeNull()
    expect(seat.db.prepare("SELECT 1 FROM local_state WHERE name = 'session-resume'").get()).toBeUndefined()
  })
})

describe('a protected seat without a centre', () => {
  it('begins with one administrator, and nobody makes another', async () => {
    const signIn = signInOf()
    expect(signIn.entry(seat.db)).toBe('first-administrator')
    const begin = (given: string) => refusalOfAsync(signIn.createFirstAdministrator(administrator, given))
    expect(await begin('12345678')).toBe('PASSWORD_WEAK')
    expect(await begin('Zuoxi-9001-x')).toBe('PASSWORD_WEAK')
    expect(await begin(password)).toBe('none')
    expect(seat.identity.current(seat.db)).toMatchObject({ workNumber: '9001', role: 'admin' })
    expect(signIn.entry(seat.db)).toBe('password')
    expect(
      await refusalOfAsync(
        signIn.createFirstAdministrator({ ...administrator, workNumber: '9002' }, password),
      ),
    ).toBe('FORBIDDEN')
  })

  it('two pages at once make one administrator', async () => {
    const signIn = signInOf()
    const codes = await Promise.all(
      ['9001', '9002'].map(workNumber =>
        refusalOfAsync(signIn.createFirstAdministrator({ ...administrator, workNumber }, password)),
      ),
    )
    expect(codes.toSorted()).toEqual(['FORBIDDEN', 'none'])
  })

  it('waits for its enrolment when a centre is set', async () => {
    const signIn = signInOf({ centreSet: true })
    expect(signIn.entry(seat.db)).toBe('enrol')
    expect(await refusalOfAsync(signIn.createFirstAdministrator(administrator, password))).toBe('FORBIDDEN')
  })

  it('only the administrator adds people, who replace their first password', async () => {
    const signIn = signInOf()
    const anna = { workNumber: '1001', name: '安娜', branch: '云澜中心', role: 'agent' as const, skills: [] }
    expect(await refusalOfAsync(signIn.create(anna, 'Yanshi-12345'))).toBe('NOT_SIGNED_IN')
    await signIn.createFirstAdministrator(administrator, password)
    expect(await refusalOfAsync(signIn.create(anna, undefined))).toBe('PASSWORD_NEEDED')
    const { operatorId } = await signIn.create(anna, 'Yanshi-12345')
    signIn.signOut()
    expect(await refusalOfAsync(signIn.chosen(operatorId, {}, page))).toBe('PASSWORD_NEEDED')
    const first = { password: 'Yanshi-12345' }
    expect(await refusalOfAsync(signIn.chosen(operatorId, first, page))).toBe('PASSWORD_CHANGE_NEEDED')
    expect(here()).toBeNull()
    const replaced = (next: string, from = page) => refusalOfAsync(signIn.replacePassword(next, from))
    expect(await replaced('Anna-Zuoxi-7788', 2)).toBe('SIGN_IN_AGAIN')
    expect(await replaced('Yanshi-12345')).toBe('PASSWORD_WEAK')
    expect(await replaced('Anna-Zuoxi-7788')).toBe('none')
    expect(here()).toBe(operatorId)
    expect(await refusalOfAsync(signIn.create({ ...anna, workNumber: '1002' }, 'Yanshi-12345'))).toBe(
      'FORBIDDEN',
    )
    signIn.signOut()
    expect(await refusalOfAsync(signIn.chosen(operatorId, first, page))).toBe('SIGN_IN_FAILED')
    expect(await refusalOfAsync(signIn.chosen(operatorId, { password: 'Anna-Zuoxi-7788' }, page))).toBe(
      'none',
    )
  })

  it('a sign-in that wants a new password is gone on with for ten minutes', async () => {
    const signIn = signInOf()
    await signIn.createFirstAdministrator(administrator, password)
    const anna = { workNumber: '1001', name: '安娜', branch: '云澜中心', role: 'agent' as const, skills: [] }
    const { operatorId } = await signIn.create(anna, 'Yanshi-12345')
    signIn.signOut()
    await refusalOfAsync(signIn.chosen(operatorId, { password: 'Yanshi-12345' }, page))
    seat.time.now += 10 * minute + 1
    expect(await refusalOfAsync(signIn.replacePassword('Anna-Zuoxi-7788', page))).toBe('SIGN_IN_AGAIN')
  })

  it('people without a password do not get in, and cannot be told from a wrong one', async () => {
    const signIn = signInOf()
    seat.person('anna')
    expect(await refusalOfAsync(signIn.chosen('anna', { password }, page))).toBe('SIGN_IN_FAILED')
  })

  it('changes one’s own password with the old one', async () => {
    const signIn = signInOf()
    await signIn.createFirstAdministrator(administrator, password)
    const change = (from: string, to: string) => refusalOfAsync(signIn.changePassword(from, to))
    expect(await change('错误的口令', 'Zuoxi-Neu-4711')).toBe('SIGN_IN_FAILED')
    expect(await change(password, password)).toBe('PASSWORD_WEAK')
    expect(await change(password, 'Zuoxi-Neu-4711')).toBe('none')
    seat.write(db => seat.identity.lock(db))
    expect(await refusalOfAsync(signIn.unlock({ password }))).toBe('SIGN_IN_FAILED')
    expect(await refusalOfAsync(signIn.unlock({ password: 'Zuoxi-Neu-4711' }))).toBe('none')
  })

  it('waits lengthen up to half an hour; a clock that goes back shortens none', async () => {
    expect([1, 2, 3, 4, 5, 6, 40].map(waitAfter)).toEqual([0, 0, 5_000, 10_000, 20_000, 40_000, 1_800_000])
    const signIn = signInOf()
    const { operatorId } = await signIn.createFirstAdministrator(administrator, password)
    signIn.signOut()
    const attempt = (given: string) => refusalOfAsync(signIn.chosen(operatorId, { password: given }, page))
    for (let tries = 0; tries < 3; tries += 1) expect(await attempt('错误的口令')).toBe('SIGN_IN_FAILED')
    seat.time.now -= 60 * minute
    expect(await attempt(password)).toBe('SIGN_IN_LOCKED')
    seat.time.now += 60 * minute + 5_001
    expect(await attempt('错误的口令')).toBe('SIGN_IN_FAILED')
    seat.time.now += 9_000
    expect(await attempt(password)).toBe('SIGN_IN_LOCKED')
    seat.time.now += 1_001
    expect(await attempt(password)).toBe('none')
  })

  it('never asks its own list once a centre is there', async () => {
    const alone = signInOf()
    const { operatorId } = await alone.createFirstAdministrator(administrator, password)
    alone.signOut()
    const withCentre = signInOf({ centre: centreIsAway, centreSet: true })
    expect(await refusalOfAsync(withCentre.chosen(operatorId, { password }, page))).toBe('CENTRE_UNREACHABLE')
    expect(
      await refusalOfAsync(withCentre.create({ ...administrator, role: 'admin', skills: [] }, password)),
    ).toBe('FORBIDDEN')
  })
})

it('signing in over somebody signs them out first', () => {
  for (const who of ['anna', 'bert']) seat.person(who)
  seat.write(db => seat.identity.signIn(db, 'anna'))
  seat.write(db => seat.identity.signIn(db, 'bert'))
  expect(seat.audited().slice(-3)).toEqual(['operator.signIn', 'operator.signOut', 'operator.signIn'])
  expect(refusalOf(() => seat.identity.required(seat.db))).toBe('none')
})

it('knows nobody by a name in a history alone, and whoever lost their number by the one they had', () => {
  seat.person('1001')
  seat.write(db => {
    ensureOperator(db, 'elsewhere', '别处的人', '云澜中心')
    applyOperator(db, {
      operatorId: 'of-the-centre',
      workNumber: '1001',
      name: '中心的人',
      branch: '云澜中心',
      role: 'agent',
      skills: [],
      employer: '',
      disabled: false,
    })
  })
  expect(seat.identity.find(seat.db, 'elsewhere')).toBeNull()
  expect(seat.identity.find(seat.db, '1001')?.workNumber).toBe('1001')
  expect(seat.identity.list(seat.db).map(({ operatorId }) => operatorId)).toEqual(['of-the-centre'])
})
