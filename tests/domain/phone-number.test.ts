import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskNumber, normalizeNumber } from '../../shared/domain/phone-number.ts'

const normal = (raw: string | null) => normalizeNumber(raw, { areaCode: '0999' })

describe('phone numbers', () => {
  it.each([
    [
      '19900000001',
      '+8619900000001',
      '008619900000001',
      '8619900000001',
      '019900000001',
      '199 0000 0001',
      '199-0000-0001',
      '+86 199-0000-0001',
      '１９９００００００01',
    ],
    [
      '09995550123',
      '0999-5550123',
      '0999-555-0123',
      '+86 999 5550123',
      '869995550123',
      '5550123',
      'tel:+86-999-5550123',
      '0999-5550123转801',
    ],
    ['01055501234', '010-55501234', '+861055501234', '0086 10 55501234'],
    ['4001234567', '400-123-4567', '+864001234567'],
  ])('%s has one key however it is written', (key, ...written) => {
    for (const raw of [key, ...written]) expect(normal(raw).key, raw).toBe(key)
  })

  it('keeps an extension apart from the key', () => {
    expect(normal('0999-5550123-801')).toMatchObject({ key: '09995550123', extension: '801' })
  })

  it.each([null, '', 'anonymous', 'Restricted', 'sip:anonymous@anonymous.invalid'])(
    'takes %j for withheld',
    raw => {
      expect(normal(raw)).toMatchObject({ kind: 'withheld', key: null, dialable: false })
    },
  )

  it.each(['abc', '<script>alert(1)</script>', '1990000000a', '++86', '🙂'])(
    'takes %j for no number',
    raw => {
      expect(normal(raw)).toMatchObject({ kind: 'invalid', key: null, dialable: false })
    },
  )

  it('never throws, stays short, and a key is its own key', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 400 }), fc.stringMatching(/^[+0-9 ()-]{0,24}$/)), raw => {
        const { key, display } = normal(raw)
        expect(display.length).toBeLessThanOrEqual(64)
        if (key !== null) expect(normal(key).key).toBe(key)
      }),
      { examples: [['+00'], ['+000'], ['+008619900000001'], ['0000000000'], ['00086 19900000001']] },
    )
  })

  it('hides the middle of a number in lists', () => {
    expect(maskNumber('199 0000 0001')).toBe('199****0001')
    expect(maskNumber('8001')).toBe('8001')
  })
})
