/** Many seats that claim one callback at a time at the centre, as the order at the seat names them. Forked by the bench. */
import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { createCentral } from '../../central/central.ts'
import { openPostgres } from '../../central/storage/postgres.ts'
import { systemClock, systemRandom } from '../../central/system.ts'
import { claimChoices } from '../../shared/domain/callback-order.ts'
import { callbackPolicyName, sampleCallbackPolicy } from '../../shared/domain/callback-policy.ts'

export type ClaimsTask = { url: string; tasks: number; claimers: number; connections: number }
export type ClaimsResult = { ids: string[]; tookMs: number[]; wholeMs: number; refused: number }

const { url, tasks, claimers, connections } = JSON.parse(process.argv[2] ?? '{}') as ClaimsTask
const choices = 10

const log = pino({ level: 'warn' })
const sql = await openPostgres(url, { log, connections })
const central = await createCentral({ sql, clock: systemClock, random: systemRandom, log })
const policy = { ...sampleCallbackPolicy, quiet: { from: 0, to: 0 }, leaseSeconds: 3_600 }
await central.publications.publish(
  { name: callbackPolicyName, version: '1', effectiveAt: '2026-01-01T00:00:00.000Z', content: policy },
  'bench',
)
const now = Date.now()
for (let done = 0; done < tasks; done += 2_000)
  await central.callbacks.post(
    Array.from({ length: Math.min(2_000, tasks - done) }, (_, place) => ({
      originalCallId: `call-${done + place}`,
      number: `1990${String(done + place).padStart(7, '0')}`,
      missedAt: new Date(now - (tasks - done - place) * 1_000).toISOString(),
    })),
    'key:bench',
  )
while ((await central.stamper.stamp()).count > 0);

const rows = await sql.query<{ task_id: string }>(
  'SELECT task_id FROM callback_task ORDER BY first_missed_at',
)
const seats = await Promise.all(
  Array.from({ length: claimers }, async (_, place) => {
    const { code } = await central.devices.enrolmentCode('基准', null)
    const credential = await central.devices.enrol({ code, seatName: `${place} 号坐席` })
    const { accessToken } = await central.devices.token(credential)
    return {
      device: await central.devices.of(accessToken),
      operator: {
        operatorId: `operator-${place}`,
        workNumber: String(place),
        name: `坐席${place}`,
        branch: '基准',
        role: 'agent' as const,
        skills: [],
        disabled: false,
        employer: '',
      },
    }
  }),
)

/** What is left by what seats know: a task is struck out when its claim was answered, as the feed would tell. */
let waiting = rows.map(row => row.task_id)
const taken = new Set<string>()
let struck = 0
const order = () => {
  if (struck >= 64) {
    waiting = waiting.filter(taskId => !taken.has(taskId))
    struck = 0
  }
  return waiting
}

const ids: string[] = []
const tookMs: number[] = []
let refused = 0
const claimer = async (seat: (typeof seats)[number]) => {
  let began = performance.now()
  for (;;) {
    if (taken.size >= tasks) return
    const taskIds = claimChoices(order(), choices, Math.random).filter(taskId => !taken.has(taskId))
    if (taskIds.length === 0) {
      struck = 64
      continue
    }
    const result = await central.callbacks.claim(seat, { requestId: randomUUID(), taskIds })
    if (result.outcome === 'none') {
      refused += 1
      for (const { taskId, code } of result.passed) if (code === 'CALLBACK_HELD') strike(taskId)
      continue
    }
    // With those that found everything taken before it.
    tookMs.push(performance.now() - began)
    began = performance.now()
    ids.push(result.lease.task.taskId)
    strike(result.lease.task.taskId)
  }
}
function strike(taskId: string) {
  if (taken.has(taskId)) return
  taken.add(taskId)
  struck += 1
}
const began = performance.now()
await Promise.all(seats.map(claimer))
const wholeMs = performance.now() - began
await new Promise(resolve =>
  process.send?.({ ids, tookMs, wholeMs, refused } satisfies ClaimsResult, resolve),
)
await central.close()
await sql.close()
process.disconnect()
