/** A seat's credential belongs to the centre that issued it: two real centres, one of them a stranger's. */
import { createServer as createHttp, type Server as HttpServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { createServer, type Server } from '../../central/http/server.ts'
import type { CentreRequest } from '../../electron/core/sync/centre-client.ts'
import { createCentreTrust } from '../../electron/core/sync/centre-trust.ts'
import { keepCredential } from '../../electron/core/sync/seat-identity.ts'
import { addPeople, branch, password, people, startCentre, type TestCentre } from '../central/centre.ts'
import { seatParts } from '../support/seat-parts.ts'
import { until } from '../support/seat-process.ts'
import { TestSeat } from '../sync/seats.ts'

type Place = { centre: TestCentre; server: Server; url: string }
/** Hands everything on to a centre, and remembers what went through. */
type Ear = { url: string; heard: string[]; close(): void }

let ours: Place
let stranger: Place
const ears: HttpServer[] = []
const seats: TestSeat[] = []
const limits = { requestsPerMinute: 100_000, anonymousPerMinute: 100_000 }

async function place(): Promise<Place> {
  const centre = await startCentre(null)
  const server = await createServer(centre, null, limits)
  return { centre, server, url: await server.listen({ host: '127.0.0.1', port: 0 }) }
}

async function earAt({ url }: Place): Promise<Ear> {
  const heard: string[] = []
  const listener = createHttp((asked, answer) => {
    let body = ''
    asked.setEncoding('latin1')
    asked.on('data', (text: string) => {
      body += text
    })
    asked.on('end', () => {
      heard.push(`${asked.method} ${asked.url} ${JSON.stringify(asked.headers)} ${body}`)
      const onward = request(`${url}${asked.url}`, { method: asked.method, headers: asked.headers }, told => {
        answer.writeHead(told.statusCode ?? 500, told.headers)
        told.pipe(answer)
      })
      onward.on('error', () => answer.destroy())
      onward.end(Buffer.from(body, 'latin1'))
    })
  })
  ears.push(listener)
  await new Promise<void>(resolve => void listener.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    heard,
    close: () => listener.closeAllConnections(),
  }
}

beforeAll(async () => {
  ours = await place()
  stranger = await place()
  await addPeople(ours.centre)
  await stranger.centre.operators.save(
    { ...people.admin, operatorId: 's-admin', workNumber: '9666', name: '陌生管理员' },
    password,
    null,
  )
}, 300_000)
afterEach(async () => {
  for (const seat of seats.splice(0)) await seat.remove()
})
afterAll(async () => {
  for (const ear of ears) {
    ear.closeAllConnections()
    ear.close()
  }
  for (const { server, centre } of [ours, stranger]) {
    await server.close()
    await centre.end()
  }
})

const codeOf = async (run: Promise<unknown>) => {
  try {
    await run
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : String(error)
  }
  return 'none'
}
const codeAt = async ({ centre }: Place) => (await centre.devices.enrolmentCode(branch, null)).code

/** Enrolled at our centre; an agent and the administrator have signed in there, the administrator last. */
async function seatOfOurs(): Promise<TestSeat> {
  const seat = new TestSeat()
  seats.push(seat)
  await seat.start()
  await seat.enrolByHand(ours.url, await codeAt(ours))
  for (const { workNumber } of [people.agent, people.admin]) {
    await seat.core.seat.identity.signInByNumber({ workNumber, password })
  }
  return seat
}
const lineBecomes = (seat: TestSeat, state: string) =>
  until(
    async () => (await seat.core.seat.sync.status({})).centre === state,
    30_000,
    `the line to be ${state}`,
  )

it("a stranger's centre gets no secret, no password and no session, and nobody signs in on its word", async () => {
  const seat = await seatOfOurs()
  const { identity, settings, sync } = seat.core.seat
  const ear = await earAt(stranger)
  await settings.save({ settings: { centreUrl: ear.url } })
  await lineBecomes(seat, 'refused')
  expect((await sync.status({})).problem).toContain('不是登记本坐席的中心')
  await sync.now({})
  await identity.signOut({})
  expect(await codeOf(identity.signInByNumber({ workNumber: '9666', password }))).toBe('CENTRE_UNREACHABLE')
  // Who is known here is let in by what our centre said of them last.
  await identity.signInByNumber({ workNumber: people.agent.workNumber, password })
  expect(await codeOf(sync.enrol({ code: await codeAt(stranger) }))).toBe('FORBIDDEN')
  await identity.signOut({})
  expect(await codeOf(sync.enrol({ code: await codeAt(stranger) }))).toBe('NOT_SIGNED_IN')
  expect(ear.heard.length).toBeGreaterThan(0)
  for (const asked of ear.heard) {
    expect(asked).toMatch(/^GET \/v1\/identity\?challenge=/)
    expect(asked).not.toMatch(/authorization|x-operator-session|deviceSecret|password/i)
  }
}, 120_000)

it('an administrator moves the seat to another centre with a code of that centre, and nothing of the first one goes along', async () => {
  const seat = await seatOfOurs()
  const { identity, settings, sync } = seat.core.seat
  const ear = await earAt(stranger)
  await settings.save({ settings: { centreUrl: ear.url } })
  await lineBecomes(seat, 'refused')
  await sync.enrol({ code: await codeAt(stranger) })
  await lineBecomes(seat, 'online')
  await identity.signInByNumber({ workNumber: '9666', password })
  const sessions = ear.heard.filter(asked => asked.startsWith('POST /v1/sessions'))
  expect(sessions.some(asked => asked.includes('"workNumber":"9666"'))).toBe(true)
  expect(sessions.filter(asked => asked.includes('refreshToken'))).toEqual([])
  // And the way back is as deliberate.
  await settings.save({ settings: { centreUrl: ours.url } })
  await lineBecomes(seat, 'refused')
}, 120_000)

it('the same centre at another address is the same centre', async () => {
  const seat = await seatOfOurs()
  const ear = await earAt(ours)
  await seat.core.seat.settings.save({ settings: { centreUrl: ear.url } })
  await lineBecomes(seat, 'online')
  expect(ear.heard[0]).toMatch(/^GET \/v1\/identity/)
  ear.close()
  await seat.core.seat.settings.save({ settings: { centreUrl: ours.url } })
  await lineBecomes(seat, 'online')
}, 120_000)

it('a credential from before keys were shown takes the key at its own address, and is bound to it from then on', async () => {
  const seat = seatParts()
  try {
    seat.write(db => keepCredential(db, { clientId: 'c', deviceSecret: 'the secret of this device', branch }))
    const sent: string[] = []
    const trust = (url: string, { centreKey }: TestCentre, said: 'proof' | 'nothing' | 'lie' = 'proof') =>
      createCentreTrust({
        ...seat,
        url,
        ask: ({ path }: CentreRequest) => {
          const challenge = new URL(path, url).searchParams.get('challenge')
          if (challenge === null) {
            sent.push(`${url}${path}`)
            return Promise.resolve({ status: 200, headers: {}, text: '{}' })
          }
          if (said === 'nothing') return Promise.resolve({ status: 404, headers: {}, text: '' })
          const proof = centreKey.prove(said === 'lie' ? `${challenge}x` : challenge)
          return Promise.resolve({ status: 200, headers: {}, text: JSON.stringify(proof) })
        },
      })
    const token = { method: 'POST', path: '/v1/device-tokens', headers: {}, body: null } as const
    const ask = async (...given: Parameters<typeof trust>) => (await trust(...given).ask(token)).status
    const [one, other] = ['https://one.example', 'https://other.example']
    expect(await ask(one, ours.centre, 'lie')).toBe(403)
    expect(await ask(one, ours.centre, 'nothing')).toBe(200)
    // Known by its address alone, it cannot be another address.
    expect(await ask(other, ours.centre)).toBe(403)
    expect(await ask(one, ours.centre)).toBe(200)
    expect(await ask(one, stranger.centre)).toBe(403)
    expect(await ask(one, ours.centre, 'nothing')).toBe(403)
    expect(await ask(other, ours.centre)).toBe(200)
    expect(sent).toEqual([one, one, other].map(url => `${url}/v1/device-tokens`))
    // An enrolment elsewhere carries nothing of who this seat was.
    const bodies: string[] = []
    const elsewhere = createCentreTrust({
      ...seat,
      url: 'https://third.example',
      ask: ({ path, body }: CentreRequest) => {
        if (body !== null) bodies.push(Buffer.from(body).toString())
        const challenge = new URL(path, one).searchParams.get('challenge') ?? ''
        const text = JSON.stringify(stranger.centre.centreKey.prove(challenge))
        return Promise.resolve({ status: 200, headers: {}, text })
      },
    })
    const body = Buffer.from(JSON.stringify({ code: 'x', former: { clientId: 'c', deviceSecret: 's' } }))
    await elsewhere.ask({ method: 'POST', path: '/v1/enrolments', headers: {}, body })
    expect(bodies).toEqual(['{"code":"x"}'])
  } finally {
    seat.close()
  }
})
