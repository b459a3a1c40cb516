/** What a seat does when it must get another identity, and when its centre says that something is over. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Database, openDatabase } from '../../electron/core/storage/database.ts'
import {
  CentreFailure,
  type CentreRequest,
  createCentreClient,
} from '../../electron/core/sync/centre-client.ts'
import { createDeviceClient } from '../../electron/core/sync/device-client.ts'
import { createOperatorSessions } from '../../electron/core/sync/operator-sessions.ts'
import { keepCredential, needRenewal, readCredential } from '../../electron/core/sync/seat-identity.ts'
import { systemRandom } from '../../electron/core/system.ts'

const clock = { now: () => 0, after: () => () => {} }
let folder: string
let db: Database
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zuoxi-renewal-'))
  db = openDatabase({ file: join(folder, 'seat.db'), key: new Uint8Array(randomBytes(32)), now: 0 })
  keepCredential(db, { clientId: 'c1', deviceSecret: 'geheim-geheim-geheim', branch: '云澜中心' })
})
afterEach(() => {
  db.close()
  rmSync(folder, { recursive: true, force: true })
})
const write = <T>(work: (within: Database) => T): T => db.transaction(work).immediate(db)
const read = () => db

type Asked = { path: string; body: Record<string, unknown> }
/** A centre that answers as it is told; null: the answer is lost. */
function centre(answer: (asked: Asked) => { status: number; content: unknown } | null) {
  const asked: Asked[] = []
  const ask = async ({ path, body }: CentreRequest) => {
    const it = {
      path,
      body: JSON.parse(Buffer.from(body ?? []).toString() || '{}') as Record<string, unknown>,
    }
    asked.push(it)
    const given = answer(it)
    if (given === null) throw new Error('lost')
    return { status: given.status, headers: {}, text: JSON.stringify(given.content) }
  }
  return { asked, ask }
}
const device = (ask: Parameters<typeof createCentreClient>[0]) =>
  createDeviceClient({
    clock,
    random: systemRandom(),
    ask,
    read,
    write,
    discardNumbers: () => {},
    readAgain: () => {},
    enrolled: () => {},
  })
const refusal = (code: string, status = 401) => ({ status, content: { code, message: code } })
const credential = { clientId: 'c2', deviceSecret: 'anders-anders-anders', branch: '云澜中心' }

it('a renewal whose answer is lost is asked again by the same request, under the former secret', async () => {
  let lost = true
  const { asked, ask } = centre(({ path }) => {
    // The former identity gets no token any more.
    if (path === '/v1/device-tokens') return refusal('DEVICE_SUPERSEDED')
    if (!lost) return { status: 200, content: credential }
    lost = false
    return null
  })
  needRenewal(db, 'copied')
  const seat = device(ask)
  await expect(seat.renewIfNeeded()).rejects.toThrow('lost')
  await seat.renewIfNeeded()
  const [first, second] = asked
  expect(first).toEqual(second)
  expect(first?.body).toMatchObject({
    clientId: 'c1',
    deviceSecret: 'geheim-geheim-geheim',
    reason: 'copied',
  })
  expect(readCredential(db)).toEqual(credential)
  // Another renewal is another request.
  needRenewal(db, 'seq-taken')
  await seat.renewIfNeeded()
  expect(asked.at(-1)?.body['requestId']).not.toBe(first?.body['requestId'])
})

it('a seat whose place was taken stays who it was until a code lets it in, as the same seat', async () => {
  const { asked, ask } = centre(({ path }) =>
    path === '/v1/enrolments' ? { status: 200, content: credential } : refusal('DEVICE_SUPERSEDED'),
  )
  needRenewal(db, 'copied')
  const seat = device(ask)
  await expect(seat.renewIfNeeded()).rejects.toMatchObject({ code: 'DEVICE_SUPERSEDED' })
  expect(readCredential(db)?.clientId).toBe('c1')
  await seat.enrol('ABCD-EFGH', '3 号')
  expect(asked.at(-1)?.body['former']).toEqual({ clientId: 'c1', deviceSecret: 'geheim-geheim-geheim' })
  expect(readCredential(db)).toEqual(credential)
})

it('a session that the centre ended is over here too, and one that was left meanwhile is not', async () => {
  let ended = 0
  const session = {
    accessToken: 'a'.repeat(16),
    expiresInSeconds: 900,
    refreshToken: 'r'.repeat(16),
    operator: {
      operatorId: 'p',
      workNumber: '1001',
      name: '坐席',
      branch: '云澜中心',
      role: 'agent',
      skills: [],
      disabled: false,
      employer: '',
    },
    offlineDays: 7,
  }
  const { ask } = centre(({ path }) =>
    path === '/v1/sessions' ? { status: 200, content: session } : refusal('SESSION_ENDED'),
  )
  const sessions = createOperatorSessions({
    clock,
    client: createCentreClient(ask),
    read,
    write,
    renewed: () => {},
    ended: () => {
      ended += 1
    },
  })
  // A centre that knows no second factor says nothing of it.
  expect((await sessions.signIn('1001', 'x')).totp).toBeNull()
  sessions.look()
  sessions.end()
  await new Promise(resolve => setImmediate(resolve))
  expect(ended).toBe(0)
  await sessions.signIn('1001', 'x')
  sessions.look()
  await expect.poll(() => ended).toBe(1)
  expect(await sessions.token()).toBeNull()
  expect(new CentreFailure('refused', '', { data: { retryAfterSeconds: 4 } }).data).toEqual({
    retryAfterSeconds: 4,
  })
})
