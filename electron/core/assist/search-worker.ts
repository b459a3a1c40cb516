/** The thread on which help is looked up: its own connection, which can read and nothing else. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Reader } from '../cases/case-rows.ts'
import { type Database, openReadOnly } from '../storage/database.ts'
import {
  createRepeatSearch,
  type RepeatFound,
  type RepeatQuestion,
  type RepeatSearch,
} from './repeat-search.ts'

export type SearchTask = { id: number; question: RepeatQuestion; reader: Reader; limit: number }
export type SearchAnswer = { id: number; found: RepeatFound[] } | { id: number; error: string }

const { file, key } = workerData as { file: string; key: Uint8Array }
const db: Database = openReadOnly(file, key)
let search: RepeatSearch | null = null

parentPort?.on('message', (task: SearchTask) => {
  try {
    search ??= createRepeatSearch(db)
    const answer: SearchAnswer = { id: task.id, found: search.find(task.question, task.reader, task.limit) }
    parentPort?.postMessage(answer)
  } catch (error) {
    const answer: SearchAnswer = { id: task.id, error: error instanceof Error ? error.message : 'unknown' }
    parentPort?.postMessage(answer)
  }
})
