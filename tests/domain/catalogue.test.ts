import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { categoryTree, type DispatchCatalogue, treeFaults } from '../../shared/domain/catalogue.ts'
import { catalogueChanges, categoriesTouched } from '../../shared/domain/catalogue-changes.ts'
import { catalogueFaults } from '../../shared/domain/catalogue-faults.ts'
import { categoryIndex, categorySearch, searchCategories } from '../../shared/domain/category-search.ts'
import { sampleCatalogue, smallCatalogue } from './some-catalogue.ts'

type Change = { [K in keyof DispatchCatalogue]?: DispatchCatalogue[K] }
const changed = (change: Change): DispatchCatalogue => ({ ...smallCatalogue, ...change })
const withCategory = (code: string, change: Partial<DispatchCatalogue['categories'][number]>) =>
  changed({
    categories: smallCatalogue.categories.map(one => (one.code === code ? { ...one, ...change } : one)),
  })

describe('the sample catalogue', () => {
  it('is sound, has at least 150 entries of the third level, each with a unit and a time limit', () => {
    expect(catalogueFaults(sampleCatalogue)).toEqual([])
    const tree = categoryTree(sampleCatalogue.categories)
    const third = sampleCatalogue.categories.filter(({ code }) => tree.path(code).length === 3)
    expect(third.length).toBeGreaterThanOrEqual(150)
    for (const { code } of third) {
      expect(tree.inForce(code)?.leadUnits.length, code).toBeGreaterThan(0)
      expect(tree.inForce(code)?.limitCode, code).not.toBeNull()
    }
  })
})

describe('a catalogue', () => {
  const faults = (catalogue: DispatchCatalogue) =>
    catalogueFaults(catalogue).map(({ table, index, field, code }) => `${table} ${index} ${field} ${code}`)

  it('is refused for each thing that is wrong with it, by table and row', () => {
    expect(faults(smallCatalogue)).toEqual([])
    expect(faults(withCategory('01', { parentCode: '9' }))).toContain(
      'categories 0 parentCode UNKNOWN_PARENT',
    )
    expect(faults(withCategory('01', { parentCode: '010101' }))).toContain('categories 0 parentCode CIRCLE')
    expect(faults(withCategory('0201', { leadUnits: ['X'] }))).toEqual([
      'categories 5 leadUnits UNKNOWN_UNIT',
    ])
    expect(faults(withCategory('0201', { leadUnits: [] }))).toEqual(['categories 5 leadUnits LEAD_MISSING'])
    expect(faults(withCategory('0201', { leadUnits: ['C', 'W'] }))).toEqual([
      'categories 5 leadUnits LEAD_AMBIGUOUS',
    ])
    expect(faults(withCategory('0201', { limitCode: 'Z' }))).toEqual(['categories 5 limitCode UNKNOWN_LIMIT'])
    expect(faults(withCategory('0201', { leadUnits: ['S'], notGrassroots: true }))).toEqual([
      'categories 5 leadUnits NOT_TO_GRASSROOTS',
    ])
    expect(faults(changed({ categories: [] }))).toEqual(['categories 0 code NO_CATEGORIES'])
    const [unit] = smallCatalogue.units
    if (unit === undefined) throw new Error('no unit')
    expect(faults(changed({ units: [...smallCatalogue.units, unit] }))).toEqual([
      'units 5 code DUPLICATE_CODE',
    ])
    expect(
      faults(changed({ units: smallCatalogue.units.map(one => ({ ...one, divisionCode: '9' })) })),
    ).toContain('units 0 divisionCode UNKNOWN_DIVISION')
  })

  it('inherits from the nearest level above what it does not say itself', () => {
    const own = categoryTree(smallCatalogue.categories).inForce('010102')
    expect(own).toMatchObject({
      leadUnits: ['W'],
      limitCode: 'T',
      requiredFields: ['place'],
      notGrassroots: true,
    })
  })
})

describe('a tree of codes', () => {
  const found = (...nodes: [string, string | null][]) =>
    treeFaults(nodes.map(([code, parentCode]) => ({ code, parentCode }))).map(
      ({ code, index }) => `${index} ${code}`,
    )

  it('names the faults of a tree that is none', () => {
    expect(found(['a', 'b'])).toEqual(['0 UNKNOWN_PARENT'])
    expect(found(['a', 'a'])).toEqual(['0 CIRCLE'])
    expect(found(['a', 'b'], ['b', 'c'], ['c', 'a'])).toEqual(['0 CIRCLE', '1 CIRCLE', '2 CIRCLE'])
    expect(found(['a', null], ['a', null])).toEqual(['1 DUPLICATE_CODE'])
    expect(found(['a', null], ['b', 'a'], ['c', 'b'], ['d', 'c'])).toEqual(['3 TOO_DEEP'])
  })

  it('of any shape is judged without end or error', () => {
    const code = fc.constantFrom('a', 'b', 'c', 'd', 'e')
    fc.assert(
      fc.property(fc.array(fc.record({ code, parentCode: fc.option(code) })), nodes => {
        expect(treeFaults(nodes).length).toBeLessThanOrEqual(2 * nodes.length)
      }),
    )
  })
})

