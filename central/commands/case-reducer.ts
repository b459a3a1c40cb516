/** What a command makes of a case. Pure: everything it may look at is handed in. */
import type { ConflictDetail } from '../../shared/contract/central.ts'
import type { CommandRefusal } from '../../shared/contract/central-errors.ts'
import {
  type CaseFields,
  type CaseStatus,
  type Disposition,
  type HistoryEntry,
  missingForSubmit,
  statusAfterSubmit,
} from '../../shared/domain/case.ts'
import type { CaseLoop } from '../../shared/domain/case-loop.ts'
import { mergeFields } from '../../shared/domain/case-merge.ts'
import { moveCase, moveEntry } from '../../shared/domain/case-moves.ts'
import {
  type CaseRelations,
  entryAtOther,
  entryOf,
  isMerged,
  relateCases,
  type Standing,
} from '../../shared/domain/case-relations.ts'
import type { Attachment, CommandArgs } from '../../shared/domain/command.ts'
import type { Operator } from '../../shared/domain/operator.ts'
import {
  type CaseReader,
  type CommandAccess,
  commandAccess,
  may,
  mayFollow,
  mayReadCase,
} from '../../shared/domain/permission.ts'
import { isPrivileged } from '../../shared/domain/privileged.ts'

/** Who gave a field the value that it has. */
type Author = { operatorId: string; operatorName: string; at: string }

export type CaseState = {
  caseId: string
  caseNumber: string
  version: number
  branch: string
  seatId: string
  status: CaseStatus
  disposition: Disposition
  operatorId: string
  catalogueVersion: string
  callId: string | null
  fields: CaseFields
  attachments: Attachment[]
  /** Null: it was never dispatched. */
  loop: CaseLoop | null
  /** Null: it is related to no other, as far as it is written here. */
  relations: CaseRelations | null
  /** By field; under the empty name whoever filed the case. */
  authors: Record<string, Author>
  /** Of what the case was filed with: tells the same filing sent again from another one. */
  digest: string
  createdAt: string
  updatedAt: string
}

export type CaseCommand =
  | { name: 'case.create'; caseId: string; args: CommandArgs<'case.create'>; digest: string }
  | { name: 'case.addRemark'; caseId: string; args: CommandArgs<'case.addRemark'> }
  | { name: 'case.edit'; caseId: string; args: CommandArgs<'case.edit'> }
  | { name: 'case.move'; caseId: string; args: CommandArgs<'case.move'> }
  | { name: 'case.relate'; caseId: string; args: CommandArgs<'case.relate'> }
  | { name: 'case.attach'; caseId: string; args: CommandArgs<'case.attach'> }
  | { name: 'case.reveal'; caseId: string; args: CommandArgs<'case.reveal'> }

export type Given = {
  operator: CaseReader & Pick<Operator, 'name' | 'unitCode'>
  /** Under a session of this very person that is live at the centre now. */
  live: boolean
  seat: { seatId: string; branch: string }
  /** When it was done, as far as that counts. */
  at: string
  /** What the seat's clock said, where that is something else. */
  reportedAt?: string | undefined
  /** As `at`, for a time that the arguments tell. */
  counted(said: string): string
  /** The centre's. */
  now: string
  /** Who a case is handed to (转交跟办), as the centre knows them. */
  owner?: Pick<Operator, 'operatorId' | 'name' | 'role' | 'branch'> | undefined
  /** Branches that a case was given to. */
  grantedTo(caseId: string): readonly string[]
  /** Where a file that is attached came from; undefined: it is of another case. */
  file?: FileOrigin | undefined
  /** An entry with this command's entryId stands in the case's history already. */
  entryKnown: boolean
  /** Whether some version of the published rules has this reason; everything is known where no rules were in force then. */
  reasonKnown(fields: Pick<CaseFields, 'disposition' | 'reasonCode'>, at: string): boolean
  /** The case that has the number which a filing asks for. */
  numberTakenBy: string | undefined
  /** The other case of a relation. */
  other?: CaseState | undefined
  /** Cases that a merge leads to. */
  standing?(caseId: string): Standing | undefined
}

/** `addedBy`: whoever added it outside of the seats, as the centre knows them. */
export type FileOrigin = Pick<Attachment, 'addedBy'>

/** Why somebody may not read a case, for the audit alone. */
export type HiddenWhy = 'other branch' | 'confidential'

