/** A real clash: both values side by side, who and when, and a choice for each field. By keyboard: Tab, arrows, Enter. */
import { Button, Modal, Radio } from 'antd'
import { useState } from 'react'
import type { UnsentItem } from '../../../shared/contract/seat.ts'
import { useCatalogue } from '../../bridge/bridge-context.tsx'
import { useCaseWords } from '../../ui/case-words.ts'
import { isCaseField, shownValue, useFieldWords } from '../../ui/field-words.ts'
import { fullTime } from '../../ui/time.ts'
import { useSyncText } from './sync-text.ts'
import { type Choices, changedPart, decide } from './unsent.ts'

type Conflict = NonNullable<NonNullable<UnsentItem['parked']>['conflict']>

export function ConflictDialog(props: {
  item: UnsentItem
  conflict: Conflict
  busy: boolean
  problem: string | null
  onClose(): void
  /** The fields whose own value shall stand. */
  onResolve(mine: string[]): void
}) {
  const say = useSyncText()
  const field = useFieldWords()
  const words = useCaseWords()
  const catalogue = useCatalogue().data
  const { item, conflict } = props
  const [choices, setChoices] = useState<Choices>({})
  const names = conflict.clashes.map(clash => clash.field)
  const { mine, givenUp, undecided } = decide(names, choices)
  const nameOf = (name: string) => (isCaseField(name) ? field(name) : name)
  const valueOf = (name: string, value: unknown) => {
    const shown = isCaseField(name)
      ? shownValue(name, value, { field, words, catalogue })
      : (JSON.stringify(value) ?? '')
    return shown === '' ? say('empty') : shown
  }
  const all = (choice: 'mine' | 'theirs') => setChoices(Object.fromEntries(names.map(name => [name, choice])))
  return (
    <Modal
      open
      width={780}
      style={{ top: 40 }}
      // Both choices and the way out of them are in sight, however long the values are.
      styles={{ body: { maxHeight: 'calc(100vh - 210px)', overflow: 'auto' } }}
      title={`${say('conflict')}${item.caseNumber === null ? '' : ` · ${item.caseNumber}`}`}
      onCancel={props.onClose}
      maskClosable={false}
      footer={
        <div className="conflict-foot">
          <p id="conflict-outcome" role="status">
            {undecided > 0
              ? say('undecided', { count: undecided })
              : givenUp.length > 0
                ? say('givenUp', { fields: givenUp.map(nameOf).join('、') })
                : say('nothingGivenUp')}
          </p>
          <Button onClick={props.onClose}>{say('cancel')}</Button>
          <Button
            type="primary"
            loading={props.busy}
            disabled={undecided > 0}
            aria-describedby="conflict-outcome"
            onClick={() => props.onResolve(mine)}
          >
            {say('confirm')}
          </Button>
        </div>
      }
    >
      <p>{item.sentence}</p>
      <p className="quiet">{say('conflictWhy')}</p>
      <div className="conflict-keys">
        <Button size="small" onClick={() => all('mine')}>
          {say('allMine')}
        </Button>
        <Button size="small" onClick={() => all('theirs')}>
          {say('allTheirs')}
        </Button>
      </div>
      {conflict.clashes.map(clash => (
        <fieldset key={clash.field} className="clash">
          <legend>{nameOf(clash.field)}</legend>
          <p className="quiet long-text">
            {say('was')}：{valueOf(clash.field, clash.from)}
          </p>
          <Radio.Group
            className="clash-sides"
            aria-label={nameOf(clash.field)}
            value={choices[clash.field] ?? null}
            onChange={event =>
              setChoices({ ...choices, [clash.field]: event.target.value === 'mine' ? 'mine' : 'theirs' })
            }
          >
            <Radio value="mine" className="clash-side">
              <b>{say('mine')}</b>
              <span className="quiet">
                {say('byAt', { who: item.operatorName ?? '', at: fullTime(item.issuedAt) })}
              </span>
              <Changed from={valueOf(clash.field, clash.from)} to={valueOf(clash.field, clash.mine)} />
            </Radio>
            <Radio value="theirs" className="clash-side">
              <b>{say('theirs')}</b>
              <span className="quiet">
                {conflict.by === null
                  ? say('unknownBy')
                  : say('byAt', { who: conflict.by.operatorName, at: fullTime(conflict.by.at) })}
              </span>
              <Changed from={valueOf(clash.field, clash.from)} to={valueOf(clash.field, clash.theirs)} />
            </Radio>
          </Radio.Group>
        </fieldset>
      ))}
      <p className="panel-problem" role="alert">
        {props.problem}
      </p>
    </Modal>
  )
}

function Changed({ from, to }: { from: string; to: string }) {
  const { before, changed, after } = changedPart(from, to)
  return (
    <span className="long-text">
      {before}
      <mark>{changed}</mark>
      {after}
    </span>
  )
}
