/** The phone: who rings or speaks, its keys, the dial box, and the latest calls. */

import { useQuery } from '@tanstack/react-query'
import { Button, Input, Popover } from 'antd'
import { useRef, useState } from 'react'
import { answerWithinSeconds, type CallRecord } from '../../../shared/domain/call.ts'
import { maskNumber, normalizeNumber } from '../../../shared/domain/phone-number.ts'
import { queryKeys, useBridge, useSeatStatus } from '../../bridge/bridge-context.tsx'
import type { PhoneCall } from '../../phone/phone.ts'
import { usePhone, usePhoneSnapshot } from '../../phone/phone-context.tsx'
import { useCaseWords } from '../../ui/case-words.ts'
import { Key } from '../../ui/Key.tsx'
import { useKeys } from '../../ui/keys.ts'
import { Region } from '../../ui/Region.tsx'
import { defineText, sentenceOf } from '../../ui/text.ts'
import { duration, shortTime } from '../../ui/time.ts'
import { useNow } from '../../ui/use-now.ts'

const useText = defineText('phone-bar', {
  region: ['电话', 'Phone'],
  answer: ['接听', 'Answer'],
  decline: ['拒接', 'Decline'],
  hangUp: ['挂断', 'Hang up'],
  mute: ['静音', 'Mute'],
  unmute: ['取消静音', 'Unmute'],
  hold: ['保持', 'Hold'],
  resume: ['恢复', 'Resume'],
  dial: ['拨号', 'Dial'],
  keypad: ['按键', 'Keypad'],
  number: ['电话号码', 'Number'],
  ringing: ['来电振铃 {{seconds}} 秒', 'Ringing {{seconds}} s'],
  ringingLate: ['已超过 {{limit}} 秒', 'over {{limit}} s'],
  ringWithin: ['{{limit}} 秒内接听', 'answer within {{limit}} s'],
  dialling: ['正在呼叫', 'Calling'],
  alerting: ['对方振铃中', 'Ringing there'],
  talking: ['通话中', 'Talking'],
  held: ['已保持，对方听不到您', 'On hold, they cannot hear you'],
  holding: ['正在切换保持', 'Changing hold'],
  muted: ['已静音', 'Muted'],
  idle: ['空闲', 'Idle'],
  idleHint: ['等待来电', 'Waiting for a call'],
  notReady: ['电话未就绪', 'The phone is not ready'],
  recent: ['最近通话', 'Recent calls'],
  noRecent: ['还没有通话记录', 'No calls yet'],
  callBack: ['回拨 {{number}}', 'Call back {{number}}'],
  ringtone: ['启用铃声', 'Enable ringtone'],
  ringtoneHint: ['浏览器要求点一下才能响铃', 'the browser wants one click before it rings'],
  skill: ['技能组', 'Skill'],
  queue: ['队列', 'Queue'],
  dialect: ['方言', 'Dialect'],
  key: ['按键 {{key}}', 'Key {{key}}'],
})

const keypad = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#']

const other = (call: PhoneCall): string | null =>
  call.direction === 'inbound' ? call.facts.callerNumber : call.facts.calledNumber

export function PhonePanel({ active, onAnswered }: { active: boolean; onAnswered(callId: string): void }) {
  const say = useText()
  const phone = usePhone()
  const { calls, line, ringtoneAllowed } = usePhoneSnapshot()
  const [problem, setProblem] = useState<string | null>(null)
  const [number, setNumber] = useState('')
  const dialBox = useRef<HTMLDivElement>(null)

  const attempt = (action: () => Promise<unknown>) => {
    setProblem(null)
    action().catch((error: unknown) => setProblem(sentenceOf(error)))
  }
  const answer = (call: PhoneCall) =>
    attempt(async () => {
      await phone.answer(call.callId)
      onAnswered(call.callId)
    })
  const dial = (to: string) =>
    attempt(async () => {
      await phone.dial(to)
      setNumber('')
    })

  const ringing = calls.find(call => call.direction === 'inbound' && call.state === 'ringing')
  const spoken = calls.find(call => call.state === 'talking') ?? calls.find(call => call !== ringing)
  const current = spoken ?? ringing
  const canHold = spoken !== undefined && (spoken.state === 'talking' || spoken.state === 'held')

  useKeys(
    active
      ? {
          F2: ringing === undefined ? undefined : () => answer(ringing),
          F4: current === undefined ? undefined : () => attempt(() => phone.hangUp(current.callId)),
          F7: canHold ? () => phone.mute(spoken.callId, !spoken.muted) : undefined,
          F8: canHold
            ? () =>
                attempt(() =>
                  spoken.state === 'held' ? phone.resume(spoken.callId) : phone.hold(spoken.callId),
                )
            : undefined,
          F9: () => dialBox.current?.querySelector('input')?.focus(),
        }
      : {},
  )

  return (
    <Region name={say('region')} className="phone">
      {ringtoneAllowed ? null : (
        <div className="notice">
          <Button size="small" type="primary" onClick={() => attempt(() => phone.allowRingtone())}>
            {say('ringtone')}
          </Button>
          <span>{say('ringtoneHint')}</span>
        </div>
      )}
      {calls.length === 0 ? (
        <div className={`call-card idle line-${line.state}`}>
          <p className="call-state">{line.state === 'registered' ? say('idle') : say('notReady')}</p>
          <p className="quiet">{line.problem ?? (line.state === 'registered' ? say('idleHint') : '')}</p>
        </div>
      ) : (
        calls.map(call => (
          <CallCard
            key={call.callId}
            call={call}
            keys={call === current || call === ringing}
            onAnswer={() => answer(call)}
            attempt={attempt}
          />
        ))
      )}
      <p className="panel-problem" role="alert">
        {problem}
      </p>
      <form
        className="dial"
        onSubmit={event => {
          event.preventDefault()
          dial(number)
        }}
      >
        <div ref={dialBox} className="dial-box">
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
        <Button htmlType="submit" disabled={line.state !== 'registered' || number.trim() === ''}>
          {say('dial')}
        </Button>
      </form>
      <RecentCalls onCall={dial} />
    </Region>
  )
}

