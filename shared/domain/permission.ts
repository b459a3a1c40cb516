/**
 * Who may do what (权限), for both ends. `roleActions` says what a role may do. The three tables below it say what each procedure
 * of a seat, each route of the centre and each command needs; what has no row does not compile (contract/access.ts) and is
 * refused. docs/security.md explains the tables.
 */
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
  | 'seat.configure'
  | 'seat.exportUnsent'
  | 'audit.read'

/** A contractor's operator answers calls and writes; closing, approving and bulk export stay with the city's own people (§12). */
const roleActions: Record<OperatorRole, ReadonlySet<Action>> = {
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
    'seat.exportUnsent',
    'audit.read',
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
    'seat.configure',
    'seat.exportUnsent',
    'audit.read',
  ]),
}

export const may = (role: OperatorRole, action: Action): boolean => roleActions[role].has(action)

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

// ── who may read a case ─────────────────────────────────────────────────────────────────────────────────────────────

export type CaseReader = {
  operatorId: string
  role: OperatorRole
  branch: string
  /** Works for the whole city: every branch counts as their own. */
  allBranches?: boolean | undefined
}
/** What decides who may read a case. `grantedBranches`: other branches that it was given to (转交跟办). */
export type CaseAccess = {
  branch: string
  confidential: boolean
  /** Who filed it. */
  operatorId: string
  /** Who follows it to its end (跟办). */
  ownerId?: string | null | undefined
  grantedBranches?: readonly string[] | undefined
}

/** Whether a branch counts as this person's own. */
export const worksFor = (reader: Pick<CaseReader, 'branch' | 'allBranches'>, branch: string): boolean =>
  reader.allBranches === true || reader.branch === branch

/**
 * Whether a person may read a case: one of their own branch, one given to their branch, or one that they filed or follow. A
 * confidential one (保密工单) shows only to its author, to whoever follows it, and to roles with `case.readConfidential`. A unit
 * reads no case, only the copy that was dispatched to it. Feed, lists, search, lookups, attachments and callbacks ask this rule.
 */
export const mayReadCase = (reader: CaseReader, it: CaseAccess): boolean => {
  if (reader.role === 'unit') return false
  if (it.operatorId === reader.operatorId || it.ownerId === reader.operatorId) return true
  const within =
    worksFor(reader, it.branch) || (it.grantedBranches?.some(branch => branch === reader.branch) ?? false)
  return within && (!it.confidential || may(reader.role, 'case.readConfidential'))
}

/**
 * Whether an administrator may make this person, or change them from `before`. One of a single branch has the people of that
 * branch, and nobody who works for all of them: such rights are only given by those who have them.
 */
export const mayManage = (
  by: CaseReader,
  before: Pick<CaseReader, 'branch' | 'allBranches'> | null,
  after: Pick<CaseReader, 'branch' | 'allBranches'>,
): boolean =>
  may(by.role, 'operator.manage') &&
  (by.allBranches === true ||
    [after, ...(before === null ? [] : [before])].every(
      each => each.branch === by.branch && each.allBranches !== true,
    ))

// ── procedures of the seat (page ↔ core) ────────────────────────────────────────────────────────────────────────────

/**
 * `public`: also while nobody is signed in. `session`: somebody is signed in, the seat may be locked: what a call in hand or
 * a form that is being stored needs. `signed-in`: signed in and not locked. An action: signed in, not locked, and the role may.
 * `call`: as `session`; with nobody signed in, only of a call that goes on or that nobody could take, and nothing readable is
 * answered. `rescue`: anybody while the database does not open, else whoever may take unsent data out of the seat.
 */
export type SeatAccess = 'public' | 'session' | 'call' | 'rescue' | 'signed-in' | Action

