/** What seats' commands say about callbacks: calls that were missed or answered there, results that come later, offline attempts. */
import type { CentralOperator, CommandResult } from '../../shared/contract/central.ts'
import { type CommandRefusal, commandRefusals } from '../../shared/contract/central-errors.ts'
import type { CallRecord } from '../../shared/domain/call.ts'
import { moveCallback } from '../../shared/domain/callback-moves.ts'
import type { CallbackPolicy } from '../../shared/domain/callback-policy.ts'
import { normalizeNumber } from '../../shared/domain/phone-number.ts'
import type { JudgedCommand, Seat } from '../commands/attribute.ts'
import type { Device } from '../identity/devices.ts'
import type { Queries } from '../storage/sql.ts'
import { type Contact, keysOfContacts, takeContacts } from './answered.ts'
import { keysOfCalls, type SeenCall, seenCall, takeMissedCalls } from './missed-calls.ts'
import { leaseNow, lockNumbers } from './number-locks.ts'
import { saveEntries, saveSteps, type TaskRow, taskOf } from './task-rows.ts'
import { numberOf, work } from './work.ts'

type Batch = {
  device: Device
  operators: ReadonlyMap<string, CentralOperator>
  commands: readonly JudgedCommand[]
  results: Map<string, CommandResult>
  policy: CallbackPolicy
  now: string
  areaCode: string
  newId(): string
}

type Offline = Extract<JudgedCommand['command'], { name: 'callback.offline' }>['args']

/** After the cases of a batch are locked and before anything else of it is: so nobody waits in a circle. */
export async function takeFromSeat(tx: Queries, batch: Batch): Promise<void> {
  const { device, commands, results, policy, now, areaCode, newId } = batch
  const applied = commands.filter(({ id }) => results.get(id)?.outcome === 'applied')
  /** Of each seat, by their ids. */
  const calls = new Map<string, Map<string, SeenCall>>()
  const contacts = new Map<string, Contact>()
  const outcomes: JudgedCommand[] = []
  const offline: { command: JudgedCommand; args: Offline; key: string }[] = []
  for (const each of applied) {
    const { command, operatorId, seat } = each
    if (command.name === 'callback.outcome') outcomes.push(each)
    if (command.name === 'callback.offline')
      offline.push({ command: each, args: command.args, key: keyOf(command.args.numberKey, areaCode) })
    if (command.name !== 'call.record') continue
    const by = {
      clientId: device.clientId,
      seatId: seat.seatId,
      operatorId,
      employer: employerOf(batch, operatorId),
    }
    const contact = contactIn(command.args, areaCode)
    if (contact !== null && !contacts.has(contact.contactId))
      contacts.set(contact.contactId, { ...contact, by })
    const missed = missedIn(command.args, seat, areaCode)
    if (missed === null) continue
    const ofSeat = calls.get(seat.seatId) ?? new Map<string, SeenCall>()
    calls.set(seat.seatId, ofSeat.set(missed.originalCallId, missed))
  }
  if (calls.size + contacts.size + outcomes.length + offline.length === 0) return
  const numbers: string[] = []
  for (const { command } of outcomes)
    if (command.name === 'callback.outcome') numbers.push((await numberOf(tx, command.args.taskId)) ?? '')
  await lockNumbers(tx, [
    ...keysOfCalls([...calls.values()].flatMap(ofSeat => [...ofSeat.values()])),
    ...keysOfContacts([...contacts.values()]),
    ...numbers,
    ...offline.map(({ key }) => key),
  ])
  const at = await leaseNow(tx)
  await takeContacts(tx, [...contacts.values()], { policy, at, now })
  for (const [seatId, ofSeat] of calls)
    await takeMissedCalls(tx, [...ofSeat.values()], {
      by: 'seat',
      doer: { clientId: device.clientId, seatId, operatorId: null, employer: '' },
      reportedBy: `seat:${seatId}`,
      policy,
      at,
      now,
      newId,
    })
  for (const each of outcomes) await takeOutcome(tx, each, batch)
  for (const each of offline) await takeOffline(tx, each, batch, at)
}

