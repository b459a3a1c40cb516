/** A page of the feed is unpacked, parsed and held to the contract piece by piece: here, or on a thread of its own. */
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'
import { type Change, change, changePage } from '../../../shared/contract/central.ts'
import { textTokens } from '../../../shared/domain/case-search-text.ts'

const longestPage = 64 * 1024 * 1024

/** As it came. */
export type PageContent = { text: string } | { bytes: Uint8Array; packed: boolean }
const lenientPage = changePage.extend({ changes: z.array(z.unknown()) })
export type PageHead = Omit<z.infer<typeof lenientPage>, 'changes'> & { count: number }
/** `unreadable`: of a known kind and still not of the contract. `unknown`: of a kind that a newer centre knows. */
export type ReadChange =
  /** `textTokens`: of a case's texts, as the centre has them, for the search. */
  | { is: 'change'; change: Change; textTokens?: string }
  | { is: 'unreadable'; kind: string; raw: unknown }
  | { is: 'unknown'; kind: string }

export type ReadPage = {
  head: PageHead
  /** Changes `from` to before `to`. */
  take(from: number, to: number): Promise<ReadChange[]>
}
export type PageReader = {
  /** Null: not a page. */
  read(content: PageContent): Promise<ReadPage | null>
  /** Nothing more will come for a while. */
  rest(): void
}

const kinds = new Set(change.options.map(option => option.shape.kind.value as string))

function readChange(raw: unknown, withTokens: boolean): ReadChange {
  const told = typeof raw === 'object' && raw !== null && 'kind' in raw ? raw.kind : ''
  const kind = typeof told === 'string' ? told : ''
  if (!kinds.has(kind)) return { is: 'unknown', kind }
  const parsed = change.safeParse(raw)
  if (!parsed.success) return { is: 'unreadable', kind, raw }
  const read = { is: 'change' as const, change: parsed.data }
  return withTokens && read.change.kind === 'case'
    ? { ...read, textTokens: textTokens(read.change.case) }
    : read
}

export type ParsedPage = { head: PageHead; take(from: number, to: number): ReadChange[] }

/** `withTokens`: where it costs the core's thread nothing. */
export function parsePage(content: PageContent, withTokens: boolean): ParsedPage | null {
  try {
    const page = lenientPage.parse(JSON.parse(textOf(content)))
    // Every change says of what kind it is, or it is not a page of the feed.
    if (!page.changes.every(hasKind)) return null
    const { changes, ...head } = page
    return {
      head: { ...head, count: changes.length },
      take: (from, to) => changes.slice(from, to).map(raw => readChange(raw, withTokens)),
    }
  } catch {
    return null
  }
}

const hasKind = (raw: unknown): boolean =>
  typeof raw === 'object' && raw !== null && 'kind' in raw && typeof raw.kind === 'string'

function textOf(content: PageContent): string {
  if ('text' in content) return content.text
  const { bytes, packed } = content
  const whole = packed ? gunzipSync(bytes, { maxOutputLength: longestPage }) : bytes
  return Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength).toString()
}

/** On this thread. */
export const readHere: PageReader = {
  read: async content => {
    const page = parsePage(content, false)
    return page === null ? null : { head: page.head, take: async (from, to) => page.take(from, to) }
  },
  rest: () => {},
}
