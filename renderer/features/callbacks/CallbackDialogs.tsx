/** What is asked before something is done: when else (改约), why, or whom (指派). */

import { useQuery } from '@tanstack/react-query'
import { Button, Input, type InputRef, Modal, Select } from 'antd'
import { type ReactNode, useRef, useState } from 'react'
import { useBridge } from '../../bridge/bridge-context.tsx'
import { OverLimit } from '../../ui/OverLimit.tsx'
import { sentenceOf } from '../../ui/text.ts'
import { useCallbackText } from './callbacks-text.ts'

/** Stays open with what was typed until it is done. */
function Asking(props: {
  title: string
  ready: boolean
  onConfirm(): Promise<void>
  onClose(): void
  onOpened?(): void
  children: ReactNode
}) {
  const say = useCallbackText()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const confirm = async () => {
    if (!props.ready || busy) return
    setBusy(true)
    setProblem(null)
    try {
      await props.onConfirm()
      props.onClose()
    } catch (error) {
      setProblem(sentenceOf(error))
      setBusy(false)
    }
  }
  return (
    <Modal
      open
      title={props.title}
      onCancel={props.onClose}
      afterOpenChange={open => open && props.onOpened?.()}
      footer={null}
    >
      <form
        className="small-form"
        onSubmit={event => {
          event.preventDefault()
          void confirm()
        }}
      >
        {props.children}
        <p className="panel-problem" role="alert">
          {problem}
        </p>
        <div className="gate-keys">
          <Button type="primary" htmlType="submit" loading={busy} disabled={!props.ready}>
            {say('confirm')}
          </Button>
          <Button onClick={props.onClose}>{say('cancel')}</Button>
        </div>
      </form>
    </Modal>
  )
}

/** `2026-11-25T17:30` of China's clock, as the input wants it. */
const chinaMs = 8 * 3_600_000
export const toInput = (ms: number): string => new Date(ms + chinaMs).toISOString().slice(0, 16)
export const fromInput = (text: string): number => Date.parse(`${text}:00.000+08:00`)

const soon = ['30', '60', '120'] as const
const tomorrowAtNine = (now: number): number => {
  const day = new Date(now + chinaMs + 24 * 3_600_000).toISOString().slice(0, 10)
  return fromInput(`${day}T09:00`)
}

export function RescheduleDialog(props: {
  furthestDays: number
  onConfirm(at: string, note: string): Promise<void>
  onClose(): void
}) {
  const say = useCallbackText()
  const [when, setWhen] = useState(() => toInput(Date.now() + 3_600_000))
  const [note, setNote] = useState('')
  const box = useRef<InputRef>(null)
  const at = fromInput(when)
  const now = Date.now()
  const fits = at > now && at <= now + props.furthestDays * 24 * 3_600_000
  return (
    <Asking
      title={say('reschedule')}
      ready={fits}
      onConfirm={() => props.onConfirm(new Date(at).toISOString(), note.trim())}
      onClose={props.onClose}
      onOpened={() => box.current?.focus()}
    >
      <div className="callback-keys">
        {soon.map(minutes => (
          <Button
            key={minutes}
            size="small"
            onClick={() => setWhen(toInput(Date.now() + Number(minutes) * 60_000))}
          >
            {say(`in.${minutes}`)}
          </Button>
        ))}
        <Button size="small" onClick={() => setWhen(toInput(tomorrowAtNine(Date.now())))}>
          {say('in.tomorrow')}
        </Button>
      </div>
      <label htmlFor="callback-when">{say('when')}</label>
      <Input
        id="callback-when"
        ref={box}
        type="datetime-local"
        value={when}
        onChange={event => setWhen(event.target.value)}
      />
      <label htmlFor="callback-wish">{say('wish')}</label>
      <Input id="callback-wish" value={note} onChange={event => setNote(event.target.value)} />
      <OverLimit text={note} max={500} />
      {fits ? null : <p role="alert">{say('badTime', { days: props.furthestDays })}</p>}
    </Asking>
  )
}

export function ReasonDialog(props: {
  title: string
  label: string
  onConfirm(reason: string): Promise<void>
  onClose(): void
}) {
  const [reason, setReason] = useState('')
  const box = useRef<InputRef>(null)
  return (
    <Asking
      title={props.title}
      ready={reason.trim() !== ''}
      onConfirm={() => props.onConfirm(reason.trim())}
      onClose={props.onClose}
      onOpened={() => box.current?.focus()}
    >
      <label htmlFor="callback-reason">{props.label}</label>
      <Input
        id="callback-reason"
        ref={box}
        value={reason}
        onChange={event => setReason(event.target.value)}
      />
      <OverLimit text={reason} max={500} />
    </Asking>
  )
}

export function AssignDialog(props: { onConfirm(operatorId: string): Promise<void>; onClose(): void }) {
  const say = useCallbackText()
  const { seat } = useBridge()
  const people = useQuery({ queryKey: ['operators'], queryFn: () => seat.identity.list({}) }).data
  const [chosen, setChosen] = useState<string | null>(null)
  return (
    <Asking
      title={say('assign')}
      ready={chosen !== null}
      onConfirm={() => props.onConfirm(chosen ?? '')}
      onClose={props.onClose}
    >
      <label htmlFor="callback-assign">{say('assignTo')}</label>
      <Select
        id="callback-assign"
        autoFocus
        showSearch={{ optionFilterProp: 'label' }}
        value={chosen}
        options={(people ?? []).map(({ operatorId, name, workNumber }) => ({
          value: operatorId,
          label: `${name} ${workNumber}`,
        }))}
        onChange={value => setChosen(value)}
      />
    </Asking>
  )
}
