/**
 * Drafts of the form (填单建议) from what is being typed: category and kind by the published model, urgency by the table, times and
 * the address by rules. Proposals, each with what it came from; nothing is decided here.
 */

import type { AddressField } from '../../../shared/domain/address/bio.ts'
import { findAddress } from '../../../shared/domain/address/find-address.ts'
import { type DivisionNode, findDivision } from '../../../shared/domain/address/find-division.ts'
import { splitByRules } from '../../../shared/domain/address/split-address.ts'
import { decodeModel, ModelRefused } from '../../../shared/domain/assist/model-file.ts'
import { assistModel, assistModelName } from '../../../shared/domain/assist/published-model.ts'
import { createProposer, type Proposal, type Proposer } from '../../../shared/domain/assist/text-model.ts'
import { type TimePhrase, timePhrases } from '../../../shared/domain/assist/time-phrases.ts'
import {
  sampleUrgencyWords,
  type UrgencyFound,
  type UrgencyWords,
  urgencyOf,
  urgencyWords,
  urgencyWordsName,
} from '../../../shared/domain/assist/urgency-words.ts'
import type { Database } from '../storage/database.ts'
import { publishedInForce, versionInForce } from '../storage/published.ts'

export type DraftQuestion = { title: string; content: string; place: string; divisions: DivisionNode[] }

export type FormDrafts = {
  /** Of the published model; null: none is in use, and category and kind are left to the operator. */
  modelVersion: string | null
  category: Proposal[]
  kind: Proposal[]
  urgency: UrgencyFound | null
  division: { code: string; name: string } | null
  times: TimePhrase[]
  address: Record<AddressField, string>
}

const proposed = 3

export function createDrafter(
  db: Database,
  now: () => number,
  refused: (version: string, code: string) => void,
) {
  let model: { version: string; proposer: Proposer } | null = null
  let modelSeen = ''
  let words: UrgencyWords = sampleUrgencyWords
  let wordsSeen = ''

  /** A model that cannot be read is told once; the one in use stays. */
  const renewModel = () => {
    const current = versionInForce(db, assistModelName, now())
    if (current === undefined || current.sha256 === modelSeen) return
    modelSeen = current.sha256
    const published = publishedInForce(db, assistModelName, now())
    const read = assistModel.safeParse(JSON.parse(published?.content ?? 'null'))
    if (!read.success) return refused(current.version, 'NOT_A_MODEL')
    try {
      const proposer = createProposer(decodeModel(Buffer.from(read.data.model, 'base64')))
      model = { version: current.version, proposer }
    } catch (error) {
      if (!(error instanceof ModelRefused)) throw error
      refused(current.version, error.code)
    }
  }

  const renewWords = () => {
    const published = publishedInForce(db, urgencyWordsName, now())
    if (published === undefined || published.sha256 === wordsSeen) return
    wordsSeen = published.sha256
    const read = urgencyWords.safeParse(JSON.parse(published.content))
    if (read.success) words = read.data
    else refused(published.version, 'NOT_A_TABLE')
  }

  return ({ title, content, place, divisions }: DraftQuestion): FormDrafts => {
    renewModel()
    renewWords()
    const text = { title, content }
    const propose = (head: string) => model?.proposer.propose(text, head, proposed) ?? []
    return {
      modelVersion: model?.version ?? null,
      category: propose('category'),
      kind: propose('kind'),
      urgency: urgencyOf(`${title}\n${content}`, words),
      division: findDivision(`${place}\n${title}\n${content}`, divisions),
      times: timePhrases(content, now()),
      address:
        place.trim() === ''
          ? findAddress(`${title}\n${content}`, divisions)
          : splitByRules(place, divisions).fields,
    }
  }
}
