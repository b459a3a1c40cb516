import fc from 'fast-check'
import { Parser } from 'sip.js/lib/core/messages/parser.js'
import { expect, it } from 'vitest'
import { readCallFacts } from '../../renderer/phone/call-facts.ts'
import { seeAcceptance, seeInvite } from '../../renderer/phone/sip/plain-message.ts'
import { defaultSettings } from '../../shared/domain/settings.ts'
import { tortureMessages } from '../support/torture.ts'

const sdp = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 30000 RTP/AVP 8',
  '',
].join('\r\n')

const invite = (callId: string, headers: readonly string[] = [], body = '') =>
  [
    'INVITE sip:8001@3dn59mcgrqjv.invalid;transport=ws SIP/2.0',
    'Record-Route: <sip:127.0.0.1:8088;transport=ws;r2=on;lr=on>, <sip:127.0.0.1;r2=on;lr>',
    // As Kamailio writes it, with two spaces.
    'Via: SIP/2.0/WS  127.0.0.1:8088;branch=z9hG4bKb3be.449828b2d998b125.0',
    'Via: SIP/2.0/UDP 127.0.0.1:5080;received=127.0.0.1;branch=z9hG4bKefbdd8999445f21a;rport=5080',
    'From: "张三" <sip:19900000301@127.0.0.1>;tag=a',
    'To: <sip:8001@127.0.0.1>',
    `Call-ID: ${callId}`,
    'CSeq: 1 INVITE',
    'Contact: <sip:19900000301-0x5@127.0.0.1:5080;alias=127.0.0.1~5080~1>;expires=60;+sip.instance="<urn:uuid:1>"',
    'Max-Forwards: 69',
    'Supported:',
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    ...headers,
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n')

const headerMap = { ...defaultSettings.headerMap, queue: 'X-Queue' }

it('sees what the card shows, compact headers too', () => {
  const seen = seeInvite(
    invite('one', ['X-Queue: 市民热线'], sdp).replace('From:', 'f:').replace('Call-ID:', 'i :'),
  )
  expect(seen?.user).toBe('8001')
  const facts = seen === null ? null : readCallFacts(seen.read, seen.callId, headerMap)
  expect(facts).toMatchObject({
    originalCallId: 'one',
    callerNumber: '19900000301',
    calledNumber: '8001',
    displayName: '张三',
    queue: '市民热线',
  })
})

const plain = invite('one', [], sdp)
it.each<readonly [what: string, message: string]>([
  ['a re-INVITE', plain.replace('To: <sip:8001@127.0.0.1>', 'To: <sip:8001@127.0.0.1>;tag=b')],
  ['one that takes the place of another call', invite('one', ['Replaces: x;to-tag=a;from-tag=b'], sdp)],
  ['one that wants an extension', invite('one', ['Require: nothing-known'], sdp)],
  ['one without an end of its headers', 'INVITE sip:8001@x.invalid SIP/2.0\r\nCall-ID: one'],
  ...['Via', 'From', 'To', 'Call-ID', 'CSeq', 'Contact'].map(
    name => [`one without ${name}`, plain.replace(new RegExp(`^${name}: .*\\r\\n`, 'gm'), '')] as const,
  ),
  ...['From', 'To', 'Call-ID', 'CSeq', 'Contact', 'Content-Length'].map(
    name =>
      [`one with ${name} twice`, plain.replace(new RegExp(`^(${name}: .*\\r\\n)`, 'm'), '$1$1')] as const,
  ),
  ['one whose sender has no tag', plain.replace(';tag=a', '')],
  ['one with a broken sender', plain.replace('"张三" <', '"张三 <')],
  ['one with a broken branch', plain.replace('branch=z9hG4bKb3be', 'branch=')],
  ['one with a folded header', invite('one', ['X-Queue: a', ' b'], sdp)],
  ['one with a line that is no header', invite('one', ['nothing'], sdp)],
  ['one with a control character', invite('one', ['X-Queue: a\u0000'], sdp)],
  ['one whose body is cut off', plain.slice(0, -2)],
  ['one that offers nothing to speak with', invite('one', [], sdp.replace('audio 30000', 'audio 0'))],
  ['one with another body', plain.replace('application/sdp', 'text/plain')],
  ['one that is too long', invite('one', [`X: ${'a'.repeat(70_000)}`], sdp)],
  ['one with a long sender', plain.replace('19900000301@', `${'1'.repeat(60_000)}@`)],
  ['another request', plain.replace(/^INVITE/, 'OPTIONS')],
])('leaves %s to sip.js', (_, message) => {
  expect(seeInvite(message)).toBeNull()
})

/** As sip.js reads it; undefined: it drops it, or its core refuses it without a word to us. */
function readBySipJs(text: string) {
  const silent = () => {}
  const logger = { warn: silent, error: silent } as unknown as Parameters<typeof Parser.parseMessage>[1]
  const message = Parser.parseMessage(text, logger)
  const needed = ['from', 'to', 'call-id', 'cseq', 'via', 'contact']
  if (message === undefined || !('ruri' in message)) return undefined
  if (message.method !== 'INVITE' || message.ruri?.scheme !== 'sip') return undefined
  if (!needed.every(name => message.hasHeader(name)) || message.toTag) return undefined
  if (Buffer.byteLength(message.body) < Number(message.getHeader('content-length') ?? 0)) return undefined
  return message
}

/** Shown by us means taken by sip.js, with the same words on the card. */
function agree(text: string): boolean {
  const seen = seeInvite(text)
  if (seen === null) return false
  const read = readBySipJs(text)
  expect(read, text).toBeDefined()
  if (read === undefined) return true
  expect(read.callId).toBe(seen.callId)
  expect(read.ruri?.user).toBe(seen.user)
  expect(read.fromTag).toBeTruthy()
  expect(readCallFacts(seen.read, seen.callId, headerMap)).toEqual(
    readCallFacts(name => read.getHeader(name), read.callId, headerMap),
  )
  return true
}

const accepted = plain
  .replace(/^INVITE .*/, 'SIP/2.0 200 OK')
  .replace(/^Via: SIP\/2.0\/UDP.*\r\n/m, '')
  .replace('To: <sip:8001@127.0.0.1>', 'To: <sip:8001@127.0.0.1>;tag=b')

it('sees which of our requests is accepted', () => {
  expect(seeAcceptance(accepted)).toEqual({
    callId: 'one',
    cseq: 1,
    sentBy: '127.0.0.1:8088',
    branch: 'z9hG4bKb3be.449828b2d998b125.0',
  })
  expect(seeInvite(accepted)).toBeNull()
  expect(seeAcceptance(plain)).toBeNull()
})

it.each([
  ['a provisional answer', accepted.replace('200 OK', '183 Session Progress')],
  ['a refusal', accepted.replace('200 OK', '488 Not Acceptable Here')],
  ['an answer to something else', accepted.replace('1 INVITE', '1 OPTIONS')],
  ['one without a tag', accepted.replace(';tag=b', '')],
  ['one that came a long way', accepted.replace(/^Via: .*\r\n/m, '$&$&')],
  [
    'one without a description',
    `${accepted.slice(0, accepted.indexOf('Content-Length'))}Content-Length: 0\r\n\r\n`,
  ],
  ['one that is cut off', accepted.slice(0, -2)],
  ['one that refuses the sound', accepted.replace('audio 30000', 'audio 00000')],
])('is told of no acceptance by %s', (_, message) => {
  expect(seeAcceptance(message)).toBeNull()
})

/** As sip.js' core checks an answer before it is given to its transaction. */
function agreeOnAnswer(text: string): boolean {
  const seen = seeAcceptance(text)
  if (seen === null) return false
  const silent = () => {}
  const logger = { warn: silent, error: silent } as unknown as Parameters<typeof Parser.parseMessage>[1]
  const read = Parser.parseMessage(text, logger)
  expect(read, text).toBeDefined()
  if (read === undefined || 'ruri' in read) throw new Error(`not an answer: ${text}`)
  expect(['from', 'to', 'call-id', 'cseq', 'via'].every(name => read.hasHeader(name))).toBe(true)
  expect(read.getHeaders('via')).toHaveLength(1)
  expect([read.callId, read.cseq, read.method, read.viaBranch, read.via.host]).toEqual([
    seen.callId,
    seen.cseq,
    'INVITE',
    seen.branch,
    seen.sentBy.split(':')[0],
  ])
  return true
}

it('shows nothing that sip.js would not take: the torture messages', () => {
  const shown = tortureMessages.filter(({ text }) => agree(text)).map(({ name }) => name)
  // Wrong only in what neither reads: a date, and the description.
  expect(shown).toEqual(['baddate', 'sdp01'])
})

it('shows nothing that sip.js would not take: messages with something wrong anywhere', () => {
  expect(agree(plain)).toBe(true)
  expect(agreeOnAnswer(accepted)).toBe(true)
  const broken = [
    '',
    ' ',
    '\r\n',
    '\r',
    ':',
    ';',
    '<',
    '>',
    '"',
    '@',
    ',',
    '\\',
    '\t',
    '%',
    '=',
    '\u0000',
    'a',
    '9',
    '张',
    '-',
    '.',
    '[',
    '(',
  ]
  fc.assert(
    fc.property(
      fc.array(fc.record({ at: fc.nat(plain.length), cut: fc.nat(3), put: fc.constantFrom(...broken) }), {
        minLength: 1,
        maxLength: 3,
      }),
      changes => {
        const changed = (text: string) =>
          changes.reduce((now, { at, cut, put }) => now.slice(0, at) + put + now.slice(at + cut), text)
        agree(changed(plain))
        agreeOnAnswer(changed(accepted))
      },
    ),
    { numRuns: 5_000 },
  )
})
