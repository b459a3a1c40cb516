/**
 * One judge for each kind of rule case. A judge runs the rule that the product runs and compares what came out with the case's
 * `right`. Cases are read leniently: a field that a kind does not know is ignored, a missing one has the default that stands here.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { calendarFrom, catalogueFrom } from '../../central/catalogues/from-rows.ts'
import { readTables } from '../../central/catalogues/read-tables.ts'
import type { TableFault } from '../../shared/contract/central-catalogues.ts'
import { findAddress } from '../../shared/domain/address/find-address.ts'
import { splitByRules } from '../../shared/domain/address/split-address.ts'
import { timePhrases } from '../../shared/domain/assist/time-phrases.ts'
import { attachmentName, outsideFile } from '../../shared/domain/attachment.ts'
import { containsText } from '../../shared/domain/bigram.ts'
import { type CaseFields, emptyCaseFields } from '../../shared/domain/case.ts'
import { type CaseLoop, newLoop } from '../../shared/domain/case-loop.ts'
import { dispatchCopy, filesForUnit } from '../../shared/domain/dispatch-copy.ts'
import { maskKinds, maskText } from '../../shared/domain/language-model/mask.ts'
import { normalizeNumber } from '../../shared/domain/phone-number.ts'
import { plainText } from '../../shared/domain/plain-text.ts'
import { sampleCatalogue } from '../domain/some-catalogue.ts'

export type Verdict = { pass: boolean; got: unknown }
type Judge = (one: unknown, folder: string) => Verdict | Promise<Verdict>

const judgeOf =
  <T>(shape: z.ZodType<T>, judge: (one: T, folder: string) => Verdict | Promise<Verdict>): Judge =>
  (one, folder) =>
    judge(shape.parse(one), folder)

const texts = z.array(z.string())
const values = z.record(z.string(), z.unknown())
const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

const chinaMs = 8 * 3_600_000
/** 2026-12-31T22:00, by China's clock. */
const chinaMinute = (ms: number): string => new Date(ms + chinaMs).toISOString().slice(0, 16)

const unitCode = 'C07'
const loopWithFile: CaseLoop = {
  ...newLoop,
  order: {
    catalogueVersion: '1',
    categoryCode: '0101',
    lead: { code: unitCode, name: '照明' },
    assist: [],
    signBy: null,
    replyBy: null,
    opinion: '',
    attachments: ['a'],
  },
}

/** The name by which the unit is shown a file of that name; none when it is shown no file. */
const fileNamesForUnit = (fields: CaseFields, name: string): string[] => {
  const file = { attachmentId: 'a', name, mediaType: 'image/jpeg', bytes: 1, sha256: 'a'.repeat(64) }
  return filesForUnit({ fields, loop: loopWithFile, attachments: [file] }, unitCode).map(({ name }) => name)
}

const named = { version: 'v', effectiveAt: '2026-11-24T01:00:00.000Z' }
const read = (files: readonly string[], folder: string) =>
  readTables(files.map(name => ({ name, content: readFileSync(join(folder, name)) })))
const shortOf = ({ row, column, code }: TableFault): string => `${row} ${column} ${code}`
const faultsShown = 4

