/**
 * Earlier cases of the same matter for what is being typed (重复诉求): by number, by place and category, and by likeness of the
 * wording, ranked, each with its reasons. Reads only, on a connection and a thread of its own.
 */
import type { CaseFilter } from '../../../shared/contract/seat.ts'
import { type CaseSummary, isOpen } from '../../../shared/domain/case.ts'
import { likeness, profileOf, sharedWords } from '../../../shared/domain/repeats/likeness.ts'
import { type CaseRow, type Reader, readable, summaryOf } from '../cases/case-rows.ts'
import { parseFields } from '../cases/drafts.ts'
import { matchExpression } from '../cases/search.ts'
import type { Database } from '../storage/database.ts'
import { comparedCharacters, createRarest, pairsOf, sampleRarity, twoOf } from './rare-pairs.ts'

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
  /** Only among these; its text is not used. */
  filter: CaseFilter
}

export type RepeatReason =
  | { kind: 'number' }
  | { kind: 'place' }
  | { kind: 'category' }
  | { kind: 'words'; words: string[] }

export type RepeatFound = { summary: CaseSummary; score: number; reasons: RepeatReason[] }

const askedCharacters = 2_000
const byTitle = { pairs: 6, cases: 20 }
const byContent = { pairs: 8, cases: 12 }
const byNumber = 10
/** Below this the wording has nothing in common that a person would call the same. */
const alikeEnough = 0.12
const forNumber = 0.4
const forPlace = 0.1
const forCategory = 0.05

export function createRepeatSearch(db: Database) {
  const rarity = sampleRarity(db)
  const rarest = createRarest(db, rarity)
  const matching = db.prepare(
    `SELECT c.* FROM case_search s CROSS JOIN cases c ON c.case_key = s.rowid
     WHERE s.case_search MATCH ? ORDER BY s.rowid DESC LIMIT ?`,
  )
  const ofNumber = db.prepare(
    `SELECT * FROM (SELECT * FROM cases WHERE calling_key = @key ORDER BY case_key DESC LIMIT @limit)
     UNION SELECT * FROM (SELECT * FROM cases WHERE contact_key = @key ORDER BY case_key DESC LIMIT @limit)`,
  )

  /** Rows to compare, without order. */
  const candidates = (question: RepeatQuestion, filter: string | null): Map<string, CaseRow> => {
    const found = new Map<string, CaseRow>()
    const take = (rows: unknown[]) => {
      for (const row of rows as CaseRow[]) found.set(row.case_id, row)
    }
    const search = (text: string, { pairs, cases }: typeof byTitle) => {
      const expression = twoOf(rarest(pairsOf(text.slice(0, askedCharacters)), pairs))
      if (expression === null) return
      take(matching.all(filter === null ? expression : `${expression} AND ${filter}`, cases))
    }
    search(`${question.title}\n${question.place}`, byTitle)
    search(question.content, byContent)
    if (filter === null) for (const key of question.numberKeys) take(ofNumber.all({ key, limit: byNumber }))
    return found
  }

  const isOfNumber = db
    .prepare('SELECT calling_key = @key OR contact_key = @key FROM cases WHERE case_key = @caseKey')
    .pluck()

  return {
    rarity,
    find(question: RepeatQuestion, reader: Reader, limit: number): RepeatFound[] {
      const match = matchExpression({ ...question.filter, text: '' }, reader?.operatorId ?? null)
      if (match.kind === 'none') return []
      const asked = profileOf(question, comparedCharacters)
      const found: RepeatFound[] = []
      for (const row of candidates(question, match.kind === 'matching' ? match.expression : null).values()) {
        if (row.case_id === question.ownCaseId) continue
        const fields = parseFields(row.fields)
        if (!readable(reader, row, fields)) continue
        const reasons: RepeatReason[] = []
        let score = 0
        if (question.numberKeys.some(key => isOfNumber.get({ key, caseKey: row.case_key }) === 1)) {
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
