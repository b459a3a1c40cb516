/**
 * Conversations (接通): whoever was spoken with, at any seat, in either direction, is not called back for what was missed before.
 * Each once; what came after it stays. Undone, it closes nothing again.
 */
import type { CallbackTask } from '../../shared/domain/callback.ts'
import { moveCallback, settleCallback } from '../../shared/domain/callback-moves.ts'
import type { CallbackPolicy } from '../../shared/domain/callback-policy.ts'
import { type Queries, rowsOf } from '../storage/sql.ts'
import { keepContacts } from './missed-calls.ts'
import { factsOf } from './missed-facts.ts'
import { type Doer, nobody, type Step, saveSteps, type TaskRow, taskOf } from './task-rows.ts'

export type Contact = {
  /** The original call id where the exchange gives one: then it also says which missed call was none. */
  contactId: string
  numberKey: string | null
  answeredAt: number
  by: Doer
  detail: { direction: 'inbound' | 'outbound'; callId: string }
}

export const keysOfContacts = (contacts: readonly Contact[]): string[] =>
  contacts.flatMap(({ numberKey, contactId }) => (numberKey === null ? [contactId] : [numberKey, contactId]))

/** The numbers are locked (keysOfContacts). */
export async function takeContacts(
  tx: Queries,
  contacts: readonly Contact[],
  { policy, at, now }: { policy: CallbackPolicy; at: number; now: string },
): Promise<void> {
  if (contacts.length === 0) return
  const ids = contacts.map(({ contactId }) => contactId)
  const before = await tx.query<{ contact_id: string }>(
    'SELECT contact_id FROM answered_contact WHERE contact_id = ANY ($1::text[])',
    [ids],
  )
  const known = new Set(before.map(({ contact_id: id }) => id))
  const fresh = contacts.filter(({ contactId }) => !known.has(contactId))
  if (fresh.length === 0) return
  // A seat whose clock is ahead must not cover what was missed after the conversation.
  const capped = fresh.map(contact => ({ ...contact, answeredAt: Math.min(contact.answeredAt, at) }))
  await keepContacts(tx, capped, at)

  const rows = await tx.query<TaskRow>(
    `SELECT * FROM callback_task WHERE closed_at IS NULL AND (number_key = ANY ($1::text[]) OR task_id IN (
       SELECT task_id FROM missed_call WHERE original_call_id = ANY ($2::text[]) AND task_id IS NOT NULL))
     ORDER BY task_id FOR UPDATE`,
    [fresh.flatMap(({ numberKey }) => numberKey ?? []), fresh.map(({ contactId }) => contactId)],
  )
  if (rows.length === 0) return
  const calls = await tx.query<{ original_call_id: string; task_id: string; missed_at: Date }>(
    'SELECT original_call_id, task_id, missed_at FROM missed_call WHERE task_id = ANY ($1::text[]) AND covered_by IS NULL',
    [rows.map(({ task_id: taskId }) => taskId)],
  )
  const covered: { original_call_id: string; covered_by: string }[] = []
  const closing = new Map<string, Contact>()
  const tasks = new Map<string, CallbackTask>(rows.map(row => [row.task_id, taskOf(row)]))
  for (const call of calls) {
    const task = tasks.get(call.task_id)
    if (task === undefined) continue
    const reopened = task.reopenedAt === null ? -Infinity : Date.parse(task.reopenedAt)
    const contact = capped.find(
      each =>
        each.contactId === call.original_call_id ||
        (each.numberKey !== null &&
          each.numberKey === task.numberKey &&
          each.answeredAt >= call.missed_at.getTime() &&
          each.answeredAt > reopened),
    )
    if (contact === undefined) continue
    covered.push({ original_call_id: call.original_call_id, covered_by: contact.contactId })
    closing.set(task.taskId, contact)
  }
  if (covered.length === 0) return
  await tx.query(
    `UPDATE missed_call m SET covered_by = r.covered_by
     FROM ${rowsOf({ original_call_id: 'text', covered_by: 'text' }, 'r')} WHERE m.original_call_id = r.original_call_id`,
    [JSON.stringify(covered)],
  )
  const left = await factsOf(tx, [...closing.keys()])
  const steps: Step[] = []
  for (const [taskId, contact] of closing) {
    const stored = tasks.get(taskId)
    if (stored === undefined) continue
    const { operatorId } = contact.by
    const settled = settleCallback(stored, policy, at).map(step => ({ ...step, by: nobody }))
    steps.push(...settled)
    const task = settled.at(-1)?.task ?? stored
    const event = { type: 'answered', left: left.get(taskId) ?? null, operatorId, detail: '' } as const
    const after = moveCallback(task, event, policy, at)
    if ('refused' in after || after.kind === null) continue
    const detail = { contactId: contact.contactId, ...contact.detail }
    steps.push({ before: task, task: after.task, kind: after.kind, by: contact.by, detail })
  }
  await saveSteps(tx, steps, { at: new Date(at).toISOString(), now })
}
