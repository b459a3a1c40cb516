/**
 * 来电人原话: the caller's own words, beside a text that was put into other ones. Whatever rewrites the content (采用 of another
 * wording, an edit of a filed case), what it said first is kept here, once. Pure.
 */
import type { CaseFields } from './case.ts'

type Worded = Pick<CaseFields, 'content' | 'callerWords'>

/** What must be kept when `before` becomes `after`; null: nothing would be lost, or the caller's words are kept already. */
export const firstWording = (before: Worded, after: Partial<Worded>): string | null =>
  after.content === undefined ||
  after.content.includes(before.content) ||
  before.content.trim() === '' ||
  before.callerWords !== '' ||
  (after.callerWords ?? '') !== ''
    ? null
    : before.content