export const seatAccess = {
  'seat.status': 'public',
  'seat.events': 'public',
  'vault.create': 'public',
  'vault.unlock': 'public',
  'vault.retry': 'public',
  /** The copy stays encrypted. */
  'vault.copyFiles': 'rescue',
  'identity.list': 'public',
  'identity.create': 'operator.manage',
  'identity.signIn': 'public',
  'identity.signInByNumber': 'public',
  /** Refused unless this seat has no administrator and no centre. */
  'identity.createFirstAdministrator': 'public',
  /** Goes on with a sign-in of this connection whose password was right. */
  'identity.replacePassword': 'public',
  /** As that, else of whoever is signed in and has not locked the seat: the core looks which. */
  'identity.beginSecondFactor': 'public',
  'identity.confirmSecondFactor': 'public',
  'identity.signOut': 'session',
  'identity.lock': 'session',
  'identity.unlock': 'session',
  'identity.changePassword': 'signed-in',
  /** Signed out, it tells no more than the gate needs: language and text size. */
  'settings.get': 'public',
  /** One's own comforts; everything else needs `seat.configure`, by field (settings.ts). */
  'settings.save': 'signed-in',
  'settings.lineFault': 'signed-in',
  'settings.phoneCredentials': 'session',
  'catalogue.get': 'signed-in',
  'dispatch.readings': 'signed-in',
  'dispatch.recent': 'signed-in',
  'dispatch.calendar': 'signed-in',
  'dispatch.choice': 'signed-in',
  'dispatch.choose': 'signed-in',
  'dispatch.notice': 'signed-in',
  'dispatch.seen': 'signed-in',
  'dispatch.recategorise': 'case.dispatch',
  'dispositions.inForce': 'signed-in',
  'callers.lookup': 'signed-in',
  'callers.remember': 'case.write',
  'callers.atCentre': 'signed-in',
  'callers.alarms': 'case.supervise',
  'calls.report': 'call',
  'calls.list': 'signed-in',
  'calls.keepDialog': 'call',
  'calls.lost': 'session',
  'calls.keepEvidence': 'call',
  'calls.evidence': 'signed-in',
  'calls.unfiled': 'signed-in',
  'sync.status': 'public',
  'sync.items': 'signed-in',
  'sync.now': 'session',
  'sync.retry': 'signed-in',
  'sync.handOver': 'signed-in',
  'sync.resolve': 'case.write',
  'sync.exportUnsent': 'seat.exportUnsent',
  'sync.importUnsent': 'seat.exportUnsent',
  /** By a code that an administrator gave; the gate of a seat that is not enrolled offers it. */
  'sync.enrol': 'public',
  'seatState.get': 'session',
  'seatState.report': 'session',
  'presence.list': 'signed-in',
  'drafts.list': 'signed-in',
  'drafts.open': 'session',
  'drafts.save': 'session',
  'drafts.others': 'case.supervise',
  /** Of one's own: a call that rang in vain at a locked seat leaves no empty form. */
  'drafts.discard': 'session',
  'cases.submit': 'case.write',
  'cases.list': 'signed-in',
  'cases.get': 'signed-in',
  'cases.edit': 'case.write',
  'cases.move': 'case.write',
  'cases.reveal': 'case.write',
  'cases.addRemark': 'case.write',
  'relations.relate': 'case.write',
  'relations.choose': 'case.write',
  'relations.chosen': 'signed-in',
  'assist.repeats': 'signed-in',
  'assist.drafts': 'signed-in',
  'assist.knowledge': 'signed-in',
  'assist.dialectWords': 'signed-in',
  'assist.article': 'signed-in',
  'assist.correct': 'case.write',
  'assist.corrections': 'knowledge.review',
  'assist.decideCorrection': 'knowledge.review',
  'callbacks.list': 'callback.work',
  'callbacks.held': 'session',
  'callbacks.claim': 'callback.work',
  'callbacks.renew': 'callback.work',
  'callbacks.dialling': 'callback.work',
  'callbacks.dialled': 'session',
  'callbacks.outcome': 'callback.work',
  'callbacks.decline': 'callback.work',
  'callbacks.reschedule': 'callback.work',
  'callbacks.putAway': 'callback.work',
  'callbacks.undo': 'callback.work',
  'callbacks.history': 'callback.work',
  'callbacks.takeOver': 'callback.supervise',
  'callbacks.assign': 'callback.supervise',
  'callbacks.release': 'callback.supervise',
  'callbacks.remove': 'callback.supervise',
  'callbacks.figures': 'callback.supervise',
  'ownMissed.list': 'callback.work',
  'ownMissed.dial': 'callback.work',
  'ownMissed.dialled': 'session',
  'ownMissed.outcome': 'callback.work',
  'intake.list': 'case.write',
  'intake.claim': 'case.write',
  'intake.drop': 'case.close',
  'intake.files': 'case.write',
  'intake.readFile': 'case.write',
  'enterprise.list': 'signed-in',
  'enterprise.export': 'case.exportInBulk',
  'languageModel.prepare': 'case.write',
  'languageModel.send': 'case.write',
  'languageModel.cancel': 'signed-in',
  'attachments.begin': 'case.write',
  'attachments.append': 'case.write',
  'attachments.finish': 'case.write',
  'attachments.cancel': 'case.write',
  'attachments.list': 'signed-in',
  'attachments.read': 'signed-in',
  'attachments.retry': 'case.write',
  'training.scripts': 'signed-in',
  'training.startCall': 'signed-in',
  'training.call': 'signed-in',
} as const satisfies Record<string, SeatAccess>