function CallCard(props: {
  call: PhoneCall
  keys: boolean
  onAnswer(): void
  attempt(action: () => Promise<unknown>): void
}) {
  const say = useText()
  const words = useCaseWords()
  const phone = usePhone()
  const { call, attempt } = props
  const { callId, facts } = call
  const now = useNow(true)
  const number = normalizeNumber(other(call), { areaCode: '' })
  const ringing = call.direction === 'inbound' && call.state === 'ringing'
  const ringSeconds = Math.max(0, Math.floor((now - call.startedAt) / 1000))
  const late = ringSeconds > answerWithinSeconds
  const hint = (key: string) => (props.keys ? <Key>{key}</Key> : null)
  const talked = call.state === 'talking' || call.state === 'held'

  return (
    <div className={`call-card ${call.state} ${ringing && late ? 'late' : ''}`}>
      <p className="call-number">{number.kind === 'withheld' ? words('withheld') : number.display}</p>
      {facts.displayName === null ? null : <p className="call-name">{facts.displayName}</p>}
      <p className="call-state">
        {ringing ? (
          <>
            {say('ringing', { seconds: ringSeconds })}
            <span className={late ? 'late-note' : 'quiet'}>
              {late
                ? say('ringingLate', { limit: answerWithinSeconds })
                : say('ringWithin', { limit: answerWithinSeconds })}
            </span>
          </>
        ) : call.holdPending ? (
          say('holding')
        ) : call.state === 'ended' || call.state === 'ringing' ? null : (
          say(call.state)
        )}
        {talked ? <span className="call-time">{duration(now - (call.answeredAt ?? now))}</span> : null}
        {call.muted ? <span className="muted-note">{say('muted')}</span> : null}
      </p>
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
      {ringing ? (
        <div className="call-keys">
          <Button
            type="primary"
            className="answer"
            disabled={call.busy}
            onClick={props.onAnswer}
            aria-keyshortcuts="F2"
          >
            {say('answer')}
            {hint('F2')}
          </Button>
          <Button
            danger
            disabled={call.busy}
            onClick={() => attempt(() => phone.decline(callId))}
            aria-keyshortcuts="F4"
          >
            {say('decline')}
            {hint('F4')}
          </Button>
        </div>
      ) : (
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
            disabled={!talked || call.holdPending}
            aria-keyshortcuts="F8"
            onClick={() => attempt(() => (call.state === 'held' ? phone.resume(callId) : phone.hold(callId)))}
          >
            {call.state === 'held' ? say('resume') : say('hold')}
            {hint('F8')}
          </Button>
          <Popover
            trigger="click"
            content={
              <div className="keypad">
                {keypad.map(key => (
                  <Button
                    key={key}
                    aria-label={say('key', { key })}
                    onClick={() => attempt(() => phone.sendDtmf(callId, key))}
                  >
                    {key}
                  </Button>
                ))}
              </div>
            }
          >
            <Button disabled={call.state !== 'talking'}>{say('keypad')}</Button>
          </Popover>
        </div>
      )}
      {call.problem === null ? null : (
        <p className="panel-problem" role="alert">
          {call.problem}
        </p>
      )}
    </div>
  )
}

function RecentCalls({ onCall }: { onCall(number: string): void }) {
  const say = useText()
  const words = useCaseWords()
  const bridge = useBridge()
  const open = useSeatStatus()?.storage.state === 'open'
  const { data: records = [] } = useQuery({
    queryKey: queryKeys.calls,
    queryFn: () => bridge.seat.calls.list({ limit: 30, before: null }),
    enabled: open,
  })
  const numberOf = (record: CallRecord) =>
    record.direction === 'inbound' ? record.facts.callerNumber : record.facts.calledNumber
  return (
    <div className="recent">
      <h3>{say('recent')}</h3>
      {records.length === 0 ? <p className="quiet">{say('noRecent')}</p> : null}
      <ul>
        {records.map(record => {
          const number = normalizeNumber(numberOf(record), { areaCode: '' })
          const shown = number.key === null ? words('withheld') : maskNumber(number.display)
          return (
            <li key={record.callId} className={`outcome-${record.outcome ?? 'live'}`}>
              <span className="recent-number">{shown}</span>
              <span className="recent-outcome">
                {words(`direction.${record.direction}`)} ·{' '}
                {record.outcome === null ? words('live') : words(`outcome.${record.outcome}`)}
              </span>
              <time>{shortTime(record.offeredAt, Date.now())}</time>
              {number.dialable && number.key !== null ? (
                <Button
                  size="small"
                  type="text"
                  aria-label={say('callBack', { number: shown })}
                  onClick={() => onCall(number.key ?? '')}
                >
                  ↩
                </Button>
              ) : null}
            </li>
          )
        })}
      </ul>
    </div>
  )
}
