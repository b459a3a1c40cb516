import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CaseFields, caseFields, disposition, emptyCaseFields } from '../../shared/domain/case.ts'
import {
  chosen,
  dispositionRules,
  neededFor,
  reasonOf,
  rulesFaults,
} from '../../shared/domain/disposition-rules.ts'

const root = join(import.meta.dirname, '..', '..')
const rules = dispositionRules.parse(
  JSON.parse(readFileSync(join(root, 'resources', 'catalogue', 'disposition-rules.json'), 'utf8')),
)
const needs = (change: Partial<CaseFields>, consentWanted = false) =>
  neededFor({ ...emptyCaseFields, ...change }, rules, consentWanted)

describe('what a call still needs', () => {
  it('is nothing more for 受理, and a reason for 告知法定途径, 解释说明 and 移交线索', () => {
    expect(needs({ disposition: null })).toEqual([])
    expect(needs({ disposition: 'accept' })).toEqual([])
    expect(needs({ disposition: 'statutory' })).toEqual(['reasonCode'])
    expect(needs({ disposition: 'statutory', reasonCode: 'F01' })).toEqual([])
    expect(needs({ disposition: 'explain', reasonCode: 'J01' })).toEqual(['dispositionNote'])
    expect(needs({ disposition: 'explain', reasonCode: 'J01', dispositionNote: '已说明' })).toEqual([])
    expect(needs({ disposition: 'refer' })).toEqual(['reasonCode'])
  })

  it('is the hand-over for 即时转至, with consent where the line wants it', () => {
    const handedOver = {
      disposition: 'transfer',
      handOverNumber: '119',
      handOverWay: 'blind',
      handOverAt: '2026-11-24T00:00:00.000Z',
    } as const
    expect(needs({ disposition: 'transfer' })).toEqual(['handOverNumber', 'handOverWay', 'handOverAt'])
    expect(needs(handedOver)).toEqual([])
    expect(needs(handedOver, true)).toEqual(['handOverConsent'])
    expect(needs({ ...handedOver, handOverConsent: 'given' }, true)).toEqual([])
    expect(needs({ ...handedOver, handOverConsent: 'refused' })).toEqual(['handOverConsent'])
  })

  it('never depends on what another disposition left, since a change takes the reason away', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...disposition.options),
        fc.constantFrom(...disposition.options),
        fc.constantFrom('', ...rules.reasons.map(({ code }) => code)),
        (before, after, reasonCode) => {
          const fields = { ...emptyCaseFields, disposition: before, reasonCode }
          const next = { ...fields, ...chosen(fields, after) }
          expect(next.reasonCode).toBe(before === after ? reasonCode : '')
          if (before !== after) expect(reasonOf(rules, next)).toBeUndefined()
        },
      ),
    )
  })
})

it('knows a reason under its own disposition only', () => {
  expect(reasonOf(rules, { disposition: 'statutory', reasonCode: 'F01' })?.name).toBe('诉讼')
  expect(reasonOf(rules, { disposition: 'explain', reasonCode: 'F01' })).toBeUndefined()
})

it('rules are sound as they ship, and refused for a code twice, no script, or a disposition without a reason', () => {
  expect(rulesFaults(rules)).toEqual([])
  const codes = (reasons: typeof rules.reasons) => rulesFaults({ ...rules, reasons }).map(({ code }) => code)
  expect(codes([...rules.reasons, ...rules.reasons.slice(0, 1)])).toEqual(['DUPLICATE_CODE'])
  expect(
    codes(rules.reasons.map(each => ({ ...each, script: '' }))).every(code => code === 'NO_SCRIPT'),
  ).toBe(true)
  expect(codes([])).toEqual(['NO_REASON', 'NO_REASON', 'NO_REASON'])
})

it('a case that an earlier program stored is still read, and an over-long hand-over is refused', () => {
  const { reasonCode: _, handOverNumber: __, handOverWay: ___, ...stored } = emptyCaseFields
  expect(caseFields.parse(stored)).toEqual(emptyCaseFields)
  for (const bad of [
    { reasonCode: 'x'.repeat(33) },
    { handOverAck: '回'.repeat(501) },
    { handOverAt: 'yesterday' },
    { handOverWay: 'shouted' },
  ])
    expect(caseFields.safeParse({ ...emptyCaseFields, ...bad }).success).toBe(false)
})
