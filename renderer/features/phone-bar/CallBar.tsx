/** The calls on every page but the workbench (通话栏): who it is, for how long, and the keys that cannot wait. */
import type { PhoneCall } from '../../phone/phone.ts'
import { useCallsNow, usePhone } from '../../phone/phone-context.tsx'
import { Key } from '../../ui/Key.tsx'
import { duration } from '../../ui/time.ts'
import { useNow } from '../../ui/use-now.ts'
import { CallButton } from './CallButton.tsx'
import { HangUpParty, useParty } from './CallCard.tsx'
import { usePhoneText } from './phone-text.ts'
import { standing } from './standing.ts'

type Props = {
  onAnswer(callId: string): void
  onLeave(): void
  onOpen(): void
  attempt(action: () => Promise<unknown>): void
}

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
      <CallButton className="call-button plain" onClick={props.onOpen}>
        {say('toWorkbench')}
        <Key>Alt+1</Key>
      </CallButton>
    </section>
  )
}

function Announced({ call }: { call: PhoneCall }) {
  const say = usePhoneText()
  const party = useParty(call)
  return call.direction === 'inbound' && call.state === 'ringing' ? say('announced', { party }) : null
}

function BarCall(props: Props & { call: PhoneCall; answers: boolean; ends: boolean }) {
  const say = usePhoneText()
  const phone = usePhone()
  const now = useNow(true)
  const { call, attempt, answers, ends } = props
  const { callId, state, muted } = call
  const rings = call.direction === 'inbound' && state === 'ringing'
  const talked = state === 'talking' || state === 'held'
  const began = talked ? (call.answeredAt ?? call.startedAt) : call.startedAt
  return (
    <div className={`call-bar-call ${state}`}>
      <strong className="call-number">{useParty(call)}</strong>
      <span>{rings ? say('rings') : state === 'ended' || state === 'ringing' ? null : say(state)}</span>
      <span className="call-time">{duration(Math.max(0, now - began))}</span>
      {muted ? <span className="muted-note">{say('muted')}</span> : null}
      {rings ? (
        <>
          <CallButton
            tone="answer"
            disabled={call.busy}
            onClick={() => props.onAnswer(callId)}
            aria-keyshortcuts="F2"
          >
            {say('answer')}
            {answers ? <Key>F2</Key> : null}
          </CallButton>
          <CallButton tone="danger" disabled={call.busy} onClick={() => attempt(() => phone.decline(callId))}>
            {say('decline')}
          </CallButton>
        </>
      ) : (
        <>
          <CallButton disabled={!talked} onClick={() => phone.mute(callId, !muted)} aria-keyshortcuts="F7">
            {say(muted ? 'unmute' : 'mute')}
            {ends ? <Key>F7</Key> : null}
          </CallButton>
          <CallButton
            disabled={!talked || call.transfer !== null || call.holdPending || call.inConference}
            onClick={() => attempt(() => (state === 'held' ? phone.resume(callId) : phone.hold(callId)))}
            aria-keyshortcuts="F8"
          >
            {say(state === 'held' ? 'resume' : 'hold')}
            {ends ? <Key>F8</Key> : null}
          </CallButton>
          {call.inConference ? (
            <HangUpParty call={call} attempt={attempt} />
          ) : (
            <CallButton
              tone="end"
              disabled={call.busy}
              onClick={() => attempt(() => phone.hangUp(callId))}
              aria-keyshortcuts="F4"
            >
              {say('hangUp')}
              {ends ? <Key>F4</Key> : null}
            </CallButton>
          )}
        </>
      )}
    </div>
  )
}
