/** The keys of a call that its card and the call bar share. `byKey`: the key on the keyboard is about this call, and says so. */
import { normalizeNumber } from '../../../shared/domain/phone-number.ts'
import type { PhoneCall } from '../../phone/phone.ts'
import { usePhone } from '../../phone/phone-context.tsx'
import { useCaseWords } from '../../ui/case-words.ts'
import { Key } from '../../ui/Key.tsx'
import { CallButton } from './CallButton.tsx'
import { usePhoneText } from './phone-text.ts'

type KeyProps = { call: PhoneCall; byKey: boolean; attempt(action: () => Promise<unknown>): void }

/** The far side's number as the exchange gives it; null: withheld. */
export const otherNumber = ({ direction, facts }: PhoneCall): string | null =>
  direction === 'inbound' ? facts.callerNumber : facts.calledNumber

/** Who it is, where there is room for one word. */
export function useParty(number: string | null): string {
  const words = useCaseWords()
  const { kind, display } = normalizeNumber(number, { areaCode: '' })
  return kind === 'withheld' ? words('withheld') : display
}

export function AnswerKey({
  call,
  byKey,
  onAnswer,
}: Omit<KeyProps, 'attempt'> & { onAnswer(callId: string): void }) {
  const say = usePhoneText()
  return (
    <CallButton
      tone="answer"
      disabled={call.busy}
      onClick={() => onAnswer(call.callId)}
      aria-keyshortcuts="F2"
    >
      {say('answer')}
      {byKey ? <Key>F2</Key> : null}
    </CallButton>
  )
}

export function DeclineKey({ call, byKey, attempt }: KeyProps) {
  const say = usePhoneText()
  const phone = usePhone()
  return (
    <CallButton
      tone="danger"
      disabled={call.busy}
      onClick={() => attempt(() => phone.decline(call.callId))}
      {...(byKey ? { 'aria-keyshortcuts': 'F4' } : {})}
    >
      {say('decline')}
      {byKey ? <Key>F4</Key> : null}
    </CallButton>
  )
}

/** In a three-way call nobody is dropped unnamed, and F4 drops nobody. */
export function HangUpKey({ call, byKey, attempt }: KeyProps) {
  const say = usePhoneText()
  const phone = usePhone()
  if (call.inConference) return <HangUpParty call={call} attempt={attempt} />
  return (
    <CallButton
      tone="end"
      disabled={call.busy}
      onClick={() => attempt(() => phone.hangUp(call.callId))}
      aria-keyshortcuts="F4"
    >
      {say('hangUp')}
      {byKey ? <Key>F4</Key> : null}
    </CallButton>
  )
}

export function HangUpParty({ call, attempt }: Omit<KeyProps, 'byKey'>) {
  const say = usePhoneText()
  const phone = usePhone()
  const party = useParty(otherNumber(call))
  return (
    <CallButton tone="danger" disabled={call.busy} onClick={() => attempt(() => phone.hangUp(call.callId))}>
      {say('hangUpParty', { party })}
    </CallButton>
  )
}

export function MuteKey({ call, byKey }: Omit<KeyProps, 'attempt'>) {
  const say = usePhoneText()
  const phone = usePhone()
  const { callId, muted, state } = call
  return (
    <CallButton
      disabled={state !== 'talking' && state !== 'held'}
      aria-keyshortcuts="F7"
      onClick={() => phone.mute(callId, !muted)}
    >
      {say(muted ? 'unmute' : 'mute')}
      {byKey ? <Key>F7</Key> : null}
    </CallButton>
  )
}

export function HoldKey({ call, byKey, disabled, attempt }: KeyProps & { disabled: boolean }) {
  const say = usePhoneText()
  const phone = usePhone()
  const held = call.state === 'held'
  return (
    <CallButton
      disabled={disabled}
      aria-keyshortcuts="F8"
      onClick={() => attempt(() => (held ? phone.resume(call.callId) : phone.hold(call.callId)))}
    >
      {say(held ? 'resume' : 'hold')}
      {byKey ? <Key>F8</Key> : null}
    </CallButton>
  )
}
