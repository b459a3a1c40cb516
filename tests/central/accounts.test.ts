/** Accounts, devices and keys end; nobody is locked out, found out, or comes in with what belongs to another. */
import { request } from 'node:http'
import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createServer, type Server } from '../../central/http/server.ts'
import { createAccountCommands } from '../../central/identity/account-commands.ts'
import type { OperatorSession } from '../../shared/contract/central.ts'
import {
  addPeople,
  enrol,
  otherBranch,
  password,
  people,
  type Seat,
  startCentre,
  strangers,
  type TestCentre,
} from './centre.ts'
import { clientOf } from './processes.ts'
import { codeOf } from './refusals.ts'

let centre: TestCentre
let server: Server
let url: string

beforeAll(async () => {
  centre = await startCentre(null)
  await addPeople(centre)
  server = await createServer(centre, null, { requestsPerMinute: 100_000, anonymousPerMinute: 100_000 })
  url = await server.listen({ host: '127.0.0.1', port: 0 })
}, 240_000)
afterAll(async () => {
  await server.close()
  await centre.end()
})

const headersOf = async (seat: Seat): Promise<Record<string, string>> => ({
  authorization: `Bearer ${(await centre.devices.token(seat.credential)).accessToken}`,
})
const signIn = (seat: Seat, workNumber: string, secret = password, code?: string) =>
  centre.sessions.signIn(seat.device, { workNumber, password: secret, code })
const refused = async (work: Promise<unknown>): Promise<{ code: string; data: unknown }> =>
  work.then(
    () => ({ code: 'in', data: undefined }),
    (error: { code: string; data: unknown }) => ({ code: error.code, data: error.data }),
  )
const refusedWith = async (work: Promise<unknown>) => (await refused(work)).code
const waitIn = (data: unknown) => (data as { retryAfterSeconds: number }).retryAfterSeconds
const holds = async (seat: Seat, session: OperatorSession) =>
  refusedWith(centre.sessions.of(session.accessToken, seat.device))
const later = (ms: number) => {
  centre.now.ms += ms
}
let made = 0
/** Somebody of whom no other test knows. */
const newPerson = async (part: Partial<typeof people.agent> = {}, kind: 'own' | 'temporary' = 'own') => {
  made += 1
  const person = { ...people.agent, operatorId: `x-${made}`, workNumber: `7${made + 100}`, ...part }
  await centre.operators.save(person, password, null, kind)
  return person
}
const sessionRow = async (operatorId: string) =>
  (
    await centre.sql.query<{ ended_at: Date | null; revoked_at: Date | null }>(
      'SELECT ended_at, revoked_at FROM operator_session WHERE operator_id = $1 AND client_id IS NOT NULL ORDER BY created_at DESC LIMIT 1',
      [operatorId],
    )
  )[0]

/** An event stream, as far as it says anything; resolves when it ends. */
function listen(headers: Record<string, string>) {
  let heard = ''
  let status = 0
  let begun: () => void
  const open = new Promise<void>(resolve => {
    begun = resolve
  })
  const over = new Promise<void>((resolve, reject) => {
    request(`${url}/v1/events`, { headers }, response => {
      status = response.statusCode ?? 0
      response.on('data', (chunk: Buffer) => {
        heard += chunk.toString()
        begun()
      })
      response.on('end', resolve)
      response.on('error', reject)
    })
      .on('error', reject)
      .end()
  })
  return { open, over, heard: () => heard, status: () => status }
}

