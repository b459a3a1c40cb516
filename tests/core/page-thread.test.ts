import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, it } from 'vitest'
import { createPageThread } from '../../electron/core/sync/page-thread.ts'
import {
  type PageContent,
  type PageReader,
  type ReadChange,
  readHere,
} from '../../electron/core/sync/read-page.ts'
import { emptyCaseFields } from '../../shared/domain/case.ts'
import { textTokens } from '../../shared/domain/case-search-text.ts'

const at = '2026-11-23T01:00:00.000Z'
const kase = (place: number) => ({
  kind: 'case',
  case: {
    caseId: `k${place}`,
    caseNumber: `N${place}`,
    version: 1,
    branch: 'b',
    status: 'accepted',
    disposition: 'accept',
    operatorId: 'o1',
    catalogueVersion: '1',
    callId: null,
    createdAt: at,
    updatedAt: at,
    fields: {
      ...emptyCaseFields,
      content: `路灯不亮 ${randomBytes(200).toString('hex')}`,
      disposition: 'accept',
    },
    attachments: [],
    history: [],
  },
})
const page = (count: number) => ({
  changes: [
    { kind: 'weather', degrees: 12 },
    { kind: 'case', case: { caseId: 'broken' } },
    ...Array.from({ length: count }, (_, place) => kase(place)),
  ],
  cursor: 'e.7',
  more: true,
  remaining: 3,
  serverTime: at,
})
const packed = (content: unknown): PageContent => ({ bytes: gzipSync(JSON.stringify(content)), packed: true })

const reader = createPageThread()
afterEach(() => reader.rest())

const all = async (from: PageReader, content: PageContent) => {
  const read = await from.read(content)
  if (read === null) return null
  const { head } = read
  return { head, first: await read.take(0, 5), rest: await read.take(5, head.count) }
}

/** What the thread makes besides: a case's tokens. */
const withTokens = (item: ReadChange): ReadChange =>
  item.is === 'change' && item.change.kind === 'case'
    ? { ...item, textTokens: textTokens(item.change.case) }
    : item

it('reads a long page on its thread as it would be read here, whatever is in it', async () => {
  const text = JSON.stringify(page(300))
  const there = await all(reader, packed(JSON.parse(text)))
  expect(there?.head).toEqual({ count: 302, cursor: 'e.7', more: true, remaining: 3, serverTime: at })
  expect(there?.first.map(({ is }) => is)).toEqual(['unknown', 'unreadable', 'change', 'change', 'change'])
  expect(there?.rest).toHaveLength(297)
  const here = await all(readHere, { text })
  expect(here?.first.some(item => 'textTokens' in item)).toBe(false)
  expect(there).toEqual({
    ...here,
    first: here?.first.map(withTokens),
    rest: here?.rest.map(withTokens),
  })
  // Unpacked, and short: the same.
  expect(await all(reader, { bytes: Buffer.from(text), packed: false })).toEqual(there)
  const short = JSON.stringify(page(2))
  expect(await all(reader, packed(JSON.parse(short)))).toEqual(await all(readHere, { text: short }))
})

it('takes nothing for a page that is none', async () => {
  const long = 'x'.repeat(200_000)
  for (const content of [
    { bytes: Buffer.from(gzipSync(JSON.stringify(page(300)))).subarray(0, 6_000), packed: true },
    packed({ ...page(300), cursor: 7 }),
    packed({ ...page(300), changes: [long] }),
    { text: long },
    { text: '<html>' },
  ])
    expect(await reader.read(content)).toBeNull()
})

it('tells whoever waits when the thread is ended, and begins another for the next page', async () => {
  const read = await reader.read(packed(page(300)))
  const waiting = read?.take(0, 50)
  reader.rest()
  await expect(waiting).rejects.toThrow('has ended')
  await expect(read?.take(50, 100)).rejects.toThrow('has ended')
  expect((await all(reader, packed(page(300))))?.head.count).toBe(302)
})
