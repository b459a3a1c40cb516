import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { caseFields, emptyCaseFields } from '../../shared/domain/case.ts'
import { changesBetween, fixedFields, mergeFields } from '../../shared/domain/case-merge.ts'

const texts = ['title', 'content', 'place', 'remarks'] as const
const someFields = fc
  .record(Object.fromEntries(texts.map(name => [name, fc.constantFrom('', '路灯', '噪声', '停水')])))
  .map(some => ({ ...emptyCaseFields, ...some }))

describe('two people change one form', () => {
  it('takes both where they changed different fields, and says clash where one field got two values', () => {
    fc.assert(
      fc.property(someFields, someFields, someFields, (base, mine, theirs) => {
        const changes = changesBetween(base, mine)
        if (changes.length === 0) return
        const merge = mergeFields(theirs, changes)
        const clashing = texts.filter(
          name => mine[name] !== base[name] && theirs[name] !== base[name] && mine[name] !== theirs[name],
        )
        if (merge.kind === 'clash') {
          expect(merge.clashes.map(({ field }) => field).sort()).toEqual([...clashing].sort())
          return
        }
        expect(clashing).toEqual([])
        if (merge.kind !== 'merged') throw new Error(merge.kind)
        for (const name of texts)
          expect(merge.fields[name]).toBe(mine[name] === base[name] ? theirs[name] : mine[name])
      }),
    )
  })

  it('does nothing the second time', () => {
    fc.assert(
      fc.property(someFields, someFields, (base, mine) => {
        const changes = changesBetween(base, mine)
        if (changes.length === 0) return
        expect(mergeFields(mine, changes)).toEqual({
          kind: 'merged',
          fields: caseFields.parse(mine),
          changed: [],
        })
      }),
    )
  })

  it('refuses fields that do not exist, that stay as they were filed, and values that do not fit', () => {
    const refused = [
      { field: 'nothing', from: '', to: '' },
      { field: 'toString', from: '', to: '' },
      { field: 'title', from: '', to: 7 },
      { field: 'title', from: '', to: 'x'.repeat(201) },
      ...[...fixedFields].map(field => ({ field, from: emptyCaseFields[field], to: emptyCaseFields[field] })),
    ]
    for (const change of refused)
      expect(mergeFields(emptyCaseFields, [change])).toEqual({ kind: 'invalid', field: change.field })
  })
})
