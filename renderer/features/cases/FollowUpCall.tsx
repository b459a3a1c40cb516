/** Calls the citizen of a follow-up (回访) through the softphone, by key or button. */
import { Button } from 'antd'
import { useEffect, useState } from 'react'
import type { CallOutcome } from '../../../shared/domain/call.ts'
import type { CaseDetail } from '../../../shared/domain/case.ts'
import { useSettings } from '../../bridge/bridge-context.tsx'
import { usePhone, usePhonePart } from '../../phone/phone-context.tsx'
import { useCaseWords } from '../../ui/case-words.ts'
import { useFieldWords } from '../../ui/field-words.ts'
import { Key } from '../../ui/Key.tsx'
import { useKeys } from '../../ui/keys.ts'
import { sentenceOf } from '../../ui/text.ts'
import { duration } from '../../ui/time.ts'
import { useNow } from '../../ui/use-now.ts'
import { type Dialable, dialable, followCalls } from './follow-up-call.ts'
import { useProcessText } from './process-text.ts'

export function FollowUpCall(props: {
  one: CaseDetail
  active: boolean
  onOver(outcome: CallOutcome): void
}) {
  const { one, active, onOver } = props
  const say = useProcessText()
  const words = useCaseWords()
  const field = useFieldWords()
  const phone = usePhone()
  const { caseId } = one
  const areaCode = useSettings().data?.settings.areaCode ?? ''
  const registered = usePhonePart(({ line }) => line.state === 'registered')
  const live = usePhonePart(({ calls }) => calls.find(call => call.caseId === caseId))
  const others = usePhonePart(({ calls }) => calls.some(call => call.caseId !== caseId))
  const [outcome, setOutcome] = useState<CallOutcome | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  useEffect(
    () =>
      followCalls(phone, caseId, over => {
        setOutcome(over)
        onOver(over)
      }),
    [phone, caseId, onOver],
  )
  const now = useNow(live !== undefined, 500)
  const numbers = dialable(one.fields, { areaCode })
  const attempt = (action: () => Promise<unknown>) => {
    setProblem(null)
    action().catch((error: unknown) => setProblem(sentenceOf(error)))
  }
  const obstacle = !registered ? say('call.notRegistered') : others ? say('call.other') : null
  const dial = ({ key }: Dialable) => {
    if (live !== undefined || obstacle !== null) return
    setOutcome(null)
    attempt(() => phone.dial(key, { caseId }))
  }
  const hangUp = () => {
    if (live !== undefined) attempt(() => phone.hangUp(live.callId))
  }
  const [first] = numbers
  useKeys(active ? { 'Alt+H': first === undefined ? undefined : () => dial(first), F4: hangUp } : {})

  const standing = () => {
    if (live !== undefined)
      return live.answeredAt === null
        ? say('call.ringing')
        : `${say('call.talking')} ${duration(now - live.answeredAt)}`
    return outcome === null ? obstacle : words(`outcome.${outcome}`)
  }
  return (
    <div className="field follow-up-call" role="group" aria-label={say('call')}>
      {numbers.length === 0 ? <p className="quiet">{say('call.noNumber')}</p> : null}
      {numbers.map((number, index) => (
        <div key={number.key} className="follow-up-number">
          <span className="field-label">{field(number.what)}</span>
          <span className="numeric">{number.display}</span>
          <Button
            type={index === 0 && outcome === null ? 'primary' : 'default'}
            aria-label={say('call.to', { what: field(number.what) })}
            disabled={live !== undefined || obstacle !== null}
            {...(index === 0 ? { 'aria-keyshortcuts': 'Alt+H' } : {})}
            onClick={() => dial(number)}
          >
            {say('call.dial')}
            {index === 0 ? <Key>Alt+H</Key> : null}
          </Button>
        </div>
      ))}
      <div className="follow-up-standing">
        <span role="status">{standing()}</span>
        {live === undefined ? null : (
          <Button danger aria-keyshortcuts="F4" disabled={live.busy} onClick={hangUp}>
            {say('call.hangUp')}
            <Key>F4</Key>
          </Button>
        )}
      </div>
      <p className="panel-problem" role="alert">
        {problem ?? live?.problem ?? null}
      </p>
    </div>
  )
}
