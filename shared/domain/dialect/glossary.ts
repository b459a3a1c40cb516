/**
 * Dialect words (方言词汇) and their normal wording. A table that the centre publishes under `dialect-glossary`; what a caller said
 * stays beside the normal wording, never under it.
 */
import { z } from 'zod'

export const dialectGlossaryName = 'dialect-glossary'

/** One line, without what turns text around or hides it. */
const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .regex(/^(?!.*[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]).*$/u)

export const glossaryEntry = z
  .object({
    word: line(20).describe('方言词'),
    dialect: line(40).describe('方言，与来电人档案中的写法一致'),
    normal: line(60).describe('规范说法'),
    note: z.union([z.literal(''), line(200)]).default(''),
  })
  .strict()
export type GlossaryEntry = z.infer<typeof glossaryEntry>

export const mostEntries = 5_000

export const dialectGlossary = z.object({
  sample: z.boolean().describe('示例数据'),
  entries: z.array(glossaryEntry).min(1).max(mostEntries),
})
export type DialectGlossary = z.infer<typeof dialectGlossary>

export const glossaryFaultKind = z.enum(['shape', 'too-many', 'empty', 'bad-entry', 'duplicate', 'loop'])
/** `row`: of the table, from 1; null: of the whole. */
export type GlossaryFault = { kind: z.infer<typeof glossaryFaultKind>; row: number | null; sentence: string }

const fieldNames: Record<string, string> = {
  word: '方言词',
  dialect: '方言',
  normal: '规范说法',
  note: '注释',
}

/** What seats could not use, the first hundred faults; empty: it is sound. */
export function glossaryFaults(content: unknown): GlossaryFault[] {
  const outer = z.object({ sample: z.boolean(), entries: z.array(z.unknown()) }).safeParse(content)
  if (!outer.success) return [{ kind: 'shape', row: null, sentence: '不是方言词汇表' }]
  const { entries } = outer.data
  if (entries.length === 0) return [{ kind: 'empty', row: null, sentence: '词汇表没有内容' }]
  if (entries.length > mostEntries)
    return [{ kind: 'too-many', row: null, sentence: `词汇表最多 ${mostEntries} 行` }]
  const faults: GlossaryFault[] = []
  const read: { row: number; entry: GlossaryEntry }[] = []
  for (const [index, raw] of entries.entries()) {
    const row = index + 1
    const parsed = glossaryEntry.safeParse(raw)
    if (parsed.success) {
      read.push({ row, entry: parsed.data })
      continue
    }
    const field = String(parsed.error.issues[0]?.path[0] ?? '')
    const name = fieldNames[field]
    faults.push({
      kind: 'bad-entry',
      row,
      sentence: `第 ${row} 行${name === undefined ? '' : `的${name}`}为空、过长或含有不能使用的内容`,
    })
  }
  faults.push(...repeatedRows(read), ...loopedRows(read))
  return faults.sort((a, b) => (a.row ?? 0) - (b.row ?? 0)).slice(0, 100)
}

type Row = { row: number; entry: GlossaryEntry }

function repeatedRows(rows: readonly Row[]): GlossaryFault[] {
  const first = new Map<string, number>()
  return rows.flatMap(({ row, entry }) => {
    const key = `${entry.dialect}\n${entry.word}`
    const before = first.get(key)
    if (before === undefined) {
      first.set(key, row)
      return []
    }
    const sentence = `第 ${row} 行与第 ${before} 行重复：${entry.dialect}“${entry.word}”`
    return [{ kind: 'duplicate' as const, row, sentence }]
  })
}

/** A normal wording that is, over any number of rows, explained by the word itself explains nothing. Whatever the dialects. */
function loopedRows(rows: readonly Row[]): GlossaryFault[] {
  const rowsOf = new Map<string, Row[]>()
  for (const each of rows) rowsOf.set(each.entry.word, [...(rowsOf.get(each.entry.word) ?? []), each])
  const leadsBack = ({ entry }: Row): boolean => {
    const seen = new Set<string>()
    const next = [entry.normal]
    for (let word = next.pop(); word !== undefined; word = next.pop()) {
      if (word === entry.word) return true
      if (seen.has(word)) continue
      seen.add(word)
      for (const { entry: of } of rowsOf.get(word) ?? []) next.push(of.normal)
    }
    return false
  }
  return rows.filter(leadsBack).map(({ row, entry }) => ({
    kind: 'loop',
    row,
    sentence: `第 ${row} 行“${entry.word}”→“${entry.normal}”绕回自身`,
  }))
}
