/** Help while the caller talks: drafts of the form, repeats, written answers. Nothing of it is taken but by a press of 采用. */
import { Button } from 'antd'
import { memo } from 'react'
import { type CaseFields, requestKind } from '../../../shared/domain/case.ts'
import { useCatalogue } from '../../bridge/bridge-context.tsx'
import { useCaseWords } from '../../ui/case-words.ts'
import { useFieldWords } from '../../ui/field-words.ts'
import { Key } from '../../ui/Key.tsx'
import { useKeys } from '../../ui/keys.ts'
import { Region } from '../../ui/Region.tsx'
import { shortTime } from '../../ui/time.ts'
import { Answers } from './Answers.tsx'
import { useAssistText } from './assist-text.ts'
import { type Help, type Typed, useHelp } from './help-data.ts'
import { Repeats } from './Repeats.tsx'

type Taken = Partial<CaseFields>
type Offer = { key: string; label: string; value: string; note: string; take: Taken | null }

/** Below this a proposal would be wrong more often than a glance at it is worth. */
const leastConfidence = 0.35

export const HelpPanel = memo(Panel)

function Panel(props: {
  active: boolean
  draftId: string
  /** As they were when this was last drawn. */
  fields: CaseFields
  /** `taking` is given the fields as they are then: whoever types on meanwhile loses nothing. */
  onTake(taking: (now: CaseFields) => Taken): void
}) {
  const { title, content, place, callingNumber, contactNumber, categoryCode, divisionCode } = props.fields
  const typed: Typed = { title, content, place, callingNumber, contactNumber, categoryCode, divisionCode }
  const { drafts, repeats, knowledge } = useHelp(props.draftId, typed)
  return (
    <div className="help">
      <FormDrafts
        active={props.active}
        drafts={drafts}
        fields={props.fields}
        onTake={taken => props.onTake(() => taken)}
      />
      <Repeats key={props.draftId} active={props.active} draftId={props.draftId} found={repeats} />
      <Answers
        active={props.active}
        found={knowledge}
        onTake={text =>
          props.onTake(now => ({ content: now.content === '' ? text : `${now.content}\n${text}` }))
        }
      />
    </div>
  )
}

/** The form has a field of its own for the division: the place is the rest, in the order in which an address is written. */
function addressOffer(parts: NonNullable<Help['drafts']>['address'], fields: CaseFields): string | null {
  const where = parts.road + parts.number + parts.place
  return where === '' || where === fields.place ? null : where
}

function FormDrafts(props: {
  active: boolean
  drafts: Help['drafts']
  fields: CaseFields
  onTake(taken: Taken): void
}) {
  const say = useAssistText()
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
    const where = addressOffer(drafts.address, fields)
    if (where !== null)
      offers.push({
        key: 'place',
        label: field('place'),
        value: where,
        note: (['division', 'road', 'number', 'place'] as const)
          .filter(part => drafts.address[part] !== '')
          .map(part => say(`part.${part}`, { text: drafts.address[part] }))
          .join(' · '),
        take: { place: where },
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
