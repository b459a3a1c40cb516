/** Fetches the content of what the centre has published, for the names that this program uses. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type Publication, publication } from '../../../shared/contract/central.ts'
import type { Database } from '../storage/database.ts'
import { type CentreClient, CentreFailure } from './centre-client.ts'

const withContent = publication.extend({ content: z.unknown() })
/** Older ones do not come into force again. */
const newest = 5

/**
 * What is published now, before anything is sent after a time without the centre: what waits is checked against it first. What
 * a centre refuses here comes by the feed.
 */
export async function askPublished(parts: {
  client: CentreClient
  names: readonly string[]
  write<T>(work: (db: Database) => T): T
}): Promise<void> {
  if (parts.names.length === 0) return
  try {
    const told = await parts.client.ask('GET', '/v1/publications', z.array(publication))
    parts.write(db => {
      for (const one of told) if (parts.names.includes(one.name)) keepPublication(db, one)
    })
  } catch (error) {
    if (!(error instanceof CentreFailure) || error.passes || [401, 403].includes(error.status)) throw error
  }
}

/** What was published (目录、知识…) is kept by name and version; its content is fetched by them. */
export function keepPublication(db: Database, told: Publication): void {
  db.prepare(
    `INSERT INTO publication (name, version, effective_at, sha256, told)
     VALUES (@name, @version, @effectiveAt, @sha256, (SELECT coalesce(max(told), 0) + 1 FROM publication))
     ON CONFLICT (name, version) DO UPDATE SET effective_at = excluded.effective_at, sha256 = excluded.sha256`,
  ).run(told)
}

/** How many were fetched. What a centre refuses or tells wrongly is passed over and asked for again later. */
export async function fetchPublications(parts: {
  client: CentreClient
  names: readonly string[]
  read(): Database
  write<T>(work: (db: Database) => T): T
  passedOver(name: string): void
}): Promise<number> {
  let fetched = 0
  for (const name of parts.names) {
    const wanted = parts
      .read()
      .prepare(
        `SELECT version, sha256, content IS NULL AS missing FROM publication
         WHERE name = ? ORDER BY julianday(effective_at) DESC LIMIT ?`,
      )
      .all(name, newest) as { version: string; sha256: string; missing: number }[]
    for (const { version, sha256, missing } of wanted) {
      if (missing === 0) continue
      try {
        const path = `/v1/publications/${encodeURIComponent(name)}/${encodeURIComponent(version)}`
        const { content } = await parts.client.ask('GET', path, withContent)
        const text = JSON.stringify(content)
        if (createHash('sha256').update(text).digest('hex') !== sha256) {
          parts.passedOver(name)
          continue
        }
        parts.write(db =>
          db
            .prepare('UPDATE publication SET content = ? WHERE name = ? AND version = ? AND sha256 = ?')
            .run(text, name, version, sha256),
        )
        fetched += 1
      } catch (error) {
        if (!(error instanceof CentreFailure) || error.passes) throw error
        parts.passedOver(name)
      }
    }
  }
  return fetched
}