describe('what was given out ends at once', () => {
  it('a disabled person is out, and their proofs with them', async () => {
    const seat = await enrol(centre)
    const person = await newPerson()
    const session = await signIn(seat, person.workNumber)
    expect(await holds(seat, session)).toBe('in')
    const stream = listen(await headersOf(seat))
    await stream.open
    await centre.operators.save({ ...person, disabled: true }, undefined, null)
    expect(await holds(seat, session)).toBe('SESSION_ENDED')
    expect(await refusedWith(centre.sessions.refresh(seat.device, session.refreshToken))).toBe(
      'SESSION_ENDED',
    )
    expect((await sessionRow(person.operatorId))?.revoked_at).not.toBeNull()
    // The seat is told to look after its own session.
    await expect.poll(() => stream.heard()).toContain('data: sessions')
    await centre.devices.revoke(seat.device.clientId, null)
    await stream.over
  })

  it('a password that an administrator sets revokes every session, also those that were left', async () => {
    const [one, two] = [await enrol(centre), await enrol(centre)]
    const person = await newPerson()
    const left = await signIn(one, person.workNumber)
    await centre.sessions.end(one.device, left.refreshToken)
    expect(await sessionRow(person.operatorId)).toMatchObject({ revoked_at: null })
    later(1_000)
    const session = await signIn(two, person.workNumber)
    await centre.operators.save(person, '另一个口令-Lingyige-2', null)
    expect(await holds(two, session)).toBe('SESSION_ENDED')
    const unrevoked = await centre.sql.query(
      'SELECT 1 FROM operator_session WHERE operator_id = $1 AND revoked_at IS NULL',
      [person.operatorId],
    )
    expect(unrevoked).toEqual([])
  })

  it('another role or branch ends sessions, and what was done under them stays good', async () => {
    const seat = await enrol(centre)
    const person = await newPerson()
    for (const changed of [
      { ...person, role: 'lead' as const },
      { ...person, branch: otherBranch },
    ]) {
      const session = await signIn(seat, person.workNumber)
      await centre.operators.save(changed, undefined, null)
      expect(await holds(seat, session)).toBe('SESSION_ENDED')
      const row = await sessionRow(person.operatorId)
      expect(row?.ended_at).not.toBeNull()
      expect(row?.revoked_at).toBeNull()
      later(1_000)
    }
    // Only a name: nobody need sign in again.
    const far = await enrol(centre, otherBranch)
    const session = await signIn(far, person.workNumber)
    await centre.operators.save({ ...person, branch: otherBranch, name: '改名' }, undefined, null)
    expect(await holds(far, session)).toBe('in')
    expect(await refusedWith(signIn(seat, person.workNumber))).toBe('SEAT_OTHER_BRANCH')
  })

  it('a unit’s session ends with a new password', async () => {
    const person = {
      ...people.agent,
      operatorId: 'u-1',
      workNumber: '5901',
      role: 'unit' as const,
      unitCode: 'C07',
    }
    await centre.operators.save(person, password, null)
    const from = { address: '10.0.0.9', browser: '' }
    const { token } = await centre.units.signIn({ workNumber: '5901', password, from })
    expect(await centre.units.of(token)).not.toBeNull()
    await centre.operators.save(person, '另一个口令-Lingyige-2', null)
    expect(await centre.units.of(token)).toBeNull()
  })

  it('a revoked device learns it at every door, and its stream ends', async () => {
    const seat = await enrol(centre)
    const person = await newPerson()
    const session = await signIn(seat, person.workNumber)
    const bearer = await headersOf(seat)
    const stream = listen(bearer)
    await stream.open
    await centre.devices.revoke(seat.device.clientId, 'p-admin')
    await stream.over
    const answer = await fetch(`${url}/v1/changes`, { headers: bearer })
    expect([answer.status, await codeOf(answer)]).toEqual([401, 'DEVICE_REVOKED'])
    expect(await refusedWith(centre.devices.token(seat.credential))).toBe('DEVICE_REVOKED')
    const again = { ...seat.credential, requestId: 'r', reason: 'copied' }
    expect(await refusedWith(centre.devices.renew(again))).toBe('DEVICE_REVOKED')
    expect(await holds(seat, session)).toBe('SESSION_ENDED')
    expect((await sessionRow(person.operatorId))?.revoked_at).not.toBeNull()
    const { code } = await centre.devices.enrolmentCode(seat.device.branch, null)
    // With a code it begins as another seat.
    const enrolled = await centre.devices.enrol({ code, seatName: '新', former: seat.credential })
    expect((await centre.devices.find(enrolled.clientId))?.seatId).toBe(enrolled.clientId)
  })

  it('an administrator sees and revokes the devices of the own branch only', async () => {
    const [own, far] = [await enrol(centre), await enrol(centre, otherBranch)]
    const as = async (workNumber: string) => {
      const { accessToken } = await signIn(own, workNumber)
      const headers = { ...(await headersOf(own)), 'x-operator-session': accessToken }
      return clientOf(url, () => headers)
    }
    const admin = await as('9002')
    const { devices } = await admin.administration.devices({})
    expect(devices.map(({ clientId }) => clientId)).toContain(own.device.clientId)
    expect(devices.map(({ clientId }) => clientId)).not.toContain(far.device.clientId)
    const revoke = (clientId: string) => refusedWith(admin.administration.revokeDevice({ clientId }))
    expect(await revoke(far.device.clientId)).toBe('NOT_FOUND')
    expect(await revoke('nothing')).toBe('NOT_FOUND')
    expect(await refusedWith((await as('1002')).administration.devices({}))).toBe('FORBIDDEN')
    expect(await refusedWith(admin.administration.apiKeys({}))).toBe('FORBIDDEN')
    const window = (operatorId: string) => refusedWith(admin.administration.openSecondFactor({ operatorId }))
    expect(await window(people.colleague.operatorId)).toBe('in')
    // Those of another branch, and those who work for all of them, look as if there were none.
    expect(await window(strangers.agent.operatorId)).toBe('NOT_FOUND')
    expect(await window(people.admin.operatorId)).toBe('NOT_FOUND')
    const city = await as('9001')
    const every = (await city.administration.devices({})).devices.map(({ clientId }) => clientId)
    expect(every).toContain(far.device.clientId)
    await centre.apiKeys.create('目录系统', ['publication.publish'])
    const { keys } = await city.administration.apiKeys({})
    const [{ keyId } = { keyId: '' }] = keys
    expect((await city.administration.revokeApiKey({ keyId })).revokedAt).not.toBeNull()
    const revoked = await admin.administration.revokeDevice({ clientId: own.device.clientId })
    expect(revoked.revokedAt).not.toBeNull()
    expect(await refusedWith(admin.administration.devices({}))).toBe('DEVICE_REVOKED')
  })

  it('a key has an end, an id, and is listed without itself', async () => {
    const until = new Date(centre.now.ms + 86_400_000).toISOString()
    const key = await centre.apiKeys.create('一日', ['intake.post'], until)
    expect(await centre.apiKeys.check(key, 'intake.post')).toBe('一日')
    const listed = (await centre.apiKeys.list()).find(({ name }) => name === '一日')
    expect(listed).toMatchObject({ expiresAt: until, revokedAt: null, scopes: ['intake.post'] })
    expect(listed?.usedAt).not.toBeNull()
    expect(JSON.stringify(listed)).not.toContain(key)
    later(86_400_000)
    expect(await refusedWith(centre.apiKeys.check(key, 'intake.post'))).toBe('UNAUTHENTICATED')
    const other = await centre.apiKeys.create('另一', ['intake.post'])
    const { keyId } = await centre.apiKeys.identify(other, 'intake.post')
    expect((await centre.apiKeys.revoke(keyId, null)).revokedAt).not.toBeNull()
    expect(await refusedWith(centre.apiKeys.check(other, 'intake.post'))).toBe('UNAUTHENTICATED')
    expect(await refusedWith(centre.apiKeys.revoke('nothing', null))).toBe('NOT_FOUND')
  })
})

