import { describe, expect, it } from 'vitest'
import { tokenize } from '../../../shared/domain/address/address-features.ts'
import { trainAddressModel } from '../../../shared/domain/address/address-model.ts'
import { fieldF1, formLabels, parseBio, spansOf } from '../../../shared/domain/address/bio.ts'
import { splitByRules } from '../../../shared/domain/address/split-address.ts'
import { seededRandom } from '../../../shared/domain/seeded-random.ts'

const divisions = [
  { code: '990000', name: '云澜市' },
  { code: '990001', name: '河东区' },
]

describe('an address split by rules', () => {
  it.each([
    [
      '云澜市河东区文昌路23号阳光花园3栋2单元501室',
      '云澜市河东区',
      '文昌路',
      '23号3栋2单元501室',
      '阳光花园',
    ],
    ['河东区青石镇石桥村6组18号', '河东区青石镇石桥村', '', '6组18号', ''],
    ['云澜河东滨江大道88号万和广场', '云澜河东', '滨江大道', '88号', '万和广场'],
    ['南湖街道桂花巷9-2号', '南湖街道', '桂花巷', '9-2号', ''],
    ['阳光花园12-3-402', '', '', '12-3-402', '阳光花园'],
    ['市第一人民医院', '', '', '', '市第一人民医院'],
  ])('%s', (address, division, road, number, place) => {
    expect(splitByRules(address, divisions).fields).toEqual({ division, road, number, place })
  })

  it.each([
    ['河东区河东大街5号', '河东区', '河东大街', '5号', ''],
    ['河东区河东南路5号', '河东区', '河东南路', '5号', ''],
    ['河东区河东步行街5号', '河东区', '河东步行街', '5号', ''],
    ['云澜市云澜公路5号', '云澜市', '云澜公路', '5号', ''],
    ['河东区河东村4组', '河东区河东村', '', '4组', ''],
    ['河东区青石街道河东社区居民委员会', '河东区青石街道河东社区居民委员会', '', '', ''],
    ['河东区河东花园3栋', '河东区', '', '3栋', '河东花园'],
    ['河东区东风村河东3组', '河东区东风村', '', '3组', '河东'],
    ['河东区青石街道办文昌路5号', '河东区青石街道办', '文昌路', '5号', ''],
  ])('tells a name from the division it bears: %s', (address, division, road, number, place) => {
    expect(splitByRules(address, divisions).fields).toEqual({ division, road, number, place })
  })

  it.each([
    ['文昌路１２－１号', '１２－１号'],
    ['文昌路 12 号 院 3 号楼', '12号院3号楼'],
    ['文昌路1️⃣2️⃣号', '1️⃣2️⃣号'],
    ['文昌路12号-1-301', '12号-1-301'],
    ['文昌路508室–662', '508室–662'],
    ['文昌路3栋-2单元-501', '3栋-2单元-501'],
    ['文昌路12号、14号', '12号、14号'],
    ['文昌路12号至18号', '12号至18号'],
    ['文昌路12号之二', '12号之二'],
    ['文昌路5#楼301', '5#楼301'],
    ['文昌路Ａ座12\u200b01', 'Ａ座1201'],
    ['文昌路地铁2号线', ''],
  ])('loses nothing of the numbers of %s', (address, number) => {
    expect(splitByRules(address, divisions).fields).toMatchObject({ road: '文昌路', number })
  })

  it('leaves out a province and a city that are written twice', () => {
    expect(splitByRules('江南省云澜市江南省云澜市新桥路5号').fields.division).toBe('江南省云澜市')
  })

  it('loses no character but the marks between, and the parts stand in order', () => {
    const address = '云澜市，河东区 文昌路23号（阳光花园）'
    const { parts } = splitByRules(address, divisions)
    for (const { text, from, to } of parts) expect(address.slice(from, to)).toBe(text)
    expect(parts.map(({ text }) => text).join('')).toBe('云澜市河东区文昌路23号阳光花园')
  })

  it('ends on anything, also on a text of a megabyte and on names that are patterns', () => {
    const hostile = [
      '',
      '）（',
      '号号号号',
      '区'.repeat(1_000_000),
      '一'.repeat(500),
      '1-'.repeat(300),
      '路弄'.repeat(400),
    ]
    for (const text of hostile)
      expect(splitByRules(text, [{ code: '1', name: '(.*)+[' }]).parts.length).toBeLessThanOrEqual(500)
  })
})

/** Made-up addresses: the name of a road is not in its ending alone, so the model must learn its surroundings. */
function madeAddresses(count: number, random: () => number): string {
  const at = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const piece = (text: string, label: string) =>
    tokenize(text)
      .map((token, of) => `${token} ${of === 0 ? 'B' : 'I'}-${label}`)
      .join('\n')
  const names = ['云', '澜', '青', '石', '文', '昌', '新', '桥', '东', '岭', '南', '湖', '桂', '花']
  const name = () => at(names) + at(names)
  return Array.from({ length: count }, () =>
    [
      piece(`${name()}市`, 'city'),
      piece(`${name()}区`, 'district'),
      piece(`${name()}${at(['路', '大道', '街'])}`, 'road'),
      piece(`${1 + Math.floor(random() * 300)}号`, 'roadno'),
      piece(`${name()}${at(['花园', '大厦', '小区'])}`, 'poi'),
    ].join('\n'),
  ).join('\n\n')
}

describe('the sequence model of addresses', () => {
  it('learns the fields from labelled addresses and finds them in ones that it has not seen', () => {
    const model = trainAddressModel(parseBio(madeAddresses(150, seededRandom(1))), seededRandom(2))
    const unseen = parseBio(madeAddresses(60, seededRandom(3)))
    const pairs = unseen.map(({ tokens, labels }) => ({ told: model.label(tokens), right: labels }))
    expect(fieldF1(pairs).f1).toBeGreaterThan(0.97)
    expect(model.label([])).toEqual([])
  })
})

describe('labelled addresses', () => {
  it('are read with the line that is wrong named', () => {
    expect(parseBio('文 B-road\n路 I-ROAD\n\n\n1 B-no')).toEqual([
      { tokens: ['文', '路'], labels: ['B-road', 'I-road'] },
      { tokens: ['1'], labels: ['B-no'] },
    ])
    expect(() => parseBio('文 B-road\n路')).toThrow('line 2')
    expect(() => parseBio('文 X-road')).toThrow('line 1')
  })

  it('are compared by whole fields', () => {
    expect(spansOf(['B-a', 'I-a', 'I-b', 'O', 'B-b'])).toEqual([
      { label: 'a', from: 0, to: 2 },
      { label: 'b', from: 2, to: 3 },
      { label: 'b', from: 4, to: 5 },
    ])
    const right = ['B-a', 'I-a', 'B-b']
    expect(fieldF1([{ told: ['B-a', 'B-a', 'B-b'], right }])).toEqual({
      precision: 1 / 3,
      recall: 1 / 2,
      f1: 0.4,
    })
    expect(fieldF1([{ told: right, right }]).f1).toBe(1)
    expect(fieldF1([{ told: ['O', 'O', 'O'], right }]).f1).toBe(0)
  })

  it('become fields of the form, neighbours joined, also over the mark between two numbers', () => {
    expect(
      formLabels([
        'B-city',
        'B-district',
        'B-roadno',
        'B-redundant',
        'B-houseno',
        'B-person',
        'B-poi',
        'B-subpoi',
      ]),
    ).toEqual(['B-division', 'I-division', 'B-number', 'I-number', 'I-number', 'O', 'B-place', 'I-place'])
  })
})
