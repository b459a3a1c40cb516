/** The calls on every page but the workbench (通话栏): who it is, for how long, and the keys that cannot wait. */
import type { PhoneCall } from '../../phone/phone.ts'
import { useCallsNow } from '../../phone/phone-context.tsx'
import { Key } from '../../ui/Key.tsx'
import { duration } from '../../ui/time.ts'
import { useNow } from '../../ui/use-now.ts'
import { CallButton } from './CallButton.tsx'
import { AnswerKey, DeclineKey, HangUpKey, HoldKey, MuteKey, otherNumber, useParty } from './call-keys.tsx'
import { usePhoneText } from './phone-text.ts'
import { standing } from './standing.ts'

type Props = {
  onAnswer(callId: string): void
  onLeave(): void
  onOpen(): void
  attempt(action: () => Promise<unknown>): void
}

/** Empty and out of sight without a call. */
export function CallBar(props: Props) {
  const say = usePhoneText()
  const calls = useCallsNow()
  const { ringing, current, joined } = standing(calls)
  const newest = calls.at(-1)
  return (
    <section className="call-bar" aria-label={say('bar')} hidden={calls.length === 0}>
      {/* Said once for each call: its time and its keys are not news. */}
      <p className="only-read" role="status">
        {newest === undefined ? '' : <Announced call={newest} />}
      </p>
      {calls.map(call => (
        <BarCall
          key={call.callId}
          call={call}
          answers={call === ringing}
          ends={call === current && !joined}
          {...props}
        />
      ))}
      {joined ? (
        <CallButton aria-keyshortcuts="F4" onClick={props.onLeave}>
          {say('leave')}
          <Key>F4</Key>
        </CallButton>
      ) : null}
      <CallButton tone="plain" onClick={props.onOpen}>
        {say('toWorkbench')}
        <Key>Alt+1</Key>
      </CallButton>
    </section>
  )
}

function Announced({ call }: { call: PhoneCall }) {
  const say = usePhoneText()
  const party = useParty(otherNumber(call))
  return call.direction === 'inbound' && call.state === 'ringing' ? say('announced', { party }) : null
}

function BarCall(props: Props & { call: PhoneCall; answers: boolean; ends: boolean }) {
  const say = usePhoneText()
  const now = useNow(true)
  const { call, attempt, answers, ends } = props
  const { state } = call
  const rings = call.direction === 'inbound' && state === 'ringing'
  const talked = state === 'talking' || state === 'held'
  const began = talked ? (call.answeredAt ?? call.startedAt) : call.startedAt
  return (
    <div className={`call-bar-call ${state}`}>
      <strong className="call-number">{useParty(otherNumber(call))}</strong>
      <span>{rings ? say('rings') : state === 'ended' || state === 'ringing' ? null : say(state)}</span>
      <span className="call-time">{duration(Math.max(0, now - began))}</span>
      {call.muted ? <span className="muted-note">{say('muted')}</span> : null}
      {rings ? (
        <>
          <AnswerKey call={call} byKey={answers} onAnswer={props.onAnswer} />
          <DeclineKey call={call} byKey={ends} attempt={attempt} />
        </>
      ) : (
        <>
          <MuteKey call={call} byKey={ends} />
          <HoldKey
            call={call}
            byKey={ends}
            disabled={!talked || call.transfer !== null || call.holdPending || call.inConference}
            attempt={attempt}
          />
          <HangUpKey call={call} byKey={ends} attempt={attempt} />
        </>
      )}
    </div>
  )
}
