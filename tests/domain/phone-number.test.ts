import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskNumber, normalizeNumber } from '../../shared/domain/phone-number.ts'

const normal = (raw: string | null, areaCode = '0999') => normalizeNumber(raw, { areaCode })

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
      '(+86)199 0000 0001',
      '１９９００００００01',
      '1 9 9 0 0 0 0 0 0 0 1',
      '17951 19900000001',
      '17909-019900000001',
      '12593019900000001',
    ],
    [
      '09995550123',
      '0999-5550123',
      '0999-555-0123',
      '+86 999 5550123',
      '+86 (0)999 555 0123',
      '869995550123',
      '9995550123',
      '5550123',
      'tel:+86-999-5550123',
      'tel:5550123;phone-context=+86999',
      '0999-5550123转801',
      '0999/5550123',
      '0999一5550123',
      '17951 0999 5550123',
    ],
    ['01055501234', '010-55501234', '+861055501234', '0086 10 55501234'],
    ['4001234567', '400-123-4567', '+864001234567', '04001234567', '+86 0400 123 4567'],
    ['8001234567', '0800 1234567'],
    ['+85223456789', '00852 2345 6789', '852 2345 6789', '852-23456789', '+852 (2345) 6789'],
    ['+442079460958', '+44 (0)20 7946 0958', '0044 20 7946 0958'],
    ['+390669812345', '+39 06 6981 2345'],
  ])('%s has one key however it is written', (key, ...written) => {
    for (const raw of [key, ...written]) expect(normal(raw).key, raw).toBe(key)
  })

  it.each([
    ['another city’s 12345', '0512-12345', '051212345'],
    ['the same with the country’s code', '+86 512 12345', '051212345'],
    ['the same without a plus sign', '8651212345', '051212345'],
    ['a city of a two-digit area', '010 12315', '01012315'],
    ['that city with the country’s code', '+861012315', '01012315'],
    ['96xxx of another city', '0571-96123', '057196123'],
    ['95xxx behind an area code', '010-95533', '01095533'],
    ['another city’s emergency line', '0512 110', '0512110'],
    ['114 of another city', '0571114', '0571114'],
    ['a bank', '95533', '95533'],
    ['a bank behind the country’s code', '+8695533', '95533'],
    ['a bank behind the exchange’s zero', '095533', '95533'],
    ['a privacy number', '95013 987 654 321', '95013987654321'],
    ['a privacy number behind the exchange’s zero', '095013987654321', '95013987654321'],
    ['a service with eight digits', '95105123', '95105123'],
    ['1010', '1010 1234', '10101234'],
    ['10800', '108001234567', '108001234567'],
    ['a menu behind 10086', '1008611', '1008611'],
    ['118114', '118114', '118114'],
    ['the own city’s 12345', '12345', '12345'],
  ])('knows %s', (_what, raw, key) => {
    expect(normal(raw)).toMatchObject({ kind: 'service', key, dialable: true })
  })

  it.each([
    ['a local number behind the country’s code', '+86 5550123'],
    ['an extension behind the country’s code', '+868001'],
    ['a withdrawn area code', '0852 8221234'],
    ['another withdrawn area code', '08532345678'],
    ['an area code that there never was', '0120 5550123'],
    ['a local number in a foreign context', 'tel:55501;phone-context=+852'],
  ])('makes no subscriber of ours from %s', (_what, raw) => {
    const { key } = normal(raw)
    expect(key === null || !key.startsWith('0'), String(key)).toBe(true)
  })

  it('takes digits behind 95 for a service, except in the area that begins so', () => {
    expect(normal('9515550123')).toMatchObject({ kind: 'service', key: '9515550123' })
    expect(normal('9515550123', '0951')).toMatchObject({ kind: 'landline', key: '09515550123' })
  })

  it('tries no rule of ours behind a foreign country’s code', () => {
    expect(normal('+852 19900000001').kind).toBe('international')
    expect(normal('00853 0999 5550123').kind).toBe('international')
  })

  it('believes an area code’s number of a length that is not known yet', () => {
    expect(normal('0999-55501234')).toMatchObject({ kind: 'landline', key: '099955501234' })
  })

  it('reads a phone-context as the country and the area', () => {
    expect(normal('tel:55501234;phone-context=+8610;ext=12')).toMatchObject({
      key: '01055501234',
      extension: '12',
    })
    expect(normal('sip:12345;phone-context=%2B8610@exchange;user=phone').key).toBe('01012345')
    expect(normal('tel:0999-5550123;phone-context=+86').key).toBe('09995550123')
    expect(normal('tel:8001;phone-context=exchange.invalid').key).toBe('8001')
  })

  it.each([
    '19900000001/19900000002',
    '19900000001、19900000002',
    '19900000001 19900000002',
    '19900000001;19900000002',
    '19900000001\n19900000002',
    '19900000001-19900000002',
    '19900000001或5550123',
    '手机19900000001 座机0999-5550123',
    '19900000001 王女士',
    '王女士19900000001',
    '王女士（19900000001）',
    'Tel:19900000001',
    'tel 19900000001',
    '19900000001(微信同号)',
    '19900000001wx同号',
    '下午3点后打19900000001',
    '8:00-18:00 19900000001',
    '2026-12-01 19900000001',
    '中山路123号5栋 19900000001',
    '3-2-501 19900000001',
    'QQ:55501234 手机：19900000001',
    "'19900000001",
    '="19900000001"',
    '19900000001.0',
    '一九九零零零零零零零一',
    '幺九九〇〇〇〇〇〇〇幺',
    '١٩٩٠٠٠٠٠٠٠١',
  ])('finds the first number in %j', raw => {
    expect(normal(raw)).toMatchObject({ kind: 'mobile', key: '19900000001', extension: null })
  })

  it.each([
    ['0999-5550123/4', '09995550123'],
    ['0999-5550123/24', '09995550123'],
    ['0999-5550123～4', '09995550123'],
    ['0999-5550123、5550124', '09995550123'],
    ['5550123/4', '09995550123'],
    ['010-55501234/5', '01055501234'],
    ['010-5550123/4', '0105550123'],
    ['区号0512 电话65550123', '051265550123'],
    ['联系人：李四，电话：0999-5550123', '09995550123'],
    ['（0512）65550123 办公室', '051265550123'],
    ['请打0512-12345', '051212345'],
    ['香港 +852 2345 6789', '+85223456789'],
  ])('reads %s as %s', (raw, key) => {
    expect(normal(raw).key).toBe(key)
  })

  it.each([
    '-',
    '‐',
    '‑',
    '‒',
    '–',
    '—',
    '——',
    '−',
    '－',
    '﹣',
    '·',
    '•',
    '‧',
    '・',
    '･',
    '．',
    '。',
    ' ',
    '\u00a0',
    '\u3000',
    '\u2009',
    '_',
    '/',
    '，',
    '\u200b',
  ])('takes %j between the groups of a number', mark => {
    expect(normal(['199', '0000', '0001'].join(mark)).key).toBe('19900000001')
    expect(normal(`0512${mark}65550123`).key).toBe('051265550123')
  })

  it.each([
    '转801',
    ' 转 801',
    '轉801',
    '转接801',
    '转分机801',
    '转801号',
    '转801分机',
    '（转801）',
    '后转801',
    '按801',
    '分机801',
    '分机号801',
    '分机：801',
    '內線801',
    '内线801',
    ' 内线 801 李四',
    '-801',
    '*801',
    '＊801',
    '#801',
    ',801',
    ',,801',
    ';801',
    'x801',
    ' x 801',
    'p801',
    'ext801',
    ' ext. 801',
    ' extension 801',
    ';ext=801',
  ])('keeps the extension of 0512-65550123%s apart from the key', written => {
    expect(normal(`0512-65550123${written}`)).toMatchObject({ key: '051265550123', extension: '801' })
  })

  it('keeps the extension of a mobile and of a service, too', () => {
    expect(normal('19900000001转1234')).toMatchObject({ key: '19900000001', extension: '1234' })
    expect(normal('19900000001-1234')).toMatchObject({ key: '19900000001', extension: '1234' })
    expect(normal('400 123 4567 转 8')).toMatchObject({ key: '4001234567', extension: '8' })
    expect(normal('12345转2')).toMatchObject({ key: '12345', extension: '2' })
    expect(normal('分机8001')).toMatchObject({ kind: 'extension', key: '8001' })
  })

  it.each([null, '', 'anonymous', 'Restricted', 'sip:anonymous@anonymous.invalid', '匿名来电', '未知号码'])(
    'takes %j for withheld',
    raw => {
      expect(normal(raw)).toMatchObject({ kind: 'withheld', key: null, dialable: false })
    },
  )

  it.each([
    'abc',
    '<script>alert(1)</script>',
    '1990000000a',
    '++86',
    '🙂',
    '王女士',
    '本机',
    '199****0001',
    '199XXXX0001',
    '尾号0001',
    'QQ 55501234',
    '55501234@qq.com',
    '2026年12月1日',
    '日期20261201',
    '房号3-1201',
    '工单5550123',
    '身份证110101199003071234',
    '6222 0212 3456 7890',
    '1.99E+10',
    'sip:operator12345@host',
    'sip:k3j19900000001x@host',
  ])('takes %j for no number', raw => {
    expect(normal(raw)).toMatchObject({ kind: 'invalid', key: null, dialable: false })
  })

  const digits = fc.stringMatching(/^\d{2,16}$/)
  const prefix = fc.constantFrom('', '+', '00', '86', '+86', '0', '0512', '95', '17951', '+852', '+39', '+54')

  it('never throws, stays short, and a key is its own key', () => {
    const anything = fc.oneof(
      fc.string({ maxLength: 400 }),
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      fc.stringMatching(/^[+0-9 ()/转*-]{0,24}$/),
      fc.tuple(prefix, digits).map(parts => parts.join('')),
    )
    fc.assert(
      fc.property(anything, fc.constantFrom('0999', '0512', '010', '0951', ''), (raw, areaCode) => {
        const { key, kind, display } = normal(raw, areaCode)
        expect(display.length).toBeLessThanOrEqual(64)
        if (key !== null) expect(normal(key, areaCode)).toMatchObject({ key, kind })
      }),
      {
        numRuns: 3_000,
        examples: ['+00', '+000', '+008619900000001', '0000000000', '00086 19900000001', '179512796622'].map(
          raw => [raw, '0512'],
        ),
      },
    )
  })

  it('finds a mobile whatever words stand around it', () => {
    const mobile = fc.stringMatching(/^1[3-9]\d{9}$/)
    const words = fc
      .stringMatching(/^[一-龥（）：，、。]{0,12}$/)
      .filter(text => !/[〇零○一幺二三四五六七八九转轉接拨按]/.test(text))
    fc.assert(
      fc.property(mobile, words, words, (key, before, behind) => {
        expect(normal(`${before}${key}${behind}`).key).toBe(key)
      }),
    )
  })

  it('hides the middle of a number in lists', () => {
    expect(maskNumber('199 0000 0001')).toBe('199****0001')
    expect(maskNumber('8001')).toBe('8001')
    expect(maskNumber('6660123')).toBe('****0123')
    expect(maskNumber('55501234')).toBe('****1234')
    expect(maskNumber('0999 5550 1234')).toBe('099****1234')
  })
})
