import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import {
  directoryFaults,
  hoursText,
  lookUp,
  mayTransfer,
  quickLines,
  type TransferEntry,
  transferDirectory,
  transferEntry,
} from '../../shared/domain/transfer-directory.ts'

const root = join(import.meta.dirname, '..', '..')
const sample = transferDirectory.parse(
  JSON.parse(readFileSync(join(root, 'resources', 'catalogue', 'transfer-directory.json'), 'utf8')),
)
const entry = (change: Partial<TransferEntry> = {}): TransferEntry =>
  transferEntry.parse({ number: '09995550999', name: '供水热线', kind: 'hotline', ...change })
/** So many minutes into Tuesday, 24 November 2026, in China. */
const tuesday = (minutes: number) => Date.parse('2026-11-23T16:00:00.000Z') + minutes * 60_000
const zone = process.env['TZ']
afterAll(() => {
  if (zone === undefined) delete process.env['TZ']
  else process.env['TZ'] = zone
})

describe('whether a call may go to a line', () => {
  it('refuses a number that is dead, not yet in use, or not answered at this hour, and says why', () => {
    const dead = entry({ validTo: '2026-11-24T00:00:00.000Z' })
    const end = Date.parse('2026-11-24T00:00:00.000Z')
    expect(mayTransfer(dead, end - 1)).toBeNull()
    expect(mayTransfer(dead, end)).toEqual({
      why: 'NO_LONGER',
      sentence: '供水热线（09995550999）已于2026年11月24日停用',
    })
    const later = entry({ validFrom: '2026-11-24T00:00:00.000Z' })
    expect(mayTransfer(later, end)).toBeNull()
    expect(mayTransfer(later, end - 1)).toMatchObject({
      why: 'NOT_YET',
      sentence: '供水热线（09995550999）尚未启用，2026年11月24日起使用',
    })
    const office = entry({ hours: [{ days: [1, 2, 3, 4, 5], from: 540, to: 1_050 }] })
    expect(mayTransfer(office, tuesday(539))).toMatchObject({ why: 'CLOSED_NOW' })
    expect(mayTransfer(office, tuesday(540))).toBeNull()
    expect(mayTransfer(office, tuesday(1_049))).toBeNull()
    expect(mayTransfer(office, tuesday(1_050))?.sentence).toBe(
      '供水热线（09995550999）现在不在服务时间：周一至周五 09:00–17:30',
    )
    expect(mayTransfer(office, tuesday(4 * 1_440 + 600))).toMatchObject({ why: 'CLOSED_NOW' })
  })

  it('is China’s time, whatever the zone of the machine', () => {
    const office = entry({ hours: [{ days: [2], from: 0, to: 1_440 }] })
    for (const name of ['Asia/Shanghai', 'America/New_York', 'Pacific/Kiritimati']) {
      process.env['TZ'] = name
      expect(mayTransfer(office, tuesday(0)), name).toBeNull()
      expect(mayTransfer(office, tuesday(0) - 1), name).not.toBeNull()
      expect(mayTransfer(office, tuesday(1_440)), name).not.toBeNull()
    }
  })

  it('allows exactly what its dates and hours allow', () => {
    const minutes = fc.integer({ min: -3_000, max: 3_000 })
    fc.assert(
      fc.property(minutes, minutes, minutes, (from, to, at) => {
        const one = entry({
          validFrom: new Date(tuesday(from)).toISOString(),
          validTo: new Date(tuesday(to)).toISOString(),
        })
        expect(mayTransfer(one, tuesday(at)) === null).toBe(at >= from && at < to)
      }),
    )
  })
})

describe('a number that is looked up', () => {
  const old = entry({ name: '旧热线', validTo: '2026-01-01T00:00:00.000Z' })
  const now = entry({ name: '新热线', validFrom: '2026-01-01T00:00:00.000Z' })
  const directory = { version: '1', sample: false, entries: [old, now] }

  it('is the entry that holds; however it was typed', () => {
    expect(lookUp(directory, '0999-555 0999', tuesday(0))).toMatchObject({
      entry: { name: '新热线' },
      refusal: null,
    })
    expect(lookUp(directory, '09995550999', Date.parse('2025-06-01T00:00:00.000Z'))).toMatchObject({
      entry: { name: '旧热线' },
      refusal: null,
    })
  })

  it('is refused when nothing of it holds, and nobody’s when it is not there', () => {
    expect(lookUp({ ...directory, entries: [old] }, '09995550999', tuesday(0)).refusal?.why).toBe('NO_LONGER')
    expect(lookUp(directory, '10086', tuesday(0))).toEqual({ entry: null, refusal: null })
  })
})

describe('a directory', () => {
  it('is sound as it ships: the four emergency lines have the first keys, one number is dead', () => {
    expect(directoryFaults(sample)).toEqual([])
    expect(sample.sample).toBe(true)
    expect(quickLines(sample, tuesday(0)).map(({ number }) => number)).toEqual(['110', '119', '120', '122'])
    expect(lookUp(sample, '09995550211', tuesday(0)).refusal?.why).toBe('NO_LONGER')
    expect(lookUp(sample, '09995550212', tuesday(0)).refusal?.why).toBe('NOT_YET')
  })

  it('is refused for a number twice at one moment, for dates and hours that end before they begin', () => {
    const faults = (...entries: TransferEntry[]) =>
      directoryFaults({ version: '1', sample: false, entries }).map(({ index, code }) => `${index} ${code}`)
    expect(faults(entry(), entry())).toEqual(['1 OVERLAPPING_NUMBER'])
    expect(faults(entry({ validTo: '2026-01-01T00:00:00.000Z' }), entry())).toEqual(['1 OVERLAPPING_NUMBER'])
    expect(
      faults(
        entry({ validTo: '2026-01-01T00:00:00.000Z' }),
        entry({ validFrom: '2026-01-01T00:00:00.000Z' }),
      ),
    ).toEqual([])
    expect(
      faults(entry({ validFrom: '2026-01-02T00:00:00.000Z', validTo: '2026-01-01T00:00:00.000Z' })),
    ).toEqual(['0 ENDS_BEFORE_IT_BEGINS'])
    expect(faults(entry({ hours: [{ days: [1], from: 600, to: 600 }] }))).toEqual(['0 HOURS_BACKWARDS'])
    expect(
      faults(entry({ number: '110', kind: 'emergency', hours: [{ days: [1], from: 0, to: 600 }] })),
    ).toEqual(['0 EMERGENCY_WITH_HOURS'])
  })

  it('takes no number that cannot be dialled and nothing over-long', () => {
    for (const bad of [
      { number: '12a' },
      { number: '1' },
      { number: '1'.repeat(33) },
      { name: '' },
      { name: '名'.repeat(61) },
      { note: '注'.repeat(201) },
      { validTo: '2026-13-01' },
      { hours: [{ days: [8], from: 0, to: 1 }] },
    ])
      expect(transferEntry.safeParse({ ...entry(), ...bad }).success, JSON.stringify(bad)).toBe(false)
  })

  it('says hours as people do', () => {
    expect(hoursText([{ days: [1, 2, 3, 4, 5, 6, 7], from: 0, to: 1_440 }])).toBe('每天 00:00–24:00')
    expect(hoursText([{ days: [6, 7], from: 540, to: 720 }])).toBe('周六、日 09:00–12:00')
  })
})
