/** Help while the caller talks: drafts of the form, repeats, written answers. Nothing of it is taken but by a press of 采用. */
import { Button, Drawer } from 'antd'
import { useState } from 'react'
import { type CaseFields, requestKind } from '../../../shared/domain/case.ts'
import { useCatalogue } from '../../bridge/bridge-context.tsx'
import { CaseReading, useCase } from '../../ui/CaseReading.tsx'
import { useCaseWords } from '../../ui/case-words.ts'
import { useFieldWords } from '../../ui/field-words.ts'
import { Key } from '../../ui/Key.tsx'
import { useKeys } from '../../ui/keys.ts'
import { Region } from '../../ui/Region.tsx'
import { defineText } from '../../ui/text.ts'
import { fullTime, shortTime } from '../../ui/time.ts'
import { type Typed, useArticle, useHelp } from './help-data.ts'

const useText = defineText('assist', {
  drafts: ['填单建议', 'Suggested fields'],
  repeats: ['重复诉求', 'Repeats'],
  knowledge: ['知识建议', 'Suggested answers'],
  take: ['采用', 'Take'],
  because: ['依据：{{words}}', 'From: {{words}}'],
  sure: ['{{percent}}%', '{{percent}} %'],
  byTable: ['紧急词表', 'urgency words'],
  time: ['所说时间', 'Time told'],
  noDrafts: ['没有建议', 'Nothing to suggest'],
  noRepeats: ['没有相似的工单', 'No case like it'],
  noKnowledge: ['没有相关的知识', 'No answer found'],
  number: ['同一号码', 'same number'],
  place: ['同一地点', 'same place'],
  category: ['同一分类', 'same category'],
  stale: ['久未核对', 'Not checked for long'],
  expired: ['已失效', 'Expired'],
  'not-yet': ['未生效', 'Not in force yet'],
  current: ['现行', 'In force'],
  owner: [
    '{{owner}} · 第 {{version}} 版 · {{day}} 核对',
    '{{owner}} · version {{version}} · checked {{day}}',
  ],
})

type Taken = Partial<CaseFields>
type Offer = { key: string; label: string; value: string; note: string; take: Taken | null }

/** Below this a proposal would be wrong more often than a glance at it is worth. */
const leastConfidence = 0.35

export function HelpPanel(props: {
  active: boolean
  draftId: string
  fields: CaseFields
  onTake(taken: Taken): void
}) {
  const { title, content, place, callingNumber, contactNumber, categoryCode, divisionCode } = props.fields
  const typed: Typed = { title, content, place, callingNumber, contactNumber, categoryCode, divisionCode }
  const { drafts, repeats, knowledge } = useHelp(props.draftId, typed)
  return (
    <div className="help">
      <FormDrafts active={props.active} drafts={drafts} fields={props.fields} onTake={props.onTake} />
      <Repeats found={repeats} />
      <Answers
        found={knowledge}
        onTake={text => props.onTake({ content: content === '' ? text : `${content}\n${text}` })}
      />
    </div>
  )
}

type Help = ReturnType<typeof useHelp>

