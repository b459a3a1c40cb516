import { fork } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createCitizenMedia } from '../../exchange/citizen-media.ts'
import { muLawSilence } from '../../exchange/mu-law.ts'
import { expectedResponse } from '../../exchange/registrar.ts'
import { loadAudio } from '../../exchange/scripts.ts'
import { formatSip, header, parseSip, respond, type SipMessage } from '../../exchange/sip-message.ts'
import { type Exchange, startExchange } from '../../exchange/start-exchange.ts'
import { isAlive, root, until } from '../support/seat-process.ts'

let exchange: Exchange
const sockets: WebSocket[] = []
beforeEach(async () => {
  exchange = await startExchange()
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate()
  await exchange.close()
})

/** A seat made of nothing but frames: registers, and hands over what arrives. */
async function line(origin?: string) {
  const socket = new WebSocket(exchange.training.sipUrl, 'sip', origin === undefined ? {} : { origin })
  sockets.push(socket)
  const received: SipMessage[] = []
  socket.on('message', data => {
    const message = parseSip(String(data))
    if (message !== null) received.push(message)
  })
  const opened = await new Promise<boolean>(resolve => {
    socket.on('open', () => resolve(true))
    socket.on('error', () => resolve(false))
  })
  const contact = `sip:${randomBytes(4).toString('hex')}@seat.invalid;transport=ws`
  const send = (message: SipMessage) => socket.send(formatSip(message))
  const request = (method: string, extra: [string, string][] = [], sequence = 1): SipMessage => ({
    startLine: `${method} sip:${exchange.training.sipDomain} SIP/2.0`,
    method,
    requestUri: `sip:${exchange.training.sipDomain}`,
    status: null,
    headers: [
      ['Via', `SIP/2.0/WS seat.invalid;branch=z9hG4bK${randomBytes(4).toString('hex')}`],
      ['From', `<sip:8001@${exchange.training.sipDomain}>;tag=t`],
      ['To', `<sip:8001@${exchange.training.sipDomain}>`],
      ['Call-ID', `register-${contact}`],
      ['CSeq', `${sequence} ${method}`],
      ...extra,
    ],
    body: '',
  })
  const answerTo = async (message: SipMessage) => {
    const before = received.length
    send(message)
    await until(() => received.length > before, 5_000, 'an answer')
    return received.at(-1) as SipMessage
  }
  const register = async (secret: string) => {
    const challenge = await answerTo(request('REGISTER', [['Contact', `<${contact}>`]]))
    const nonce = /nonce="([^"]+)"/.exec(header(challenge, 'www-authenticate'))?.[1] ?? ''
    const fields = {
      username: '8001',
      realm: exchange.training.sipDomain,
      uri: `sip:${exchange.training.sipDomain}`,
      nonce,
      nc: '00000001',
      cnonce: 'c',
      qop: 'auth',
    }
    const response = expectedResponse(fields, secret, 'REGISTER')
    const value = `Digest ${Object.entries(fields)
      .map(([name, text]) => `${name}="${text}"`)
      .join(', ')}, response="${response}"`
    return answerTo(
      request(
        'REGISTER',
        [
          ['Contact', `<${contact}>`],
          ['Authorization', value],
        ],
        2,
      ),
    )
  }
  const next = async (method: string) => {
    await until(() => received.some(message => message.method === method), 15_000, method)
    return received.find(message => message.method === method) as SipMessage
  }
  return { opened, socket, received, send, register, answerTo, request, contact, next }
}