// ── routes of the centre ────────────────────────────────────────────────────────────────────────────────────────────

/** What an integration's key (X-API-Key) may be for. */
export type KeyScope = 'publication.publish' | 'missed-call.post' | 'intake.post'

/**
 * `public`: a secret in the body stands for the caller (a code, a device's secret). `device`: a seat's token. `person`: a seat's
 * token and the live session of a person at that very seat, who belongs to its branch. `key`: an integration.
 *
 * `branch`: what the person's and the device's branch are held against. `none`: nothing of a branch is touched. `case`: the
 * case, file, callback or person named in the request, by the rule of its kind; what is out of reach looks as if it did not
 * exist. `city`: only people of all branches.
 */
export type CentralAccess = {
  who: 'public' | 'device' | 'person' | 'key'
  action?: Action
  branch: 'none' | 'case' | 'city'
  /** An integration's key with this scope may do it too, or alone (`who: 'key'`). */
  scope?: KeyScope
}

const callbackWork = { who: 'person', action: 'callback.work', branch: 'case' } as const
const callbackSupervise = { who: 'person', action: 'callback.supervise', branch: 'case' } as const
const intakeWork = { who: 'person', action: 'case.write', branch: 'case' } as const
const publishing = {
  who: 'person',
  action: 'publication.publish',
  branch: 'city',
  scope: 'publication.publish',
} as const

