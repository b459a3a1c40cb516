/** Reads pages for the core's thread, which asks for their changes a few at a time: each answer is a short piece of its work. */
import { parentPort } from 'node:worker_threads'
import { type PageContent, type PageHead, type ParsedPage, parsePage, type ReadChange } from './read-page.ts'

export type PageQuestion =
  | { id: number; ask: 'read'; page: number; content: PageContent }
  | { id: number; ask: 'take'; page: number; from: number; to: number }
export type PageAnswer = { id: number; head: PageHead | null } | { id: number; changes: ReadChange[] }

const pages = new Map<number, ParsedPage>()
const tell = (answer: PageAnswer) => parentPort?.postMessage(answer)

parentPort?.on('message', (question: PageQuestion) => {
  const { id, page } = question
  if (question.ask === 'read') {
    const parsed = parsePage(question.content, true)
    if (parsed !== null && parsed.head.count > 0) pages.set(page, parsed)
    return tell({ id, head: parsed?.head ?? null })
  }
  const parsed = pages.get(page)
  const changes = parsed?.take(question.from, question.to) ?? []
  if (parsed !== undefined && question.to >= parsed.head.count) pages.delete(page)
  return tell({ id, changes })
})
