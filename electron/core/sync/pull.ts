/** Takes the centre's changes. A page and its cursor are one transaction: after a crash neither or both are there. */
import { z } from 'zod'
import { change, changePage } from '../../../shared/contract/central.ts'
import type { Database } from '../storage/database.ts'
import { readState, writeState } from '../storage/local-state.ts'
import { type ApplyParts, applyChange } from './apply-changes.ts'
import { type CentreClient, CentreFailure } from './centre-client.ts'

const cursorState = 'sync-cursor'
/** The centre was restored: until the feed has been read to its end, its versions replace ours whatever they are. */
const againState = 'sync-again'
/** Small, so that a save that arrives meanwhile waits for a few milliseconds only. */
const pageSize = 100

const lenientPage = changePage.extend({ changes: z.array(z.object({ kind: z.string() }).loose()) })
const kinds = new Set(change.options.map(option => option.shape.kind.value as string))

export type PullParts = ApplyParts & {
  read(): Database
  write<T>(work: (db: Database) => T): T
  client: CentreClient
  token(): Promise<string>
  unknownKind(kind: string): void
}

export async function pullOnce(
  parts: PullParts,
): Promise<{ applied: number; more: boolean; remaining: number }> {
  const cursor = readState(parts.read(), cursorState)
  const token = await parts.token()
  const query = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
  let page: z.infer<typeof lenientPage>
  try {
    page = await parts.client.ask('GET', `/v1/changes?limit=${pageSize}${query}`, lenientPage, { token })
  } catch (error) {
    if (!(error instanceof CentreFailure) || error.code !== 'CURSOR_EXPIRED') throw error
    parts.write(db => {
      writeState(db, cursorState, null)
      writeState(db, againState, '1')
    })
    return { applied: 0, more: true, remaining: 0 }
  }
  // A kind of a newer centre is passed over; one that we know and that is malformed must not be lost by going on.
  const known = page.changes.flatMap(item => {
    if (!kinds.has(item.kind)) {
      parts.unknownKind(item.kind)
      return []
    }
    const parsed = change.safeParse(item)
    if (!parsed.success) throw new CentreFailure('network', '中心的答复不完整')
    return [parsed.data]
  })
  parts.write(db => {
    const again = readState(db, againState) !== null
    for (const item of known) applyChange(db, item, again, parts)
    writeState(db, cursorState, page.cursor)
    if (!page.more) writeState(db, againState, null)
  })
  return { applied: known.length, more: page.more, remaining: page.remaining }
}