/** `also`: the other case, when a relation is written at both. `grants`: the branch that the case is given to. */
type Applied = {
  kind: 'applied'
  state: CaseState
  entry: HistoryEntry | null
  also?: { state: CaseState; entry: HistoryEntry }
  grants?: string
}
export type Outcome =
  | Applied
  | { kind: 'conflict'; detail: ConflictDetail }
  /** `hidden`: there is such a case, and this person may not read it. Nobody outside of the centre is told. */
  | { kind: 'rejected'; code: CommandRefusal; hidden?: HiddenWhy }

const rejected = (code: CommandRefusal): Outcome => ({ kind: 'rejected', code })

const accessOf = (state: CaseState, { grantedTo }: Pick<Given, 'grantedTo'>) => ({
  branch: state.branch,
  confidential: state.fields.confidential,
  operatorId: state.operatorId,
  ownerId: state.loop?.owner?.operatorId,
  grantedBranches: grantedTo(state.caseId),
})

/** Null: they may read it. */
export function hiddenFrom(
  reader: CaseReader,
  state: CaseState,
  given: Pick<Given, 'grantedTo'>,
): HiddenWhy | null {
  const it = accessOf(state, given)
  if (mayReadCase(reader, it)) return null
  return mayReadCase(reader, { ...it, confidential: false }) ? 'confidential' : 'other branch'
}

export function reduceCase(state: CaseState | undefined, command: CaseCommand, given: Given): Outcome {
  const { operator } = given
  if (command.name === 'case.create') return file(state, command, given)
  if (state === undefined) return rejected('CASE_NOT_FOUND')
  const { confidential } = state.fields
  // A unit's people have nothing but the moves, and these by their unit: confidential or not, it was dispatched to them.
  const asUnit = operator.role === 'unit' && command.name === 'case.move'
  const hidden = asUnit ? null : hiddenFrom(operator, state, given)
  if (hidden !== null) return { kind: 'rejected', code: 'CASE_NOT_FOUND', hidden }
  if (!mayGive(operator, command.name)) return rejected('FORBIDDEN')
  if (command.name === 'case.reveal') return { kind: 'applied', state, entry: null }
  // The same entry under another command id (a seat that was replaced and sent again): it is there, nothing is done twice.
  if (given.entryKnown) return { kind: 'applied', state, entry: null }

  const author: Author = {
    operatorId: operator.operatorId,
    operatorName: operator.name,
    at: given.at,
  }
  const said = given.reportedAt === undefined ? {} : { reportedAt: given.reportedAt }
  const changed = (part: Partial<CaseState>, kind: HistoryEntry['kind'], detail: string): Applied => ({
    kind: 'applied',
    state: { ...state, ...part, version: state.version + 1, updatedAt: given.now },
    entry: { entryId: command.args.entryId, kind, detail, ...author, ...said },
  })
  const unchanged: Outcome = { kind: 'applied', state, entry: null }
  const ofOther = state.operatorId !== operator.operatorId
  const mustBeLive = !given.live && isPrivileged(command, operator.role, ofOther)

  switch (command.name) {
    case 'case.addRemark':
      return changed({}, 'remark', command.args.text)
    case 'case.edit': {
      const merge = mergeFields(state.fields, command.args.changes)
      if (merge.kind === 'invalid') return rejected('FIELD_INVALID')
      if (merge.kind === 'clash') {
        const by = latest(merge.clashes.map(({ field }) => state.authors[field] ?? state.authors['']))
        return { kind: 'conflict', detail: { clashes: merge.clashes, by } }
      }
      if (merge.changed.length === 0) return unchanged
      if (missingForSubmit(merge.fields).length > 0) return rejected('CASE_INCOMPLETE')
      if (mustBeLive && merge.changed.includes('confidential')) return rejected('LIVE_SESSION_NEEDED')
      const authors = { ...state.authors }
      for (const field of merge.changed) authors[field] = author
      return changed({ fields: merge.fields, authors }, 'edited', merge.changed.join(' '))
    }
    case 'case.move': {
      const asked = command.args
      const { owner } = given
      const input =
        asked.owner === undefined || owner === undefined
          ? asked
          : { ...asked, owner: { operatorId: owner.operatorId, name: owner.name } }
      const view = {
        ...state,
        enterprise: state.fields.callerKind === 'enterprise',
        merged: isMerged(state.relations),
      }
      const result = moveCase(view, input, operator, given.at)
      if (!result.allowed) return rejected(result.why)
      if (asked.owner !== undefined) {
        if (owner === undefined) return rejected('OPERATOR_UNKNOWN')
        if (!mayFollow(owner, { confidential, operatorId: state.operatorId })) return rejected('FORBIDDEN')
      }
      if (mustBeLive) return rejected('LIVE_SESSION_NEEDED')
      const { status, loop } = result
      const moved = changed({ status, loop }, 'moved', moveEntry(input))
      // Their branch works on it from now on, whoever of it takes over.
      return asked.move !== 'handTo' || owner === undefined || owner.branch === state.branch
        ? moved
        : { ...moved, grants: owner.branch }
    }
    case 'case.relate':
      return relate(state, command, given, author)
    case 'case.attach': {
      const { addedBy: _told, ...attachment } = command.args.attachment
      if (state.attachments.some(each => each.attachmentId === attachment.attachmentId)) return unchanged
      if (given.file === undefined) return rejected('ATTACHMENT_OF_OTHER_CASE')
      const { addedBy } = given.file
      const added = addedBy === undefined ? attachment : { ...attachment, addedBy }
      return changed({ attachments: [...state.attachments, added] }, 'attached', attachment.name)
    }
  }
}

