/** 派单 and 办理时限 of the open form: which unit, which help, by when, as the catalogue in force has it, and why. */
import { memo, useDeferredValue } from 'react'
import { type CaseFields, emptyCaseFields, type Urgency } from '../../../shared/domain/case.ts'
import type { Limit } from '../../../shared/domain/catalogue.ts'
import type { DispatchFault } from '../../../shared/domain/make-dispatch.ts'
import type { Due } from '../../../shared/domain/working-time.ts'
import { useFormFields } from '../../ui/case-fields.tsx'
import { useCaseWords } from '../../ui/case-words.ts'
import { rememberedName } from '../../ui/category-index.ts'
import { DueTime } from '../../ui/DueTime.tsx'
import { useFieldWords } from '../../ui/field-words.ts'
import { Region } from '../../ui/Region.tsx'
import { age } from '../../ui/time.ts'
import { useNow } from '../../ui/use-now.ts'
import { DispatchUnits } from './DispatchUnits.tsx'
import { type DispatchReady, useChoice, useDispatching } from './dispatch-data.ts'
import { useDispatchText } from './dispatch-text.ts'

/** A countdown of seconds; an age of minutes. */
const clockMs = 1_000
const ageMs = 30_000

/** Only for a case that goes to a unit, or may still. */
export function DispatchRegions({ draftId }: { draftId: string }) {
  // A key press does not wait for it.
  const fields = useDeferredValue(useFormFields())
  const ready = useDispatching()
  if (fields === undefined || ready === null) return null
  const { disposition, handling } = fields
  if (handling !== 'dispatch' || (disposition !== null && disposition !== 'accept')) return null
  return (
    <div className="dispatch-regions">
      <Dispatch draftId={draftId} fields={fields} ready={ready} />
    </div>
  )
}

const Dispatch = memo(Proposed)

function Proposed(props: { draftId: string; fields: CaseFields; ready: DispatchReady }) {
  const say = useDispatchText()
  const { draftId, fields, ready } = props
  const [choice, choose] = useChoice(draftId)
  const proposal = ready.dispatch.propose(fields, Date.now(), choice)
  const { category, lead, reason, assist, faults, urgency, urgencyWord } = proposal
  return (
    <>
      <Region name={say('region')} className="dispatch-region" extra={<CatalogueAge ready={ready} />}>
        {fields.categoryCode === '' ? (
          <p className="quiet dispatch-hint">{say('choose')}</p>
        ) : (
          <>
            <Faults faults={faults} />
            <DispatchUnits
              draftId={draftId}
              units={ready.catalogue.units}
              lead={lead?.code ?? null}
              assist={assist.map(({ code }) => code).join(' ')}
              reason={reason === null ? '' : say(`reason.${reason}`, { category: category?.name ?? '' })}
              changed={choice.leadUnit !== null || choice.assistUnits !== null}
              opinion={choice.opinion}
              choose={choose}
            />
          </>
        )}
      </Region>
      {category === null ? null : (
        <Limits
          categoryCode={category.code}
          limitCode={category.limitCode}
          urgency={urgency}
          urgencyWord={urgencyWord}
          ready={ready}
        />
      )}
    </>
  )
}

/** Which version, and for how long it has been in force. */
function CatalogueAge({ ready: { catalogue, since } }: { ready: DispatchReady }) {
  const say = useDispatchText()
  const now = useNow(since !== null, ageMs)
  const version = say('catalogue', { version: catalogue.version })
  if (since === null) return <span className="quiet">{version}</span>
  const { unit, count } = age(now - Date.parse(since))
  return (
    <span className="quiet">
      {version} · {say('since', { age: say(`age.${unit}`, { count }) })}
    </span>
  )
}

function Faults({ faults }: { faults: readonly DispatchFault[] }) {
  const say = useDispatchText()
  const field = useFieldWords()
  if (faults.length === 0) return null
  const words = (fault: DispatchFault): string => {
    switch (fault.code) {
      case 'CATEGORY_UNKNOWN':
        return say('fault.CATEGORY_UNKNOWN', { name: rememberedName(fault.category) ?? fault.category })
      case 'FIELD_MISSING':
        return say('fault.FIELD_MISSING', { field: field(fault.field) })
      case 'UNIT_UNKNOWN':
      case 'UNIT_TWICE':
      case 'NOT_TO_GRASSROOTS':
        return say(`fault.${fault.code}`, { unit: fault.unit })
      case 'CALENDAR_MISSING':
      case 'CALENDAR_GAP':
        return say(`fault.${fault.code}`, { day: fault.day })
      case 'CATEGORY_MISSING':
      case 'CATEGORY_NOT_LEAF':
      case 'KIND_NOT_ALLOWED':
      case 'UNIT_MISSING':
        return say(`fault.${fault.code}`)
    }
  }
  return (
    <div className="dispatch-faults" role="status">
      <b>{say('notYet')}</b>
      <ul>
        {faults.map(fault => (
          <li key={JSON.stringify(fault)}>{words(fault)}</li>
        ))}
      </ul>
    </div>
  )
}

type LimitsProps = {
  categoryCode: string
  limitCode: string | null
  urgency: Urgency
  urgencyWord: string | null
  ready: DispatchReady
}

/** By when, if it were dispatched now: the clock goes on, so the times do. Drawn for the clock, not for each key in the form. */
const Limits = memo(({ categoryCode, limitCode, urgency, urgencyWord, ready }: LimitsProps) => {
  const say = useDispatchText()
  const words = useCaseWords()
  const now = useNow(true, clockMs)
  const due = ready.dispatch.propose({ ...emptyCaseFields, categoryCode, urgency }, now)
  const limit = ready.catalogue.limits.find(({ code }) => code === limitCode)
  return (
    <Region
      name={say('limits')}
      className="limits-region"
      extra={
        ready.calendar === null ? null : (
          <span className="quiet">{say('calendar', { version: ready.calendar.version })}</span>
        )
      }
    >
      <dl className="limits">
        {(['sign', 'reply'] as const).map(what => (
          <Line
            key={what}
            name={say(what)}
            length={limit?.[what][urgency] ?? null}
            due={due[what]}
            now={now}
          />
        ))}
      </dl>
      <p className="quiet">
        {urgencyWord === null
          ? say('fromNow')
          : say('urgencyWord', { word: urgencyWord, urgency: words(`urgency.${urgency}`) })}
      </p>
    </Region>
  )
})

function Line(props: { name: string; length: Limit | null; due: Due | null; now: number }) {
  const say = useDispatchText()
  const { length, due } = props
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>
        <span className="limit-length">
          {length === null ? say('noLimit') : say(`unit.${length.unit}`, { count: length.amount })}
        </span>
        {due?.state === 'due' ? <DueTime at={due.at} now={props.now} /> : null}
      </dd>
    </div>
  )
}