describe('the commands at the centre’s machine', () => {
  const run = (
    command: string,
    given: { id?: string; workNumber?: string; password?: string; days?: string } = {},
  ) => {
    const commands = createAccountCommands(centre, {
      id: () => given.id ?? '',
      branch: people.agent.branch,
      allBranches: false,
      name: () => '命令行',
      workNumber: () => given.workNumber ?? '',
      password: () => given.password ?? '',
      scope: 'intake.post',
      days: given.days,
    })
    return commands[command]?.() ?? Promise.reject(new Error('no such command'))
  }

  it('list and revoke devices and keys', async () => {
    const seat = await enrol(centre)
    const { clientId } = seat.device
    expect(await run('devices')).toMatch(new RegExp(`^${clientId}  in use  `, 'm'))
    expect(await run('revoke-device', { id: clientId })).toBe(`${clientId} is revoked`)
    expect(await run('devices')).toMatch(new RegExp(`^${clientId}  revoked  `, 'm'))
    await expect(run('revoke-device', { id: 'nothing' })).rejects.toThrow('there is no such device')
    const key = await run('api-key', { days: '30' })
    const { keyId } = await centre.apiKeys.identify(key, 'intake.post')
    expect(await run('api-keys')).toMatch(
      new RegExp(`^${keyId}  given out  命令行  intake.post  until 20`, 'm'),
    )
    expect(await run('revoke-api-key', { id: keyId })).toBe(`${keyId} is revoked`)
    await expect(run('api-key', { days: 'x' })).rejects.toThrow('--days')
  })

  it('make an administrator under the rules of passwords, who replaces it at once', async () => {
    const seat = await enrol(centre)
    const given = { workNumber: '9901', password: '12345678' }
    await expect(run('admin', given)).rejects.toThrow('PASSWORD_WEAK {"fault":"too-short"}')
    await run('admin', { ...given, password })
    expect(await refusedWith(signIn(seat, '9901'))).toBe('PASSWORD_CHANGE_NEEDED')
    expect(await run('second-factor', { workNumber: '9901' })).toContain('until')
    expect(await run('reset-second-factor', { workNumber: '9901' })).toContain('no second factor')
    await expect(run('second-factor', { workNumber: '0000' })).rejects.toThrow('nobody signs in as 0000')
  })
})

