/** The line on real sockets, with its clock driven: nothing here waits for a timer. */
import type { Invitation } from 'sip.js'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type Exchange, startExchange } from '../../exchange/start-exchange.ts'
import { createPhoneState } from '../../renderer/phone/phone-state.ts'
import { createLine } from '../../renderer/phone/sip/line.ts'
import type { Timers } from '../../renderer/phone/timers.ts'
import { type SipLine, startLine } from '../support/line.ts'
import { until } from '../support/seat-process.ts'

type Waiting = { at: number; ms: number; run(): void }

/** A clock that stands still until it is moved; what comes due runs in order. */
function createDrivenTimers() {
  let now = Date.parse('2026-11-23T08:00:00Z')
  const waiting = new Set<Waiting>()
  const timers: Timers = {
    now: () => now,
    after: (ms, run) => {
      const one = { at: now + ms, ms, run }
      waiting.add(one)
      return () => void waiting.delete(one)
    },
  }
  const next = (until: number) =>
    [...waiting].filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0]
  return {
    timers,
    /** `settled` is awaited after each timer that ran. */
    advance: async (ms: number, settled: () => Promise<void> = () => Promise.resolve()) => {
      const end = now + ms
      for (let due = next(end); due !== undefined; due = next(end)) {
        waiting.delete(due)
        now = Math.max(now, due.at)
        due.run()
        await settled()
      }
      now = end
    },
    /** A timer of this length runs: a question is open. */
    isWaiting: (ms: number) => [...waiting].some(one => one.ms === ms),
  }
}

const pingTimeoutMs = 4_000
let exchange: Exchange
let lines: SipLine[]
let closers: (() => Promise<void>)[]

beforeEach(async () => {
  exchange = await startExchange()
  lines = [await startLine(exchange.training.sipUrl), await startLine(exchange.training.sipUrl)]
  closers = []
})
afterEach(async () => {
  for (const close of closers) await close()
  for (const line of lines) await line.close()
  await exchange.close()
})

async function registered(exchanges: readonly string[], hasCalls = () => false) {
  const clock = createDrivenTimers()
  const state = createPhoneState()
  let returns = 0
  const said: string[] = []
  let invited: Invitation | null = null
  const line = createLine({
    timers: clock.timers,
    random: () => 0.5,
    state,
    openMicrophone: () => Promise.reject(new Error('no microphone')),
    announce: invite => {
      said.push(`shown ${invite.callId}`)
      return { takeBack: () => said.push('settled'), until: 'seen' }
    },
    accepted: () => null,
    isHolding: () => false,
    invited: invitation => {
      said.push(`read ${invitation.request.callId}`)
      invited = invitation
    },
    lost: () => {},
    back: () => {
      returns += 1
    },
    hasCalls,
    trace: () => {},
    explain: () => Promise.resolve(null),
  })
  closers.push(line.close)
  const { sipDomain, extension, secret } = exchange.training
  await line.use({ exchanges, sipDomain, extension, authUser: extension, secret })
  const isState = (wanted: string) => () => state.snapshot().line.state === wanted
  await until(isState('registered'), 10_000, 'the line to register')
  /** Every question that the clock brought up has its answer. */
  const answered = () => until(() => !clock.isWaiting(pingTimeoutMs), 10_000, 'a ping to be answered')
  return { clock, state, line, isState, answered, returns: () => returns, said, invited: () => invited }
}

it('finds a half-open socket within 10 s, also after ten minutes in which nothing happened', async () => {
  const [primary] = lines as [SipLine, SipLine]
  const { clock, state, isState, answered } = await registered([primary.url])
  await clock.advance(600_000, answered)
  expect(state.snapshot().line.state).toBe('registered')
  const pings = primary.messages.filter(({ text }) => text.startsWith('OPTIONS')).length
  expect(pings).toBe(120)

  primary.freeze()
  const frozenAt = clock.timers.now()
  while (!isState('offline')() && clock.timers.now() - frozenAt < 60_000) await clock.advance(100)
  const seconds = (clock.timers.now() - frozenAt) / 1_000
  console.log(`half-open after 10 min of quiet: found in ${seconds} s of the line's own clock`)
  expect(seconds).toBeLessThanOrEqual(10)

  primary.restore()
  await clock.advance(15_000)
  await until(isState('registered'), 10_000, 'the line to come back')
})

it('asks at once when the machine wakes up or its network changes: a dead socket is found in one time-out', async () => {
  const [primary] = lines as [SipLine, SipLine]
  const { clock, line, isState, answered, returns } = await registered([primary.url])
  line.check()
  await answered()
  expect(isState('registered')()).toBe(true)

  primary.freeze()
  line.check()
  await clock.advance(pingTimeoutMs - 1)
  expect(isState('registered')()).toBe(true)
  await clock.advance(1)
  expect(isState('offline')()).toBe(true)

  // The back-off is not waited out either.
  primary.restore()
  line.check()
  await clock.advance(0)
  await until(isState('registered'), 10_000, 'the line to come back')
  expect(returns()).toBe(1)
})

