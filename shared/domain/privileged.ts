/** Which commands need their person at the centre now (特权操作), for both ends. */
import type { CaseMove } from './case-moves.ts'
import type { OperatorRole } from './operator.ts'
import { type CommandAccess, commandAccess } from './permission.ts'

/** A supervisor's own decisions (特权操作), whoever makes them. */
const privilegedMoves: ReadonlySet<string> = new Set<CaseMove>([
  'approve',
  'reject',
  'reopen',
  'redispatch',
  'approveReturn',
  'denyReturn',
  'approveExtension',
  'denyExtension',
  'supervise',
  'handTo',
])
/** What an agent or a unit does every day, but a supervisor does in their place. */
const privilegedForSupervisors: ReadonlySet<string> = new Set<CaseMove>([
  'close',
  'sign',
  'reply',
  'return',
  'extend',
])

/**
 * Whether a command takes effect only under a session of that person that is live at the centre when it arrives (特权操作).
 * `ofOther`: the case was filed by somebody else. Offline such a command is a proposal.
 */
export function isPrivileged(
  { name, args }: { name: string; args: unknown },
  role: OperatorRole,
  ofOther = true,
): boolean {
  if (name === 'case.move') {
    const move = partOf(args, 'move')
    if (typeof move !== 'string') return false
    const supervises = role === 'lead' || role === 'admin'
    return privilegedMoves.has(move) || (supervises && privilegedForSupervisors.has(move))
  }
  if (name === 'case.edit') return ofOther && makesPublic(partOf(args, 'changes'))
  const rows: Record<string, CommandAccess> = commandAccess
  return Object.hasOwn(rows, name) && rows[name]?.privileged === true
}

const partOf = (of: unknown, name: string): unknown =>
  typeof of === 'object' && of !== null && name in of ? (of as Record<string, unknown>)[name] : undefined

const makesPublic = (changes: unknown): boolean =>
  Array.isArray(changes) &&
  changes.some(change => partOf(change, 'field') === 'confidential' && partOf(change, 'to') === false)
