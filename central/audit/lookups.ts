/**
 * Who looked up whom (查询来电人、打开工单): written down before anything is answered, counted by person, limited by the published
 * policy (shared/domain/lookup-policy.ts). A run of lookups raises an alarm that leads and administrators read. The audit holds a
 * caller's number as a keyed digest: whoever asks who looked up a number finds out, and nobody reads numbers there.
 */
import { createHmac } from 'node:crypto'
import type { CentralOperator } from '../../shared/contract/central.ts'
import { type LookupAlarm, maxAlarms } from '../../shared/contract/central-audit.ts'
import {
  againMs,
  judgeLookup,
  type LookupCounts,
  type LookupPolicy,
  lookupDayMs,
  lookupHourMs,
  lookupPolicy,
  lookupPolicyName,
  runMs,
  sampleLookupPolicy,
} from '../../shared/domain/lookup-policy.ts'
import type { CentralContext } from '../context.ts'
import type { Device } from '../identity/devices.ts'
import { createInForce } from '../publications/in-force.ts'
import { Refusal } from '../refusal.ts'
import type { Queries } from '../storage/sql.ts'

export type Who = { device: Device; operator: CentralOperator }
export type LookupKind = LookupAlarm['kind']
type Lookup = {
  kind: LookupKind
  /** A caller's normal number, or a case's id. */
  subject: { kind: 'caller' | 'case'; id: string }
  /** What is answered: `done`, or the code. */
  result: string
  /** Of a case: why it may not be read, or that it is one's own, which counts for nothing. */
  detail?: { hidden: string } | { own: true }
}

/** What happened, for those who count. */
export type LookupWatch = {
  lookedUp(kind: LookupKind, result: string): void
  alarmed(kind: LookupKind): void
}

export type Lookups = {
  /** Writes it down. LOOKUP_LIMIT: nothing may be answered. */
  note(who: Who, lookup: Lookup): Promise<void>
  /** Of the people of one's own branch, the latest first. */
  alarms(by: CentralOperator, since: string | undefined): Promise<LookupAlarm[]>
  /** Who looked up this number, the latest last. */
  ofNumber(numberKey: string): Promise<{ at: string; operatorId: string; kind: LookupKind; result: string }[]>
  /** The policy was published anew. */
  forget(): void
}

/** Any constant; the first key of a pair, the second is the person's. */
const lookupLock = 12_346
const alarmAgainMs = lookupHourMs

