import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCallFacts, readNameAddress } from '../../renderer/phone/call-facts.ts'
import { causeOfCancel, causeOfRefusal } from '../../renderer/phone/end-cause.ts'
import { offersAudio, orderCodecs } from '../../renderer/phone/sdp.ts'
import { callFacts } from '../../shared/domain/call.ts'
import { dialString, normalizeNumber } from '../../shared/domain/phone-number.ts'
import { defaultSettings } from '../../shared/domain/settings.ts'

const read = (headers: Record<string, string>) => (name: string) => headers[name]

describe('what an INVITE says', () => {
  it('takes the asserted identity before the caller’s own word, and hides what asks for privacy', () => {
    const headers = {
      From: '"甲" <sip:1@a>',
      To: '<sip:8001@x>',
      'P-Asserted-Identity': '"乙" <tel:+8619900000001>',
    }
    expect(readCallFacts(read(headers), 'c', defaultSettings.headerMap)).toMatchObject({
      callerNumber: '+8619900000001',
      displayName: '乙',
    })
    const hidden = readCallFacts(read({ ...headers, Privacy: 'id' }), 'c', defaultSettings.headerMap)
    expect(hidden).toMatchObject({ callerNumber: null, displayName: null })
  })

  it('keeps the area that a local number belongs to', () => {
    const headers = { From: '<tel:65550123;isub=1;phone-context=+86512;ext=8>;tag=1' }
    const { callerNumber } = readCallFacts(read(headers), 'c', defaultSettings.headerMap)
    expect(normalizeNumber(callerNumber, { areaCode: '0999' })).toMatchObject({
      key: '051265550123',
      extension: '8',
    })
  })

  it('always fits the record, whatever stands in the headers', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom('From', 'To', 'P-Asserted-Identity', 'Privacy', 'X-Queue', 'X-Dialect'),
          fc.string({ unit: 'binary', maxLength: 400 }),
        ),
        headers => {
          expect(
            callFacts.safeParse(readCallFacts(read(headers), 'call', defaultSettings.headerMap)).success,
          ).toBe(true)
        },
      ),
    )
  })

  it('removes what hides or turns text, and cuts what is too long', () => {
    expect(readNameAddress('"a\u202eb\u0000c" <sip:1@x>').name).toBe('abc')
    expect(readNameAddress(`"${'长'.repeat(5_000)}" <sip:1@x>`).name).toHaveLength(64)
  })
})

it('a CANCEL says whether somebody else answered', () => {
  expect(causeOfCancel('SIP;cause=200;text="Call completed elsewhere"')).toBe('answered-elsewhere')
  expect(causeOfCancel('SIP ; cause = 200')).toBe('answered-elsewhere')
  expect(causeOfCancel('Q.850;cause=16')).toBe('cancelled')
  expect(causeOfCancel(undefined)).toBe('cancelled')
  expect([486, 480, 603, 404, 500].map(causeOfRefusal)).toEqual([
    'busy',
    'no-answer',
    'rejected',
    'invalid-number',
    'failed',
  ])
})

it('only what can be dialled is dialled', () => {
  expect(dialString('0999-555 0123')).toBe('09995550123')
  expect(dialString('＋86 199')).toBe('+86199')
  expect(dialString('*98#')).toBe('*98#')
  expect(dialString('0999‑5550123')).toBe('09995550123')
  expect(dialString('0999·555−0123')).toBe('09995550123')
  expect(dialString('19900000001/19900000002')).toBe('19900000001')
  expect(dialString('19900000001 19900000002')).toBe('19900000001')
  expect(dialString('0999-5550123转分机801')).toBe('09995550123')
  expect(dialString('0999-5550123/4')).toBe('09995550123')
  expect(dialString('王女士 5550123')).toBe('5550123')
  for (const typed of ['', 'abc', '1;drop', 'sip:1@x', '1'.repeat(40)]) expect(dialString(typed)).toBeNull()
})

it('codecs are ordered as configured, and a refused audio line is no audio', () => {
  const sdp = [
    'v=0',
    'm=audio 9 UDP/TLS/RTP/SAVPF 111 8 0 126',
    'a=rtpmap:111 opus/48000/2',
    'a=fmtp:111 x=1',
    'a=rtpmap:126 telephone-event/8000',
    'm=video 9 RTP 96',
    '',
  ].join('\r\n')
  const ordered = orderCodecs(sdp, ['PCMA', 'opus'])
  expect(ordered).toContain('m=audio 9 UDP/TLS/RTP/SAVPF 8 111 126')
  expect(orderCodecs(sdp, ['G722'])).toBe(sdp)
  expect(orderCodecs(sdp, ['PCMA'])).not.toContain('fmtp:111')
  expect(offersAudio(sdp)).toBe(true)
  expect(offersAudio('m=audio 0 RTP/AVP 0\r\n')).toBe(false)
})