describe('two versions of a catalogue', () => {
  it('differ by what was added, removed and changed, field by field', () => {
    const after = changed({
      categories: [
        ...smallCatalogue.categories
          .filter(({ code }) => code !== '010101')
          .map(one => (one.code === '0101' ? { ...one, leadUnits: ['C'] } : one)),
        ...smallCatalogue.categories.slice(0, 1).map(one => ({ ...one, code: '03', name: '新类' })),
      ],
    })
    const changes = catalogueChanges(smallCatalogue, after)
    expect(changes).toEqual([
      {
        table: 'categories',
        change: 'changed',
        code: '0101',
        name: '供水',
        fields: [{ field: 'leadUnits', from: ['W'], to: ['C'] }],
      },
      { table: 'categories', change: 'added', code: '03', name: '新类', fields: [] },
      { table: 'categories', change: 'removed', code: '010101', name: '停水', fields: [] },
    ])
    // What is below goes otherwise too.
    expect([...categoriesTouched(changes, after)].sort()).toEqual(['0101', '010101', '010102', '03'])
    expect(catalogueChanges(after, after)).toEqual([])
  })

  it('touch a category by its unit and by its time limit as well', () => {
    const units = smallCatalogue.units.map(one => (one.code === 'E' ? { ...one, name: '东区城管局' } : one))
    const after = changed({ units })
    expect([...categoriesTouched(catalogueChanges(smallCatalogue, after), after)]).toEqual(['0201'])
  })
})

describe('finding a category', () => {
  const index = categoryIndex([
    { code: '110101', name: '停水咨询', path: '公用事业 / 供水', pinyin: 'ting shui zi xun' },
    { code: '110102', name: '水压不足', path: '公用事业 / 供水', pinyin: 'shui ya bu zu' },
    { code: '110103', name: '水质异常', path: '公用事业 / 供水', pinyin: 'shui zhi yi chang' },
    { code: '030303', name: '停车位规划', path: '交通运输 / 停车管理', pinyin: 'ting che wei gui hua' },
    { code: '040101', name: '拖欠工资', path: '劳动 / 劳动关系', pinyin: 'tuo qian gong zi' },
    { code: '070201', name: '重型货车', path: '交通', pinyin: 'zhong xing huo che|chong xing huo che' },
  ])
  const codes = (typed: string) => searchCategories(index, typed, 10).map(({ code }) => code)

  it('goes by Chinese, code, pinyin, initials, and by several words at once', () => {
    expect(codes('停水')).toEqual(['110101'])
    expect(codes('水压')).toEqual(['110102'])
    expect(codes('供水')).toEqual(['110101', '110102', '110103'])
    expect(codes('1101')).toEqual(['110101', '110102', '110103'])
    expect(codes('tingshui')).toEqual(['110101'])
    expect(codes('ts')).toEqual(['110101'])
    expect(codes('TS')).toEqual(['110101'])
    expect(codes('sy')).toEqual(['110102'])
    expect(codes('gongzi')).toEqual(['040101'])
    expect(codes('tqgz')).toEqual(['040101'])
    expect(codes('cxhc')).toEqual(['070201'])
    expect(codes('供水 异常')).toEqual(['110103'])
    expect(codes('没有这个')).toEqual([])
    expect(codes('')).toHaveLength(6)
    expect(codes('in')).toEqual([])
  })

  it('finds the same whether it remembers what was typed before or not, and no more than are asked for', () => {
    const letters = fc.constantFrom(...'停水供拖欠工资交通tshuiyagq01 7'.split(''))
    fc.assert(
      fc.property(
        fc.array(fc.oneof(letters, fc.constant('⌫')), { maxLength: 25 }),
        fc.integer({ min: 0, max: 7 }),
        (keys, most) => {
          const search = categorySearch(index)
          let typed = ''
          for (const key of keys) {
            typed = key === '⌫' ? typed.slice(0, -1) : typed + key
            const all = searchCategories(index, typed, index.length)
            expect(search(typed, most)).toEqual(all.slice(0, most))
          }
        },
      ),
    )
  })

  it('puts the better first, and equal ones in the catalogue’s order', () => {
    expect(codes('停')).toEqual(['110101', '030303'])
    expect(codes('水')).toEqual(['110102', '110103', '110101'])
  })
})
