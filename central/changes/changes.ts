/** The change feed as one seat may see it. */
import { type Change, type ChangePage, type Publication } from '../../shared/contract/central.ts'
import { type TaskRow, taskOf } from '../callbacks/task-rows.ts'
import { type CaseRow, documentsOf } from '../cases/documents.ts'
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'
import type { Device } from '../identity/devices.ts'
import { type OperatorRow, operatorColumns, operatorOf } from '../identity/operators.ts'
import { type PublicationRow, publicationColumns, publicationOf } from '../publications/publications.ts'
import { Refusal } from '../refusal.ts'
import { currentEpoch } from './epoch.ts'
import type { FeedLag } from './feed-lag.ts'

/** A page is cut here even if more changes were asked for: a slow line should not lose a large one again and again. */
const pageBytes = 2_000_000
/** A callback that was closed before is told of as removed: so a new seat is not sent years of them. */
const closedCallbackDays = 7

type FeedRow = {
  number: number
  kind: 'case' | 'operator' | 'publication' | 'callback'
  subject: string
  bytes: number
}

export type Changes = {
  page(device: Device, cursor: string | undefined, limit: number): Promise<ChangePage>
}

/** `epoch.number` */
function readCursor(cursor: string | undefined, epoch: string): number {
  if (cursor === undefined) return 0
  const [, of, number] = /^([\w-]{1,40})\.(\d{1,15})$/.exec(cursor) ?? []
  if (of === undefined || number === undefined) throw new Refusal('CURSOR_INVALID')
  if (of !== epoch) throw new Refusal('CURSOR_EXPIRED')
  return Number(number)
}

/**
 * `case_seat`: seats of other branches that were told of a case by earlier programs. They are told that it is gone, so that nothing
 * of it stays there.
 */
const visible = `(branch IS NULL OR branch = $2 OR (kind = 'case' AND (
  EXISTS (SELECT 1 FROM case_grant g WHERE g.case_id = change.subject AND g.branch = $2) OR
  EXISTS (SELECT 1 FROM case_seat s WHERE s.case_id = change.subject AND s.seat_id = $3))))`