describe('what belongs to one device', () => {
  it('a person’s tokens work at the device that they were given to', async () => {
    const [one, two] = [await enrol(centre), await enrol(centre)]
    const person = await newPerson()
    const session = await signIn(one, person.workNumber)
    expect(await holds(two, session)).toBe('UNAUTHENTICATED')
    expect(await refusedWith(centre.sessions.refresh(two.device, session.refreshToken))).toBe(
      'UNAUTHENTICATED',
    )
    await centre.sessions.end(two.device, session.refreshToken)
    // Tried elsewhere, it is neither used up nor ended.
    expect(await holds(one, session)).toBe('in')
    expect((await centre.sessions.refresh(one.device, session.refreshToken)).operator.name).toBe(person.name)
  })

  it('of two copies of a seat the first to renew goes on, and the other needs a code', async () => {
    const victim = await enrol(centre)
    const person = await newPerson()
    const session = await signIn(victim, person.workNumber)
    const bearer = await headersOf(victim)
    const stream = listen(bearer)
    await stream.open
    const { clientId } = victim.credential
    const wrong = { clientId, deviceSecret: 'a'.repeat(43), requestId: 't', reason: 'copied' }
    expect(await refusedWith(centre.devices.renew(wrong))).toBe('UNAUTHENTICATED')
    const thief = await centre.devices.renew({ ...victim.credential, requestId: 't', reason: 'copied' })
    await stream.over
    expect(await codeOf(await fetch(`${url}/v1/changes`, { headers: bearer }))).toBe('DEVICE_SUPERSEDED')
    expect(await holds(victim, session)).toBe('SESSION_ENDED')
    const renew = (requestId: string) =>
      refusedWith(centre.devices.renew({ ...victim.credential, requestId, reason: 'seq-taken' }))
    expect(await renew('v')).toBe('DEVICE_SUPERSEDED')
    // The thief's request, found in the copy, gives nothing once its answer was used.
    expect(await renew('t')).toBe('in')
    await centre.devices.token(thief)
    expect(await renew('t')).toBe('DEVICE_SUPERSEDED')

    const { code } = await centre.devices.enrolmentCode(victim.device.branch, null)
    const back = await centre.devices.enrol({ code, seatName: '3 号', former: victim.credential })
    const all = await centre.devices.list(victim.device.branch)
    const seen = all.filter(({ seatId }) => seatId === victim.device.seatId)
    expect(seen.map(each => each.clientId).sort()).toEqual([clientId, thief.clientId, back.clientId].sort())
    await centre.devices.revoke(thief.clientId, null)
    expect(await refusedWith(centre.devices.token(thief))).toBe('DEVICE_REVOKED')
    expect((await centre.devices.token(back)).highestSeq).toBe(0)
  })
})