export const centralAccess = {
  'enrolments.create': { who: 'public', branch: 'none' },
  /** By the former secret. */
  'enrolments.renew': { who: 'public', branch: 'none' },
  'centre.prove': { who: 'public', branch: 'none' },
  'devices.token': { who: 'public', branch: 'none' },
  'sessions.create': { who: 'device', branch: 'none' },
  'sessions.refresh': { who: 'device', branch: 'none' },
  'sessions.end': { who: 'device', branch: 'none' },
  /** Each command proves its own author: `commandAccess`. */
  'commands.push': { who: 'device', branch: 'none' },
  'changes.list': { who: 'device', branch: 'case' },
  'callers.get': { who: 'person', action: 'case.write', branch: 'case' },
  'cases.get': { who: 'person', action: 'case.write', branch: 'case' },
  'numberBlocks.lease': { who: 'device', branch: 'none' },
  'publications.list': { who: 'device', branch: 'none' },
  'publications.get': { who: 'device', branch: 'none' },
  'publications.publish': publishing,
  'catalogues.check': publishing,
  'catalogues.publish': publishing,
  'catalogues.compare': publishing,
  'callbacks.post': { who: 'key', scope: 'missed-call.post', branch: 'none' },
  'callbacks.claim': callbackWork,
  'callbacks.get': callbackWork,
  'callbacks.renew': callbackWork,
  'callbacks.dialling': callbackWork,
  'callbacks.outcome': callbackWork,
  'callbacks.decline': callbackWork,
  'callbacks.reschedule': callbackWork,
  'callbacks.undo': callbackWork,
  'callbacks.takeOver': callbackSupervise,
  'callbacks.assign': callbackSupervise,
  'callbacks.release': callbackSupervise,
  'callbacks.remove': callbackSupervise,
  'callbacks.figures': callbackSupervise,
  'presence.tell': { who: 'person', branch: 'none' },
  'intake.post': { who: 'key', scope: 'intake.post', branch: 'none' },
  'intake.progress': { who: 'key', scope: 'intake.post', branch: 'none' },
  'intake.list': intakeWork,
  'intake.claim': intakeWork,
  'intake.release': intakeWork,
  'intake.filed': intakeWork,
  /** Ends what a citizen asked for: not a contractor's decision (§12). */
  'intake.drop': { ...intakeWork, action: 'case.close' },
  'knowledge.corrections': {
    who: 'person',
    action: 'knowledge.review',
    branch: 'case',
    scope: 'publication.publish',
  },
  'knowledge.decide': {
    who: 'person',
    action: 'knowledge.review',
    branch: 'case',
    scope: 'publication.publish',
  },
  'administration.saveOperator': { who: 'person', action: 'operator.manage', branch: 'case' },
  'administration.enrolmentCode': { who: 'person', action: 'seat.enrol', branch: 'case' },
  'administration.devices': { who: 'person', action: 'seat.enrol', branch: 'case' },
  'administration.revokeDevice': { who: 'person', action: 'seat.enrol', branch: 'case' },
  'administration.apiKeys': { who: 'person', action: 'operator.manage', branch: 'city' },
  'administration.revokeApiKey': { who: 'person', action: 'operator.manage', branch: 'city' },
  'administration.openSecondFactor': { who: 'person', action: 'operator.manage', branch: 'case' },
  'administration.resetSecondFactor': { who: 'person', action: 'operator.manage', branch: 'case' },
  'account.changePassword': { who: 'person', branch: 'none' },
  /** By the ticket of a sign-in that was refused; the other two by that or by a live session. */
  'account.replacePassword': { who: 'device', branch: 'none' },
  'account.beginSecondFactor': { who: 'device', branch: 'none' },
  'account.confirmSecondFactor': { who: 'device', branch: 'none' },
  'audit.beginExport': { who: 'person', action: 'case.exportInBulk', branch: 'none' },
  'audit.alarms': { who: 'person', action: 'audit.read', branch: 'case' },
} as const satisfies Record<string, CentralAccess>

// ── commands ────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * `by`: `person` must be proved by the command's MAC; `seat` may be nobody (a call that rang while nobody was signed in), but
 * whoever is named is proved too. `branch: 'case'`: who may not read the case is answered as if it did not exist.
 * `privileged`: only under a session of that person that is live at the centre when the command arrives (特权操作).
 */
export type CommandAccess = {
  by: 'seat' | 'person'
  action?: Action
  branch: 'none' | 'case'
  privileged?: true
}

export const commandAccess = {
  'case.create': { by: 'person', action: 'case.write', branch: 'none' },
  'case.addRemark': { by: 'person', action: 'case.write', branch: 'case' },
  'case.edit': { by: 'person', action: 'case.write', branch: 'case' },
  /** Which role, and which moves are privileged, by `caseMoveAccess`. */
  'case.move': { by: 'person', branch: 'case' },
  'case.relate': { by: 'person', action: 'case.write', branch: 'case' },
  'case.attach': { by: 'person', action: 'case.write', branch: 'case' },
  'case.reveal': { by: 'person', action: 'case.write', branch: 'case' },
  'draft.discard': { by: 'person', action: 'case.write', branch: 'none' },
  'call.record': { by: 'seat', branch: 'none' },
  'callback.outcome': { by: 'person', action: 'callback.work', branch: 'none' },
  'callback.offline': { by: 'person', action: 'callback.work', branch: 'none' },
  'caller.remember': { by: 'person', action: 'case.write', branch: 'none' },
  'ledger.export': { by: 'person', action: 'case.exportInBulk', branch: 'none', privileged: true },
  'model.ask': { by: 'person', action: 'case.write', branch: 'none' },
  'model.answer': { by: 'person', action: 'case.write', branch: 'none' },
  'knowledge.correct': { by: 'person', action: 'case.write', branch: 'none' },
  /** Of nobody where the seat has nothing to prove its person with: before it was enrolled. */
  'seat.state': { by: 'seat', branch: 'none' },
} as const satisfies Record<string, CommandAccess>
