/** Takes what the centre has: pages of the feed, each laid under what this seat has not sent yet. */
import { z } from 'zod'
import { type Change, change, changePage } from '../../../shared/contract/central.ts'
import type { Database } from '../storage/database.ts'
import { readState, writeState } from '../storage/local-state.ts'
import { type ApplyParts, applyChange, keepUnreadable } from './apply-changes.ts'
import { type CentreClient, CentreFailure } from './centre-client.ts'

const cursorState = 'sync-cursor'
/** The centre was restored: until the feed has been read to its end, its versions replace ours whatever they are. */
const againState = 'sync-again'
const pageSize = 2_000
/** Changes in one transaction: a save that arrives meanwhile waits for this many. */
const usualSliceSize = 50

const lenientPage = changePage.extend({ changes: z.array(z.object({ kind: z.string() }).loose()) })
type Page = z.infer<typeof lenientPage>
const kinds = new Set(change.options.map(option => option.shape.kind.value as string))

export type PullParts = ApplyParts & {
  read(): Database
  write<T>(work: (db: Database) => T): T
  /** On the disk only with the next `write`: a page that was lost with the power is fetched again, as its cursor was too. */
  writeSoon?<T>(work: (db: Database) => T): T
  client: CentreClient
  now(): string
  heard(serverTime: string): void
  /** A kind that a newer centre knows, or a change that cannot be read: passed over, and said. */
  passedOver(kind: string): void
  /** Lets whatever waits have the thread. */
  breathe(): Promise<void>
  sliceSize?: number
}

export type Pulled = { applied: number; more: boolean; remaining: number }
export type Pull = { once(): Promise<Pulled>; forget(): void }

/** From here on the feed is read from its beginning, and applied over what is here. */
export function readAgain(db: Database): void {
  writeState(db, cursorState, null)
  writeState(db, againState, '1')
  // Nothing of these is this seat's own, and what the centre has not any more it does not tell.
  db.exec('DELETE FROM callback_task')
}

export function createPull(parts: PullParts): Pull {
  const { sliceSize = usualSliceSize } = parts
  /** Asked for while the page before is applied. */
  let ahead: { cursor: string; page: Promise<Page> } | null = null

  const fetch = (cursor: string | null) => {
    const from = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    return parts.client.ask('GET', `/v1/changes?limit=${pageSize}${from}`, lenientPage)
  }

  const next = async (): Promise<Page> => {
    const cursor = readState(parts.read(), cursorState)
    const asked = ahead
    ahead = null
    return asked !== null && asked.cursor === cursor ? asked.page : fetch(cursor)
  }

  /** What is of a known kind and still cannot be read is kept for a later version, and must not hold the rest up. */
  const readable = (items: Page['changes']): Change[] =>
    items.flatMap(item => {
      const parsed = kinds.has(item.kind) ? change.safeParse(item) : null
      if (parsed?.success) return [parsed.data]
      parts.passedOver(item.kind)
      if (parsed !== null) parts.write(db => keepUnreadable(db, item, parts.now()))
      return []
    })

  const once = async (): Promise<Pulled> => {
    let page: Page
    try {
      page = await next()
    } catch (error) {
      if (!(error instanceof CentreFailure) || !['CURSOR_EXPIRED', 'CURSOR_INVALID'].includes(error.code))
        throw error
      parts.write(readAgain)
      return { applied: 0, more: true, remaining: 0 }
    }
    parts.heard(page.serverTime)
    if (page.more) {
      ahead = { cursor: page.cursor, page: fetch(page.cursor) }
      // Its failure is told to whoever wants the page.
      ahead.page.catch(() => {})
    }
    const { changes } = page
    let applied = 0
    // The cursor is stored with the last slice, never before: what was applied of a page that was cut off is applied again.
    for (let from = 0; ; from += sliceSize) {
      const last = from + sliceSize >= changes.length
      const slice = readable(changes.slice(from, from + sliceSize))
      applied += slice.length
      const write = last ? parts.write : (parts.writeSoon ?? parts.write)
      write(db => {
        const again = readState(db, againState) !== null
        for (const item of slice) applyChange(db, item, again, parts)
        if (!last) return
        writeState(db, cursorState, page.cursor)
        if (!page.more) writeState(db, againState, null)
      })
      if (last) break
      await parts.breathe()
    }
    return { applied, more: page.more, remaining: page.remaining }
  }

  return {
    once,
    forget: () => {
      ahead = null
    },
  }
}