describe('failures', () => {
  it('make the next wait longer, for this source and number, whoever has it', async () => {
    const seat = await enrol(centre)
    const person = await newPerson()
    const disabled = await newPerson()
    await centre.operators.save({ ...disabled, disabled: true }, undefined, null)
    const waits = async (workNumber: string) => {
      const told: unknown[] = []
      for (let tries = 0; tries < 5; tries += 1) {
        const { code, data } = await refused(signIn(seat, workNumber, '不是这个口令'))
        told.push([code, data])
        later(waitIn(data) * 1_000)
      }
      return told
    }
    const expected = [0, 0, 0, 1, 2].map(retryAfterSeconds => ['SIGN_IN_FAILED', { retryAfterSeconds }])
    expect(await waits(person.workNumber)).toEqual(expected)
    expect(await waits('no-such')).toEqual(expected)
    expect(await waits(disabled.workNumber)).toEqual(expected)
    // Who does not wait is refused with the right password too, and is told the same.
    const { data } = await refused(signIn(seat, person.workNumber, '不是这个口令'))
    expect(waitIn(data)).toBe(4)
    expect(await refused(signIn(seat, person.workNumber))).toEqual({
      code: 'SIGN_IN_FAILED',
      data: { retryAfterSeconds: 4 },
    })
    later(4_000)
    expect((await signIn(seat, person.workNumber)).operator.operatorId).toBe(person.operatorId)
    expect(waitIn((await refused(signIn(seat, person.workNumber, '不是这个口令'))).data)).toBe(0)
  })

  it('cost everybody one argon2, whoever they are and whether they must wait', async () => {
    const seat = await enrol(centre)
    const [person, disabled] = [await newPerson(), await newPerson()]
    await centre.operators.save({ ...disabled, disabled: true }, undefined, null)
    const unit = {
      ...people.agent,
      operatorId: 'u-3',
      workNumber: '5903',
      role: 'unit' as const,
      unitCode: 'C07',
    }
    await centre.operators.save(unit, password, null)
    const asked = vi.spyOn(centre.passwords, 'verify')
    for (const number of [person.workNumber, disabled.workNumber, '5903', 'no-such', 'a\u0000b'])
      for (let tries = 0; tries < 5; tries += 1) {
        asked.mockClear()
        await refused(signIn(seat, number, '不是这个口令'))
        expect(asked, `${number}, try ${tries}`).toHaveBeenCalledOnce()
      }
    asked.mockRestore()
  })

  it('are counted before the password is looked at, however many come at once', async () => {
    const seat = await enrol(centre)
    const person = await newPerson()
    const tries = await Promise.all(
      Array.from({ length: 4 }, () => refused(signIn(seat, person.workNumber, '不是这个口令'))),
    )
    expect(tries.map(({ data }) => waitIn(data)).sort((a, b) => a - b)).toEqual([0, 0, 0, 1])
    const [row] = await centre.sql.query<{ failures: number }>(
      'SELECT max(failures) AS failures FROM sign_in_failure WHERE source = $1',
      [`seat:${seat.device.seatId}`],
    )
    expect(row?.failures).toBe(4)
  })

  it('of others lock nobody out where they are known: not the only administrator', async () => {
    const own = await enrol(centre)
    const person = await newPerson({ role: 'admin' as never })
    await signIn(own, person.workNumber)
    // From everywhere, for an hour, and at the same seat against everybody else.
    for (let place = 0; place < 26; place += 1)
      for (let tries = 0; tries < 4; tries += 1)
        await centre.failures.begin(`address:10.1.0.${place}`, person.workNumber, false)
    for (let number = 0; number < 31; number += 1)
      await centre.failures.begin(`seat:${own.device.seatId}`, `n-${number}`, false)
    const stranger = await enrol(centre)
    // Somebody who is known nowhere but there must wait elsewhere, and is not told why.
    expect(await refused(signIn(stranger, person.workNumber))).toEqual({
      code: 'SIGN_IN_FAILED',
      data: { retryAfterSeconds: 0 },
    })
    expect((await signIn(own, person.workNumber)).operator.operatorId).toBe(person.operatorId)
    later(3_600_000)
    expect((await signIn(stranger, person.workNumber)).operator.operatorId).toBe(person.operatorId)
  })

  it('at the page of the units follow the browser, not what it says it is', async () => {
    const unit = {
      ...people.agent,
      operatorId: 'u-2',
      workNumber: '5902',
      role: 'unit' as const,
      unitCode: 'C07',
    }
    await centre.operators.save(unit, password, null)
    const units = (secret: string, browser = '') =>
      centre.units.signIn({ workNumber: '5902', password: secret, from: { address: '10.0.0.7', browser } })
    const { browser } = await units(password)
    // A guesser at the same address calls itself another browser each time.
    for (let tries = 0; tries < 4; tries += 1)
      await refused(units('不是这个口令', `made-up-browser-${tries}`))
    expect(await refused(units(password, 'made-up-browser-9'))).toMatchObject({ code: 'SIGN_IN_FAILED' })
    expect((await units(password, browser)).browser).toBe(browser)
  })
})

