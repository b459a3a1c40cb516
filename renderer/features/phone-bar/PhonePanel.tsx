/** The phone: who rings or speaks, its keys, the dial box, and the latest calls. */
import { Button } from 'antd'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { CallRecord } from '../../../shared/domain/call.ts'
import { useBridge } from '../../bridge/bridge-context.tsx'
import type { PhoneCall } from '../../phone/phone.ts'
import { usePhone, usePhoneSnapshot } from '../../phone/phone-context.tsx'
import { useKeys } from '../../ui/keys.ts'
import { Region } from '../../ui/Region.tsx'
import { sentenceOf } from '../../ui/text.ts'
import { CallCard } from './CallCard.tsx'
import { DialForm } from './DialForm.tsx'
import { usePhoneText } from './phone-text.ts'
import { RecentCalls } from './RecentCalls.tsx'
import type { TransferMode } from './TransferBox.tsx'

export function PhonePanel(props: {
  active: boolean
  /** Calls whose case is open on the desk. */
  inHand: readonly string[]
  onAnswered(callId: string): void
  onFile(record: CallRecord): void
}) {
  const say = usePhoneText()
  const phone = usePhone()
  const { calls, line, ringtoneAllowed } = usePhoneSnapshot()
  const [problem, setProblem] = useState<string | null>(null)
  const [box, setBox] = useState<{ callId: string; mode: TransferMode } | null>(null)
  const dialBox = useRef<HTMLDivElement>(null)

  const attempt = useCallback((action: () => Promise<unknown>) => {
    setProblem(null)
    action().catch((error: unknown) => setProblem(sentenceOf(error)))
  }, [])
  const answer = (call: PhoneCall) =>
    attempt(async () => {
      await phone.answer(call.callId)
      props.onAnswered(call.callId)
    })
  const dial = useCallback((to: string) => attempt(() => phone.dial(to)), [phone, attempt])

  const ringing = calls.find(call => call.direction === 'inbound' && call.state === 'ringing')
  const spoken = calls.find(call => call.state === 'talking') ?? calls.find(call => call !== ringing)
  const current = spoken ?? ringing
  const canTalk = spoken !== undefined && (spoken.state === 'talking' || spoken.state === 'held')
  const consult = calls.find(call => call.consultOf !== null)
  const asked = calls.find(call => call.callId === consult?.consultOf)
  const canJoin = calls.some(call => call.state === 'held') && calls.some(call => call.state === 'talking')
  const joined = calls.some(call => call.inConference)
  const openBox = (mode: TransferMode) => () => {
    if (spoken !== undefined) setBox({ callId: spoken.callId, mode })
  }

  useKeys(
    props.active
      ? {
          F2: ringing === undefined ? undefined : () => answer(ringing),
          F4: current === undefined ? undefined : () => attempt(() => phone.hangUp(current.callId)),
          F6:
            asked !== undefined
              ? () => attempt(() => phone.completeTransfer(asked.callId))
              : canTalk
                ? openBox('transfer')
                : undefined,
          'Shift+F6':
            asked !== undefined
              ? () => attempt(() => phone.takeBack(asked.callId))
              : canTalk
                ? openBox('consult')
                : undefined,
          F7: canTalk ? () => phone.mute(spoken.callId, !spoken.muted) : undefined,
          F8: canTalk
            ? () =>
                attempt(() =>
                  spoken.state === 'held' ? phone.resume(spoken.callId) : phone.hold(spoken.callId),
                )
            : undefined,
          F9: () => dialBox.current?.querySelector('input')?.focus(),
          F10: canJoin && !joined ? () => attempt(() => phone.startConference()) : undefined,
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
      <DialLink onDial={dial} />
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
            consult={call === asked ? consult : undefined}
            canJoin={canJoin}
            keys={call === current || call === ringing}
            endsByKey={call === current}
            box={box?.callId === call.callId ? box.mode : null}
            onBox={mode => setBox(mode === null ? null : { callId: call.callId, mode })}
            onAnswer={() => answer(call)}
            attempt={attempt}
          />
        ))
      )}
      <p className="panel-problem" role="alert">
        {problem}
      </p>
      <DialForm box={dialBox} attempt={attempt} />
      <RecentCalls inHand={props.inHand} onCall={dial} onFile={props.onFile} />
    </Region>
  )
}

/** A `tel:` link that was opened somewhere: nothing is dialled before somebody says so. */
function DialLink({ onDial }: { onDial(number: string): void }) {
  const say = usePhoneText()
  const bridge = useBridge()
  const [asked, setAsked] = useState<string | null>(null)
  useEffect(() => bridge.shell.onDialLink(setAsked), [bridge])
  if (asked === null) return null
  return (
    <div className="notice" role="alertdialog" aria-label={say('dialLink', { number: asked })}>
      <span>{say('dialLink', { number: asked })}</span>
      <Button
        size="small"
        type="primary"
        autoFocus
        onClick={() => {
          setAsked(null)
          onDial(asked)
        }}
      >
        {say('dialYes')}
      </Button>
      <Button size="small" onClick={() => setAsked(null)}>
        {say('dialNo')}
      </Button>
    </div>
  )
}
