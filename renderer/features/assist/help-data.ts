/** What the core proposes for what is being typed. Asked when the typing pauses; what was there stays until the next answer. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { CaseFields } from '../../../shared/domain/case.ts'
import { useBridge } from '../../bridge/bridge-context.tsx'
import { usePaused } from './use-paused.ts'

/** Fewer characters say nothing. */
const leastCharacters = 4
/** Of a telephone number; a caller's own cases are looked up before anything is typed. */
const leastDigits = 5

export type Typed = Pick<
  CaseFields,
  'title' | 'content' | 'place' | 'callingNumber' | 'contactNumber' | 'categoryCode' | 'divisionCode'
>

export function useHelp(draftId: string, typed: Typed) {
  const { seat } = useBridge()
  const asked = usePaused(typed)
  const { title, content, place, ...rest } = asked
  const enabled = title.length + content.length >= leastCharacters
  const options = { enabled, placeholderData: keepPreviousData, retry: false, staleTime: 10_000 } as const
  const drafts = useQuery({
    ...options,
    queryKey: ['help', 'drafts', draftId, title, content, place],
    queryFn: () => seat.assist.drafts({ title, content, place }),
  })
  const calls = [rest.callingNumber, rest.contactNumber].some(number => number.length >= leastDigits)
  const repeats = useQuery({
    ...options,
    enabled: enabled || calls,
    queryKey: ['help', 'repeats', draftId, asked],
    queryFn: () => seat.assist.repeats({ title, content, place, ...rest, ownCaseId: draftId, limit: 5 }),
  })
  const knowledge = useQuery({
    ...options,
    queryKey: ['help', 'knowledge', draftId, title, content],
    queryFn: () => seat.assist.knowledge({ title, content, limit: 5 }),
  })
  return {
    drafts: enabled ? (drafts.data ?? null) : null,
    repeats: enabled || calls ? (repeats.data ?? []) : [],
    knowledge: enabled ? (knowledge.data ?? []) : [],
  }
}

export type Help = ReturnType<typeof useHelp>

export function useArticle(articleId: string | null) {
  const { seat } = useBridge()
  return useQuery({
    queryKey: ['help', 'article', articleId],
    queryFn: () => seat.assist.article({ articleId: articleId ?? '' }),
    enabled: articleId !== null,
  }).data
}