const employerOf = ({ operators }: Batch, operatorId: string | null): string =>
  operatorId === null ? '' : (operators.get(operatorId)?.employer ?? '')

/** The seat's key may have been made with another area code. */
const keyOf = (given: string, areaCode: string): string => normalizeNumber(given, { areaCode }).key ?? given

/** A call that was talked on, or that the exchange says was answered at another seat. */
function contactIn(record: CallRecord, areaCode: string): Omit<Contact, 'by'> | null {
  const elsewhere = record.outcome === 'answered-elsewhere'
  const answeredAt = record.answeredAt ?? (elsewhere ? record.endedAt : null)
  if (answeredAt === null) return null
  return {
    contactId: record.facts.originalCallId ?? record.callId,
    numberKey: record.numberKey === null ? null : keyOf(record.numberKey, areaCode),
    answeredAt: Date.parse(answeredAt),
    detail: { direction: record.direction, callId: record.callId },
  }
}

function missedIn(record: CallRecord, { branch }: Seat, areaCode: string): SeenCall | null {
  if (record.direction !== 'inbound' || record.outcome !== 'missed') return null
  const { facts } = record
  return seenCall(
    {
      originalCallId: facts.originalCallId ?? record.callId,
      number: facts.callerNumber,
      missedAt: Date.parse(record.offeredAt),
      queue: facts.queue,
      branch,
      skill: facts.skill,
      dialect: facts.dialect,
      enterprise: false,
      note: '',
    },
    areaCode,
  )
}

async function takeOutcome(tx: Queries, each: JudgedCommand, batch: Batch): Promise<void> {
  const { command, operatorId, id } = each
  const { device, operators, results, policy, now } = batch
  const operator = operatorId === null ? undefined : operators.get(operatorId)
  if (command.name !== 'callback.outcome' || operator === undefined) return
  const { taskId, fence, outcome, caseId, note } = command.args
  const { seat } = each
  const at = each.counted(command.args.at)
  const event = {
    type: 'outcome',
    fence,
    outcome,
    caseId,
    note,
    seatId: seat.seatId,
    operatorId: operator.operatorId,
  } as const
  const done = await work(
    tx,
    taskId,
    event,
    { device: { ...device, ...seat }, operator },
    { policy, now, extra: { at } },
  )
  if (!('refused' in done) || done.late) return
  const code: CommandRefusal =
    done.refused === 'NOT_FOUND'
      ? 'CALLBACK_NOT_FOUND'
      : done.refused === 'CALLBACK_NOT_DIALLING'
        ? 'CALLBACK_NOT_DIALLING'
        : 'LEASE_NOT_YOURS'
  results.set(id, { id, outcome: 'rejected', code, sentence: commandRefusals[code], version: null })
}

/** An attempt without a lease is told in the history of the number's task; what it came to, its call says. */
async function takeOffline(
  tx: Queries,
  { command, args, key }: { command: JudgedCommand; args: Offline; key: string },
  { device, policy, now, operators }: Batch,
  at: number,
): Promise<void> {
  const [row] = await tx.query<TaskRow>(
    `SELECT * FROM callback_task WHERE number_key = $1 ORDER BY closed_at DESC NULLS FIRST LIMIT 1 FOR UPDATE`,
    [key],
  )
  if (row === undefined) return
  const task = taskOf(row)
  const by = {
    clientId: device.clientId,
    seatId: command.seat.seatId,
    operatorId: command.operatorId,
    employer: command.operatorId === null ? '' : (operators.get(command.operatorId)?.employer ?? ''),
  }
  const { numberKey: _number, ...detail } = args
  const event = {
    type: 'offline',
    outcome: args.outcome,
    at: Math.min(Date.parse(command.counted(args.at)), at),
  } as const
  const after = moveCallback(task, event, policy, at)
  const times = { at: new Date(at).toISOString(), now }
  if ('refused' in after || after.kind === null)
    await saveEntries(tx, [{ before: task, task, kind: 'offline-attempt', by, detail }], times)
  else await saveSteps(tx, [{ before: task, task: after.task, kind: after.kind, by, detail }], times)
}
