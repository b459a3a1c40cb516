/** One draft's form, in the order in which a call goes: who, what, where, how it is disposed of. */
import { useEffect } from 'react'
import { useCaseWords } from '../../ui/case-words.ts'
import { useCaseFormText } from './case-form-text.ts'
import { dispositionKeys, dispositions } from './dispositions.ts'
import { Choice, CodePicker, fieldId, LongInput, TextInput, Tick } from './fields.tsx'

const kinds = ['consult', 'help', 'complaint', 'report', 'suggestion', 'praise'] as const
const urgencies = ['normal', 'urgent', 'critical'] as const

export function CaseForm({ draftId, focus }: { draftId: string; focus: number }) {
  const say = useCaseFormText()
  const words = useCaseWords()
  // Asked for by an answered call or a new case, never by a call that only rings.
  useEffect(() => {
    if (focus > 0) document.getElementById(fieldId(draftId, 'title'))?.focus()
  }, [focus, draftId])

  return (
    <form className="case-form" autoComplete="off" onSubmit={event => event.preventDefault()}>
      <div className="row row-caller">
        <TextInput draftId={draftId} name="callerName" label={say('callerName')} max={100} />
        <Choice
          draftId={draftId}
          name="gender"
          label={say('gender')}
          options={(['unknown', 'female', 'male'] as const).map(value => ({
            value,
            label: say(`gender.${value}`),
          }))}
        />
        <TextInput
          draftId={draftId}
          name="contactNumber"
          label={say('contactNumber')}
          max={64}
          numeric
          required
        />
        <Choice
          draftId={draftId}
          name="callerKind"
          label={say('callerKind')}
          options={(['person', 'enterprise'] as const).map(value => ({
            value,
            label: say(`callerKind.${value}`),
          }))}
        />
      </div>
      <TextInput draftId={draftId} name="title" label={say('title')} max={200} />
      <LongInput
        draftId={draftId}
        name="content"
        label={say('content')}
        hint={say('contentHint')}
        max={20_000}
        rows={4}
        required
      />
      <div className="row row-what">
        <Choice
          draftId={draftId}
          name="kind"
          label={say('kind')}
          options={kinds.map(value => ({ value, label: words(`kind.${value}`) }))}
        />
        <Choice
          draftId={draftId}
          name="urgency"
          label={say('urgency')}
          options={urgencies.map(value => ({ value, label: words(`urgency.${value}`) }))}
        />
      </div>
      <CodePicker draftId={draftId} name="categoryCode" label={say('category')} hint={say('categoryHint')} />
      <div className="row row-where">
        <CodePicker draftId={draftId} name="divisionCode" label={say('division')} />
        <TextInput draftId={draftId} name="place" label={say('place')} max={500} />
      </div>
      <Choice
        draftId={draftId}
        name="disposition"
        label={say('dispositionAlt')}
        required
        options={dispositions.map((value, index) => ({
          value,
          label: words(`disposition.${value}`),
          keyName: dispositionKeys[index] ?? '',
        }))}
      />
      <div className="row row-how">
        <Choice
          draftId={draftId}
          name="handling"
          label={say('handling')}
          options={(['dispatch', 'direct'] as const).map(value => ({
            value,
            label: words(`handling.${value}`),
          }))}
        />
        <div className="field ticks">
          <Tick draftId={draftId} name="confidential" label={say('confidential')} />
          <Tick draftId={draftId} name="replyWanted" label={say('replyWanted')} />
        </div>
      </div>
      <LongInput
        draftId={draftId}
        name="dispositionNote"
        label={say('dispositionNote')}
        max={2_000}
        rows={2}
      />
      <details className="more">
        <summary>{say('more')}</summary>
        <div className="row row-more">
          <TextInput draftId={draftId} name="callingNumber" label={say('callingNumber')} max={64} numeric />
          <TextInput draftId={draftId} name="company" label={say('company')} max={200} />
          <TextInput draftId={draftId} name="email" label={say('email')} max={200} />
          <TextInput draftId={draftId} name="partyName" label={say('party')} max={200} />
          <TextInput draftId={draftId} name="partyPhone" label={say('partyPhone')} max={64} numeric />
        </div>
        <LongInput draftId={draftId} name="remarks" label={say('remarks')} max={2_000} rows={2} />
      </details>
    </form>
  )
}
