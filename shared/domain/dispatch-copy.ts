/**
 * What a handling unit is shown of a case (派单副本): the facts apart from who told them. Numbers are masked, also within the text;
 * of a caller who wants to stay confidential nothing is left. Of the attachments it sees those that the dispatch names, and its own.
 * Pure.
 */
import type { CaseFields, CaseStatus, HistoryEntry } from './case.ts'
import type { CaseLoop } from './case-loop.ts'
import { isRelationEntry } from './case-relations.ts'
import type { Attachment } from './command.ts'
import { maskNumber } from './phone-number.ts'

export type DispatchCopy = {
  caseId: string
  caseNumber: string
  status: CaseStatus
  createdAt: string
  title: string
  content: string
  kind: CaseFields['kind']
  urgency: CaseFields['urgency']
  categoryCode: string
  divisionCode: string
  place: string
  partyName: string
  replyWanted: boolean
  confidential: boolean
  /** Null: the caller is confidential. */
  caller: { name: string; number: string } | null
  loop: CaseLoop
  history: { at: string; by: string; detail: string }[]
}

const longNumber =
  /(?<!\d)(?:\+?86[- ]?)?(?:1[3-9]\d[- ]?\d{4}[- ]?\d{4}|0\d{2,3}[- ]?\d{7,8}|\d{15,19}[\dXx]?|[2-8]\d{6,7})(?!\d)/g

/** Telephone numbers and those of identity and bank cards, as people write them into a text. */
export const maskNumbersIn = (text: string): string =>
  text.replace(longNumber, found => maskNumber(found.replaceAll('-', '')))

/** 王小明 as 王**, which is enough to speak of somebody. */
const maskName = (name: string): string => {
  const [first, ...rest] = Array.from(name.trim())
  return first === undefined ? '' : first + '*'.repeat(Math.min(rest.length, 2))
}

/** Takes who called out of a text. The form's own words for them, too: an operator writes them into it. */
function apartFrom(fields: CaseFields): (text: string) => string {
  const { confidential } = fields
  const identities = [
    fields.callerName,
    fields.email,
    fields.company,
    fields.contactNumber,
    fields.callingNumber,
  ]
    .map(text => text.trim())
    .filter(text => Array.from(text).length >= 2)
  const instead = (identity: string) =>
    !confidential && /^[\d\s+-]{7,}$/.test(identity) ? maskNumber(identity) : '来电人'
  const [surname] = Array.from(fields.callerName.trim())
  const addressed =
    surname !== undefined && /\p{L}/u.test(surname)
      ? new RegExp(`${surname}(?:先生|女士|小姐|老师|师傅)`, 'gu')
      : null
  return text => {
    const left = identities.reduce((rest, identity) => rest.replaceAll(identity, instead(identity)), text)
    const unnamed = addressed === null ? left : left.replace(addressed, '来电人')
    return confidential ? unnamed.replace(longNumber, '（号码已隐去）') : maskNumbersIn(unnamed)
  }
}

type Copied = {
  caseId: string
  caseNumber: string
  status: CaseStatus
  createdAt: string
  fields: CaseFields
  loop: CaseLoop
  history: readonly HistoryEntry[]
}

/** What a picture shows nobody can take out: of a confidential caller a unit is given no file, whatever the dispatch names. */
export function filesForUnit(
  { fields, loop, attachments }: Pick<Copied, 'fields' | 'loop'> & { attachments: readonly Attachment[] },
  unitCode: string,
): (Attachment & { own: boolean })[] {
  const apart = apartFrom(fields)
  const named = new Set(fields.confidential ? [] : loop.order?.attachments)
  return attachments.flatMap(file => {
    const own = file.addedBy?.unitCode === unitCode
    if (own) return { ...file, own }
    return named.has(file.attachmentId) ? { ...file, name: apart(file.name), own } : []
  })
}

export function dispatchCopy(of: Copied): DispatchCopy {
  const { fields, loop } = of
  const { confidential } = fields
  const apart = apartFrom(fields)
  const { order } = loop
  return {
    caseId: of.caseId,
    caseNumber: of.caseNumber,
    status: of.status,
    createdAt: of.createdAt,
    title: apart(fields.title),
    content: apart(fields.content),
    kind: fields.kind,
    urgency: fields.urgency,
    categoryCode: fields.categoryCode,
    divisionCode: fields.divisionCode,
    place: apart(fields.place),
    partyName: fields.partyName,
    replyWanted: fields.replyWanted,
    confidential,
    caller: confidential
      ? null
      : { name: maskName(fields.callerName), number: maskNumber(fields.contactNumber) },
    loop: { ...loop, order: order === null ? null : { ...order, opinion: apart(order.opinion) } },
    // Remarks, edits and related cases are the hotline's own; they may say who called.
    history: of.history
      .filter(({ kind, detail }) => kind === 'moved' && !isRelationEntry(detail))
      .map(({ at, operatorName, detail }) => ({ at, by: operatorName, detail: apart(detail) })),
  }
}