describe('passwords', () => {
  it('that everybody tries first are refused, with the rule that they break', async () => {
    const fault = async (secret: string) => {
      const { code, data } = await refused(
        centre.operators.save({ ...people.agent, operatorId: 'w-1', workNumber: '6001' }, secret, null),
      )
      return code === 'PASSWORD_WEAK' ? (data as { fault: string }).fault : code
    }
    expect(await fault('12345678')).toBe('too-short')
    expect(await fault('1234567890')).toBe('too-few-kinds')
    expect(await fault('Password-2026!')).toBe('common')
    expect(await fault('1234567890123456')).toBe('common')
    expect(await fault('Zuoxi-6001-abc')).toBe('work-number')
    expect(await fault('Zuoxi-1006-abc')).toBe('work-number')
    expect(await fault(' '.repeat(20))).toBe('blank')
    expect(await fault('yanshi-12345')).toBe('in')
  })

  it('of an administrator are replaced at the first sign-in, and only at that device', async () => {
    const [seat, other] = [await enrol(centre), await enrol(centre)]
    const person = await newPerson({}, 'temporary')
    const { code, data } = await refused(signIn(seat, person.workNumber))
    expect(code).toBe('PASSWORD_CHANGE_NEEDED')
    const { ticket, reason } = data as { ticket: string; reason: string }
    expect(reason).toBe('given')
    const replace = (at: Seat, newPassword: string) =>
      centre.sessions.replacePassword(at.device, { ticket, newPassword })
    expect(await refusedWith(replace(other, '我自己的口令-Wo-3'))).toBe('TICKET_INVALID')
    expect(await refused(replace(seat, password))).toEqual({ code: 'PASSWORD_WEAK', data: { fault: 'same' } })
    expect(await refused(replace(seat, 'kurz'))).toMatchObject({ code: 'PASSWORD_WEAK' })
    const session = await replace(seat, '我自己的口令-Wo-3')
    expect(await holds(seat, session)).toBe('in')
    expect(await refusedWith(replace(seat, '我自己的口令-Wo-4'))).toBe('TICKET_INVALID')
    expect(await refusedWith(signIn(seat, person.workNumber))).toBe('SIGN_IN_FAILED')
    expect((await signIn(seat, person.workNumber, '我自己的口令-Wo-3')).operator.name).toBe(person.name)
  })

  it('changed by their owner end every other session, and this one goes on as a new one', async () => {
    const [seat, other] = [await enrol(centre), await enrol(centre)]
    const person = await newPerson()
    const far = await signIn(other, person.workNumber)
    const session = await signIn(seat, person.workNumber)
    const headers = { ...(await headersOf(seat)), 'x-operator-session': session.accessToken }
    const { account } = clientOf(url, () => headers)
    const change = (oldPassword: string, newPassword: string) =>
      account.changePassword({ oldPassword, newPassword })
    expect(await refused(change('不是这个口令', '我自己的口令-Wo-3'))).toMatchObject({
      code: 'SIGN_IN_FAILED',
      data: { retryAfterSeconds: 0 },
    })
    expect(await refused(change(password, '12345678'))).toMatchObject({
      code: 'PASSWORD_WEAK',
      data: { fault: 'too-short' },
    })
    const next = await change(password, '我自己的口令-Wo-3')
    expect(await holds(seat, next)).toBe('in')
    expect(await holds(seat, session)).toBe('SESSION_ENDED')
    expect(await holds(other, far)).toBe('SESSION_ENDED')
    const rows = await centre.sql.query<{ revoked: boolean }>(
      'SELECT revoked_at IS NOT NULL AS revoked FROM operator_session WHERE operator_id = $1 AND client_id IS NOT NULL ORDER BY seat_id = $2',
      [person.operatorId, seat.device.seatId],
    )
    // What was done under the present one stays good.
    expect(rows.map(({ revoked }) => revoked)).toEqual([true, false, false])
  })
})