it('moves to the backup exchange, says so, and goes back to the primary between calls', async () => {
  const [primary, backup] = lines as [SipLine, SipLine]
  let calls = 0
  const { clock, state, isState, answered, returns } = await registered(
    [primary.url, backup.url],
    () => calls > 0,
  )
  expect(backup.connections()).toBe(0)
  primary.cut()
  await until(() => !isState('registered')(), 10_000, 'the loss to be seen')
  // The second failure in a row moves it; each try is over before the next is due.
  for (let tries = 0; tries < 3 && !isState('registered')(); tries += 1) {
    const before = state.snapshot().line
    await clock.advance(15_000)
    await until(() => state.snapshot().line !== before || isState('registered')(), 10_000, 'the next try')
    await until(() => isState('registered')() || isState('offline')(), 10_000, 'the try to end')
  }
  await until(isState('registered'), 10_000, 'the backup to take over')
  expect(backup.connections()).toBe(1)
  expect(state.snapshot().line.problem).toBe('主用话务台不可达，正在使用备用话务台')
  expect(returns()).toBe(1)

  // While the primary is away, and while somebody is spoken with, it stays.
  await clock.advance(31_000, answered)
  expect(isState('registered')()).toBe(true)
  primary.restore()
  calls = 1
  await clock.advance(120_000, answered)
  expect(primary.connections()).toBe(1)
  calls = 0
  const seen = async () => {
    await clock.advance(500, answered)
    return isState('registered')() && state.snapshot().line.problem === null
  }
  await until(seen, 30_000, 'the return to the primary')
  expect(primary.connections()).toBeGreaterThan(1)
})

const inviteFor = (user: string, callId: string, cseq = 1) =>
  [
    `INVITE sip:${user}@127.0.0.1 SIP/2.0`,
    `Via: SIP/2.0/WS 127.0.0.1:8088;branch=z9hG4bK${callId}${cseq}`,
    'Max-Forwards: 70',
    `From: <sip:19900000301@127.0.0.1>;tag=${callId}`,
    `To: <sip:${user}@127.0.0.1>`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq} INVITE`,
    'Contact: <sip:19900000301@127.0.0.1:5080>',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')

it('shows a call before it is gone into; not what is for another, and not what it had already', async () => {
  vi.stubGlobal('document', Object.assign(new EventTarget(), { hidden: false }))
  vi.stubGlobal('requestAnimationFrame', () => 0)
  try {
    const [primary] = lines as [SipLine, SipLine]
    const { clock, said, invited, line } = await registered([primary.url])
    const answersTo = (callId: string) =>
      primary.messages.filter(
        ({ direction, text }) =>
          direction === 'up' && text.startsWith('SIP/2.0 ') && text.includes(`Call-ID: ${callId}\r\n`),
      )
    primary.inject(inviteFor('nobody', 'other'))
    await until(() => answersTo('other').length > 0, 10_000, 'an answer to a call for somebody else')
    expect(said).toEqual([])

    primary.inject(inviteFor(exchange.training.extension, 'one'))
    await until(() => said.length > 0, 10_000, 'the call to be shown')
    expect(said).toEqual(['shown one'])
    expect(answersTo('one')).toEqual([])
    await clock.advance(50)
    expect(said).toEqual(['shown one', 'read one', 'settled'])
    await invited()?.reject({ statusCode: 486 })
    await until(() => answersTo('one').length === 2, 10_000, 'the call to be refused')

    // Sent again, and begun again under the same name: sip.js knows what to do with both.
    primary.inject(inviteFor(exchange.training.extension, 'one'))
    await until(() => answersTo('one').length === 3, 10_000, 'the refusal to be sent again')
    primary.inject(inviteFor(exchange.training.extension, 'one', 2))
    await until(() => said.length > 3, 10_000, 'the second to be read')
    expect(said.slice(3)).toEqual(['read one'])

    // Acted on before it is drawn.
    primary.inject(inviteFor(exchange.training.extension, 'two'))
    await until(() => said.length > 4, 10_000, 'the next to be shown')
    line.hear()
    expect(said.slice(4)).toEqual(['shown two', 'read two', 'settled'])
    await clock.advance(50)
    expect(said).toHaveLength(7)
  } finally {
    vi.unstubAllGlobals()
  }
})

const ack = (callId: string) =>
  [
    'ACK sip:8002@127.0.0.1 SIP/2.0',
    `Via: SIP/2.0/WS x.invalid;branch=z9hG4bK${callId}`,
    'Max-Forwards: 70',
    'From: <sip:8001@127.0.0.1>;tag=a',
    'To: <sip:8002@127.0.0.1>;tag=b',
    `Call-ID: ${callId}`,
    'CSeq: 1 ACK',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')

it('sends again, after a loss, what acknowledged an answer shortly before it, and what found no line', async () => {
  const [primary] = lines as [SipLine, SipLine]
  const { clock, line, isState } = await registered([primary.url])
  const acks = () =>
    primary.messages.flatMap(({ direction, text }) =>
      direction === 'up' && text.startsWith('ACK ') ? [/^Call-ID: (.*)\r$/m.exec(text)?.[1]] : [],
    )
  const say = async (callId: string) => line.agent()?.transport.send(ack(callId))
  const comesBack = async () => {
    primary.restore()
    await clock.advance(1_500)
    await until(isState('registered'), 10_000, 'the line to register again')
  }
  await say('before')
  await until(() => acks().length === 1, 10_000, 'the acknowledgement to pass')
  primary.cut()
  await until(isState('offline'), 10_000, 'the loss to be noticed')
  await say('meanwhile')
  await comesBack()
  await until(() => acks().length === 3, 10_000, 'both to be sent again')
  expect(acks()).toEqual(['before', 'before', 'meanwhile'])

  // Nobody waits any more for one that is older than an answer waits.
  primary.cut()
  await until(isState('offline'), 10_000, 'the loss to be noticed')
  await clock.advance(40_000, async () => {})
  await comesBack()
  await say('afterwards')
  await until(() => acks().length === 4, 10_000, 'the next to pass')
  expect(acks().slice(3)).toEqual(['afterwards'])
})
