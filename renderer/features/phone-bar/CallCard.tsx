/** One call: who it is, how it stands, and what can be done with it. */
import { Popover } from 'antd'
import { type ComponentProps, memo, useEffect, useState } from 'react'
import { answerWithinSeconds } from '../../../shared/domain/call.ts'
import { useSettings } from '../../bridge/bridge-context.tsx'
import type { PhoneCall } from '../../phone/phone.ts'
import { usePhone, usePhonePart } from '../../phone/phone-context.tsx'
import { Key } from '../../ui/Key.tsx'
import { duration } from '../../ui/time.ts'
import { useNow } from '../../ui/use-now.ts'
import { CallButton } from './CallButton.tsx'
import { AnswerKey, DeclineKey, HangUpKey, HoldKey, MuteKey, otherNumber, useParty } from './call-keys.tsx'
import { usePhoneText } from './phone-text.ts'
import { QualityLine } from './QualityLine.tsx'
import { TransferBox, type TransferMode } from './TransferBox.tsx'

const keypad = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#']

export type CallCardProps = {
  call: PhoneCall
  /** The call to a third party that this one waits for, if any. */
  consult: PhoneCall | undefined
  /** Whether another call could be joined with this one. */
  canJoin: boolean
  keys: boolean
  /** F4 is about this call: never about one that rings while another is spoken on. */
  endsByKey: boolean
  box: TransferMode | null
  onBox(box: { callId: string; mode: TransferMode } | null): void
  onAnswer(callId: string): void
  /** Out of the three-way call, in which the other two go on. */
  onLeave(): void
  attempt(action: () => Promise<unknown>): void
}

export const CallCard = memo(Card)

function Card(props: CallCardProps) {
  const { call, attempt } = props
  const phone = usePhone()
  const { callId } = call
  const ringing = call.direction === 'inbound' && call.state === 'ringing'
  const talked = call.state === 'talking' || call.state === 'held'
  const late = useLate(call)
  return (
    <div className={`call-card ${call.state} ${late ? 'late' : ''}`}>
      <Who number={otherNumber(call)} name={call.facts.displayName} />
      <State call={call} />
      <Facts facts={call.facts} />
      {talked && call.answeredAt !== null ? (
        <QualityLine quality={call.quality} recovering={call.recovering} />
      ) : null}
      {ringing ? <RingingKeys {...props} /> : <CallKeys {...props} talked={talked} />}
      {props.box === null ? null : (
        <TransferBox
          mode={props.box}
          wanted={[call.facts.skill, call.facts.dialect].filter(name => name !== null)}
          onCancel={() => props.onBox(null)}
          onStart={number => {
            props.onBox(null)
            attempt(() =>
              props.box === 'consult' ? phone.consult(callId, number) : phone.transfer(callId, number),
            )
          }}
        />
      )}
      {call.problem === null ? null : (
        <p className="panel-problem" role="alert">
          {call.problem}
        </p>
      )}
    </div>
  )
}

/** It has rung for longer than it should. */
function useLate(call: PhoneCall): boolean {
  const ringing = call.direction === 'inbound' && call.state === 'ringing'
  const lateAt = call.startedAt + (answerWithinSeconds + 1) * 1_000
  const [late, setLate] = useState(false)
  useEffect(() => {
    if (!ringing) return setLate(false)
    const timer = setTimeout(() => setLate(true), lateAt - Date.now())
    return () => clearTimeout(timer)
  }, [ringing, lateAt])
  return ringing && late
}

const Who = memo(function Caller(props: { number: string | null; name: string | null }) {
  return (
    <>
      <p className="call-number">{useParty(props.number)}</p>
      {props.name === null ? null : <p className="call-name">{props.name}</p>}
    </>
  )
})

function State({ call }: { call: PhoneCall }) {
  const say = usePhoneText()
  const now = useNow(true)
  const talked = call.state === 'talking' || call.state === 'held'
  const seconds = Math.max(0, Math.floor((now - call.startedAt) / 1000))
  const late = seconds > answerWithinSeconds
  const words = () => {
    if (call.transfer !== null) return say(`transfer.${call.transfer.state}`, { to: call.transfer.to })
    if (call.holdPending) return say('holding')
    if (call.inConference) return say('inConference')
    if (call.state === 'ended' || call.state === 'ringing') return null
    return say(call.state)
  }
  return (
    <p className="call-state">
      {call.direction === 'inbound' && call.state === 'ringing' ? (
        <>
          {say('ringing', { seconds })}
          <span className={late ? 'late-note' : 'quiet'}>
            {late
              ? say('ringingLate', { limit: answerWithinSeconds })
              : say('ringWithin', { limit: answerWithinSeconds })}
          </span>
        </>
      ) : (
        words()
      )}
      {call.consultOf === null || call.inConference ? null : (
        <span className="tag strong">{say('consulting')}</span>
      )}
      {talked ? <span className="call-time">{duration(now - (call.answeredAt ?? now))}</span> : null}
      {call.muted ? <span className="muted-note">{say('muted')}</span> : null}
    </p>
  )
}

