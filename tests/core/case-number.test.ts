import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import {
  addBlock,
  discardBlocks,
  nextCaseNumber,
  numbersLeft,
} from '../../electron/core/cases/case-number.ts'
import { type Database, openDatabase } from '../../electron/core/storage/database.ts'

const now = Date.parse('2026-11-23T01:00:00.000Z')
const clock = { now: () => now }
const random = { bytes: (count: number) => new Uint8Array(count).fill(7), uuid: () => 'u' }
let folder: string
let seats: Database[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zuoxi-number-'))
  seats = [0, 1].map(seat => {
    const db = openDatabase({
      file: join(folder, `${seat}.db`),
      key: new Uint8Array(randomBytes(32)),
      now: 0,
    })
    db.exec(
      "INSERT INTO operator (operator_id, work_number, name, branch, created_at) VALUES ('o', '1', 'o', 'b', '')",
    )
    return db
  })
})
afterEach(() => {
  for (const db of seats) db.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A case with the number, as filing it would write. */
const keep = (db: Database, number: string) =>
  db
    .prepare(
      `INSERT INTO cases (case_id, case_number, status, disposition, operator_id, catalogue_version, version, fields, created_at)
       VALUES (?, ?, 'accepted', 'accept', 'o', '1', 1, '{}', '')`,
    )
    .run(number, number)
const file = (db: Database): string =>
  db.transaction(() => {
    const number = nextCaseNumber(db, now, random)
    keep(db, number)
    return number
  })()
const block = (first: number, last: number, blockId = `b${first}`) => ({
  blockId,
  prefix: '2026-',
  first,
  last,
  digits: 8,
})

it('gives the official numbers of its blocks in order, then its own, and official ones again when there are some', () => {
  const [db] = seats as [Database]
  expect(numbersLeft(db)).toBeNull()
  addBlock(db, block(417, 418), clock)
  addBlock(db, block(600, 600), clock)
  addBlock(db, block(417, 418), clock)
  expect(numbersLeft(db)).toBe(3)
  expect([file(db), file(db), file(db)]).toEqual(['2026-00000417', '2026-00000418', '2026-00000600'])
  expect(numbersLeft(db)).toBe(0)
  const own = file(db)
  expect(own).toMatch(/^20261123-\d{5}-00001$/)
  keep(db, `${own}-17`)
  expect(file(db)).toBe(own.replace(/00001$/, '00002'))
  addBlock(db, block(800, 900), clock)
  expect(file(db)).toBe('2026-00000800')
  discardBlocks(db)
  expect(numbersLeft(db)).toBe(0)
  expect(file(db)).toMatch(/^20261123-/)
})

it('two seats never give the same official number, and none is lost or given twice whatever crashes between', () => {
  let leased = 0
  fc.assert(
    fc.property(
      fc.array(
        fc.record({ seat: fc.nat(1), kind: fc.constantFrom('file', 'crash', 'lease', 'lease-again') }),
        { maxLength: 60 },
      ),
      steps => {
        for (const db of seats) db.exec('DELETE FROM cases; DELETE FROM number_block')
        const given: string[] = []
        const expected: string[][] = [[], []]
        for (const { seat, kind } of steps) {
          const db = seats[seat] as Database
          const open = expected[seat] as string[]
          if (kind === 'lease') {
            const fresh = block(leased + 1, leased + 3, `b${String(leased).padStart(8, '0')}`)
            leased += 3
            addBlock(db, fresh, clock)
            for (let number = fresh.first; number <= fresh.last; number += 1)
              open.push(`2026-${String(number).padStart(8, '0')}`)
          } else if (kind === 'lease-again') {
            const again = db.prepare('SELECT block_id FROM number_block LIMIT 1').pluck().get()
            if (typeof again === 'string') addBlock(db, block(1, 3, again), clock)
          } else if (kind === 'crash') {
            expect(() =>
              db.transaction(() => {
                nextCaseNumber(db, now, random)
                throw new Error('power cut')
              })(),
            ).toThrow('power cut')
          } else {
            const number = file(db)
            const official = open.shift()
            if (official === undefined) expect(number).toMatch(/^20261123-/)
            else {
              expect(number).toBe(official)
              given.push(number)
            }
          }
        }
        expect(new Set(given).size).toBe(given.length)
        for (const [seat, open] of expected.entries())
          expect(numbersLeft(seats[seat] as Database) ?? 0).toBe(open.length)
      },
    ),
    { numRuns: 60 },
  )
})
