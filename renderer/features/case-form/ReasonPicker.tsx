/** The reason and what to read to the caller (告知法定途径、解释说明、移交线索); a digit chooses it. */
import { Radio } from 'antd'
import type { CaseFields } from '../../../shared/domain/case.ts'
import { type DispositionRules, reasonOf, reasonsOf } from '../../../shared/domain/disposition-rules.ts'
import { fieldId } from '../../ui/case-fields.tsx'
import { outsideComposition } from '../../ui/keys.ts'
import { useDispositionText } from './disposition-text.ts'

export function ReasonPicker(props: {
  draftId: string
  fields: Pick<CaseFields, 'disposition' | 'reasonCode'>
  rules: DispositionRules
  onPick(reasonCode: string): void
}) {
  const say = useDispositionText()
  const { fields, rules, draftId } = props
  const reasons = reasonsOf(rules, fields.disposition)
  const reason = reasonOf(rules, fields)
  const pick = (code: string) => {
    props.onPick(code)
    // What must be written of it is written next.
    if (reasons.find(one => one.code === code)?.noteWanted === true)
      document.getElementById(fieldId(draftId, 'dispositionNote'))?.focus()
  }
  if (reasons.length === 0) return <p className="quiet">{say('noReasons')}</p>
  return (
    <div
      className="reason-picker"
      onKeyDown={outsideComposition(event => {
        if (event.ctrlKey || event.altKey || event.metaKey || !/^[1-9]$/.test(event.key)) return
        const chosen = reasons[Number(event.key) - 1]
        if (chosen === undefined) return
        event.preventDefault()
        pick(chosen.code)
      })}
    >
      <Radio.Group
        id={fieldId(draftId, 'reasonCode')}
        aria-label={say('reasons')}
        value={fields.reasonCode}
        onChange={event => pick(event.target.value as string)}
      >
        {reasons.map(({ code, name }, index) => (
          <Radio key={code} value={code} {...(index < 9 ? { 'aria-keyshortcuts': String(index + 1) } : {})}>
            {index < 9 ? (
              <kbd className="key" aria-hidden="true">
                {index + 1}
              </kbd>
            ) : null}
            {name}
          </Radio>
        ))}
      </Radio.Group>
      {fields.reasonCode !== '' && reason === undefined ? (
        <p className="panel-problem" role="alert">
          {say('gone', { code: fields.reasonCode })}
        </p>
      ) : null}
      {reason === undefined || reason.script === '' ? null : (
        <blockquote className="disposition-script" aria-label={say('script')}>
          {reason.script}
        </blockquote>
      )}
      {reason?.noteWanted === true ? <p className="quiet">{say('noteWanted')}</p> : null}
    </div>
  )
}
