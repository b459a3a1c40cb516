/**
 * 本席漏接: the calls that this seat itself missed, which it may call back while the centre cannot be asked. Nobody has claimed
 * anything, so this is outside of what docs/callbacks.md guarantees: it is for branches whose policy allows it, and the centre is
 * told of each attempt when it is back (`callback.offline`).
 */
import { z } from 'zod'
import type { HeldOwnMissed, OwnMissedRow } from '../../../shared/contract/seat-own-missed.ts'
import { type CallRecord, callProgress } from '../../../shared/domain/call.ts'
import { type CallbackOutcome, type CallbackTask, callbackOutcome } from '../../../shared/domain/callback.ts'
import { type CallbackPolicy, isQuiet } from '../../../shared/domain/callback-policy.ts'
import type { Operator } from '../../../shared/domain/operator.ts'
import { maskNumber, normalizeNumber } from '../../../shared/domain/phone-number.ts'
import type { Audit } from '../audit/audit.ts'
import { type CoreContext, isoNow } from '../context.ts'
import { Refusal } from '../refusal.ts'
import type { Database } from '../storage/database.ts'
import { readState, writeState } from '../storage/local-state.ts'
import type { Outbox } from '../sync/outbox.ts'
import { type Hand, proposalOf } from './in-hand.ts'
import type { PolicyInForce } from './policy-in-force.ts'
import type { TaskStore } from './task-store.ts'

const stateName = 'callbacks-own-missed'
const attemptsKept = 200
const rowsShown = 100
const minuteMs = 60_000

const attempt = z.object({
  attemptId: z.string(),
  numberKey: z.string(),
  originalCallId: z.string().nullable(),
  operatorId: z.string(),
  at: z.string(),
  callId: z.string().nullable(),
  phase: z.enum(['dialling', 'reached', 'ended']),
  talking: z.boolean(),
  proposed: callbackOutcome.nullable(),
  /** Null: it is in hand still. */
  outcome: callbackOutcome.nullable(),
})
type Attempt = z.infer<typeof attempt>

type MissedHere = { numberKey: string; originalCallId: string | null; calls: number; lastMissedAt: string }

export type OwnMissed = ReturnType<typeof createOwnMissed>

