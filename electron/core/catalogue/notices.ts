/** What another version of the catalogue means here: told to whom it concerns, and unsent dispatches whose entry is gone come back. */
import { z } from 'zod'
import type { CatalogueNotice } from '../../../shared/contract/seat-dispatch.ts'
import { caseFields } from '../../../shared/domain/case.ts'
import type { DispatchCatalogue } from '../../../shared/domain/catalogue.ts'
import {
  catalogueChange,
  catalogueChanges,
  categoriesTouched,
} from '../../../shared/domain/catalogue-changes.ts'
import { dispatchOrder } from '../../../shared/domain/dispatch.ts'
import type { Dispatching } from '../../../shared/domain/make-dispatch.ts'
import type { Clock } from '../context.ts'
import { isoNow } from '../context.ts'
import type { Database } from '../storage/database.ts'

export const entryGoneCode = 'CATALOGUE_ENTRY_GONE'
/** Told to the page at most; the rest is counted. */
const mostTold = 200
/** Versions that are remembered. */
const mostKept = 20

/** A dispatch among the arguments of a command, and under which name. */
export function orderIn(args: unknown): { name: string; categoryCode: string } | null {
  if (typeof args !== 'object' || args === null) return null
  for (const [name, value] of Object.entries(args)) {
    const order = dispatchOrder.safeParse(value)
    if (order.success) return { name, categoryCode: order.data.categoryCode }
  }
  return null
}

const filing = z.object({
  fields: caseFields.pick({ disposition: true, handling: true, categoryCode: true }),
})
/** By which category a command dispatches a case; null: it does not. */
function dispatchedBy(name: string, args: unknown): string | null {
  if (name !== 'case.create') return orderIn(args)?.categoryCode ?? null
  const read = filing.safeParse(args)
  if (!read.success) return null
  const { disposition, handling, categoryCode } = read.data.fields
  return disposition === 'accept' && handling === 'dispatch' && categoryCode !== '' ? categoryCode : null
}

export function createNotices(parts: { clock: Clock }) {
  const { clock } = parts

  /** By which entry each unsent dispatch goes now. Of a case that was changed since then, by what it was changed to. */
  const unsentDispatches = (db: Database, where: string) =>
    (
      db
        .prepare(
          `SELECT o.id, o.name, o.args, json_extract(c.fields, '$.categoryCode') AS current
           FROM outbox o LEFT JOIN cases c ON c.case_id = o.case_id WHERE o.name LIKE 'case.%' AND ${where}`,
        )
        .all() as { id: string; name: string; args: string; current: string | null }[]
    ).flatMap(({ id, name, args, current }) => {
      const by = dispatchedBy(name, JSON.parse(args))
      const code = name === 'case.create' && by !== null ? (current ?? by) : by
      return code === null || code === '' ? [] : [{ id, code }]
    })

  /**
   * Unsent dispatches by an entry that is no more are parked, where the operator chooses another one; those whose entry is back
   * go on. How many were parked.
   */
  const recheck = (
    db: Database,
    before: DispatchCatalogue,
    after: DispatchCatalogue,
    { tree }: Dispatching,
  ): number => {
    const names = new Map(before.categories.map(({ code, name }) => [code, name]))
    const isParked = 'SELECT command_id FROM parked'
    const free = db.prepare('DELETE FROM parked WHERE command_id = ? AND code = ?')
    for (const { id, code } of unsentDispatches(db, `o.id IN (${isParked} WHERE code = '${entryGoneCode}')`))
      if (tree.isLeaf(code)) free.run(id, entryGoneCode)
    const park = db.prepare(
      'INSERT INTO parked (command_id, code, sentence, at, conflict) VALUES (?, ?, ?, ?, NULL)',
    )
    const gone = unsentDispatches(db, `o.id NOT IN (${isParked})`).filter(
      ({ code }) => names.has(code) && !tree.isLeaf(code),
    )
    for (const { id, code } of gone)
      park.run(
        id,
        entryGoneCode,
        `派单目录已更新为“${after.version}”，原分类“${names.get(code)}”已取消，请重新选择分类`,
        isoNow(clock),
      )
    return gone.length
  }

  return {
    /** In the transaction of the version's coming into force. How many unsent dispatches came back. */
    cameIntoForce: (
      db: Database,
      before: DispatchCatalogue,
      after: DispatchCatalogue,
      dispatch: Dispatching,
    ): number => {
      const changes = catalogueChanges(before, after)
      db.prepare(
        'INSERT INTO catalogue_change (version, previous, applied_at, changes, touched) VALUES (?, ?, ?, ?, ?)',
      ).run(
        after.version,
        before.version,
        isoNow(clock),
        JSON.stringify(changes),
        JSON.stringify([...categoriesTouched(changes, after)]),
      )
      db.prepare(
        'DELETE FROM catalogue_change WHERE change_key <= (SELECT max(change_key) FROM catalogue_change) - ?',
      ).run(mostKept)
      return recheck(db, before, after, dispatch)
    },

    used: (db: Database, operatorId: string, categoryCode: string) => {
      if (categoryCode === '') return
      db.prepare(
        `INSERT INTO category_use (operator_id, category_code, used_at) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET used_at = excluded.used_at`,
      ).run(operatorId, categoryCode, isoNow(clock))
    },

    /** The latest first. */
    recent: (db: Database, operatorId: string, most: number): string[] =>
      db
        .prepare('SELECT category_code FROM category_use WHERE operator_id = ? ORDER BY used_at DESC LIMIT ?')
        .pluck()
        .all(operatorId, most) as string[],

    /** What changed that concerns this operator since it was last seen; null: nothing. */
    unseen: (db: Database, operatorId: string): CatalogueNotice | null => {
      const rows = db
        .prepare(
          `SELECT change_key AS key, version, previous, applied_at AS appliedAt, changes, touched FROM catalogue_change
           WHERE change_key > coalesce((SELECT change_key FROM catalogue_seen WHERE operator_id = ?), 0)
           ORDER BY change_key`,
        )
        .all(operatorId) as {
        key: number
        version: string
        previous: string
        appliedAt: string
        changes: string
        touched: string
      }[]
      const [first] = rows
      const last = rows.at(-1)
      if (first === undefined || last === undefined) return null
      const own = new Set(
        db
          .prepare(
            `SELECT category_code FROM category_use WHERE operator_id = @operatorId
             UNION SELECT json_extract(fields, '$.categoryCode') FROM draft WHERE operator_id = @operatorId`,
          )
          .pluck()
          .all({ operatorId }) as string[],
      )
      const changes = rows.flatMap(({ changes: text }) => z.array(catalogueChange).parse(JSON.parse(text)))
      const touched = rows.flatMap(({ touched: text }) => z.array(z.string()).parse(JSON.parse(text)))
      const mine = [...new Set(touched)].filter(code => own.has(code))
      if (mine.length === 0) return null
      return {
        key: last.key,
        version: last.version,
        previous: first.previous,
        appliedAt: last.appliedAt,
        changes: changes.slice(0, mostTold),
        changeCount: changes.length,
        mine,
      }
    },

    seen: (db: Database, operatorId: string, key: number) => {
      db.prepare(
        `INSERT INTO catalogue_seen (operator_id, change_key) VALUES (?, ?)
         ON CONFLICT DO UPDATE SET change_key = max(change_key, excluded.change_key)`,
      ).run(operatorId, key)
    },
  }
}
