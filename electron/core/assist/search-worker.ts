/** The thread on which help is looked up: its own connection, which can read and nothing else. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Reader } from '../cases/case-rows.ts'
import { openReadOnly } from '../storage/database.ts'
import { createDialectWords, type DialectQuestion, type DialectWords } from './dialect-words.ts'
import { createDrafter, type DraftQuestion, type FormDrafts } from './drafter.ts'
import { type ArticleOffer, type ArticleReading, createKnowledgeBase } from './knowledge-base.ts'
import {
  createRepeatSearch,
  type RepeatFound,
  type RepeatQuestion,
  type RepeatSearch,
} from './repeat-search.ts'

/** What can be asked, and what is answered. */
export type SearchTasks = {
  repeats: { asked: { question: RepeatQuestion; reader: Reader; limit: number }; answered: RepeatFound[] }
  drafts: { asked: { question: DraftQuestion; now: number }; answered: FormDrafts }
  knowledge: {
    asked: { title: string; content: string; limit: number; now: number }
    answered: ArticleOffer[]
  }
  dialectWords: { asked: DialectQuestion & { now: number }; answered: DialectWords }
  article: { asked: { articleId: string; now: number }; answered: ArticleReading | { missing: true } }
}
export type TaskName = keyof SearchTasks

export type SearchTask = {
  [Name in TaskName]: { id: number; name: Name; asked: SearchTasks[Name]['asked'] }
}[TaskName]
export type SearchAnswer =
  | { id: number; answered: SearchTasks[TaskName]['answered'] }
  | { id: number; error: string }
  /** Something published cannot be used; what was in use stays. */
  | { refused: { version: string; code: string } }

const { file, key } = workerData as { file: string; key: Uint8Array }
const db = openReadOnly(file, key)
const tell = (answer: SearchAnswer) => parentPort?.postMessage(answer)

let now = 0
let search: RepeatSearch | null = null
const refused = (version: string, code: string) => tell({ refused: { version, code } })
const draft = createDrafter(db, () => now, refused)
const base = createKnowledgeBase(db, () => now, refused)
const dialectWords = createDialectWords(db, () => now, refused)

function answer(task: SearchTask): SearchTasks[TaskName]['answered'] {
  switch (task.name) {
    case 'repeats':
      search ??= createRepeatSearch(db)
      return search.find(task.asked.question, task.asked.reader, task.asked.limit)
    case 'drafts':
      now = task.asked.now
      return draft(task.asked.question)
    case 'knowledge':
      now = task.asked.now
      return base.search(task.asked, task.asked.limit)
    case 'dialectWords':
      now = task.asked.now
      return dialectWords(task.asked)
    case 'article':
      now = task.asked.now
      return base.read(task.asked.articleId) ?? { missing: true }
  }
}

parentPort?.on('message', (task: SearchTask) => {
  try {
    tell({ id: task.id, answered: answer(task) })
  } catch (error) {
    tell({ id: task.id, error: error instanceof Error ? error.message : 'unknown' })
  }
})