export function createOwnMissed(parts: {
  context: CoreContext
  audit: Audit
  outbox: Outbox
  store: TaskStore
  policy: PolicyInForce
  hand: Pick<Hand, 'get' | 'leftMs'>
  /** There is a centre, and it cannot be asked. */
  isCut(): boolean
  operator(db: Database): Operator
  read(): Database
  write<T>(work: (db: Database) => T): T
}) {
  const { context, audit, outbox, store, policy, hand, isCut, read, write } = parts
  const { clock, random } = context
  const changed = () => context.publish({ type: 'callbacks-changed' })

  const attemptsOf = (db: Database): Attempt[] => {
    const text = readState(db, stateName)
    return text === null ? [] : z.array(attempt).catch([]).parse(JSON.parse(text))
  }
  const keep = (db: Database, attempts: readonly Attempt[]) =>
    writeState(db, stateName, JSON.stringify(attempts.slice(0, attemptsKept)))
  const change = (db: Database, one: Attempt) =>
    keep(
      db,
      attemptsOf(db).map(each => (each.attemptId === one.attemptId ? one : each)),
    )
  const open = (db: Database): Attempt | null =>
    attemptsOf(db).find(({ outcome }) => outcome === null) ?? null

  const isAllowed = (inForce: CallbackPolicy, { branch }: Operator): boolean =>
    isCut() && inForce.offlineBranches.includes(branch)

  /** Newest first, one of a number, without those that somebody has spoken with or has in hand as far as is known here. */
  const missedHere = (db: Database, inForce: CallbackPolicy): MissedHere[] => {
    const since = new Date(clock.now() - inForce.expireHours * 60 * minuteMs).toISOString()
    const rows = db
      .prepare(
        `SELECT number_key AS numberKey, progress FROM call_record m
         WHERE outcome = 'missed' AND direction = 'inbound' AND number_key IS NOT NULL AND offered_at > ?
           AND NOT EXISTS (SELECT 1 FROM call_record a WHERE a.number_key = m.number_key AND a.offered_at >= m.offered_at
             AND (a.outcome IN ('answered', 'answered-elsewhere') OR a.state IN ('talking', 'held')))
         ORDER BY offered_at DESC LIMIT 500`,
      )
      .all(since) as { numberKey: string; progress: string }[]
    const taken = new Set(
      [...store.open(db).values()].flatMap(task => (task.state === 'open' ? [] : (task.numberKey ?? []))),
    )
    const closed = store.closed(db, 500)
    const found = new Map<string, MissedHere>()
    for (const { numberKey, progress } of rows) {
      const { facts, offeredAt } = callProgress.parse(JSON.parse(progress))
      const isOver = closed.some(task => task.numberKey === numberKey && (task.closed?.at ?? '') >= offeredAt)
      if (isOver || taken.has(numberKey)) continue
      const known = found.get(numberKey)
      if (known !== undefined) {
        known.calls += 1
        continue
      }
      if (!normalizeNumber(numberKey, { areaCode: '' }).dialable) continue
      found.set(numberKey, {
        numberKey,
        originalCallId: facts.originalCallId,
        calls: 1,
        lastMissedAt: offeredAt,
      })
    }
    return [...found.values()].slice(0, rowsShown)
  }

  const isReady = (inForce: CallbackPolicy, task: CallbackTask | undefined, tries: readonly Attempt[]) => {
    if (isQuiet(inForce, clock.now())) return false
    if (task?.notBefore != null && Date.parse(task.notBefore) > clock.now()) return false
    const counted = tries.filter(({ outcome }) => outcome !== 'failed').length
    if ((task?.attempts ?? 0) + counted >= inForce.attempts) return false
    const [last] = tries
    if (last === undefined) return true
    const outcome = last.outcome ?? 'failed'
    if (outcome === 'reached' || outcome === 'nothing-wanted' || outcome === 'case-filed') return false
    const spacing = inForce.spacingMinutes[outcome]
    return spacing !== null && Date.parse(last.at) + spacing * minuteMs <= clock.now()
  }

  const rowsNow = (db: Database, inForce: CallbackPolicy): OwnMissedRow[] => {
    const attempts = attemptsOf(db)
    const tasks = new Map([...store.open(db).values()].map(task => [task.numberKey, task]))
    return missedHere(db, inForce).map(missed => {
      const tries = attempts.filter(
        ({ numberKey, at }) => numberKey === missed.numberKey && at >= missed.lastMissedAt,
      )
      return {
        numberKey: missed.numberKey,
        number: maskNumber(missed.numberKey),
        calls: missed.calls,
        lastMissedAt: missed.lastMissedAt,
        tries: tries.length,
        lastOutcome: tries[0]?.outcome ?? null,
        ready: isReady(inForce, tasks.get(missed.numberKey), tries),
      }
    })
  }

  /** In a transaction. */
  const conclude = (db: Database, held: Attempt, outcome: CallbackOutcome) => {
    const { attemptId, numberKey, originalCallId, operatorId, callId, at } = held
    if (callId === null)
      return keep(
        db,
        attemptsOf(db).filter(each => each.attemptId !== attemptId),
      )
    change(db, { ...held, outcome, talking: false })
    outbox.append(db, {
      name: 'callback.offline',
      operatorId,
      caseId: null,
      args: { attemptId, numberKey, originalCallId, callId, outcome, at },
      baseVersion: null,
    })
  }
  const asItStands = ({ phase, proposed }: Attempt): CallbackOutcome =>
    phase === 'reached' ? 'reached' : (proposed ?? 'failed')

  const reported = (record: CallRecord | null) => {
    const held = open(read())
    if (record === null || held === null || held.callId !== record.callId) return
    const ended = record.state === 'ended'
    if (record.answeredAt !== null) write(db => change(db, { ...held, phase: 'reached', talking: !ended }))
    else if (ended) write(db => change(db, { ...held, phase: 'ended', proposed: proposalOf(record) }))
    else return
    changed()
  }

  return {
    list: (): { allowed: boolean; rows: OwnMissedRow[]; held: HeldOwnMissed | null } => {
      const db = read()
      const operator = parts.operator(db)
      const inForce = policy(db)
      const allowed = isAllowed(inForce, operator)
      const held = open(db)
      return {
        allowed,
        rows: allowed ? rowsNow(db, inForce) : [],
        held:
          held?.operatorId !== operator.operatorId
            ? null
            : {
                numberKey: held.numberKey,
                number: normalizeNumber(held.numberKey, { areaCode: '' }).display,
                phase: held.phase,
                callId: held.callId,
                talking: held.talking,
                proposed: held.proposed,
              },
      }
    },
    dial: (numberKey: string): { number: string } => {
      const db = read()
      const operator = parts.operator(db)
      const inForce = policy(db)
      const held = open(db)
      const claimed = hand.get(db)
      const isHeld = claimed !== null && (claimed.phase !== 'claimed' || hand.leftMs(claimed) > 0)
      if (isHeld || held?.operatorId === operator.operatorId) throw new Refusal('CALLBACK_IN_HAND')
      const missed = missedHere(db, inForce).find(each => each.numberKey === numberKey)
      const row = rowsNow(db, inForce).find(each => each.numberKey === numberKey)
      if (!isAllowed(inForce, operator) || missed === undefined || row?.ready !== true)
        throw new Refusal('OFFLINE_CALLBACK_NOT_ALLOWED')
      write(own => {
        // Whoever sat here before did not say what came of theirs.
        if (held !== null) conclude(own, held, asItStands(held))
        const begun: Attempt = {
          attemptId: random.uuid(),
          numberKey,
          originalCallId: missed.originalCallId,
          operatorId: operator.operatorId,
          at: isoNow(clock),
          callId: null,
          phase: 'dialling',
          talking: false,
          proposed: null,
          outcome: null,
        }
        keep(own, [begun, ...attemptsOf(own)])
        audit.append(own, {
          operatorId: operator.operatorId,
          action: 'callback.offline',
          subjectKind: 'callback',
          subjectId: begun.attemptId,
          result: 'done',
        })
      })
      changed()
      return { number: numberKey }
    },
    dialled: (callId: string, record: (db: Database) => CallRecord | null) => {
      const held = open(read())
      if (held === null || held.operatorId !== parts.operator(read()).operatorId)
        throw new Refusal('CALLBACK_NOT_IN_HAND')
      write(db => change(db, { ...held, callId }))
      reported(record(read()))
      changed()
    },
    outcome: (outcome: CallbackOutcome) => {
      const held = open(read())
      if (held === null || held.operatorId !== parts.operator(read()).operatorId)
        throw new Refusal('CALLBACK_NOT_IN_HAND')
      write(db => conclude(db, held, outcome))
      changed()
    },
    reported,
    caseFiled: (callId: string) => {
      const held = open(read())
      if (held === null || held.callId !== callId || held.phase !== 'reached') return
      write(db => conclude(db, held, 'case-filed'))
      changed()
    },
  }
}
