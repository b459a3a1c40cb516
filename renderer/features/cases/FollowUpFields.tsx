/** 回访: the citizen is called from here, and what they answer is written down. */
import { Radio } from 'antd'
import { useCallback, useRef } from 'react'
import type { CallOutcome } from '../../../shared/domain/call.ts'
import type { CaseDetail } from '../../../shared/domain/case.ts'
import type { FollowUp } from '../../../shared/domain/case-loop.ts'
import { followUpTries } from '../../../shared/domain/case-moves.ts'
import { FollowUpCall } from './FollowUpCall.tsx'
import { afterCall } from './follow-up-call.ts'
import { useProcessText } from './process-text.ts'

/** Solved and satisfied are two questions; whoever was not reached is asked neither. */
export function FollowUpFields(props: {
  one: CaseDetail
  active: boolean
  answers: FollowUp
  onChange(answers: FollowUp): void
}) {
  const say = useProcessText()
  const { one, answers, onChange } = props
  const tries = (one.loop?.tries ?? 0) + 1
  const box = useRef<HTMLDivElement>(null)
  const current = useRef(props)
  current.current = props
  const onOver = useCallback((outcome: CallOutcome) => {
    const { answers: before, onChange: change } = current.current
    const after = afterCall(before, outcome)
    if (after === before) return
    change(after)
    // What is proposed is one key away, but nobody who is writing is interrupted.
    if (document.activeElement?.matches('textarea') !== true)
      box.current?.querySelector<HTMLElement>(`input[value="${String(after.reached)}"]`)?.focus()
  }, [])
  const question = (name: 'solved' | 'satisfied') => (
    <div className="field">
      <span className="field-label">{say(name)}</span>
      <Radio.Group
        aria-label={say(name)}
        value={answers[name]}
        options={[
          { value: true, label: say(`${name}.yes`) },
          { value: false, label: say(`${name}.no`) },
          { value: null, label: say(`${name}.none`) },
        ]}
        onChange={event => onChange({ ...answers, [name]: event.target.value as boolean | null })}
      />
    </div>
  )
  return (
    <>
      <FollowUpCall one={one} active={props.active} onOver={onOver} />
      <div className="field" ref={box}>
        <span className="field-label">{say('reached')}</span>
        <Radio.Group
          aria-label={say('reached')}
          value={answers.reached}
          options={[
            { value: true, label: say('reached.yes') },
            { value: false, label: say('reached.no') },
          ]}
          onChange={event =>
            onChange(
              event.target.value === true
                ? { ...answers, reached: true }
                : { reached: false, solved: null, satisfied: null },
            )
          }
        />
      </div>
      {answers.reached ? (
        <>
          {question('solved')}
          {question('satisfied')}
        </>
      ) : (
        <p className="quiet">{say('unreachedHint', { tries, most: followUpTries })}</p>
      )}
    </>
  )
}
