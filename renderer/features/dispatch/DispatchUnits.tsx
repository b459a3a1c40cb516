/** 主办、协办 and what the unit is told. Drawn anew when something of its own changes, not with every key in the form. */
import { Button, Input, Select } from 'antd'
import { memo, useMemo } from 'react'
import type { Unit } from '../../../shared/domain/catalogue.ts'
import type { DispatchChoice } from '../../../shared/domain/make-dispatch.ts'
import { OverLimit } from '../../ui/OverLimit.tsx'
import { useDispatchText } from './dispatch-text.ts'

type Props = {
  draftId: string
  units: readonly Unit[]
  lead: string | null
  /** Codes with spaces between them: one value, so that the same units are the same. */
  assist: string
  reason: string
  changed: boolean
  opinion: string
  choose(change: Partial<DispatchChoice>): void
}

export const DispatchUnits = memo(Units)

function Units({ draftId, units, lead, assist, reason, changed, opinion, choose }: Props) {
  const say = useDispatchText()
  const options = useMemo(() => units.map(unitOption), [units])
  return (
    <>
      <div className="dispatch-units">
        <div className="field">
          <label className="field-label" htmlFor={`lead-${draftId}`}>
            {say('lead')}
          </label>
          <Select
            id={`lead-${draftId}`}
            className="dispatch-unit"
            value={lead}
            options={options}
            placeholder={say('unitSearch')}
            showSearch={{ filterOption: matches }}
            aria-describedby={`lead-reason-${draftId}`}
            onChange={code => choose({ leadUnit: code })}
          />
          <p id={`lead-reason-${draftId}`} className="quiet dispatch-reason">
            {reason}
            {changed ? (
              <Button size="small" type="link" onClick={() => choose({ leadUnit: null, assistUnits: null })}>
                {say('asProposed')}
              </Button>
            ) : null}
          </p>
        </div>
        <div className="field">
          <label className="field-label" htmlFor={`assist-${draftId}`}>
            {say('assist')}
          </label>
          <Select
            id={`assist-${draftId}`}
            className="dispatch-unit"
            mode="multiple"
            maxCount={10}
            value={assist.split(' ').filter(Boolean)}
            options={options}
            showSearch={{ filterOption: matches }}
            onChange={codes => choose({ assistUnits: codes })}
          />
        </div>
      </div>
      <div className="field">
        <label className="field-label" htmlFor={`opinion-${draftId}`}>
          {say('opinion')}
        </label>
        <Input
          id={`opinion-${draftId}`}
          value={opinion}
          autoComplete="off"
          placeholder={say('opinionHint')}
          onChange={event => choose({ opinion: event.target.value })}
        />
        <OverLimit text={opinion} max={2_000} />
      </div>
    </>
  )
}

type UnitOption = { value: string; label: string; search: string }
const unitOption = ({ code, name }: Unit): UnitOption => ({
  value: code,
  label: name,
  search: `${name} ${code}`.toLowerCase(),
})
const matches = (typed: string, option?: UnitOption) =>
  typed
    .toLowerCase()
    .split(/\s+/)
    .every(word => option?.search.includes(word) === true)
