/** A queue of callbacks in a test: its time is the test's, its seats are enrolled, its calls are invented. */
import { randomUUID } from 'node:crypto'
import type { Worker } from '../../central/callbacks/work.ts'
import type { Central } from '../../central/central.ts'
import type { Sql } from '../../central/storage/sql.ts'
import type { CentralOperator } from '../../shared/contract/central.ts'
import type { CallDirection, CallOutcome, CallRecord } from '../../shared/domain/call.ts'
import type { CallbackTask } from '../../shared/domain/callback.ts'
import { type CallbackPolicy, sampleCallbackPolicy } from '../../shared/domain/callback-policy.ts'
import { enrol, people, type Seat } from './centre.ts'

/** Tuesday, 10 in the morning in China: no quiet hours. */
export const morning = Date.parse('2026-11-24T02:00:00.000Z')
export const policy: CallbackPolicy = { ...sampleCallbackPolicy, sample: false }

/** Replaces the function that says how late it is for leases. */
export async function takeLeaseClock(sql: Sql, at = morning): Promise<(ms: number) => Promise<void>> {
  await sql.script(`
    CREATE TABLE lease_clock (now timestamptz NOT NULL);
    INSERT INTO lease_clock VALUES ('${new Date(at).toISOString()}');
    CREATE OR REPLACE FUNCTION lease_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT now FROM lease_clock'`)
  return async ms => {
    await sql.query('UPDATE lease_clock SET now = $1', [new Date(ms).toISOString()])
  }
}

export type QueueSeat = Worker & { seat: Seat }

export async function seatFor(
  central: Central,
  operator: CentralOperator = people.agent,
  branch?: string,
): Promise<QueueSeat> {
  const seat = await enrol(central, branch)
  return { seat, device: seat.device, operator }
}

export const missed = (originalCallId: string, number: string | null, ms = morning, more: object = {}) => ({
  originalCallId,
  number,
  missedAt: new Date(ms).toISOString(),
  ...more,
})

/** A call as a seat records it, ended or just answered. */
export const record = (
  number: string | null,
  about: {
    direction?: CallDirection
    answeredMs?: number
    offeredMs?: number
    outcome?: CallOutcome | null
    originalCallId?: string | null
    callId?: string
  } = {},
): CallRecord => {
  const iso = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString())
  const offered = about.offeredMs ?? about.answeredMs ?? morning
  const outcome = about.outcome ?? null
  return {
    callId: about.callId ?? randomUUID(),
    direction: about.direction ?? 'inbound',
    state: outcome === null ? 'talking' : 'ended',
    facts: {
      originalCallId: about.originalCallId ?? null,
      callerNumber: number,
      calledNumber: '12345',
      displayName: null,
      queue: null,
      skill: null,
      dialect: null,
      recordingId: null,
    },
    offeredAt: new Date(offered).toISOString(),
    answeredAt: iso(about.answeredMs),
    endedAt: outcome === null ? null : new Date(offered + 20_000).toISOString(),
    hangUpSide: outcome === null ? null : 'caller',
    outcome,
    sipStatus: null,
    transfers: [],
    numberKey: number,
    operatorId: null,
    caseId: null,
  }
}

export const claim = (central: Central, worker: Worker, ...taskIds: string[]) =>
  central.callbacks.claim(worker, { requestId: randomUUID(), taskIds })

/** The lease, or why the first one was not given. */
export async function claimed(central: Central, worker: Worker, ...taskIds: string[]) {
  const result = await claim(central, worker, ...taskIds)
  return result.outcome === 'granted' ? result.lease : (result.passed[0]?.code ?? 'NONE')
}

export const leased = async (central: Central, worker: Worker, taskId: string) => {
  const lease = await claimed(central, worker, taskId)
  if (typeof lease === 'string') throw new Error(`the claim was refused: ${lease}`)
  return lease
}

/** The code with which it was refused, or the state that it led to. */
export async function acted(work: Promise<{ task: CallbackTask }>): Promise<string> {
  try {
    return (await work).task.state
  } catch (error) {
    if (error instanceof Error && 'code' in error) return String(error.code)
    throw error
  }
}
