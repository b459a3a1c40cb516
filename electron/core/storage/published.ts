/** What the centre has published under a name and is in force now. */
import type { Database } from './database.ts'

export type Published = { version: string; sha256: string; content: string }

/** undefined: nothing under that name holds yet, or its content has not been fetched. */
export const publishedInForce = (db: Database, name: string, now: number): Published | undefined =>
  db
    .prepare(
      `SELECT version, sha256, content FROM publication
       WHERE name = ? AND content IS NOT NULL AND julianday(effective_at) <= julianday(?)
       ORDER BY julianday(effective_at) DESC, told DESC LIMIT 1`,
    )
    .get(name, new Date(now).toISOString()) as Published | undefined

/** As above without its content, which can be megabytes: whether there is another than before. */
export const versionInForce = (
  db: Database,
  name: string,
  now: number,
): Omit<Published, 'content'> | undefined =>
  db
    .prepare(
      `SELECT version, sha256 FROM publication
       WHERE name = ? AND content IS NOT NULL AND julianday(effective_at) <= julianday(?)
       ORDER BY julianday(effective_at) DESC, told DESC LIMIT 1`,
    )
    .get(name, new Date(now).toISOString()) as Omit<Published, 'content'> | undefined
