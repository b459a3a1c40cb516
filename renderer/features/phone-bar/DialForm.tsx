/** The dial box (拨号), and whose number the citizen sees. */
import { Button, Input, Select } from 'antd'
import { memo, type RefObject, useState } from 'react'
import { useBridge, useSettings } from '../../bridge/bridge-context.tsx'
import { usePhone, usePhonePart } from '../../phone/phone-context.tsx'
import { Key } from '../../ui/Key.tsx'
import { usePhoneText } from './phone-text.ts'

/** Not drawn anew with each change of a call: one that comes in is to be seen at once. */
export const DialForm = memo(Form)

function Form(props: {
  box: RefObject<HTMLDivElement | null>
  attempt(action: () => Promise<unknown>): void
}) {
  const say = usePhoneText()
  const phone = usePhone()
  const registered = usePhonePart(({ line }) => line.state === 'registered')
  const [number, setNumber] = useState('')
  return (
    <form
      className="dial"
      onSubmit={event => {
        event.preventDefault()
        props.attempt(async () => {
          await phone.dial(number)
          setNumber('')
        })
      }}
    >
      <div ref={props.box} className="dial-box">
        <Input
          aria-label={say('number')}
          placeholder={say('number')}
          value={number}
          inputMode="tel"
          autoComplete="off"
          maxLength={40}
          onChange={event => setNumber(event.target.value)}
          suffix={<Key>F9</Key>}
        />
      </div>
      <Button htmlType="submit" disabled={!registered || number.trim() === ''}>
        {say('dial')}
      </Button>
      <CallerId />
    </form>
  )
}

/** 外显号码: which of the city's numbers the citizen sees. Only where there is a choice. */
function CallerId() {
  const say = usePhoneText()
  const bridge = useBridge()
  const view = useSettings().data
  if (view === undefined || view.settings.callerIds.length === 0) return null
  return (
    <Select
      className="caller-id"
      size="small"
      aria-label={say('callerId')}
      value={view.settings.callerId}
      disabled={view.fixed.includes('callerId')}
      options={[
        { value: '', label: say('callerIdDefault') },
        ...view.settings.callerIds.map(value => ({ value, label: value })),
      ]}
      onChange={callerId => void bridge.seat.settings.save({ settings: { callerId } })}
    />
  )
}