export function createChanges({ sql, clock }: CentralContext, feedLag: FeedLag): Changes {
  /** In one statement, so that `top` is of the same moment as the rows. */
  const rowsFrom = async (device: Device, after: number, limit: number) => {
    const found = await sql.query<{ top: number } & { [K in keyof FeedRow]: FeedRow[K] | null }>(
      `WITH picked AS (
         SELECT number, kind, subject FROM change WHERE number > $1 AND ${visible} ORDER BY number LIMIT $4
       ), sized AS (
         SELECT p.*, sum(CASE p.kind WHEN 'callback' THEN 1100 ELSE coalesce(length(c.fields) + coalesce(length(c.loop), 0) + 800, 400) END) OVER (ORDER BY number) AS bytes
         FROM picked p LEFT JOIN cases c ON p.kind = 'case' AND c.case_id = p.subject
       )
       SELECT t.top, s.number, s.kind, s.subject, s.bytes::float8 AS bytes
       FROM (SELECT coalesce(max(number), 0) AS top FROM change) t LEFT JOIN sized s ON true ORDER BY s.number`,
      [after, device.branch, device.seatId, limit],
    )
    return {
      top: found[0]?.top ?? 0,
      rows: found.filter((row): row is typeof row & FeedRow => row.number !== null),
    }
  }

  const casesOf = async (device: Device, ids: string[]): Promise<Map<string, Change>> => {
    const found = new Map<string, Change>()
    if (ids.length === 0) return found
    const rows = await sql.query<CaseRow & { confidential: boolean; granted: boolean }>(
      `SELECT c.*, EXISTS (SELECT 1 FROM case_grant g WHERE g.case_id = c.case_id AND g.branch = $2) AS granted
       FROM cases c WHERE case_id = ANY($1::text[])`,
      [ids, device.branch],
    )
    // Of its own branch, or given to it. A confidential one lies nowhere but at the seat that filed it; others ask for it by id.
    const shown = rows.filter(
      row =>
        (row.branch === device.branch || row.granted) && (!row.confidential || row.seat_id === device.seatId),
    )
    const documents = await documentsOf(sql, shown)
    for (const row of rows) found.set(row.case_id, { kind: 'case-removed', caseId: row.case_id })
    for (const document of documents) found.set(document.caseId, { kind: 'case', case: document })
    return found
  }

  const operatorsOf = async (ids: string[]): Promise<Map<string, Change>> => {
    if (ids.length === 0) return new Map()
    const rows = await sql.query<OperatorRow>(
      `SELECT ${operatorColumns} FROM operator WHERE operator_id = ANY($1::text[])`,
      [ids],
    )
    return new Map(rows.map(row => [row.operator_id, { kind: 'operator', operator: operatorOf(row) }]))
  }

  const publicationsOf = async (subjects: string[]): Promise<Map<string, Change>> => {
    if (subjects.length === 0) return new Map()
    const rows = await sql.query<PublicationRow>(
      `SELECT ${publicationColumns} FROM publication WHERE name || ' ' || version = ANY($1::text[])`,
      [subjects],
    )
    const changeOf = (publication: Publication): Change => ({ kind: 'publication', publication })
    return new Map(rows.map(row => [`${row.name} ${row.version}`, changeOf(publicationOf(row))]))
  }

  const callbacksOf = async (ids: string[]): Promise<Map<string, Change>> => {
    if (ids.length === 0) return new Map()
    const rows = await sql.query<TaskRow & { over: boolean }>(
      `SELECT *, coalesce(closed_at < lease_now() - make_interval(days => $2), false) AS over
       FROM callback_task WHERE task_id = ANY($1::text[])`,
      [ids, closedCallbackDays],
    )
    return new Map(
      rows.map(row => [
        row.task_id,
        row.over
          ? { kind: 'callback-removed', taskId: row.task_id }
          : { kind: 'callback', callback: taskOf(row) },
      ]),
    )
  }

  return {
    page: async (device, cursor, limit) => {
      const epoch = await currentEpoch(sql)
      const after = readCursor(cursor, epoch)
      const { top, rows } = await rowsFrom(device, after, limit)
      // Numbers never fall: the database was put back in a way that did not change its epoch.
      if (after > top) throw new Refusal('CURSOR_EXPIRED')
      const page = rows.filter(({ bytes }, place) => place === 0 || bytes <= pageBytes)
      const subjects = (kind: FeedRow['kind']) =>
        page.filter(row => row.kind === kind).map(({ subject }) => subject)
      const [cases, operators, publications, callbacks] = await Promise.all([
        casesOf(device, subjects('case')),
        operatorsOf(subjects('operator')),
        publicationsOf(subjects('publication')),
        callbacksOf(subjects('callback')),
      ])
      const of = { case: cases, operator: operators, publication: publications, callback: callbacks }
      const isWhole = page.length === rows.length && rows.length < limit
      const last = page.at(-1)?.number ?? after
      const feedLagSeconds = await feedLag()
      const [left] = isWhole
        ? []
        : await sql.query<{ count: number }>(
            `SELECT count(*) AS count FROM change WHERE number > $1 AND ${visible}`,
            [last, device.branch, device.seatId],
          )
      return {
        changes: page.flatMap(({ kind, subject }) => of[kind].get(subject) ?? []),
        // A whole page goes past what is not for this seat, so that it is not looked through again.
        cursor: `${epoch}.${isWhole ? top : last}`,
        more: (left?.count ?? 0) > 0,
        remaining: left?.count ?? 0,
        serverTime: isoNow(clock),
        ...(feedLagSeconds === null ? {} : { feedLagSeconds }),
      }
    },
  }
}
