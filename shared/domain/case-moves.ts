/**
 * How a case's status moves (工单流转). Decided at the centre; a seat that is offline proposes a move.
 *
 *   awaiting-approval ──approve──▶ closed          移交线索: the clue goes to the police
 *          └──────────reject────▶ accepted         it becomes an ordinary case
 *   accepted ────────close──────▶ closed
 *   closed ──────────reopen─────▶ accepted
 */
import { z } from 'zod'
import type { CaseStatus } from './case.ts'
import type { OperatorRole } from './operator.ts'
import { type Action, may } from './permission.ts'

export const caseMove = z
  .enum(['close', 'approve', 'reject', 'reopen'])
  .describe('流转: 办结 / 批准 / 驳回 / 重开')
export type CaseMove = z.infer<typeof caseMove>

const moves: Record<CaseMove, { from: CaseStatus; to: CaseStatus; action: Action }> = {
  close: { from: 'accepted', to: 'closed', action: 'case.close' },
  approve: { from: 'awaiting-approval', to: 'closed', action: 'case.approve' },
  reject: { from: 'awaiting-approval', to: 'accepted', action: 'case.approve' },
  reopen: { from: 'closed', to: 'accepted', action: 'case.reopen' },
}

export type MoveResult =
  | { allowed: true; status: CaseStatus }
  | { allowed: false; why: 'FORBIDDEN' | 'MOVE_NOT_POSSIBLE' }

export function moveCase(status: CaseStatus, move: CaseMove, by: OperatorRole): MoveResult {
  const { from, to, action } = moves[move]
  if (!may(by, action)) return { allowed: false, why: 'FORBIDDEN' }
  if (status !== from) return { allowed: false, why: 'MOVE_NOT_POSSIBLE' }
  return { allowed: true, status: to }
}

/** What this role may do with a case in this status now. */
export const possibleMoves = (status: CaseStatus, by: OperatorRole): CaseMove[] =>
  caseMove.options.filter(move => moveCase(status, move, by).allowed)
