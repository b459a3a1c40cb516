import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldLooks, foldWithPlaces } from '../../../shared/domain/fold-text.ts'
import { findMail, findNumbers } from '../../../shared/domain/personal-data/find-numbers.ts'

const kindsIn = (text: string) => findNumbers(foldLooks(text)).map(({ kind }) => kind)
/** What of a text is found, as it stands there. */
const foundIn = (text: string): string[] => {
  const { folded, placeOf } = foldWithPlaces(text)
  return findNumbers(folded).map(({ from, to }) => {
    const place = placeOf(from, to)
    return text.slice(place.from, place.to)
  })
}

describe('a number is found however it is written', () => {
  it.each([
    ['电话199－0000－0101，急', '199－0000－0101'],
    ['①⑨⑨⓪⓪⓪⓪⓪①⓪①', '①⑨⑨⓪⓪⓪⓪⓪①⓪①'],
    ['打1️⃣9️⃣9️⃣00000101', '1️⃣9️⃣9️⃣00000101'],
    ['1 9 9 0 0 0 0 0 1 0 1', '1 9 9 0 0 0 0 0 1 0 1'],
    ['幺九九，零零零零，零幺零幺', '幺九九，零零零零，零幺零幺'],
    ['壹玖玖零零零零零壹零壹', '壹玖玖零零零零零壹零壹'],
    ['199零零零零0101', '199零零零零0101'],
    ['是一九九零零零零零一零一一直不通', '一九九零零零零零一零一'],
    ['(+86) 199 0000 0101', '(+86) 199 0000 0101'],
    ['（0999）666-0123转801', '（0999）666-0123转801'],
    ['座机666 0123', '666 0123'],
    ['990101-1990-01-01-001X', '990101-1990-01-01-001X'],
    ['6222 0000 1111 2222 333', '6222 0000 1111 2222 333'],
    ['+852 2345 6789', '+852 2345 6789'],
    ['১৯৯০০০০০১০১', '১৯৯০০০০০১০১'],
    ['199O000O1Ol', '199O000O1Ol'],
    ['199杠0000杠0101', '199杠0000杠0101'],
    ['199 0000 0101 3号楼', '199 0000 0101'],
    ['加微信 wx_abc123', 'wx_abc123'],
  ])('%s', (text, right) => expect(foundIn(text)).toEqual([right]))

  it('two beside each other are two', () => {
    expect(foundIn('199 0000 0101、199-0000-0102')).toEqual(['199 0000 0101', '199-0000-0102'])
    expect(kindsIn('990101199001010012，6660123')).toEqual(['identity', 'phone'])
  })
})

describe('what only resembles one is none', () => {
  it.each([
    '2026年12月1日10:30至17:30',
    '2026-12-01 10:30:25',
    '2026.12.01-2026.12.31',
    '20261201',
    '1999-12-31 301室',
    '08:30-12:00,14:00-17:30 301',
    '欠费1500元，共2,500,000元，合计13,800,138,000元',
    '价格3000-5000元，2500000元',
    '2024-2026年',
    '12-3-402，15-3-1201，16-2-1302',
    '1、3、5、7、9、11、13、15号楼',
    '13、14、15、16、17、18栋',
    '201 202 203 204 室',
    '1201、1202、1203、1204、1205室',
    '400-123-4567，电话400-823-4567',
    '12345、12315、110、95588',
    '192.168.10.100',
    '户号 23456789，灯杆编号65550123',
    '2026-00000001',
    '一二三四五六七八，三三两两',
    '二〇二六年十二月一日',
    'K1380+013 段',
    'IMG_20261201_103000.jpg',
    '微信支付20000元',
    '共138人，0013号，8000元',
    '成本113+32+100/120+25=270-290元',
    '5、63、68、802、147、226、262、26、38',
    '语文69.0027.6076.5645.94，数学72.5029.0073',
    '合计600602401824＝942元的医保4200-4340元',
  ])('%s', text => expect(foundIn(text)).toEqual([]))
})

const asWritten = (digits: string) =>
  fc
    .tuple(
      fc.constantFrom(
        '',
        '-',
        ' ',
        '.',
        '·',
        '−',
        '–',
        '_',
        '/',
        '\u00a0',
        '\u2009',
        '\u200b',
        '\ufe0f',
        ' - ',
        '，',
        '杠',
      ),
      fc.constantFrom(
        [3, 4, 4],
        [4, 4, 3],
        [3, 8],
        [7, 4],
        [5, 6],
        [11],
        Array.from({ length: 11 }, () => 1),
      ),
      fc.constantFrom(
        (digit: string) => digit,
        (digit: string) => String.fromCharCode(0xff10 + Number(digit)),
        (digit: string) => '⓪①②③④⑤⑥⑦⑧⑨'[Number(digit)] ?? '',
        (digit: string) => '零一二三四五六七八九'[Number(digit)] ?? '',
        (digit: string) => '〇壹贰叁肆伍陆柒捌玖'[Number(digit)] ?? '',
        (digit: string) => `${digit}\ufe0f\u20e3`,
      ),
    )
    .map(([between, sizes, write]) => {
      let at = 0
      const groups = sizes.map(size => {
        at += size
        return Array.from(digits.slice(at - size, at), write).join('')
      })
      return groups.join(between)
    })

describe('whatever the number', () => {
  it('a mobile in any digits, groups and separators is found whole, with its digits', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^1[3-9]\d{9}$/).chain(digits => asWritten(digits).map(text => ({ digits, text }))),
        fc.constantFrom('', '电话', '请拨打：', '（', 'tel '),
        fc.constantFrom('', '，家住3号楼', '）', '。', ' 谢谢'),
        ({ digits, text }, lead, end) => {
          const found = findNumbers(foldLooks(lead + text + end))
          expect(found.map(each => each.digits)).toEqual([digits])
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('places stand in order and none is within another', () => {
    const piece = fc.constantFrom(
      '199',
      '0000',
      '0101',
      '12',
      '-',
      ' ',
      '零',
      '一',
      '，',
      '+86',
      '(',
      ')',
      '0999',
      '2026',
      '.',
      'x',
      '元',
      '电话',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), pieces => {
        let end = 0
        for (const { from, to } of findNumbers(foldLooks(pieces.join('')))) {
          expect(from).toBeGreaterThanOrEqual(end)
          expect(to).toBeGreaterThan(from)
          end = to
        }
      }),
    )
  })

  it('the longest text takes a moment', () => {
    const began = performance.now()
    for (const text of ['1', '一', '1 ', '1-', '19900000101', '66', 'a@', '@a.', '微信'])
      findNumbers(text.repeat(20_000 / text.length))
    for (const text of ['a', 'a.', 'a@a.', 'a 点']) findMail(text.repeat(20_000 / text.length))
    expect(performance.now() - began).toBeLessThan(5_000)
  })
})
