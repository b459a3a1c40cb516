import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { probeLine, readAuthorities } from '../../electron/core/settings/line-probe.ts'
import { vouchedFor } from '../../electron/main/certificates.ts'
import { numberInArguments, numberOfLink } from '../../electron/main/dial-link.ts'
import { type Authority, type Certificate, createAuthority, hasOpenssl } from '../support/certificates.ts'
import { startLine } from '../support/line.ts'

const folder = mkdtempSync(join(tmpdir(), 'zuoxi-certificates-'))
let city: Authority
let other: Authority
/** A little later: the certificates are made after this line, and hold from the full second of that. */
const now = Date.now() + 60_000

beforeAll(() => {
  if (!hasOpenssl) return
  city = createAuthority(join(folder, 'city'))
  other = createAuthority(join(folder, 'other'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.runIf(hasOpenssl)("the city's own authority", () => {
  it('vouches for what it signed, in date, for that address, and for nothing else', () => {
    const { cert } = city.sign()
    expect(vouchedFor([cert], '127.0.0.1', [city.pem], now)).toBe(true)
    expect(vouchedFor([cert, city.pem], '127.0.0.1', [city.pem], now)).toBe(true)
    expect(vouchedFor([cert], '127.0.0.2', [city.pem], now)).toBe(false)
    expect(vouchedFor([cert], 'exchange', [city.pem], now)).toBe(false)
    expect(vouchedFor([cert], '127.0.0.1', [other.pem], now)).toBe(false)
    expect(vouchedFor([cert], '127.0.0.1', [], now)).toBe(false)
    expect(vouchedFor([cert], '127.0.0.1', [city.pem], now + 20 * 86_400_000)).toBe(false)
    expect(vouchedFor([city.sign({ days: -1 }).cert], '127.0.0.1', [city.pem], now)).toBe(false)
    expect(vouchedFor(['nonsense'], '127.0.0.1', [city.pem], now)).toBe(false)
    // A server's own certificate is no authority: it cannot sign another.
    expect(vouchedFor([cert], '127.0.0.1', [cert], now)).toBe(false)
  })

  it('by name', () => {
    const { cert } = city.sign({ name: 'DNS:exchange.city.example' })
    expect(vouchedFor([cert], 'exchange.city.example', [city.pem], now)).toBe(true)
    expect(vouchedFor([cert], 'other.city.example', [city.pem], now)).toBe(false)
  })
})

describe.runIf(hasOpenssl)('why a line does not open', () => {
  const secureLine = async (certificate: Certificate, authorities: readonly string[]) => {
    const line = await startLine('ws://127.0.0.1:9', { tls: certificate })
    try {
      return await probeLine(line.url, authorities)
    } finally {
      await line.close()
    }
  }

  it('is told apart', async () => {
    expect(readAuthorities(city.file)).toEqual([city.pem.trim()])
    expect(readAuthorities(join(folder, 'no-such-file'))).toEqual([])
    expect(await secureLine(city.sign(), [city.pem])).toBeNull()
    expect(await secureLine(city.sign(), [])).toBe('certificate-untrusted')
    expect(await secureLine(city.sign({ days: -1 }), [city.pem])).toBe('certificate-expired')
    expect(await secureLine(city.sign({ name: 'DNS:elsewhere.example' }), [city.pem])).toBe(
      'certificate-wrong-name',
    )
    const plain = await startLine('ws://127.0.0.1:9')
    expect(await probeLine(plain.url, [])).toBeNull()
    expect(await probeLine(plain.url.replace('ws:', 'wss:'), [])).toBe('certificate-bad')
    await plain.close()
    expect(await probeLine(plain.url, [])).toBe('refused')
  })
})

describe('a link of another program', () => {
  it('gives a number to ask about, and nothing that is no number', () => {
    expect(numberOfLink('tel:0999-5550-123')).toBe('09995550123')
    expect(numberOfLink('tel:+86%20199%200000%200001')).toBe('+8619900000001')
    expect(numberOfLink('sip:8001@city.example;transport=ws?subject=x')).toBe('8001')
    for (const bad of ['https://x.example', 'tel:', 'tel:abc', 'sip:a@b', `tel:${'1'.repeat(60)}`, 'tel:%zz'])
      expect(numberOfLink(bad)).toBeNull()
    expect(numberInArguments(['--flag', '/usr/bin/zuoxi', 'tel:110'])).toBe('110')
    expect(numberInArguments(['--flag'])).toBeNull()
  })
})
