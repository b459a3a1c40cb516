/** 方言词汇: the dialect words of what is typed, with their normal wording; taken, it stands in brackets behind the caller's own word. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Button, Input, type InputRef } from 'antd'
import { useRef, useState } from 'react'
import { putBeside } from '../../../shared/domain/dialect/find-words.ts'
import type { GlossaryEntry } from '../../../shared/domain/dialect/glossary.ts'
import { queryKeys, useBridge } from '../../bridge/bridge-context.tsx'
import { usePhonePart } from '../../phone/phone-context.tsx'
import { fieldId, useFormEdit, useFormFields } from '../../ui/case-fields.tsx'
import { Key } from '../../ui/Key.tsx'
import { outsideComposition, useKeys } from '../../ui/keys.ts'
import { Region } from '../../ui/Region.tsx'
import { defineText } from '../../ui/text.ts'
import { usePaused } from './use-paused.ts'

const useText = defineText('dialect-words', {
  region: ['方言词汇', 'Dialect words'],
  search: ['查方言词', 'Look a word up'],
  searchHint: ['方言词或规范说法', 'Dialect word or normal wording'],
  take: ['采用', 'Take'],
  taken: ['已注', 'Noted'],
  none: ['正文中没有词汇表里的方言词', 'No dialect word of the glossary in the text'],
  noMatch: ['词汇表中没有这个词', 'Not in the glossary'],
  sample: ['示例词汇表', 'Sample glossary'],
  tooLong: ['正文已满，不能再注', 'The text is full'],
})

const mostShown = 12
const longestContent = 20_000

/** The dialect that the number is remembered for, else as the exchange marked the call. */
function useSpoken(callingNumber: string, callId: string | null): string {
  const { seat } = useBridge()
  const { data } = useQuery({
    queryKey: [...queryKeys.callers, 'dialect', callingNumber],
    queryFn: () => seat.callers.lookup({ number: callingNumber, excludeCallId: null }),
    enabled: callingNumber !== '',
    retry: false,
  })
  const marked = usePhonePart(({ calls }) => calls.find(each => each.callId === callId)?.facts.dialect)
  const known = data?.profile?.dialect ?? ''
  return known === '' ? (marked ?? '') : known
}

export function DialectWords({
  draftId,
  callId,
  active,
}: {
  draftId: string
  callId: string | null
  active: boolean
}) {
  const say = useText()
  const { seat } = useBridge()
  const fields = useFormFields()
  const edit = useFormEdit()
  const [query, setQuery] = useState('')
  const box = useRef<InputRef>(null)
  const content = fields?.content ?? ''
  const dialect = useSpoken(fields?.callingNumber ?? '', callId)
  const asked = usePaused({ text: `${fields?.title ?? ''}\n${content}`, query: query.trim() })
  const { data, isPlaceholderData } = useQuery({
    queryKey: ['help', 'dialect', asked, dialect],
    queryFn: () => seat.assist.dialectWords({ ...asked, dialect: dialect.slice(0, 40), limit: mostShown }),
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 10_000,
  })
  const words = data?.words ?? []
  const first = words.find(entry => !isNoted(content, entry))
  const take = (entry: GlossaryEntry) => {
    const next = putBeside(content, entry, words)
    if (next.length > longestContent) return
    edit({ content: next })
    if (query !== '') {
      setQuery('')
      document.getElementById(fieldId(draftId, 'content'))?.focus()
    }
  }
  useKeys(active ? { 'Alt+Y': () => box.current?.focus() } : {})
  return (
    <Region
      name={say('region')}
      className="dialect-words"
      extra={
        <>
          {data?.sample === true ? <span className="quiet">{say('sample')}</span> : null}
          <Input
            ref={box}
            size="small"
            aria-label={say('search')}
            aria-keyshortcuts="Alt+Y"
            placeholder={say('searchHint')}
            value={query}
            maxLength={40}
            allowClear
            autoComplete="off"
            suffix={<Key>Alt+Y</Key>}
            onChange={event => setQuery(event.target.value)}
            onPressEnter={event => {
              // The keyboard goes to the text, where the same press would begin a line.
              event.preventDefault()
              // Nothing is taken from a list that answers what was typed before.
              if (first !== undefined && !isPlaceholderData && asked.query === query.trim()) take(first)
            }}
            onKeyDown={outsideComposition(event => {
              if (event.key !== 'Escape') return
              setQuery('')
              document.getElementById(fieldId(draftId, 'content'))?.focus()
            })}
          />
        </>
      }
    >
      {words.length === 0 ? (
        <p className="quiet help-none">{say(asked.query === '' ? 'none' : 'noMatch')}</p>
      ) : (
        <ul className="dialect-list">
          {words.map(entry => {
            const noted = isNoted(content, entry)
            const full = !noted && putBeside(content, entry, words).length > longestContent
            return (
              <li key={`${entry.dialect} ${entry.word} ${entry.normal}`} aria-label={entry.word}>
                <span className="dialect-word">
                  <b>{entry.word}</b> {entry.normal}
                </span>
                <span className={entry.own ? 'tag' : 'quiet'}>{entry.dialect}</span>
                {entry.note === '' ? null : <span className="quiet dialect-note">{entry.note}</span>}
                <Button
                  size="small"
                  disabled={noted || full}
                  title={full ? say('tooLong') : undefined}
                  onClick={() => take(entry)}
                >
                  {say(noted ? 'taken' : 'take')}
                </Button>
              </li>
            )
          })}
        </ul>
      )}
    </Region>
  )
}

const isNoted = (content: string, { word, normal }: GlossaryEntry): boolean =>
  content.includes(`${word}（${normal}）`)
