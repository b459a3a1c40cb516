/**
 * What a handling unit is shown of a case (派单副本): the facts apart from who told them. Numbers are masked, also within the text;
 * of a caller who wants to stay confidential nothing is left. Of the attachments it sees those that the dispatch names, and its own.
 * Pure.
 */
import type { CaseFields, CaseStatus, HistoryEntry } from './case.ts'
import type { CaseLoop } from './case-loop.ts'
import { isRelationEntry } from './case-relations.ts'
import type { Attachment } from './command.ts'
import { foldLooks, foldWithPlaces } from './fold-text.ts'
import { digitRuns } from './personal-data/digit-runs.ts'
import { findMail, findNumbers } from './personal-data/find-numbers.ts'
import {
  findBehind,
  introducedName,
  knownFirm,
  knownMail,
  knownName,
  knownNumber,
  type Place,
} from './personal-data/known-person.ts'
import { surnameOf } from './personal-data/name-words.ts'
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

/** 199****0101; of a number without its area code the first digits would be all that is missing. */
function maskDigits(digits: string): string {
  if (digits.length >= 11) return maskNumber(digits)
  return digits.length >= 7 ? `****${digits.slice(-4)}` : '****'
}

/** Telephone numbers and those of identity and bank cards, as people write them into a text. */
export const maskNumbersIn = (text: string): string =>
  replaceIn(text, folded => numbersIn(folded, maskDigits))

type Replaced = Place & { by: string }

const numbersIn = (folded: string, shown: (digits: string) => string): Replaced[] =>
  findNumbers(folded).map(({ from, to, digits }) => ({ from, to, by: shown(digits) }))

/** What overlaps is one: nothing of either stays. */
function replaceIn(text: string, find: (folded: string) => readonly Replaced[]): string {
  const { folded, placeOf } = foldWithPlaces(text)
  const found = [...find(folded)].sort((one, other) => one.from - other.from || other.to - one.to)
  let [written, end] = ['', 0]
  for (const { from, to, by } of found.map(each => ({ ...each, ...placeOf(each.from, each.to) }))) {
    if (from >= end) written += text.slice(end, from) + by
    end = Math.max(end, to)
  }
  return written + text.slice(end)
}

/** 王小明 as 王**, 欧阳小明 as 欧阳**: enough to speak of somebody. */
function maskName(name: string): string {
  const surname = surnameOf(name)
  const { length } = Array.from(foldLooks(name).replace(/\s/gu, ''))
  return surname + '*'.repeat(Math.min(length - Array.from(surname).length, 2))
}

/** A number that a form holds, with little of it. What is no number is nobody's to see. */
const maskFormNumber = (number: string): string =>
  number.trim() === '' ? '' : maskDigits(foldLooks(number).replace(/[^0-9+]/gu, ''))

const digitsIn = (folded: string): string =>
  digitRuns(folded)
    .flat()
    .map(({ value }) => value)
    .join('')

const caller = '来电人'
const ownCar = findBehind(
  /(?:我|本人|来电人|自己|其)的?(?:私家|小)?(?:车|轿车|车辆|汽车|电动车|摩托车)?(?:的)?(?:车?牌照?号?码?|号牌)?\s?[是为:]?\s?/gu,
  /[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]\s?[a-z][\s·•.-]?[a-z0-9]{4,6}/uy,
)

/**
 * Takes who called out of a text, in whatever spelling it stands there: what the form knows of them, what they say of themselves,
 * and every number by which somebody is reached. An operator writes all of it into the text, too.
 */
function apartFrom(fields: CaseFields): (text: string) => string {
  const { confidential } = fields
  const shown = confidential ? () => '（号码已隐去）' : maskDigits
  const ownNumbers = [fields.contactNumber, fields.callingNumber].flatMap(number => knownNumber(number) ?? [])
  const own = [
    knownName(fields.callerName),
    knownFirm(fields.company),
    knownMail(fields.email),
    introducedName,
  ].filter(each => each !== null)
  return text =>
    replaceIn(text, folded => [
      ...own.flatMap(find => find(folded).map(place => ({ ...place, by: caller }))),
      ...ownNumbers.flatMap(find =>
        find(folded).map(place => ({
          ...place,
          by: confidential ? caller : maskDigits(digitsIn(folded.slice(place.from, place.to))),
        })),
      ),
      ...numbersIn(folded, shown),
      ...findMail(folded).map(place => ({ ...place, by: '（邮箱已隐去）' })),
      ...(confidential ? ownCar(folded).map(place => ({ ...place, by: '（车牌已隐去）' })) : []),
    ])
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
    partyName: apart(fields.partyName),
    replyWanted: fields.replyWanted,
    confidential,
    caller: confidential
      ? null
      : { name: maskName(fields.callerName), number: maskFormNumber(fields.contactNumber) },
    loop: {
      ...loop,
      order: order === null ? null : { ...order, opinion: apart(order.opinion) },
      reply: apart(loop.reply),
      returnAsked: loop.returnAsked === null ? null : apart(loop.returnAsked),
      extensionAsked:
        loop.extensionAsked === null
          ? null
          : { ...loop.extensionAsked, reason: apart(loop.extensionAsked.reason) },
    },
    // Remarks, edits and related cases are the hotline's own; they may say who called.
    history: of.history
      .filter(({ kind, detail }) => kind === 'moved' && !isRelationEntry(detail))
      .map(({ at, operatorName, detail }) => ({ at, by: operatorName, detail: apart(detail) })),
  }
}