const policy = (version: string, content: Record<string, unknown>) => {
  later(1)
  return centre.publications.publish(
    { name: 'identity-policy', version, effectiveAt: new Date(centre.now.ms).toISOString(), content },
    'p-admin',
  )
}

describe('a policy', () => {
  it('lets passwords grow old', async () => {
    const seat = await enrol(centre)
    const person = await newPerson()
    await policy('1', { rotationDays: 90 })
    expect((await signIn(seat, person.workNumber)).operator.name).toBe(person.name)
    later(90 * 86_400_000)
    const { code, data } = await refused(signIn(seat, person.workNumber))
    expect([code, (data as { reason: string }).reason]).toEqual(['PASSWORD_CHANGE_NEEDED', 'expired'])
    expect(await refusedWith(policy('x', { rotationDays: -1 }))).toBe('PUBLICATION_INVALID')
    await policy('2', {})
    expect((await signIn(seat, person.workNumber)).operator.name).toBe(person.name)
  })
})

describe('the second factor', () => {
  const codeAt = (secret: string, steps = 0) =>
    new TOTP({ secret: Secret.fromBase32(secret), digits: 6, period: 30 }).generate({
      timestamp: centre.now.ms + steps * 30_000,
    })

  it('is asked for by policy, set up in a window, used once a code, and given up by an administrator', async () => {
    const seat = await enrol(centre)
    const person = await newPerson({ role: 'lead' as never })
    await policy('3', { secondFactor: ['lead', 'admin', 'contractor'] })
    const needed = await refused(signIn(seat, person.workNumber))
    expect(needed).toEqual({ code: 'SECOND_FACTOR_ENROLMENT_NEEDED', data: { ticket: null, until: null } })
    await centre.secondFactors.open(person.operatorId, 'p-admin')
    const { data } = await refused(signIn(seat, person.workNumber))
    const { ticket } = data as { ticket: string }
    const begun = await centre.sessions.beginSecondFactor(seat.device, { ticket })
    expect(begun.uri).toMatch(/^otpauth:\/\/totp\//)
    // The secret is shown once.
    expect(await refusedWith(centre.sessions.beginSecondFactor(seat.device, { ticket }))).toBe(
      'SECOND_FACTOR_WINDOW_CLOSED',
    )
    const confirm = (code: string) => centre.sessions.confirmSecondFactor(seat.device, { ticket }, code)
    expect(await refusedWith(confirm('000000'))).toBe('SECOND_FACTOR_WRONG')
    const { recoveryCodes, session } = await confirm(codeAt(begun.secret))
    expect(new Set(recoveryCodes).size).toBe(10)
    expect(session.totp?.secret).toBe(begun.secret)
    const stored = JSON.stringify(await centre.sql.query('SELECT * FROM second_factor, recovery_code'))
    expect(stored).not.toContain(begun.secret)
    expect(stored).not.toContain(recoveryCodes[0])

    const withCode = (code?: string) => signIn(seat, person.workNumber, password, code)
    expect(await refusedWith(withCode())).toBe('SECOND_FACTOR_NEEDED')
    // The one that confirmed it was used; nobody learns of codes without the password.
    expect(await refusedWith(withCode(codeAt(begun.secret)))).toBe('SECOND_FACTOR_WRONG')
    expect(await refusedWith(signIn(seat, person.workNumber, '不是这个口令', codeAt(begun.secret, 1)))).toBe(
      'SIGN_IN_FAILED',
    )
    later(30_000)
    const code = codeAt(begun.secret)
    expect((await withCode(code)).totp?.lastStep).toBe(Math.floor(centre.now.ms / 30_000))
    expect(await refusedWith(withCode(code))).toBe('SECOND_FACTOR_WRONG')
    const [recovery = ''] = recoveryCodes
    expect((await withCode(recovery.toLowerCase())).operator.name).toBe(person.name)
    expect(await refusedWith(withCode(recovery))).toBe('SECOND_FACTOR_WRONG')

    await centre.secondFactors.reset(person.operatorId, 'p-admin')
    expect((await sessionRow(person.operatorId))?.ended_at).not.toBeNull()
    await policy('4', {})
    expect((await withCode()).totp).toBeNull()
  })

  it('that is wrong counts like a wrong password', async () => {
    const seat = await enrol(centre)
    const person = await newPerson()
    const session = await signIn(seat, person.workNumber)
    await centre.secondFactors.open(person.operatorId, null)
    const live = await centre.sessions.of(session.accessToken, seat.device)
    const { secret } = await centre.sessions.beginSecondFactor(seat.device, live)
    await centre.sessions.confirmSecondFactor(seat.device, live, codeAt(secret))
    expect(await holds(seat, session)).toBe('SESSION_ENDED')
    later(60_000)
    const waits: number[] = []
    for (let tries = 0; tries < 5; tries += 1) {
      const { data } = await refused(signIn(seat, person.workNumber, password, '000000'))
      waits.push(waitIn(data))
      later(waitIn(data) * 1_000)
      // Asking without a code in between makes nobody forget.
      expect(await refusedWith(signIn(seat, person.workNumber))).toBe('SECOND_FACTOR_NEEDED')
    }
    expect(waits).toEqual([0, 0, 0, 1, 2])
  })

  it('cannot be set up after ten minutes', async () => {
    const seat = await enrol(centre)
    const person = await newPerson()
    const live = await centre.sessions.of((await signIn(seat, person.workNumber)).accessToken, seat.device)
    const begin = () => refusedWith(centre.sessions.beginSecondFactor(seat.device, live))
    expect(await begin()).toBe('SECOND_FACTOR_WINDOW_CLOSED')
    await centre.secondFactors.open(person.operatorId, null)
    later(10 * 60_000)
    expect(await begin()).toBe('SECOND_FACTOR_WINDOW_CLOSED')
    expect(await refusedWith(centre.secondFactors.open('nobody', null))).toBe('NOT_FOUND')
  })
})
