/** Who may do what (权限). The centre decides by this table; a seat only hides what would be refused. */
import type { OperatorRole } from './operator.ts'

export type Action =
  | 'case.write'
  | 'case.close'
  | 'case.approve'
  | 'case.reopen'
  | 'case.readConfidential'
  | 'case.exportInBulk'
  | 'operator.manage'
  | 'seat.enrol'
  | 'publication.publish'
  | 'callback.work'
  | 'callback.supervise'

/** A contractor's operator answers calls and writes; closing, approving and bulk export stay with the city's own people (§12). */
const allowed: Record<OperatorRole, ReadonlySet<Action>> = {
  agent: new Set(['case.write', 'case.close', 'callback.work']),
  contractor: new Set(['case.write', 'callback.work']),
  lead: new Set([
    'case.write',
    'case.close',
    'case.approve',
    'case.reopen',
    'case.readConfidential',
    'case.exportInBulk',
    'callback.work',
    'callback.supervise',
  ]),
  admin: new Set([
    'case.write',
    'case.close',
    'case.approve',
    'case.reopen',
    'case.readConfidential',
    'case.exportInBulk',
    'operator.manage',
    'seat.enrol',
    'publication.publish',
    'callback.work',
    'callback.supervise',
  ]),
}

export const may = (role: OperatorRole, action: Action): boolean => allowed[role].has(action)

/** A confidential case (保密工单) shows to its author and to named roles only. */
export const mayRead = (
  reader: { operatorId: string; role: OperatorRole },
  of: { confidential: boolean; operatorId: string },
): boolean =>
  !of.confidential || of.operatorId === reader.operatorId || may(reader.role, 'case.readConfidential')
