/** Takes what the centre has: pages of the feed, each laid under what this seat has not sent yet. */
import type { Database } from '../storage/database.ts'
import { readState, writeState } from '../storage/local-state.ts'
import { type ApplyParts, appliedTogether, applyChange, keepUnreadable } from './apply-changes.ts'
import { type CentreClient, CentreFailure, notOurs } from './centre-client.ts'
import { type PageReader, type ReadChange, type ReadPage, readHere } from './read-page.ts'

const cursorState = 'sync-cursor'
/** The centre was restored: until the feed has been read to its end, its versions replace ours whatever they are. */
const againState = 'sync-again'
const pageSize = 2_000
/** Changes in one transaction: the first save for a while may wait for this many. Larger ones cost less for each change. */
const usualSliceSize = 200
const sliceSizeInUse = 16

export type PullParts = ApplyParts & {
  read(): Database
  write<T>(work: (db: Database) => T): T
  /** On the disk only with the next `write`: a page that was lost with the power is fetched again, as its cursor was too. */
  writeSoon?<T>(work: (db: Database) => T, inUse?: boolean): T
  client: CentreClient
  now(): string
  heard(serverTime: string): void
  /** A kind that a newer centre knows, or a change that cannot be read: passed over, and said. */
  passedOver(kind: string): void
  /** Lets whatever waits have the thread. */
  breathe(): Promise<void>
  sliceSize?: number
  /** Somebody saves meanwhile. */
  inUse?(): boolean
  /** Where pages are read: on this thread, if nobody says. */
  pageReader?: PageReader
}

/** `feedLagSeconds`: null while the centre's feed is not behind. */
export type Pulled = { applied: number; more: boolean; remaining: number; feedLagSeconds: number | null }
export type Pull = { once(): Promise<Pulled>; forget(): void }

/** From here on the feed is read from its beginning, and applied over what is here. */
export function readAgain(db: Database): void {
  writeState(db, cursorState, null)
  writeState(db, againState, '1')
  // Nothing of these is this seat's own, and what the centre has not any more it does not tell.
  db.exec('DELETE FROM callback_task')
}

export function createPull(parts: PullParts): Pull {
  const sizeNow = () => parts.sliceSize ?? (parts.inUse?.() === true ? sliceSizeInUse : usualSliceSize)
  const { pageReader = readHere } = parts
  /** Asked for while the page before is applied. */
  let ahead: { cursor: string; page: Promise<ReadPage> } | null = null

  const fetch = async (cursor: string | null): Promise<ReadPage> => {
    const from = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const answer = await parts.client.take(`/v1/changes?limit=${pageSize}${from}`)
    const { text, bytes } = answer
    const page = await pageReader.read(
      bytes === undefined ? { text } : { bytes: bytes.content, packed: bytes.packed },
    )
    if (page === null) throw new CentreFailure('network', notOurs(answer))
    return page
  }

  const next = async (): Promise<ReadPage> => {
    const cursor = readState(parts.read(), cursorState)
    const asked = ahead
    ahead = null
    return asked !== null && asked.cursor === cursor ? asked.page : fetch(cursor)
  }

  /** What is of a known kind and still cannot be read is kept for a later version, and must not hold the rest up. */
  const readable = (items: readonly ReadChange[]) =>
    items.flatMap(item => {
      if (item.is === 'change') return [item]
      parts.passedOver(item.kind)
      if (item.is === 'unreadable') parts.write(db => keepUnreadable(db, item.raw, parts.now()))
      return []
    })

  const once = async (): Promise<Pulled> => {
    let page: ReadPage
    try {
      page = await next()
    } catch (error) {
      if (!(error instanceof CentreFailure) || !['CURSOR_EXPIRED', 'CURSOR_INVALID'].includes(error.code))
        throw error
      parts.write(readAgain)
      return { applied: 0, more: true, remaining: 0, feedLagSeconds: null }
    }
    const { count, cursor, more, remaining, serverTime, feedLagSeconds = null } = page.head
    parts.heard(serverTime)
    if (more) {
      ahead = { cursor, page: fetch(cursor) }
      // Its failure is told to whoever wants the page.
      ahead.page.catch(() => {})
    }
    let applied = 0
    // The cursor is stored with the last slice, never before: what was applied of a page that was cut off is applied again.
    for (let from = 0, to = 0; ; from = to) {
      to = from + sizeNow()
      const last = to >= count
      const slice = count === 0 ? [] : readable(await page.take(from, to))
      applied += slice.length
      const write = last ? parts.write : (parts.writeSoon ?? parts.write)
      write(db => {
        const again = readState(db, againState) !== null
        const together = appliedTogether(db)
        for (const { change, textTokens } of slice)
          applyChange(db, change, again, parts, { together, textTokens })
        if (!last) return
        writeState(db, cursorState, cursor)
        if (!more) writeState(db, againState, null)
      }, parts.inUse?.())
      if (last) break
      await parts.breathe()
    }
    if (!more) pageReader.rest()
    return { applied, more, remaining, feedLagSeconds }
  }

  return {
    once,
    forget: () => {
      ahead = null
      pageReader.rest()
    },
  }
}
