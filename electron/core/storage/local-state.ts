/** Small facts of this seat that are nobody else's: its client id, who is signed in, its five digits in case numbers. */
import type { Database } from './database.ts'

export const readState = (db: Database, name: string): string | null => {
  const value: unknown = db.prepare('SELECT value FROM local_state WHERE name = ?').pluck().get(name)
  return typeof value === 'string' ? value : null
}

export const writeState = (db: Database, name: string, value: string | null): void => {
  if (value === null) db.prepare('DELETE FROM local_state WHERE name = ?').run(name)
  else
    db.prepare(
      'INSERT INTO local_state (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    ).run(name, value)
}
