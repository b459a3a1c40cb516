/** 关联、并单: in whatever order they arrive, every case has one main case, keeps itself, and can be taken back. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  entryAtOther,
  entryOf,
  isMerged,
  isRelationEntry,
  mainOf,
  type Relation,
  relateCases,
  relation,
  type Standing,
} from '../../shared/domain/case-relations.ts'

const by = { operatorId: 'agent', operatorName: '林晓', at: '2026-11-24T02:00:00.000Z' }
type Deed = { relation: Relation; one: number; other: number } | { close: number }
type World = Map<string, Standing>

const made = (count: number): World =>
  new Map(
    Array.from({ length: count }, (_, place) => [
      `c${place}`,
      { caseId: `c${place}`, caseNumber: `2026-${place}`, status: 'accepted', relations: null },
    ]),
  )
const at = (world: World, place: number): Standing => {
  const found = world.get(`c${place % world.size}`)
  if (found === undefined) throw new Error('no such case')
  return found
}
const look = (world: World) => (caseId: string) => world.get(caseId)
const relate = (world: World, of: Relation, one: number, other: number) => {
  const a = at(world, one)
  const b = at(world, other)
  const result = relateCases(of, a, b, by, look(world))
  if (result.allowed) {
    world.set(a.caseId, { ...a, relations: result.one })
    world.set(b.caseId, { ...b, relations: result.other })
  }
  return result
}
const apply = (world: World, deed: Deed) => {
  if (!('close' in deed)) return void relate(world, deed.relation, deed.one, deed.other)
  const one = at(world, deed.close)
  world.set(one.caseId, { ...one, status: 'closed' })
}
const main = (world: World, place: number) => mainOf(at(world, place), look(world)).caseId

const place = fc.nat({ max: 6 })
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      relation: fc.constantFrom('merge', 'merge', 'merge', ...relation.options),
      one: place,
      other: place,
    }),
  },
  { weight: 1, arbitrary: fc.record({ close: place }) },
)

describe('merges', () => {
  it('never go in a circle, whatever two seats did and in whatever order it arrives', () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 40 }), deeds => {
        const world = made(7)
        for (const each of deeds) {
          apply(world, each)
          for (const { caseId } of world.values()) {
            const seen = new Set<string>()
            for (let at: string | undefined = caseId; at !== undefined; ) {
              expect(seen.has(at)).toBe(false)
              seen.add(at)
              at = world.get(at)?.relations?.mergedInto?.caseId
            }
          }
        }
      }),
      { numRuns: 500 },
    )
  })

  it('touch nothing of a case but its relations, and only of the two that they name', () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 20 }), place, place, (deeds, one, other) => {
        const world = made(7)
        for (const each of deeds) apply(world, each)
        const before = new Map(world)
        relate(world, 'merge', one, other)
        for (const [caseId, was] of before) {
          const is = world.get(caseId)
          expect({ ...is, relations: null }).toEqual({ ...was, relations: null })
          if (caseId !== at(world, one).caseId) expect(is?.relations ?? null).toEqual(was.relations)
        }
      }),
    )
  })

  it('that were made can be taken back, and then all is as it was', () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 20 }), place, place, (deeds, one, other) => {
        const world = made(7)
        for (const each of deeds) apply(world, each)
        const before = JSON.stringify([...world])
        const merged = relate(world, 'merge', one, other)
        fc.pre(merged.allowed && merged.changed)
        expect(main(world, one)).toBe(main(world, other))
        expect(relate(world, 'unmerge', one, other)).toMatchObject({ allowed: true, changed: true })
        expect(JSON.stringify([...world])).toBe(before)
      }),
    )
  })

  it('of two seats at cross purposes end in one group: the first says which is the main case', () => {
    const world = made(3)
    expect(relate(world, 'merge', 0, 1)).toMatchObject({ allowed: true, changed: true })
    expect(relate(world, 'merge', 1, 0)).toMatchObject({ allowed: true, changed: false })
    expect([main(world, 0), main(world, 1)]).toEqual(['c1', 'c1'])
  })

  it('into two different cases: the second is refused and told why; taken back, it is possible', () => {
    const world = made(3)
    relate(world, 'merge', 0, 1)
    expect(relate(world, 'merge', 0, 2)).toEqual({ allowed: false, why: 'MERGED_ELSEWHERE' })
    relate(world, 'unmerge', 0, 1)
    expect(relate(world, 'merge', 0, 2)).toMatchObject({ allowed: true, changed: true })
  })

  it('follow the main case when that is merged itself, and come back when it is taken back', () => {
    const world = made(3)
    relate(world, 'merge', 0, 1)
    relate(world, 'merge', 1, 2)
    expect(main(world, 0)).toBe('c2')
    relate(world, 'unmerge', 1, 2)
    expect(main(world, 0)).toBe('c1')
  })

  it('not of what is with a unit or closed, nor into a matter that is closed, nor of a case with itself', () => {
    const world = made(4)
    world.set('c0', { ...at(world, 0), status: 'dispatched' })
    expect(relate(world, 'merge', 0, 1)).toEqual({ allowed: false, why: 'MERGE_NOT_POSSIBLE' })
    apply(world, { close: 2 })
    expect(relate(world, 'merge', 3, 2)).toEqual({ allowed: false, why: 'MERGE_MAIN_CLOSED' })
    expect(relate(world, 'merge', 3, 3)).toEqual({ allowed: false, why: 'RELATION_NOT_POSSIBLE' })
    // The reply was given to this caller on the strength of it.
    relate(world, 'merge', 3, 1)
    apply(world, { close: 3 })
    expect(relate(world, 'unmerge', 3, 1)).toEqual({ allowed: false, why: 'MERGE_NOT_POSSIBLE' })
  })
})

describe('links', () => {
  it('are there once, from whichever side they were made, and go from either side', () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 40 }), place, place, (deeds, one, other) => {
        const world = made(7)
        for (const each of deeds) apply(world, each)
        const pairs = [...world.values()].flatMap(({ caseId, relations }) =>
          (relations?.links ?? []).map(link => [caseId, link.caseId].sort().join()),
        )
        expect(new Set(pairs).size).toBe(pairs.length)
        fc.pre(at(world, one).caseId !== at(world, other).caseId)
        relate(world, 'link', one, other)
        expect(relate(world, 'link', other, one)).toMatchObject({ allowed: true, changed: false })
        relate(world, 'unlink', other, one)
        expect(relate(world, 'unlink', one, other)).toMatchObject({ allowed: true, changed: false })
      }),
    )
  })
})

it('a case without relations holds none', () => {
  const world = made(2)
  relate(world, 'link', 0, 1)
  relate(world, 'unlink', 0, 1)
  expect(at(world, 0).relations).toBeNull()
  expect(isMerged(at(world, 0).relations)).toBe(false)
})

it("the history names the other case, unless that is confidential, and a unit's copy can tell such entries", () => {
  expect(entryOf('merge', { caseNumber: '2026-1', confidential: false })).toBe('merge 2026-1')
  expect(entryAtOther('merge', { caseNumber: '2026-2', confidential: true })).toBe('mergedHere')
  expect(isRelationEntry('mergedHere 2026-2')).toBe(true)
  expect(isRelationEntry('close')).toBe(false)
})