const control = async (
  path: string,
  init: { method?: string; body?: string; headers?: Record<string, string> } = {},
) => {
  const response = await fetch(new URL(path, exchange.training.controlUrl), {
    ...init,
    headers: { 'content-type': 'application/json', ...init.headers },
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
const call = async (body: Record<string, unknown> = {}) =>
  String((await control('/calls', { method: 'POST', body: JSON.stringify(body) })).body['callId'])
const view = async (callId: string) => (await control(`/calls/${encodeURIComponent(callId)}`)).body

describe('the training exchange', () => {
  it('registers by digest and refuses a wrong secret', async () => {
    const seat = await line()
    expect((await seat.register('wrong')).status).toBe(403)
    expect((await seat.register(exchange.training.secret)).status).toBe(200)
  })

  it('lets no web page of somebody else in', async () => {
    expect((await line('https://evil.example')).opened).toBe(false)
    expect((await line('zuoxi://app')).opened).toBe(true)
    expect((await control('/calls', { headers: { origin: 'http://127.0.0.1' } })).status).toBe(403)
  })

  it('survives rubbish, and goes on', async () => {
    const seat = await line()
    for (const text of [
      '',
      'x',
      'INVITE\r\n\r\n',
      'INVITE sip:8001@x SIP/2.0\r\nVia\r\n\r\n',
      `A${'b'.repeat(60_000)}`,
      '\u0000\r\n\r\n',
    ]) {
      seat.socket.send(text)
    }
    expect((await seat.register(exchange.training.secret)).status).toBe(200)
  })

  it('answers a ping, and says 481, 404 and 480 where there is nobody', async () => {
    const seat = await line()
    expect((await seat.answerTo(seat.request('OPTIONS'))).status).toBe(200)
    expect((await seat.answerTo(seat.request('BYE'))).status).toBe(481)
    const callId = await call()
    await until(async () => (await view(callId))['state'] === 'ended', 5_000, 'the call to end')
    expect((await view(callId))['outcome']).toBe('no-answer')
  })

  it('brings a call with its facts, with real audio both ways, and its end', async () => {
    const seat = await line()
    await seat.register(exchange.training.secret)
    const callId = await call({ from: '19900000401', skill: '企业', dialect: 'lan' })
    const invite = await seat.next('INVITE')
    expect(header(invite, 'from')).toContain('19900000401')
    expect(decodeURIComponent(header(invite, 'x-skill'))).toBe('企业')
    expect(header(invite, 'x-dialect')).toBe('lan')
    const media = createCitizenMedia()
    const contact: [string, string][] = [
      ['Contact', `<${seat.contact}>`],
      ['Content-Type', 'application/sdp'],
    ]
    seat.send(respond(invite, 180, 'Ringing', [], '', 'seat'))
    seat.send(respond(invite, 200, 'OK', contact, await media.answer(invite.body), 'seat'))
    await seat.next('ACK')
    media.speak(loadAudio('consultation.ulaw'), true)
    await until(async () => Number((await view(callId))['heardSeconds']) > 0.5, 20_000, 'the citizen to hear')
    await until(() => (media.heard().levelDbfs ?? -99) > -50, 20_000, 'the seat to hear')
    expect(Number((await view(callId))['heardLevelDbfs'])).toBeGreaterThan(-50)
    await control(`/calls/${encodeURIComponent(callId)}`, { method: 'DELETE' })
    seat.send(respond(await seat.next('BYE'), 200, 'OK'))
    expect(await view(callId)).toMatchObject({ state: 'ended', outcome: 'hung-up-by-citizen' })
    media.close()
  })

  it('tells the seat that lost that the call was answered elsewhere, and a caller who gives up from that', async () => {
    const [one, two] = [await line(), await line()]
    await one.register(exchange.training.secret)
    await two.register(exchange.training.secret)
    const first = await call({ from: '19900000402' })
    const [inviteOne] = [await one.next('INVITE'), await two.next('INVITE')]
    const media = createCitizenMedia()
    const contact: [string, string][] = [
      ['Contact', `<${one.contact}>`],
      ['Content-Type', 'application/sdp'],
    ]
    one.send(respond(inviteOne, 200, 'OK', contact, await media.answer(inviteOne.body), 'one'))
    expect(header(await two.next('CANCEL'), 'reason')).toMatch(/SIP;cause=200/)
    await until(async () => (await view(first))['state'] === 'talking', 5_000, 'the talk')
    media.close()
    two.received.length = 0
    const second = await call({ from: '19900000403', hangUpAfterMs: 300 })
    await two.next('INVITE')
    expect(header(await two.next('CANCEL'), 'reason')).toBe('')
    expect((await view(second))['outcome']).toBe('cancelled-by-citizen')
  })

  it('refuses bad control requests with codes', async () => {
    expect(await control('/calls', { method: 'POST', body: '{' })).toMatchObject({
      status: 400,
      body: { code: 'BAD_INPUT' },
    })
    expect(await control('/calls', { method: 'POST', body: '{"too":1}' })).toMatchObject({ status: 400 })
    expect(await control('/calls', { method: 'POST', body: '{"script":"none"}' })).toMatchObject({
      status: 404,
    })
    expect(await control('/calls/none')).toMatchObject({ status: 404, body: { code: 'NO_CALL' } })
    expect(await control('/calls', { method: 'PUT', body: '{}' })).toMatchObject({ status: 405 })
    expect(await control('/calls', { method: 'POST', body: `"${'x'.repeat(20_000)}"` })).toMatchObject({
      status: 413,
    })
    expect((await control('/scripts')).body).toHaveLength(5)
  })

  it('ends with its parent', async () => {
    const child = fork(join(root, 'exchange', 'main.ts'), [], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    await new Promise(resolve => child.once('message', resolve))
    child.disconnect()
    await until(() => !isAlive(child.pid ?? 0) || child.exitCode !== null, 10_000, 'the exchange to end')
    expect(isAlive(child.pid ?? 0) && child.exitCode === null).toBe(false)
  })
})

it('the digest is that of RFC 2617', () => {
  const md5 = (text: string) => createHash('md5').update(text).digest('hex')
  const fields = { username: 'u', realm: 'r', uri: 'sip:r', nonce: 'n' }
  expect(expectedResponse(fields, 's', 'REGISTER')).toBe(md5(`${md5('u:r:s')}:n:${md5('REGISTER:sip:r')}`))
})

it('a citizen who has said everything is silent, and the line goes on', async () => {
  const citizen = createCitizenMedia()
  const other = createCitizenMedia()
  try {
    await citizen.accept(await other.answer(await citizen.offer()))
    // Two packets and a half.
    citizen.speak(new Uint8Array(400).fill(0x20), false)
    await until(() => other.heardAudio().length > 4_000, 10_000, 'half a second to arrive')
    expect([...new Set(other.heardAudio().slice(-160))]).toEqual([muLawSilence])
  } finally {
    citizen.close()
    other.close()
  }
})