/** `categories.0101.name`: a step into a list is the code of one of its entries, or its place. */
const valueAt = (whole: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((at, step) => {
    if (Array.isArray(at))
      return at.find(one => values.safeParse(one).data?.['code'] === step) ?? at[Number(step)]
    return values.safeParse(at).data?.[step]
  }, whole)

const judges: Readonly<Record<string, Judge>> = {
  phone: judgeOf(
    z.object({ raw: z.string().nullable(), areaCode: z.string().default('0999'), right: values }),
    ({ raw, areaCode, right }) => {
      const { key, extension, kind, dialable } = normalizeNumber(raw, { areaCode })
      const got: Record<string, unknown> = { key, extension, kind, dialable }
      const pass = Object.entries(right).every(([name, value]) =>
        name === 'notKey' ? key !== value : got[name] === value,
      )
      return { pass, got }
    },
  ),

  'plain-text': judgeOf(z.object({ in: z.string(), right: z.string() }), one => {
    const got = plainText(one.in)
    return { pass: got === one.right, got }
  }),

  'unit-copy': judgeOf(
    z.object({
      fields: z.custom<Partial<CaseFields>>(given => values.safeParse(given).success).default({}),
      files: texts.default([]),
      right: z.object({ gone: texts, stays: texts.default([]) }),
    }),
    ({ fields: given, files, right }) => {
      const fields = { ...emptyCaseFields, title: '', ...given }
      const copy = dispatchCopy({
        caseId: 'c',
        caseNumber: 'n',
        status: 'dispatched',
        createdAt: '2026-12-01T00:00:00.000Z',
        fields,
        loop: newLoop,
        history: [],
      })
      const shown = JSON.stringify(copy) + JSON.stringify(files.map(name => fileNamesForUnit(fields, name)))
      const left = right.gone.filter(text => shown.includes(text))
      const lost = right.stays.filter(text => !shown.includes(text))
      return { pass: left.length === 0 && lost.length === 0, got: { left, lost } }
    },
  ),

  mask: judgeOf(
    z.object({
      in: z.string(),
      known: z.array(z.object({ kind: z.enum(maskKinds).catch('其他'), value: z.string() })).default([]),
      right: z.object({ gone: texts }),
    }),
    ({ in: given, known, right }) => {
      const { text } = maskText(given, known)
      return { pass: right.gone.every(gone => !text.includes(gone)), got: text }
    },
  ),

  time: judgeOf(
    z.object({
      text: z.string(),
      now: z.string(),
      right: z.union([z.string(), texts]).optional(),
      orNothing: z.unknown().optional(),
    }),
    ({ text, now, right, orNothing }) => {
      const got = timePhrases(text, Date.parse(now)).map(phrase => `${phrase.text}=${chinaMinute(phrase.at)}`)
      const [first] = got
      const rights = [right].flat()
      const pass =
        first === undefined
          ? orNothing === true
          : got.length === 1 && rights.some(each => first.endsWith(`=${each}`))
      return { pass, got }
    },
  ),

  address: judgeOf(
    z.object({ text: z.string(), free: z.unknown().optional(), right: values }),
    ({ text, free, right }) => {
      const { divisions } = sampleCatalogue
      const got: Record<string, unknown> =
        free === true ? findAddress(text, divisions) : splitByRules(text, divisions).fields
      return { pass: Object.entries(right).every(([name, value]) => got[name] === value), got }
    },
  ),

  search: judgeOf(
    z.object({ text: z.string(), query: z.string(), right: z.boolean() }),
    ({ text, query, right }) => {
      const got = containsText(text, query)
      return { pass: got === right, got }
    },
  ),

  'outside-file': judgeOf(
    z.object({ name: z.string(), headHex: z.string(), right: z.string().nullable() }),
    ({ name: given, headHex, right }) => {
      const name = attachmentName(given)
      const got = name === null ? 'NAME' : outsideFile(name, Uint8Array.from(Buffer.from(headHex, 'hex')))
      return { pass: got === right, got }
    },
  ),

  catalogue: judgeOf(
    z.object({
      files: texts,
      right: z.object({
        refusedAtRow: z.union([z.number(), z.string()]).optional(),
        orValues: values.optional(),
      }),
    }),
    async ({ files, right: { refusedAtRow, orValues } }, folder) => {
      const { tables, faults } = await read(files, folder)
      const made = catalogueFrom(tables, sampleCatalogue, { ...named, city: '云澜市' })
      const all = [...faults, ...made.faults].map(shortOf)
      const found = Object.fromEntries(
        Object.keys(orValues ?? {}).map(path => [path, valueAt(made.catalogue, path)]),
      )
      const isRefused =
        all.length > 0 &&
        (refusedAtRow === undefined || all.some(fault => fault.startsWith(`${refusedAtRow} `)))
      const isRead =
        orValues !== undefined &&
        all.length === 0 &&
        Object.entries(orValues).every(([path, value]) => same(found[path], value))
      return { pass: isRefused || isRead, got: { faults: all.slice(0, faultsShown), read: found } }
    },
  ),

  calendar: judgeOf(
    z.object({ files: texts, right: z.object({ orHolidays: texts.optional() }) }),
    async ({ files, right }, folder) => {
      const { tables, faults } = await read(files, folder)
      const made = calendarFrom(tables, named)
      const all = [...faults, ...made.faults].map(shortOf)
      const days = (made.calendar?.holidays ?? []).map(({ date }) => date)
      return {
        pass: all.length > 0 || same(days, right.orHolidays),
        got: { faults: all.slice(0, faultsShown), days },
      }
    },
  ),
}

export const judgedKinds: readonly string[] = Object.keys(judges)

const caseHead = z.looseObject({ kind: z.string() })

/** Whatever goes wrong is a failed case with one sentence about why. */
export async function judgeCase(one: unknown, folder: string): Promise<Verdict> {
  const head = caseHead.safeParse(one)
  if (!head.success) return { pass: false, got: 'the case is no object with a kind' }
  const { kind } = head.data
  const judge = Object.hasOwn(judges, kind) ? judges[kind] : undefined
  if (judge === undefined)
    return { pass: false, got: `unknown kind ${kind}; known are ${judgedKinds.join(', ')}` }
  try {
    return await judge(one, folder)
  } catch (error) {
    if (error instanceof z.ZodError)
      return { pass: false, got: `the case has another shape: ${z.prettifyError(error)}` }
    return { pass: false, got: error instanceof Error ? error.message : String(error) }
  }
}