export function createLookups(context: CentralContext, watch: LookupWatch): Lookups {
  const { sql, clock, random } = context
  const policies = createInForce(context, lookupPolicyName, lookupPolicy, sampleLookupPolicy)
  let digestKey: Promise<Buffer> | null = null
  const readKey = async (): Promise<Buffer> => {
    await sql.query('INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      'lookup-key',
      Buffer.from(random.bytes(32)).toString('base64url'),
    ])
    const [row] = await sql.query<{ value: string }>('SELECT value FROM meta WHERE name = $1', ['lookup-key'])
    return Buffer.from(row?.value ?? '', 'base64url')
  }
  const digestOf = async (numberKey: string): Promise<string> => {
    digestKey ??= readKey().catch((error: unknown) => {
      digestKey = null
      throw error
    })
    return createHmac('sha256', await digestKey)
      .update(numberKey)
      .digest('base64url')
  }
  const ago = (ms: number) => new Date(clock.now() - ms).toISOString()

  const insert = (
    tx: Queries,
    { device, operator }: Who,
    action: string,
    [kind, id]: [kind: string, id: string],
    result: string,
    detail: object | undefined,
  ) =>
    tx.query(
      `INSERT INTO audit (at, client_id, operator_id, employer, action, subject_kind, subject_id, result, detail)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        ago(0),
        device.clientId,
        operator.operatorId,
        operator.employer,
        action,
        kind,
        id,
        result,
        detail === undefined ? null : JSON.stringify(detail),
      ],
    )

  /** The same number or case again soon counts once. */
  const countsOf = async (
    tx: Queries,
    { operator }: Who,
    { kind, subject }: Lookup,
    policy: LookupPolicy,
  ) => {
    const [row] = await tx.query<LookupCounts & { again: boolean }>(
      `WITH mine AS (
         SELECT subject_id, at, lag(at) OVER (PARTITION BY subject_id ORDER BY at, entry) AS before
         FROM audit WHERE operator_id = $1 AND action = $2 AND at > $3
           AND result <> 'LOOKUP_LIMIT' AND detail IS DISTINCT FROM '{"own":true}'
       ), counted AS (
         SELECT subject_id, at, before IS NULL OR at - before > make_interval(secs => $4) AS counts FROM mine
       )
       SELECT count(*) FILTER (WHERE counts)::int AS "lastDay",
              count(*) FILTER (WHERE counts AND at > $5)::int AS "lastHour",
              count(*) FILTER (WHERE counts AND at > $6)::int AS "inRun",
              coalesce(bool_or(subject_id = $7 AND at > $8), false) AS again
       FROM counted`,
      [
        operator.operatorId,
        kind,
        ago(lookupDayMs),
        againMs(policy) / 1_000,
        ago(lookupHourMs),
        ago(runMs(policy)),
        subject.id,
        ago(againMs(policy)),
      ],
    )
    return row ?? { lastDay: 0, lastHour: 0, inRun: 0, again: false }
  }

  const judge = (policy: LookupPolicy, kind: LookupKind, { operator }: Who, counts: LookupCounts) => {
    if (kind !== 'caller.ring') return judgeLookup(policy, kind, operator.role, counts)
    const { perHour, perDay } = policy.ringing
    const judged = judgeLookup(policy, 'caller.lookup', operator.role, counts, true)
    return { ...judged, allowed: counts.lastHour < perHour && counts.lastDay < perDay }
  }

  const raise = async (
    tx: Queries,
    who: Who,
    kind: LookupKind,
    { refused, count, minutes }: { refused: boolean; count: number; minutes: number },
  ): Promise<boolean> => {
    const { operatorId } = who.operator
    const before = await tx.query(
      `SELECT 1 FROM audit WHERE operator_id = $1 AND action = 'alarm.lookups' AND at > $2 AND subject_id = $3 AND result = $4 LIMIT 1`,
      [operatorId, ago(alarmAgainMs), kind, refused ? 'LOOKUP_LIMIT' : 'raised'],
    )
    if (before.length > 0) return false
    const result = refused ? 'LOOKUP_LIMIT' : 'raised'
    await insert(tx, who, 'alarm.lookups', ['lookups', kind], result, { count, minutes })
    return true
  }

  return {
    note: async (who, asked) => {
      const { kind, detail } = asked
      const subject =
        asked.subject.kind === 'case'
          ? asked.subject
          : { kind: 'caller' as const, id: await digestOf(asked.subject.id) }
      const lookup = { ...asked, subject }
      const policy = await policies.current()
      const { result, alarmed } = await sql.transaction(async tx => {
        // One person's lookups stand in a line: what is counted here holds until it is written.
        await tx.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [
          lookupLock,
          who.operator.operatorId,
        ])
        const counts = await countsOf(tx, who, lookup, policy)
        const isCounted = !counts.again && !(detail !== undefined && 'own' in detail)
        const { allowed, alarm } = isCounted
          ? judge(policy, kind, who, counts)
          : { allowed: true, alarm: false }
        const result = allowed ? lookup.result : 'LOOKUP_LIMIT'
        await insert(tx, who, kind, [subject.kind, subject.id], result, detail)
        if (!allowed)
          return {
            result,
            alarmed: await raise(tx, who, kind, { refused: true, count: counts.lastHour, minutes: 60 }),
          }
        const { minutes } = policy.run
        return {
          result,
          alarmed:
            alarm && (await raise(tx, who, kind, { refused: false, count: counts.inRun + 1, minutes })),
        }
      })
      watch.lookedUp(kind, result)
      if (alarmed) watch.alarmed(kind)
      if (result === 'LOOKUP_LIMIT') throw new Refusal('LOOKUP_LIMIT')
    },

    alarms: async (by, since) => {
      const rows = await sql.query<{
        at: Date
        operator_id: string
        work_number: string
        name: string
        branch: string
        employer: string
        subject_id: LookupKind
        result: string
        detail: string
      }>(
        `SELECT a.at, a.operator_id, o.work_number, o.name, o.branch, a.employer, a.subject_id, a.result, a.detail
         FROM audit a JOIN operator o USING (operator_id)
         WHERE a.action = 'alarm.lookups' AND a.at > $1 AND ($2::text IS NULL OR o.branch = $2)
         ORDER BY a.at DESC, a.entry DESC LIMIT ${maxAlarms}`,
        [since ?? ago(30 * lookupDayMs), by.allBranches === true ? null : by.branch],
      )
      return rows.map(row => ({
        at: row.at.toISOString(),
        operatorId: row.operator_id,
        workNumber: row.work_number,
        name: row.name,
        branch: row.branch,
        employer: row.employer,
        kind: row.subject_id,
        refused: row.result === 'LOOKUP_LIMIT',
        // Written above and nowhere else.
        ...(JSON.parse(row.detail) as Pick<LookupAlarm, 'count' | 'minutes'>),
      }))
    },
    ofNumber: async numberKey => {
      const rows = await sql.query<{ at: Date; operator_id: string; action: LookupKind; result: string }>(
        `SELECT at, operator_id, action, result FROM audit
         WHERE action IN ('caller.lookup', 'caller.ring') AND subject_id = $1 ORDER BY entry`,
        [await digestOf(numberKey)],
      )
      return rows.map(row => ({
        at: row.at.toISOString(),
        operatorId: row.operator_id,
        kind: row.action,
        result: row.result,
      }))
    },
    forget: () => policies.forget(),
  }
}