function FormDrafts(props: {
  active: boolean
  drafts: Help['drafts']
  fields: CaseFields
  onTake(taken: Taken): void
}) {
  const say = useText()
  const words = useCaseWords()
  const field = useFieldWords()
  const catalogue = useCatalogue().data
  const { drafts, fields } = props
  const offers: Offer[] = []
  const because = (list: string[]) => (list.length === 0 ? '' : say('because', { words: list.join('、') }))
  const sure = (confidence: number) => say('sure', { percent: Math.round(confidence * 100) })
  if (drafts !== null) {
    const { urgency, division } = drafts
    if (urgency !== null && urgency.urgency !== fields.urgency)
      offers.push({
        key: 'urgency',
        label: field('urgency'),
        value: words(`urgency.${urgency.urgency}`),
        note: `${say('byTable')} · ${because(urgency.words)}`,
        take: { urgency: urgency.urgency },
      })
    for (const { value, confidence, words: from } of drafts.category) {
      const known = catalogue?.categories.find(({ code }) => code === value)
      if (known === undefined || value === fields.categoryCode || confidence < leastConfidence) continue
      const take = { categoryCode: value }
      const note = `${sure(confidence)} · ${because(from)}`
      offers.push({ key: `category ${value}`, label: field('categoryCode'), value: known.name, note, take })
    }
    for (const { value, confidence, words: from } of drafts.kind) {
      const kind = requestKind.safeParse(value)
      if (!kind.success || kind.data === fields.kind || confidence < leastConfidence) continue
      const note = `${sure(confidence)} · ${because(from)}`
      offers.push({
        key: `kind ${value}`,
        label: field('kind'),
        value: words(`kind.${kind.data}`),
        note,
        take: { kind: kind.data },
      })
    }
    if (division !== null && division.code !== fields.divisionCode)
      offers.push({
        key: 'division',
        label: field('divisionCode'),
        value: division.name,
        note: because([division.name]),
        take: { divisionCode: division.code },
      })
    for (const { text, at, from } of drafts.times.slice(0, 3))
      offers.push({
        key: `time ${from}`,
        label: say('time'),
        value: shortTime(new Date(at).toISOString(), Date.now()),
        note: because([text]),
        take: null,
      })
  }
  const first = offers.find(({ take }) => take !== null)
  const taken = first?.take ?? null
  useKeys(props.active && taken !== null ? { 'Alt+A': () => props.onTake(taken) } : {})
  return (
    <Region name={say('drafts')}>
      {offers.length === 0 ? (
        <p className="quiet help-none">{say('noDrafts')}</p>
      ) : (
        <ul className="help-list">
          {offers.map(({ key, label, value, note, take }) => (
            <li key={key} aria-label={label}>
              <span className="help-line">
                <span>
                  {label} <strong>{value}</strong>
                </span>
                {take === null ? null : (
                  <Button
                    size="small"
                    aria-keyshortcuts={key === first?.key ? 'Alt+A' : undefined}
                    onClick={() => props.onTake(take)}
                  >
                    {say('take')}
                    {key === first?.key ? <Key>Alt+A</Key> : null}
                  </Button>
                )}
              </span>
              <span className="quiet">{note}</span>
            </li>
          ))}
        </ul>
      )}
    </Region>
  )
}

function Repeats({ found }: { found: Help['repeats'] }) {
  const say = useText()
  const words = useCaseWords()
  const [shown, setShown] = useState<string | null>(null)
  const reason = (one: (typeof found)[number]['reasons'][number]): string =>
    one.kind === 'words' ? say('because', { words: one.words.join('、') }) : say(one.kind)
  return (
    <Region name={say('repeats')}>
      {found.length === 0 ? (
        <p className="quiet help-none">{say('noRepeats')}</p>
      ) : (
        <ul className="help-list">
          {found.map(({ summary, reasons }) => (
            <li key={summary.caseId}>
              <button type="button" className="case-line" onClick={() => setShown(summary.caseId)}>
                <span>{summary.title === '' ? summary.caseNumber : summary.title}</span>
                <span className="quiet">
                  {shortTime(summary.createdAt, Date.now())} · {words(`status.${summary.status}`)} ·{' '}
                  {reasons.map(reason).join(' · ')}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <ShownCase caseId={shown} onClose={() => setShown(null)} />
    </Region>
  )
}

function ShownCase({ caseId, onClose }: { caseId: string | null; onClose(): void }) {
  const { data } = useCase(caseId)
  return (
    <Drawer open={caseId !== null} onClose={onClose} title={data?.caseNumber ?? ''} size={520}>
      {data === undefined ? null : <CaseReading one={data} />}
    </Drawer>
  )
}

function Answers(props: { found: Help['knowledge']; onTake(text: string): void }) {
  const say = useText()
  const [shown, setShown] = useState<string | null>(null)
  const read = useArticle(shown)
  return (
    <Region name={say('knowledge')}>
      {props.found.length === 0 ? (
        <p className="quiet help-none">{say('noKnowledge')}</p>
      ) : (
        <ul className="help-list">
          {props.found.map(({ articleId, title, state, words, owner }) => (
            <li key={articleId}>
              <button type="button" className="case-line" onClick={() => setShown(articleId)}>
                <span>
                  {title} {state === 'stale' ? <span className="tag">{say('stale')}</span> : null}
                </span>
                <span className="quiet">
                  {owner} · {say('because', { words: words.join('、') })}
                </span>
              </button>
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
            <Button
              type="primary"
              onClick={() => {
                props.onTake(read.insertion)
                setShown(null)
              }}
            >
              {say('take')}
            </Button>
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
            <Blocks blocks={read.article.body} />
          </article>
        )}
      </Drawer>
    </Region>
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
