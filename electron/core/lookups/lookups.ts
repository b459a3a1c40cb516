/**
 * Lookups of people (查询): each is counted and audited, and beyond the city's limit refused (shared/domain/lookup-policy.ts). The
 * audit holds no number: it names a number by a keyed digest that only this database can make again.
 */
import { createHmac } from 'node:crypto'
import type { LookupAlarm } from '../../../shared/contract/seat.ts'
import {
  againMs,
  judgeLookup,
  type LookupKind,
  type LookupPolicy,
  lookupDayMs,
  lookupHourMs,
  lookupPolicy,
  lookupPolicyName,
  runMs,
  sampleLookupPolicy,
} from '../../../shared/domain/lookup-policy.ts'
import type { Operator } from '../../../shared/domain/operator.ts'
import type { Audit, AuditEntry } from '../audit/audit.ts'
import type { CoreContext } from '../context.ts'
import { Refusal } from '../refusal.ts'
import type { Database } from '../storage/database.ts'
import { readState, writeState } from '../storage/local-state.ts'
import { publishedInForce } from '../storage/published.ts'
import type { Store } from '../storage/store.ts'

const keyState = 'lookup-key'
const alarmsKeptMs = 7 * lookupDayMs

export type Lookups = {
  /** By a number's key form. Refuses with LOOKUP_LIMIT, unless a call with this number goes on here. */
  caller(by: Operator, numberKey: string): void
  /** A case that somebody else filed. Refuses with LOOKUP_LIMIT, unless a call with its caller goes on here. */
  caseRead(by: Operator, caseId: string): void
  /** Runs of lookups at this seat in the last seven days, the latest first. */
  alarms(): LookupAlarm[]
}

type Subject = Pick<AuditEntry, 'subjectKind' | 'subjectId'>

export function createLookups(parts: {
  store: Pick<Store, 'db' | 'write' | 'writeSoon'>
  context: Pick<CoreContext, 'clock' | 'random' | 'publish'>
  audit: Audit
}): Lookups {
  const { store, audit } = parts
  const { clock, random, publish } = parts.context

  const policy = (db: Database): LookupPolicy => {
    const row = publishedInForce(db, lookupPolicyName, clock.now())
    const read = row === undefined ? null : lookupPolicy.safeParse(JSON.parse(row.content))
    return read?.success === true ? read.data : sampleLookupPolicy
  }

  const since = (ms: number) => new Date(clock.now() - ms).toISOString()
  // Two statements with the action written out: each has an index of its own, which a parameter would not use.
  const counted = (db: Database, kind: LookupKind, operatorId: string, ms: number): number =>
    Number(
      db
        .prepare(
          kind === 'caller.lookup'
            ? "SELECT count(*) FROM audit WHERE action = 'caller.lookup' AND operator_id = ? AND at >= ? AND result = 'done'"
            : "SELECT count(*) FROM audit WHERE action = 'case.read' AND operator_id = ? AND at >= ? AND result = 'done'",
        )
        .pluck()
        .get(operatorId, since(ms)),
    )
  const madeBefore = (
    db: Database,
    kind: LookupKind,
    operatorId: string,
    subjectId: string,
    ms: number,
  ): boolean =>
    db
      .prepare(
        kind === 'caller.lookup'
          ? `SELECT 1 FROM audit WHERE action = 'caller.lookup' AND operator_id = ? AND at >= ? AND subject_id = ? AND result = 'done'`
          : `SELECT 1 FROM audit WHERE action = 'case.read' AND operator_id = ? AND at >= ? AND subject_id = ? AND result = 'done'`,
      )
      .get(operatorId, since(ms), subjectId) !== undefined

  const count = (kind: LookupKind, by: Operator, subject: Subject, needed: boolean): void => {
    const db = store.db()
    const { operatorId, role } = by
    const inForce = policy(db)
    if (madeBefore(db, kind, operatorId, subject.subjectId, againMs(inForce))) return
    const inRun = (['caller.lookup', 'case.read'] as const)
      .map(each => counted(db, each, operatorId, runMs(inForce)))
      .reduce((sum, each) => sum + each, 0)
    const counts = {
      lastHour: counted(db, kind, operatorId, lookupHourMs),
      lastDay: counted(db, kind, operatorId, lookupDayMs),
      inRun,
    }
    const { allowed, alarm } = judgeLookup(inForce, kind, role, counts, needed)
    const write = (own: Database) => {
      audit.append(own, { operatorId, action: kind, ...subject, result: allowed ? 'done' : 'refused' })
      if (!alarm) return
      const about = { subjectKind: 'operator', subjectId: operatorId } as const
      audit.append(own, { operatorId, action: 'lookup.alarm', ...about, result: 'done' })
    }
    // A screen pop does not wait for the disk: the call's own record follows in a moment and takes this with it.
    if (needed && !alarm) store.writeSoon(write, true)
    else store.write(write)
    if (alarm) publish({ type: 'lookup-alarm' })
    if (!allowed) throw new Refusal('LOOKUP_LIMIT')
  }

  const key = (): Buffer => {
    const kept = readState(store.db(), keyState)
    if (kept !== null) return Buffer.from(kept, 'base64url')
    const made = Buffer.from(random.bytes(32))
    store.write(db => writeState(db, keyState, made.toString('base64url')))
    return made
  }
  const named = (numberKey: string): string =>
    createHmac('sha256', key()).update(numberKey).digest('base64url').slice(0, 22)

  const isOnTheLine = (db: Database, numberKey: string): boolean =>
    db.prepare("SELECT 1 FROM call_record WHERE state <> 'ended' AND number_key = ?").get(numberKey) !==
    undefined
  const callerIsOnTheLine = (db: Database, caseId: string): boolean =>
    db
      .prepare(
        `SELECT 1 FROM call_record r JOIN cases c ON c.case_id = ? AND r.number_key IN (c.calling_key, c.contact_key)
         WHERE r.state <> 'ended'`,
      )
      .get(caseId) !== undefined

  return {
    caller: (by, numberKey) =>
      count(
        'caller.lookup',
        by,
        { subjectKind: 'caller', subjectId: named(numberKey) },
        isOnTheLine(store.db(), numberKey),
      ),
    caseRead: (by, caseId) =>
      count(
        'case.read',
        by,
        { subjectKind: 'case', subjectId: caseId },
        callerIsOnTheLine(store.db(), caseId),
      ),
    alarms: () =>
      store
        .db()
        .prepare(
          `SELECT a.operator_id AS operatorId, coalesce(o.name, '') AS operatorName, a.at
           FROM audit a LEFT JOIN operator o USING (operator_id)
           WHERE a.action = 'lookup.alarm' AND a.at >= ? ORDER BY a.audit_id DESC LIMIT 50`,
        )
        .all(since(alarmsKeptMs)) as LookupAlarm[],
  }
}
