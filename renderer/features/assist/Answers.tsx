/** 知识建议: written answers, opened, taken into the case with their source, and corrected by a word to their owner (纠错). */
import { useQueryClient } from '@tanstack/react-query'
import { Button, Drawer, Input, Modal } from 'antd'
import type { TextAreaRef } from 'antd/es/input/TextArea'
import { useRef, useState } from 'react'
import { useBridge } from '../../bridge/bridge-context.tsx'
import { Key } from '../../ui/Key.tsx'
import { outsideComposition, useKeys } from '../../ui/keys.ts'
import { OverLimit } from '../../ui/OverLimit.tsx'
import { Region } from '../../ui/Region.tsx'
import { sentenceOf } from '../../ui/text.ts'
import { fullTime } from '../../ui/time.ts'
import { useAssistText } from './assist-text.ts'
import { type Help, useArticle } from './help-data.ts'

type Corrected = { articleId: string; title: string; owner: string }

export function Answers(props: { active: boolean; found: Help['knowledge']; onTake(text: string): void }) {
  const say = useAssistText()
  const [shown, setShown] = useState<string | null>(null)
  const [corrected, setCorrected] = useState<Corrected | null>(null)
  const list = useRef<HTMLUListElement>(null)
  const read = useArticle(shown)
  /** The article that is open; else the one that has the keyboard; else the first. */
  const target = (): Corrected | undefined => {
    if (shown !== null)
      return read == null
        ? undefined
        : { articleId: shown, title: read.article.title, owner: read.article.owner }
    const row = document.activeElement?.closest<HTMLElement>('[data-article]')
    const focused = row != null && list.current?.contains(row) === true ? row.dataset['article'] : undefined
    return props.found.find(({ articleId }) => articleId === focused) ?? props.found[0]
  }
  useKeys(
    props.active && corrected === null
      ? {
          'Alt+J': () => {
            const one = target()
            return one !== undefined && setCorrected(one)
          },
        }
      : {},
  )
  const take = () => {
    if (read == null) return
    props.onTake(read.insertion)
    setShown(null)
  }
  return (
    <Region name={say('knowledge')}>
      {props.found.length === 0 ? (
        <p className="quiet help-none">{say('noKnowledge')}</p>
      ) : (
        <ul className="help-list" ref={list}>
          {props.found.map((one, place) => (
            <li key={one.articleId} className="help-line" data-article={one.articleId}>
              <button type="button" className="case-line" onClick={() => setShown(one.articleId)}>
                <span>
                  {one.title} {one.state === 'stale' ? <span className="tag">{say('stale')}</span> : null}
                </span>
                <span className="quiet">
                  {one.owner} · {say('because', { words: one.words.join('、') })}
                </span>
              </button>
              <CorrectKey first={place === 0} onPress={() => setCorrected(one)} />
            </li>
          ))}
        </ul>
      )}
      <Drawer
        open={shown !== null}
        onClose={() => setShown(null)}
        title={read?.article.title ?? ''}
        size={520}
        extra={
          read == null ? null : (
            <span className="help-keys">
              <CorrectKey
                first
                onPress={() => setCorrected({ ...read.article, articleId: read.article.articleId })}
              />
              <Button type="primary" onClick={take}>
                {say('take')}
              </Button>
            </span>
          )
        }
      >
        {read == null ? null : (
          <article>
            <p className="quiet">
              {say(read.state)} ·{' '}
              {say('owner', {
                owner: read.article.owner,
                version: read.article.version,
                day: fullTime(read.article.reviewedAt),
              })}
            </p>
            {read.corrections.map(({ remark, at }) => (
              <p key={at} className="quiet">
                {fullTime(at)} {say('correctSaid', { remark })}
              </p>
            ))}
            <Blocks blocks={read.article.body} />
          </article>
        )}
      </Drawer>
      {corrected === null ? null : <CorrectDialog article={corrected} onClose={() => setCorrected(null)} />}
    </Region>
  )
}

function CorrectKey({ first, onPress }: { first: boolean; onPress(): void }) {
  const say = useAssistText()
  return (
    <Button size="small" aria-keyshortcuts={first ? 'Alt+J' : undefined} onClick={onPress}>
      {say('correct')}
      {first ? <Key>Alt+J</Key> : null}
    </Button>
  )
}

function CorrectDialog({ article, onClose }: { article: Corrected; onClose(): void }) {
  const say = useAssistText()
  const { seat } = useBridge()
  const client = useQueryClient()
  const box = useRef<TextAreaRef>(null)
  // One id for as long as it is tried: a retry after a lost answer says nothing twice.
  const correctionId = useRef(crypto.randomUUID())
  const [remark, setRemark] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const { articleId } = article
  const send = async () => {
    if (remark.trim() === '') return
    try {
      await seat.assist.correct({ correctionId: correctionId.current, articleId, remark })
      await client.invalidateQueries({ queryKey: ['help', 'article', articleId] })
      onClose()
    } catch (error) {
      setProblem(sentenceOf(error))
    }
  }
  return (
    <Modal
      open
      title={say('correctTitle', { title: article.title })}
      okText={say('correctSend')}
      cancelText={say('cancel')}
      okButtonProps={{ disabled: remark.trim() === '' }}
      onOk={() => void send()}
      onCancel={onClose}
      afterOpenChange={open => open && box.current?.focus()}
    >
      <label htmlFor="correct-remark" className="field-label">
        {say('correctRemark')}
      </label>
      <Input.TextArea
        id="correct-remark"
        ref={box}
        rows={3}
        value={remark}
        aria-describedby="correct-hint"
        onChange={event => setRemark(event.target.value)}
        onKeyDown={outsideComposition(event => {
          if (event.ctrlKey && event.key === 'Enter') {
            event.stopPropagation()
            void send()
          }
        })}
      />
      <OverLimit text={remark} max={500} />
      <p id="correct-hint" className="quiet">
        {say('correctHint', { owner: article.owner })}
      </p>
      <p className="panel-problem" role="alert">
        {problem}
      </p>
    </Modal>
  )
}

type Block = NonNullable<ReturnType<typeof useArticle>>['article']['body'][number]

/** Text and nothing else: a link is shown, not followed, since the page goes nowhere. */
function Blocks({ blocks }: { blocks: readonly Block[] }) {
  return blocks.map((block, at) => {
    const runs = block.runs.map(({ text, strong, link }, of) => {
      const shown = link === undefined ? text : `${text}（${link}）`
      return strong === true ? <strong key={of}>{shown}</strong> : <span key={of}>{shown}</span>
    })
    switch (block.kind) {
      case 'heading':
        return <h3 key={at}>{runs}</h3>
      case 'item':
        return <p key={at}>· {runs}</p>
      case 'paragraph':
        return <p key={at}>{runs}</p>
    }
  })
}
