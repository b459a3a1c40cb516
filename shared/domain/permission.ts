/** Who may do what (权限). The centre decides by this table; a seat only hides what would be refused. */
import type { OperatorRole } from './operator.ts'

export type Action =
  | 'case.write'
  | 'case.close'
  | 'case.approve'
  | 'case.reopen'
  | 'case.dispatch'
  | 'case.handle'
  | 'case.review'
  | 'case.rehandle'
  | 'case.urge'
  | 'case.supervise'
  | 'case.followUp'
  | 'case.handTo'
  | 'case.readConfidential'
  | 'case.exportInBulk'
  | 'operator.manage'
  | 'seat.enrol'
  | 'publication.publish'
  | 'knowledge.review'
  | 'callback.work'
  | 'callback.supervise'

/** A contractor's operator answers calls and writes; closing, approving and bulk export stay with the city's own people (§12). */
const allowed: Record<OperatorRole, ReadonlySet<Action>> = {
  agent: new Set([
    'case.write',
    'case.close',
    'case.dispatch',
    'case.rehandle',
    'case.urge',
    'case.followUp',
    'callback.work',
  ]),
  contractor: new Set(['case.write', 'case.dispatch', 'case.urge', 'case.followUp', 'callback.work']),
  /** Of a handling unit: works on the page of the units, on nothing but what was dispatched to it. */
  unit: new Set(['case.handle']),
  lead: new Set([
    'case.write',
    'case.close',
    'case.approve',
    'case.reopen',
    'case.dispatch',
    'case.handle',
    'case.review',
    'case.rehandle',
    'case.urge',
    'case.supervise',
    'case.followUp',
    'case.handTo',
    'case.readConfidential',
    'case.exportInBulk',
    'knowledge.review',
    'callback.work',
    'callback.supervise',
  ]),
  admin: new Set([
    'case.write',
    'case.close',
    'case.approve',
    'case.reopen',
    'case.dispatch',
    'case.handle',
    'case.review',
    'case.rehandle',
    'case.urge',
    'case.supervise',
    'case.followUp',
    'case.handTo',
    'case.readConfidential',
    'case.exportInBulk',
    'operator.manage',
    'seat.enrol',
    'publication.publish',
    'knowledge.review',
    'callback.work',
    'callback.supervise',
  ]),
}

export const may = (role: OperatorRole, action: Action): boolean => allowed[role].has(action)

/**
 * A confidential case (保密工单) shows to its author and to named roles only. A unit reads no case as it is, only the copy that was
 * dispatched to it.
 */
export const mayRead = (
  reader: { operatorId: string; role: OperatorRole },
  of: { confidential: boolean; operatorId: string },
): boolean =>
  reader.role !== 'unit' &&
  (!of.confidential || of.operatorId === reader.operatorId || may(reader.role, 'case.readConfidential'))

/** Whoever follows a case to its end (跟办) works at a seat and may read the case. */
export const mayFollow = (
  owner: { operatorId: string; role: OperatorRole },
  of: { confidential: boolean; operatorId: string },
): boolean => may(owner.role, 'case.followUp') && mayRead(owner, of)
