/** One call: who it is, how it stands, and what can be done with it. */
import { Button, Popover } from 'antd'
import { useState } from 'react'
import { answerWithinSeconds } from '../../../shared/domain/call.ts'
import { normalizeNumber } from '../../../shared/domain/phone-number.ts'
import { useSettings } from '../../bridge/bridge-context.tsx'
import type { PhoneCall } from '../../phone/phone.ts'
import { usePhone } from '../../phone/phone-context.tsx'
import { useCaseWords } from '../../ui/case-words.ts'
import { Key } from '../../ui/Key.tsx'
import { duration } from '../../ui/time.ts'
import { useNow } from '../../ui/use-now.ts'
import { usePhoneText } from './phone-text.ts'
import { QualityLine } from './QualityLine.tsx'
import { TransferBox, type TransferMode } from './TransferBox.tsx'

const keypad = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#']

const other = (call: PhoneCall): string | null =>
  call.direction === 'inbound' ? call.facts.callerNumber : call.facts.calledNumber

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
  onBox(mode: TransferMode | null): void
  onAnswer(): void
  attempt(action: () => Promise<unknown>): void
}

export function CallCard(props: CallCardProps) {
  const { call, attempt } = props
  const phone = usePhone()
  const { callId } = call
  const ringing = call.direction === 'inbound' && call.state === 'ringing'
  const talked = call.state === 'talking' || call.state === 'held'
  const now = useNow(true)
  const late = ringing && now - call.startedAt > (answerWithinSeconds + 1) * 1_000
  return (
    <div className={`call-card ${call.state} ${late ? 'late' : ''}`}>
      <Who call={call} />
      <State call={call} now={now} />
      <Facts call={call} />
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

function Who({ call }: { call: PhoneCall }) {
  const words = useCaseWords()
  const number = normalizeNumber(other(call), { areaCode: '' })
  return (
    <>
      <p className="call-number">{number.kind === 'withheld' ? words('withheld') : number.display}</p>
      {call.facts.displayName === null ? null : <p className="call-name">{call.facts.displayName}</p>}
    </>
  )
}

function State({ call, now }: { call: PhoneCall; now: number }) {
  const say = usePhoneText()
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

function Facts({ call: { facts } }: { call: PhoneCall }) {
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
}

function RingingKeys({ call, keys, endsByKey, onAnswer, attempt }: CallCardProps) {
  const say = usePhoneText()
  const phone = usePhone()
  return (
    <div className="call-keys">
      <Button
        type="primary"
        className="answer"
        disabled={call.busy}
        onClick={onAnswer}
        aria-keyshortcuts="F2"
      >
        {say('answer')}
        {keys ? <Key>F2</Key> : null}
      </Button>
      <Button
        danger
        disabled={call.busy}
        onClick={() => attempt(() => phone.decline(call.callId))}
        {...(endsByKey ? { 'aria-keyshortcuts': 'F4' } : {})}
      >
        {say('decline')}
        {endsByKey ? <Key>F4</Key> : null}
      </Button>
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
      <Button
        danger
        type="primary"
        disabled={call.busy}
        onClick={() => attempt(() => phone.hangUp(callId))}
        aria-keyshortcuts="F4"
      >
        {say('hangUp')}
        {hint('F4')}
      </Button>
      <Button disabled={!talked} aria-keyshortcuts="F7" onClick={() => phone.mute(callId, !call.muted)}>
        {call.muted ? say('unmute') : say('mute')}
        {hint('F7')}
      </Button>
      <Button
        disabled={!free || call.holdPending}
        aria-keyshortcuts="F8"
        onClick={() => attempt(() => (held ? phone.resume(callId) : phone.hold(callId)))}
      >
        {held ? say('resume') : say('hold')}
        {hint('F8')}
      </Button>
      <Keypad call={call} attempt={attempt} />
      {call.inConference ? (
        call.consultOf === null ? (
          <Button onClick={() => attempt(() => phone.leaveConference())}>{say('leave')}</Button>
        ) : null
      ) : consult === undefined ? (
        call.consultOf === null ? (
          <>
            <Button disabled={!free} aria-keyshortcuts="F6" onClick={() => props.onBox('transfer')}>
              {say('transfer')}
              {hint('F6')}
            </Button>
            <Button disabled={!free} aria-keyshortcuts="Shift+F6" onClick={() => props.onBox('consult')}>
              {say('consult')}
              {hint('⇧F6')}
            </Button>
          </>
        ) : null
      ) : (
        <>
          <Button
            type="primary"
            disabled={!free || !(consult.state === 'talking' || consult.state === 'held')}
            aria-keyshortcuts="F6"
            onClick={() => attempt(() => phone.completeTransfer(callId))}
          >
            {say('complete')}
            <Key>F6</Key>
          </Button>
          <Button
            disabled={!free}
            aria-keyshortcuts="Shift+F6"
            onClick={() => attempt(() => phone.takeBack(callId))}
          >
            {say('takeBack')}
            <Key>⇧F6</Key>
          </Button>
        </>
      )}
      {props.canJoin && held && !call.inConference ? (
        <Button
          disabled={!free}
          aria-keyshortcuts="F10"
          onClick={() => attempt(() => phone.startConference())}
        >
          {say('conference')}
          <Key>F10</Key>
        </Button>
      ) : null}
      <RecordingPause call={call} attempt={attempt} />
    </div>
  )
}

function Keypad({ call, attempt }: Pick<CallCardProps, 'call' | 'attempt'>) {
  const say = usePhoneText()
  const phone = usePhone()
  return (
    <Popover
      trigger="click"
      content={
        <div className="keypad">
          {keypad.map(key => (
            <Button
              key={key}
              aria-label={say('key', { key })}
              onClick={() => attempt(() => phone.sendDtmf(call.callId, key))}
            >
              {key}
            </Button>
          ))}
        </div>
      }
    >
      <Button disabled={call.state !== 'talking'}>{say('keypad')}</Button>
    </Popover>
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
      <Button
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
      </Button>
      {paused ? (
        <span className="recording-paused" role="status">
          {say('recordingPaused')}
        </span>
      ) : null}
    </>
  )
}
