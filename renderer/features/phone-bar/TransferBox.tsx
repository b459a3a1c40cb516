/** Where to: a typed number or an entry of the transfer directory (转接目录), found by name or number. */
import { AutoComplete, Button } from 'antd'
import { useState } from 'react'
import { dialString } from '../../../shared/domain/phone-number.ts'
import { findLines, lookUp, mayTransfer } from '../../../shared/domain/transfer-directory.ts'
import { useDispositions } from '../../bridge/dispositions.ts'
import { outsideComposition } from '../../ui/keys.ts'
import { defineText } from '../../ui/text.ts'
import { Specialists } from './Specialists.tsx'

const useText = defineText('transfer', {
  to: ['转接到', 'Transfer to'],
  hint: ['号码或名称', 'Number or name'],
  transfer: ['开始转接', 'Transfer now'],
  consult: ['开始咨询', 'Call to ask'],
  cancel: ['取消', 'Cancel'],
})

export type TransferMode = 'transfer' | 'consult'

export function TransferBox(props: {
  mode: TransferMode
  /** The skill and the dialect that the call came with. */
  wanted: readonly string[]
  onStart(number: string): void
  onCancel(): void
}) {
  const say = useText()
  const directory = useDispositions().data?.directory
  const [typed, setTyped] = useState('')
  const [refused, setRefused] = useState<string | null>(null)
  const wanted = typed.trim().toLowerCase()
  const found = directory === undefined ? [] : findLines(directory, typed)
  const start = (number: string) => {
    if (number === '') return
    // Without a directory the phone works all the same.
    const refusal = directory === undefined ? null : lookUp(directory, number, Date.now()).refusal
    setRefused(refusal?.sentence ?? null)
    if (refusal === null) props.onStart(number)
  }
  return (
    <form
      className="transfer-box"
      onSubmit={event => {
        event.preventDefault()
        start(wanted)
      }}
      onKeyDown={outsideComposition(event => {
        if (event.key === 'Escape' && typed === '') props.onCancel()
      })}
    >
      <AutoComplete
        autoFocus
        aria-label={say('to')}
        placeholder={say('hint')}
        value={typed}
        defaultActiveFirstOption={!/^[+\d*#]+$/.test(wanted) && found.length > 0}
        onChange={value => {
          setTyped(value)
          setRefused(null)
        }}
        onSelect={value => start(value)}
        options={found.slice(0, 8).map(entry => ({
          value: entry.number,
          label: (
            <span className="directory-entry">
              <b>{entry.name}</b>
              <span className="quiet">
                {entry.number} {mayTransfer(entry, Date.now())?.sentence ?? entry.note}
              </span>
            </span>
          ),
        }))}
      />
      <p className="panel-problem" role="alert">
        {refused}
      </p>
      <Specialists wanted={props.wanted} onChoose={start} />
      <div className="call-keys">
        <Button type="primary" htmlType="submit" disabled={dialString(wanted) === null}>
          {say(props.mode)}
        </Button>
        <Button onClick={props.onCancel}>{say('cancel')}</Button>
      </div>
    </form>
  )
}
