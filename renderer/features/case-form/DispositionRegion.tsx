/** 受理方式: how the call in hand ends, and what that way asks for. By keyboard throughout. */
import { Radio } from 'antd'
import { useEffect, useRef } from 'react'
import { chosen } from '../../../shared/domain/disposition-rules.ts'
import { useDispositions } from '../../bridge/dispositions.ts'
import { fieldId, useFieldValue, useFormId } from '../../ui/case-fields.tsx'
import { useCaseWords } from '../../ui/case-words.ts'
import { Region } from '../../ui/Region.tsx'
import { useDesk, useDraft } from './desk-context.tsx'
import { useDispositionText } from './disposition-text.ts'
import { dispositionKeys, dispositions } from './dispositions.ts'
import { HandOver } from './HandOver.tsx'
import { ReasonPicker } from './ReasonPicker.tsx'

export function DispositionRegion() {
  const say = useDispositionText()
  const words = useCaseWords()
  const desk = useDesk()
  const draftId = useFormId()
  const panel = useRef<HTMLDivElement>(null)
  const disposition = useFieldValue('disposition') ?? null

  // Whoever has just chosen goes on with what that way asks for. A form that is only opened takes no keyboard.
  const before = useRef(disposition)
  useEffect(() => {
    if (before.current === disposition) return
    before.current = disposition
    panel.current?.scrollIntoView({ block: 'nearest' })
    const asks = panel.current?.querySelector<HTMLElement>('input, button')
    if (asks != null) asks.focus()
    // 受理: on with the form, unless that is where the keyboard is already.
    else if (document.activeElement?.closest('input, textarea') == null)
      document.getElementById(fieldId(draftId, 'title'))?.focus()
  }, [disposition, draftId])

  return (
    <Region
      name={say('region')}
      className="disposition-region"
      extra={disposition === null ? <span className="quiet">{say('none')}</span> : null}
    >
      <Radio.Group
        id={fieldId(draftId, 'disposition')}
        aria-label={say('region')}
        aria-required
        value={disposition}
        optionType="button"
        buttonStyle="solid"
        onChange={event => {
          const draft = desk.find(draftId)
          if (draft !== undefined)
            desk.edit(draftId, chosen(draft.fields, event.target.value as (typeof dispositions)[number]))
        }}
      >
        {dispositions.map((value, index) => (
          <Radio.Button key={value} value={value} aria-keyshortcuts={dispositionKeys[index]}>
            {words(`disposition.${value}`)}
            <kbd className="key" aria-hidden="true">
              {dispositionKeys[index]?.replace('Alt+', '')}
            </kbd>
          </Radio.Button>
        ))}
      </Radio.Group>
      {disposition === 'accept' || disposition === 'refer' ? (
        <p className="quiet disposition-hint">{say(`hint.${disposition}`)}</p>
      ) : null}
      <div ref={panel}>
        {disposition === null || disposition === 'accept' ? null : <Asked draftId={draftId} />}
      </div>
    </Region>
  )
}

/** What the chosen way asks for. */
function Asked({ draftId }: { draftId: string }) {
  const desk = useDesk()
  const draft = useDraft(draftId)
  const inForce = useDispositions().data
  if (draft === undefined || inForce === undefined) return null
  return draft.fields.disposition === 'transfer' ? (
    <HandOver draft={draft} directory={inForce.directory} />
  ) : (
    <ReasonPicker
      draftId={draftId}
      fields={draft.fields}
      rules={inForce.rules}
      onPick={reasonCode => desk.edit(draftId, { reasonCode })}
    />
  )
}
