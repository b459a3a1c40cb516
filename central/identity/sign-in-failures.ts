/**
 * Failures at signing in are counted for each source (a seat, a browser, an address) and person, and each one makes the next wait
 * longer. They are counted by what was typed, so that a number which nobody has is treated like any other. Where a person signed in
 * before, only that count holds: whatever others do elsewhere, or to other numbers here, they are not locked out.
 */
import type { CentralContext } from '../context.ts'
import { insertRows, rowsOf } from '../storage/sql.ts'
import type { Source } from './passwords.ts'
import { digestOf } from './secrets.ts'

/** Three mistakes cost nothing; then 1 s, 2 s, 4 s, up to a quarter of an hour. */
const free = 3
const longestMs = 15 * 60_000
const forgottenMs = 24 * 3_600_000
const windowMs = 3_600_000
/** In an hour, from a source where the person is not known: for any numbers, and for one number from all such sources. */
const mostOfSource = 30
const mostOfPerson = 100
const anybody = '*'
/** Over for every process of the centre, whatever its clock says. */
const noWait = new Date(0).toISOString()

type Row = {
  source: string
  person: string
  failures: number
  since: Date
  last_at: Date
  wait_until: Date
}
const columns = {
  source: 'text',
  person: 'text',
  failures: 'integer',
  since: 'timestamptz',
  last_at: 'timestamptz',
  wait_until: 'timestamptz',
}

export const waitAfter = (failures: number): number =>
  failures <= free ? 0 : Math.min(longestMs, 1_000 * 2 ** (failures - free - 1))

export type Attempt = {
  /** Whatever the password is, this attempt is refused. */
  refused: boolean
  /** How long the next one has to wait. */
  retryAfterSeconds: number
}

export type SignInFailures = {
  /** Counts the attempt before the password is looked at, so that many at once are no way round the wait. */
  begin(source: Source, workNumber: string, known: boolean): Promise<Attempt>
  /** It was no failure. `all`: those before it are forgotten too. */
  undo(source: Source, workNumber: string, all: boolean): Promise<void>
}

export function createSignInFailures({ sql, clock }: CentralContext): SignInFailures {
  const keysOf = (source: Source, person: string): [source: string, person: string][] => [
    // In this order everywhere, so that no two attempts wait for each other.
    [anybody, person],
    [source, anybody],
    [source, person],
  ]

  return {
    begin: async (source, workNumber, known) => {
      const now = clock.now()
      const at = new Date(now).toISOString()
      const person = digestOf(workNumber)
      await sql.query(
        `DELETE FROM sign_in_failure WHERE (source, person) IN (
           SELECT source, person FROM sign_in_failure WHERE last_at < $1 LIMIT 100 FOR UPDATE SKIP LOCKED)`,
        [new Date(now - 2 * forgottenMs).toISOString()],
      )
      return sql.transaction(async tx => {
        const keys = keysOf(source, person)
        const empty = { failures: 0, since: at, last_at: at, wait_until: noWait }
        const rows: Row[] = []
        for (const [from, whom] of keys) {
          await insertRows(
            tx,
            'sign_in_failure',
            columns,
            [{ source: from, person: whom, ...empty }],
            'ON CONFLICT DO NOTHING',
          )
          const [row] = await tx.query<Row>(
            'SELECT * FROM sign_in_failure WHERE source = $1 AND person = $2 FOR UPDATE',
            [from, whom],
          )
          if (row !== undefined) rows.push(row)
        }
        const [ofPerson, ofSource, ofBoth] = rows
        if (ofPerson === undefined || ofSource === undefined || ofBoth === undefined)
          throw new Error('central: failures cannot be counted')

        const begins = (row: Row) => Math.abs(now - row.since.getTime()) >= windowMs
        const inWindow = (row: Row) => (begins(row) ? 0 : row.failures)
        const sourceOver = !known && inWindow(ofSource) >= mostOfSource
        const personOver = !known && inWindow(ofPerson) >= mostOfPerson
        // A longer wait than there is comes of a clock that was put back since.
        const waitMs = ofBoth.wait_until.getTime() - now
        const mustWait = (waitMs > 0 && waitMs <= longestMs) || sourceOver
        if (!mustWait) {
          const counted = (row: Row) => {
            const fresh = begins(row)
            const { source: from, person: whom } = row
            return {
              source: from,
              person: whom,
              failures: fresh ? 1 : row.failures + 1,
              since: fresh ? at : row.since.toISOString(),
              last_at: at,
              wait_until: noWait,
            }
          }
          const forgotten = Math.abs(now - ofBoth.last_at.getTime()) >= forgottenMs
          ofBoth.failures = forgotten ? 1 : ofBoth.failures + 1
          ofBoth.wait_until = new Date(now + waitAfter(ofBoth.failures))
          const both = {
            ...counted(ofBoth),
            failures: ofBoth.failures,
            wait_until: ofBoth.wait_until.toISOString(),
          }
          const changed = known ? [both] : [both, counted(ofSource), counted(ofPerson)]
          await tx.query(
            `UPDATE sign_in_failure f SET failures = r.failures, since = r.since, last_at = r.last_at, wait_until = r.wait_until
             FROM ${rowsOf(columns, 'r')} WHERE f.source = r.source AND f.person = r.person`,
            [JSON.stringify(changed)],
          )
        }
        const until = Math.max(
          ofBoth.wait_until.getTime(),
          sourceOver ? ofSource.since.getTime() + windowMs : 0,
        )
        return {
          refused: mustWait || personOver,
          retryAfterSeconds: Math.max(0, Math.ceil((until - now) / 1_000)),
        }
      })
    },

    undo: async (source, workNumber, all) => {
      const person = digestOf(workNumber)
      await sql.transaction(async tx => {
        for (const [from, whom] of keysOf(source, person)) {
          const both = from !== anybody && whom !== anybody
          await tx.query(
            `UPDATE sign_in_failure SET failures = CASE WHEN $3 THEN 0 ELSE greatest(0, failures - 1) END, wait_until = $4
             WHERE source = $1 AND person = $2`,
            [from, whom, both && all, noWait],
          )
        }
      })
    },
  }
}