/** A move's own rule names its role (case-moves.ts). */
function mayGive({ role }: { role: CaseReader['role'] }, name: CaseCommand['name']): boolean {
  const access: CommandAccess = commandAccess[name]
  return access.action === undefined || may(role, access.action)
}

/** Whoever relates two cases may read both. Each of them tells it in its history. */
function relate(
  state: CaseState,
  { args }: CaseCommand & { name: 'case.relate' },
  given: Given,
  author: Author,
): Outcome {
  const { operator, other, now, standing, reportedAt } = given
  if (other === undefined) return rejected('RELATED_CASE_NOT_FOUND')
  const hidden = hiddenFrom(operator, other, given)
  if (hidden !== null) return { kind: 'rejected', code: 'RELATED_CASE_NOT_FOUND', hidden }
  const result = relateCases(args.relation, state, other, author, standing ?? (() => undefined))
  if (!result.allowed) return rejected(result.why)
  const { entryId, relation } = args
  const changed = (of: CaseState, relations: CaseRelations | null, detail: string) => ({
    state: { ...of, relations, version: of.version + 1, updatedAt: now },
    entry: {
      entryId,
      kind: 'moved' as const,
      detail,
      ...author,
      ...(reportedAt === undefined ? {} : { reportedAt }),
    },
  })
  const named = ({ caseNumber, fields }: CaseState) => ({ caseNumber, confidential: fields.confidential })
  const mine = changed(state, result.one, entryOf(relation, named(other)))
  // What was so already is written down where it was said, and nowhere else.
  if (!result.changed) return { kind: 'applied', ...mine }
  return {
    kind: 'applied',
    ...mine,
    also: changed(other, result.other, entryAtOther(relation, named(state))),
  }
}

function file(
  state: CaseState | undefined,
  { caseId, args, digest }: CaseCommand & { name: 'case.create' },
  { operator, seat, at, reportedAt, counted, now, reasonKnown, numberTakenBy }: Given,
): Outcome {
  if (!mayGive(operator, 'case.create')) return rejected('FORBIDDEN')
  if (state !== undefined)
    return state.digest === digest ? { kind: 'applied', state, entry: null } : rejected('CASE_EXISTS')
  const { fields } = args
  const { disposition } = fields
  if (disposition === null || missingForSubmit(fields).length > 0) return rejected('CASE_INCOMPLETE')
  const createdAt = counted(args.createdAt)
  if (!reasonKnown(fields, createdAt)) return rejected('DISPOSITION_REASON_UNKNOWN')
  if (numberTakenBy !== undefined) return rejected('CASE_NUMBER_TAKEN')
  const author: Author = { operatorId: operator.operatorId, operatorName: operator.name, at }
  return {
    kind: 'applied',
    state: {
      caseId,
      caseNumber: args.caseNumber,
      version: 1,
      branch: seat.branch,
      seatId: seat.seatId,
      status: statusAfterSubmit(disposition, fields.handling, operator.role),
      disposition,
      operatorId: operator.operatorId,
      catalogueVersion: args.catalogueVersion,
      callId: args.callId,
      fields,
      attachments: [],
      loop: null,
      relations: null,
      authors: { '': author },
      digest,
      createdAt,
      updatedAt: now,
    },
    entry: {
      entryId: caseId,
      kind: 'created',
      detail: disposition,
      ...author,
      ...(reportedAt === undefined ? {} : { reportedAt }),
    },
  }
}

const latest = (authors: (Author | undefined)[]): Author | null =>
  authors
    .filter(author => author !== undefined)
    .reduce<Author | null>((last, author) => (last === null || author.at > last.at ? author : last), null)
