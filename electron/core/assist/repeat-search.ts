/**
 * Earlier cases of the same matter for what is being typed (重复诉求): by number, by place and category, and by likeness of the
 * wording, ranked, each with its reasons. Reads only, on a connection and a thread of its own.
 */
import { type CaseFields, type CaseStatus, type CaseSummary, isOpen } from '../../../shared/domain/case.ts'
import { likeness, profileOf, sharedWords } from '../../../shared/domain/repeats/likeness.ts'
import { type CaseRow, type Reader, readable, summaryOf } from '../cases/case-rows.ts'
import { parseFields } from '../cases/drafts.ts'
import type { Database } from '../storage/database.ts'
import { comparedCharacters, createCandidates, sampleRarity } from './rare-pairs.ts'

export type RepeatQuestion = {
  title: string
  content: string
  place: string
  /** Normal forms of the caller's numbers. */
  numberKeys: string[]
  categoryCode: string
  divisionCode: string
  /** The case or draft that asks. */
  ownCaseId: string | null
  /** Only among these. */
  filter: RepeatFilter
}

/** An empty list: any. Codes stand with everything below them. */
export type RepeatFilter = { status: CaseStatus[]; divisionCodes: string[]; categoryCodes: string[] }

export const noRepeatFilter: RepeatFilter = { status: [], divisionCodes: [], categoryCodes: [] }

export type RepeatReason =
  | { kind: 'number' }
  | { kind: 'place' }
  | { kind: 'category' }
  | { kind: 'words'; words: string[] }

export type RepeatFound = { summary: CaseSummary; score: number; reasons: RepeatReason[] }

const askedCharacters = 2_000
/** Rows read, and of these so many compared. */
const mostRead = 120
const mostCompared = 24
const byNumber = 10
/** Below this the wording has nothing in common that a person would call the same. */
const alikeEnough = 0.12
const forNumber = 0.4
const forPlace = 0.1
const forCategory = 0.05

const passes = ({ status, divisionCodes, categoryCodes }: RepeatFilter, row: CaseRow, fields: CaseFields) =>
  (status.length === 0 || status.includes(row.status)) &&
  (divisionCodes.length === 0 || divisionCodes.includes(fields.divisionCode)) &&
  (categoryCodes.length === 0 || categoryCodes.includes(fields.categoryCode))

export function createRepeatSearch(db: Database) {
  const rarity = sampleRarity(db)
  const candidates = createCandidates(db, rarity)
  const byKey = db.prepare('SELECT * FROM cases WHERE case_key = ?')
  const ofNumber = db
    .prepare(
      `SELECT case_key FROM (SELECT case_key FROM cases WHERE calling_key = @key ORDER BY case_key DESC LIMIT @limit)
       UNION SELECT case_key FROM (SELECT case_key FROM cases WHERE contact_key = @key ORDER BY case_key DESC LIMIT @limit)`,
    )
    .pluck()

  /** What may be shown of the cases worth comparing: the number's own, then those of the likest texts. */
  const rowsFor = (question: RepeatQuestion, reader: Reader) => {
    const own = question.numberKeys.flatMap(key => ofNumber.all({ key, limit: byNumber }) as number[])
    const byText = candidates(
      `${question.title}\n${question.place}`.slice(0, askedCharacters),
      question.content.slice(0, askedCharacters),
      mostRead,
    )
    const found: { row: CaseRow; fields: CaseFields; ofNumber: boolean }[] = []
    const numbers = new Set(own)
    for (const key of new Set([...own, ...byText])) {
      const row = byKey.get(key) as CaseRow | undefined
      if (row === undefined || row.case_id === question.ownCaseId) continue
      const fields = parseFields(row.fields)
      if (!readable(reader, row, fields) || !passes(question.filter, row, fields)) continue
      found.push({ row, fields, ofNumber: numbers.has(key) })
      if (found.length === mostCompared) break
    }
    return found
  }

  return {
    find(question: RepeatQuestion, reader: Reader, limit: number): RepeatFound[] {
      const asked = profileOf(question, comparedCharacters)
      const found: RepeatFound[] = []
      for (const { row, fields, ofNumber } of rowsFor(question, reader)) {
        const reasons: RepeatReason[] = []
        let score = 0
        if (ofNumber) {
          reasons.push({ kind: 'number' })
          score += forNumber
        }
        const profile = profileOf(fields, comparedCharacters)
        const alike = likeness(asked, profile, rarity)
        if (alike >= alikeEnough) {
          const words = sharedWords(profile, asked, rarity)
          if (words.length > 0) reasons.push({ kind: 'words', words })
          score += alike
        }
        if (reasons.length === 0) continue
        const samePlace =
          (question.place !== '' && fields.place === question.place) ||
          (question.divisionCode !== '' && fields.divisionCode === question.divisionCode)
        if (samePlace) {
          reasons.push({ kind: 'place' })
          score += forPlace
        }
        if (question.categoryCode !== '' && fields.categoryCode === question.categoryCode) {
          reasons.push({ kind: 'category' })
          score += forCategory
        }
        found.push({ summary: summaryOf(row, fields), score, reasons })
      }
      return found
        .sort(
          (one, other) =>
            other.score - one.score ||
            Number(isOpen(other.summary.status)) - Number(isOpen(one.summary.status)) ||
            other.summary.createdAt.localeCompare(one.summary.createdAt),
        )
        .slice(0, limit)
    },
  }
}

export type RepeatSearch = ReturnType<typeof createRepeatSearch>
