/** The fields of a case in the order in which a call goes: who, what, where, how it is disposed of. */
import { type ReactNode, useEffect, useRef, useState } from 'react'
import {
  CategoryField,
  Choice,
  DivisionField,
  LongInput,
  TextInput,
  Tick,
  useFieldValue,
} from './case-fields.tsx'
import { useCaseWords } from './case-words.ts'
import { useFieldWords } from './field-words.ts'
import { Key } from './Key.tsx'
import { useKeys } from './keys.ts'
import { defineText } from './text.ts'

const useText = defineText('case-rows', {
  contentHint: [
    '按来电人的原话记录：何时、何地、何事、希望怎样解决',
    'When, where, what, and what the caller wants',
  ],
  categoryHint: ['输入名称、代码、拼音或首字母', 'Name, code, pinyin or its initials'],
  more: ['更多信息', 'More'],
  wordsHint: [
    '来电人自己的说法，方言照记；诉求内容改写后，最初的文字自动保留在这里',
    'As the caller said it; what the content said first is kept here when it is put into other words',
  ],
})

const kinds = ['consult', 'help', 'complaint', 'report', 'suggestion', 'praise'] as const
const urgencies = ['normal', 'urgent', 'critical'] as const

/** `dispositions`: where the call's disposition is chosen; null for a case that was filed, where what is fixed is left out. */
export function CaseRows(props: { dispositions: ReactNode | null; moreOpen?: boolean }) {
  const say = useText()
  const field = useFieldWords()
  const words = useCaseWords()
  const unfiled = props.dispositions !== null
  const handedOver = useFieldValue('handOverNumber') !== ''
  return (
    <>
      <div className="row row-caller">
        <TextInput name="callerName" label={field('callerName')} max={100} />
        <Choice
          name="gender"
          label={field('gender')}
          options={(['unknown', 'female', 'male'] as const).map(value => ({
            value,
            label: field(`gender.${value}`),
          }))}
        />
        <TextInput name="contactNumber" label={field('contactNumber')} max={64} numeric required />
        <Choice
          name="callerKind"
          label={field('callerKind')}
          options={(['person', 'enterprise'] as const).map(value => ({
            value,
            label: field(`callerKind.${value}`),
          }))}
        />
      </div>
      <TextInput name="title" label={field('title')} max={200} />
      <LongInput
        name="content"
        label={field('content')}
        hint={say('contentHint')}
        max={20_000}
        rows={4}
        required
      />
      <CallerWords />
      <div className="row row-what">
        <Choice
          name="kind"
          label={field('kind')}
          options={kinds.map(value => ({ value, label: words(`kind.${value}`) }))}
        />
        <Choice
          name="urgency"
          label={field('urgency')}
          options={urgencies.map(value => ({ value, label: words(`urgency.${value}`) }))}
        />
      </div>
      <CategoryField name="categoryCode" label={field('categoryCode')} hint={say('categoryHint')} />
      <div className="row row-where">
        <DivisionField name="divisionCode" label={field('divisionCode')} />
        <TextInput name="place" label={field('place')} max={500} />
      </div>
      {props.dispositions}
      <div className="row row-how">
        {unfiled ? (
          <Choice
            name="handling"
            label={field('handling')}
            options={(['dispatch', 'direct'] as const).map(value => ({
              value,
              label: words(`handling.${value}`),
            }))}
          />
        ) : null}
        <div className="field ticks">
          <Tick name="confidential" label={field('confidential')} />
          <Tick name="replyWanted" label={field('replyWanted')} />
        </div>
      </div>
      <LongInput name="dispositionNote" label={field('dispositionNote')} max={2_000} rows={2} />
      {!unfiled && handedOver ? (
        <div className="row row-where">
          <TextInput name="handOverTakenBy" label={field('handOverTakenBy')} max={100} />
          <TextInput name="handOverAck" label={field('handOverAck')} max={500} />
        </div>
      ) : null}
      <details className="more" open={props.moreOpen}>
        <summary>{say('more')}</summary>
        <div className="row row-more">
          {unfiled ? (
            <TextInput name="callingNumber" label={field('callingNumber')} max={64} numeric />
          ) : null}
          <TextInput name="company" label={field('company')} max={200} />
          <TextInput name="email" label={field('email')} max={200} />
          <TextInput name="partyName" label={field('partyName')} max={200} />
          <TextInput name="partyPhone" label={field('partyPhone')} max={64} numeric />
        </div>
        <LongInput name="remarks" label={field('remarks')} max={2_000} rows={2} />
      </details>
    </>
  )
}

/**
 * Optional, and out of the way until there is something in it: also out of the way of Tab, which goes on from the content to what is
 * asked for. Alt+O comes here.
 */
function CallerWords() {
  const say = useText()
  const field = useFieldWords()
  const given = useFieldValue('callerWords') ?? ''
  const [opened, setOpened] = useState(false)
  const box = useRef<HTMLDetailsElement>(null)
  const wanted = useRef(false)
  const open = opened || given !== ''
  useKeys({
    'Alt+O': () => {
      // Another form may be open out of sight.
      if (box.current?.checkVisibility() !== true) return
      wanted.current = true
      setOpened(true)
      if (open) box.current.querySelector('textarea')?.focus()
    },
  })
  useEffect(() => {
    if (open && wanted.current) box.current?.querySelector('textarea')?.focus()
    wanted.current = false
  }, [open])
  return (
    <details
      ref={box}
      className="more caller-words"
      open={open}
      onToggle={event => setOpened(event.currentTarget.open)}
    >
      <summary tabIndex={-1} aria-keyshortcuts="Alt+O">
        {field('callerWords')} <Key>Alt+O</Key>
      </summary>
      {open ? (
        <LongInput
          name="callerWords"
          label={field('callerWords')}
          hint={say('wordsHint')}
          max={20_000}
          rows={2}
        />
      ) : null}
    </details>
  )
}