const Facts = memo(function Marks({ facts }: Pick<PhoneCall, 'facts'>) {
  const say = usePhoneText()
  return (
    <dl className="call-facts">
      {(['queue', 'skill', 'dialect'] as const).map(name =>
        facts[name] === null ? null : (
          <div key={name}>
            <dt>{say(name)}</dt>
            <dd>{facts[name]}</dd>
          </div>
        ),
      )}
    </dl>
  )
})

function RingingKeys({ call, keys, endsByKey, onAnswer, attempt }: CallCardProps) {
  return (
    <div className="call-keys">
      <AnswerKey call={call} byKey={keys} onAnswer={onAnswer} />
      <DeclineKey call={call} byKey={endsByKey} attempt={attempt} />
    </div>
  )
}

function CallKeys(props: CallCardProps & { talked: boolean }) {
  const say = usePhoneText()
  const phone = usePhone()
  const { call, attempt, talked, consult } = props
  const { callId } = call
  const hint = (key: string) => (props.keys ? <Key>{key}</Key> : null)
  const free = talked && call.transfer === null
  const held = call.state === 'held'
  return (
    <div className="call-keys">
      <HangUpKey call={call} byKey={props.keys} attempt={attempt} />
      <MuteKey call={call} byKey={props.keys} />
      <HoldKey call={call} byKey={props.keys} disabled={!free || call.holdPending} attempt={attempt} />
      <Keypad callId={callId} attempt={attempt} />
      {call.inConference ? (
        call.consultOf === null ? (
          <CallButton aria-keyshortcuts="F4" onClick={props.onLeave}>
            {say('leave')}
            <Key>F4</Key>
          </CallButton>
        ) : null
      ) : consult === undefined ? (
        call.consultOf === null ? (
          <>
            <CallButton
              disabled={!free}
              aria-keyshortcuts="F6"
              onClick={() => props.onBox({ callId, mode: 'transfer' })}
            >
              {say('transfer')}
              {hint('F6')}
            </CallButton>
            <CallButton
              disabled={!free}
              aria-keyshortcuts="Shift+F6"
              onClick={() => props.onBox({ callId, mode: 'consult' })}
            >
              {say('consult')}
              {hint('⇧F6')}
            </CallButton>
          </>
        ) : null
      ) : (
        <>
          <CallButton
            tone="primary"
            disabled={!free || !(consult.state === 'talking' || consult.state === 'held')}
            aria-keyshortcuts="F6"
            onClick={() => attempt(() => phone.completeTransfer(callId))}
          >
            {say('complete')}
            <Key>F6</Key>
          </CallButton>
          <CallButton
            disabled={!free}
            aria-keyshortcuts="Shift+F6"
            onClick={() => attempt(() => phone.takeBack(callId))}
          >
            {say('takeBack')}
            <Key>⇧F6</Key>
          </CallButton>
        </>
      )}
      {props.canJoin && held && !call.inConference ? (
        <CallButton
          disabled={!free}
          aria-keyshortcuts="F10"
          onClick={() => attempt(() => phone.startConference())}
        >
          {say('conference')}
          <Key>F10</Key>
        </CallButton>
      ) : null}
      <RecordingPause call={call} attempt={attempt} />
    </div>
  )
}

/** What it opens is costly to draw, so it is made when it is first asked for; its button follows the call by itself. */
const Keypad = memo(function Keys({ callId, attempt }: { callId: string } & Pick<CallCardProps, 'attempt'>) {
  const say = usePhoneText()
  const phone = usePhone()
  const [isAsked, setIsAsked] = useState(false)
  if (!isAsked) return <KeypadButton callId={callId} onClick={() => setIsAsked(true)} />
  return (
    <Popover
      trigger="click"
      defaultOpen
      content={
        <div className="keypad">
          {keypad.map(key => (
            <CallButton
              key={key}
              aria-label={say('key', { key })}
              onClick={() => attempt(() => phone.sendDtmf(callId, key))}
            >
              {key}
            </CallButton>
          ))}
        </div>
      }
    >
      <KeypadButton callId={callId} autoFocus />
    </Popover>
  )
})

function KeypadButton({ callId, ...rest }: { callId: string } & ComponentProps<typeof CallButton>) {
  const say = usePhoneText()
  const isTalking = usePhonePart(
    ({ calls }) => calls.find(call => call.callId === callId)?.state === 'talking',
  )
  return (
    <CallButton {...rest} disabled={!isTalking}>
      {say('keypad')}
    </CallButton>
  )
}

/** 暂停录音: while the citizen says what must not be recorded. Only where the exchange is known to take it. */
function RecordingPause({ call, attempt }: Pick<CallCardProps, 'call' | 'attempt'>) {
  const say = usePhoneText()
  const phone = usePhone()
  const way = useSettings().data?.settings.recordingPause
  const [paused, setPaused] = useState(false)
  if (way === undefined || way.pause === '') return null
  return (
    <>
      <CallButton
        disabled={call.state !== 'talking'}
        aria-pressed={paused}
        onClick={() =>
          attempt(async () => {
            await phone.sendInfo(call.callId, way.contentType, paused ? way.resume : way.pause)
            setPaused(!paused)
          })
        }
      >
        {paused ? say('resumeRecording') : say('pauseRecording')}
      </CallButton>
      {paused ? (
        <span className="recording-paused" role="status">
          {say('recordingPaused')}
        </span>
      ) : null}
    </>
  )
}
