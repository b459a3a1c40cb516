/** What of a case is found by its text. A file of its own: the thread that reads the centre's pages makes these tokens too. */
import { searchTokens } from './bigram.ts'
import type { CaseFields } from './case.ts'

type Searched = { caseNumber: string; fields: CaseFields }

export const searchedTexts = ({ caseNumber, fields }: Searched): string[] => [
  fields.title,
  fields.content,
  fields.callerName,
  fields.company,
  fields.place,
  fields.partyName,
  fields.remarks,
  fields.dispositionNote,
  fields.callerWords,
  fields.contactNumber,
  fields.callingNumber,
  caseNumber,
]

export const textTokens = (searched: Searched): string => searchTokens(searchedTexts(searched))
