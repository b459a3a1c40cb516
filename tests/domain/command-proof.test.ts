import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, commandProofText, type ProvedParts } from '../../shared/domain/command-proof.ts'

const half = fc.string({ unit: 'binary' }).map(text => `${text}\ud83d`)
const json = fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' })
const value = fc.oneof(json, fc.dictionary(fc.oneof(fc.string(), half, fc.nat().map(String)), json), half)

const command: ProvedParts = {
  session: 's',
  id: 'i',
  client: 'c',
  seq: 7,
  operatorId: 'o',
  caseId: 'k',
  schemaVersion: 4,
  name: 'case.addRemark',
  args: { entryId: 'e', text: '备注' },
  baseVersion: 3,
  issuedAt: '2026-11-24T01:59:00.000Z',
}

/** The same with the keys of every object in another order. */
function shuffled(of: unknown): unknown {
  if (Array.isArray(of)) return of.map(shuffled)
  if (typeof of !== 'object' || of === null) return of
  const entries = Object.entries(of).reverse()
  return Object.fromEntries(entries.map(([key, member]) => [key, shuffled(member)]))
}

describe('canonical JSON', () => {
  it('is the same whatever the order of the keys, and after a trip over the wire', () => {
    fc.assert(
      fc.property(value, given => {
        const text = canonicalJson(given)
        expect(canonicalJson(shuffled(given))).toBe(text)
        expect(canonicalJson(JSON.parse(JSON.stringify(given)))).toBe(text)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(given)))
      }),
    )
  })

  it('writes what RFC 8785 writes', () => {
    expect(
      canonicalJson({ b: [1e21, 0.1, -0, 1e-7], a: { 10: 'x', 9: 'y' }, '€': '\u20ac', '\r': '\n' }),
    ).toBe('{"\\r":"\\n","a":{"10":"x","9":"y"},"b":[1e+21,0.1,0,1e-7],"€":"€"}')
    // By UTF-16 units, not by code points.
    expect(canonicalJson({ '\ufb33': 1, '\u{1f600}': 2 })).toBe('{"\u{1f600}":2,"\ufb33":1}')
  })

  it('leaves out what JSON leaves out, and writes half characters as JSON does', () => {
    expect(canonicalJson({ a: undefined, b: [undefined, Number.NaN], c: '\ud83d' })).toBe(
      '{"b":[null,null],"c":"\\ud83d"}',
    )
    expect(canonicalJson(JSON.parse('{"__proto__":{"b":1},"a":2}'))).toBe('{"__proto__":{"b":1},"a":2}')
  })

  it('refuses what is nested deeper than any form', () => {
    const deep = JSON.parse(`${'['.repeat(100)}${']'.repeat(100)}`) as unknown
    expect(() => canonicalJson(deep)).toThrow(expect.objectContaining({ name: 'TooDeep' }))
  })
})

describe('the text of a proof', () => {
  it('changes with every part that counts', () => {
    const others: { [K in keyof ProvedParts]: ProvedParts[K] } = {
      session: 't',
      id: 'j',
      client: 'd',
      seq: 8,
      operatorId: null,
      caseId: null,
      schemaVersion: 3,
      name: 'case.move',
      args: { entryId: 'e', text: '别的' },
      baseVersion: null,
      issuedAt: '2026-11-24T01:59:00.001Z',
    }
    const texts = Object.entries(others).map(([key, other]) => commandProofText({ ...command, [key]: other }))
    expect(new Set([commandProofText(command), ...texts]).size).toBe(texts.length + 1)
  })

  it('tells any two different arguments apart', () => {
    fc.assert(
      fc.property(value, value, (one, other) => {
        const isSame =
          JSON.stringify(JSON.parse(canonicalJson(one))) === JSON.stringify(JSON.parse(canonicalJson(other)))
        const text = (args: unknown) => commandProofText({ ...command, args })
        expect(text(one) === text(other)).toBe(isSame)
      }),
    )
  })
})
