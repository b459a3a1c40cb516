/** The phone: who rings or speaks, its keys, the dial box, and the latest calls. */
import { Button } from 'antd'
import { memo, useCallback, useEffect, useRef, useState } from 'react'
import { createPortal, flushSync } from 'react-dom'
import type { CallRecord } from '../../../shared/domain/call.ts'
import { useBridge } from '../../bridge/bridge-context.tsx'
import type { Phone, PhoneCall } from '../../phone/phone.ts'
import { useCallsNow, usePhone, usePhonePart } from '../../phone/phone-context.tsx'
import { after, afterDrawing } from '../../phone/timers.ts'
import { useKeys } from '../../ui/keys.ts'
import { Region } from '../../ui/Region.tsx'
import { sentenceOf } from '../../ui/text.ts'
import { CallBar } from './CallBar.tsx'
import { CallCard } from './CallCard.tsx'
import { HangUpParty } from './call-keys.tsx'
import { DialForm } from './DialForm.tsx'
import { usePhoneText } from './phone-text.ts'
import { RecentCalls } from './RecentCalls.tsx'
import { type Stand, standing } from './standing.ts'
import type { TransferMode } from './TransferBox.tsx'

type Props = {
  active: boolean
  /** Where the calls are shown while another page is. */
  bar: HTMLElement | null
  /** To the page with this panel. */
  onShow(): void
  /** Calls whose case is open on the desk. */
  inHand: readonly string[]
  onAnswered(callId: string): void
  onFile(record: CallRecord): void
}

type Box = { callId: string; mode: TransferMode } | null

/** Drawn anew for none of what a call does: its card is. */
export const PhonePanel = memo(Panel)

function Panel(props: Props) {
  const say = usePhoneText()
  const phone = usePhone()
  const [problem, setProblem] = useState<string | null>(null)
  const [box, setBox] = useState<Box>(null)
  const [choosing, setChoosing] = useState(false)
  const dialBox = useRef<HTMLDivElement>(null)
  const { active, onAnswered, onShow } = props
  // What went wrong with one call is not said over the next.
  const newest = usePhonePart(snapshot => snapshot.calls.at(-1)?.callId)
  const [problemOf, setProblemOf] = useState(newest)
  if (newest !== undefined && newest !== problemOf) {
    setProblemOf(newest)
    setProblem(null)
  }

  const attempt = useCallback(
    (action: () => Promise<unknown>) => {
      setProblem(null)
      action().catch((error: unknown) => {
        setProblem(sentenceOf(error))
        // What went wrong is told here.
        onShow()
      })
    },
    [onShow],
  )
  const answer = useCallback(
    (callId: string) =>
      attempt(async () => {
        await phone.answer(callId)
        await talking(phone, callId)
        onShow()
        onAnswered(callId)
      }),
    [phone, attempt, onShow, onAnswered],
  )
  const leave = useCallback(
    () =>
      attempt(() =>
        phone.leaveConference().catch((error: unknown) => {
          if (!standing(phone.snapshot().calls).joined) throw error
          onShow()
          setChoosing(true)
        }),
      ),
    [phone, attempt, onShow],
  )
  const dial = useCallback((to: string) => attempt(() => phone.dial(to)), [phone, attempt])

  /** What is meant is read when the key is pressed; `false` leaves it to whatever has the keyboard. */
  const key = (press: (stand: Stand) => unknown) => () => press(standing(phone.snapshot().calls))
  const onTalk = (press: (spoken: PhoneCall) => void) =>
    key(({ spoken, canTalk }) => canTalk && spoken !== undefined && press(spoken))
  const openBox = ({ spoken, canTalk }: Stand, mode: TransferMode) => {
    if (!canTalk || spoken === undefined) return false
    onShow()
    setBox({ callId: spoken.callId, mode })
  }

  // On every page: a citizen waits, or is to hear nothing, whatever is open in front of the operator.
  useKeys({
    F2: key(({ ringing }) => ringing !== undefined && answer(ringing.callId)),
    // In a three-way call it drops nobody: the other two go on, or it is asked who is to go.
    F4: key(({ current, joined }) =>
      joined ? leave() : current !== undefined && attempt(() => phone.hangUp(current.callId)),
    ),
    F6: key(stand => {
      const { asked } = stand
      if (asked === undefined) return openBox(stand, 'transfer')
      return attempt(() => phone.completeTransfer(asked.callId))
    }),
    'Shift+F6': key(stand => {
      const { asked } = stand
      if (asked === undefined) return openBox(stand, 'consult')
      return attempt(() => phone.takeBack(asked.callId))
    }),
    F7: onTalk(spoken => phone.mute(spoken.callId, !spoken.muted)),
    F8: onTalk(({ callId, state }) =>
      attempt(() => (state === 'held' ? phone.resume(callId) : phone.hold(callId))),
    ),
    F9: () => {
      // What is typed next is the number already: the box takes the keyboard before anything else happens.
      flushSync(onShow)
      dialBox.current?.querySelector('input')?.focus()
    },
    F10: key(({ canJoin, joined }) => canJoin && !joined && attempt(() => phone.startConference())),
  })

  return (
    <Region name={say('region')} className="phone">
      <Ringtone attempt={attempt} />
      <DialLink onDial={dial} />
      {choosing ? <DropOne onDone={() => setChoosing(false)} attempt={attempt} /> : null}
      {active || props.bar === null
        ? null
        : createPortal(
            <CallBar onAnswer={answer} onLeave={leave} onOpen={onShow} attempt={attempt} />,
            props.bar,
          )}
      <Calls box={box} onBox={setBox} onAnswer={answer} onLeave={leave} attempt={attempt} />
      <p className="panel-problem" role="alert">
        {problem}
      </p>
      <DialForm box={dialBox} attempt={attempt} />
      <RecentCalls inHand={props.inHand} onCall={dial} onFile={props.onFile} />
    </Region>
  )
}

/** Drawing the form would hold the sound up; who never says that it has our answer is waited for no longer than this. */
const soundWithinMs = 200

/** When the other side has the answer, or the call is gone, and that has been drawn. */
const talking = (phone: Pick<Phone, 'snapshot' | 'subscribe'>, callId: string) =>
  new Promise<void>(resolve => {
    const look = () => {
      const call = phone.snapshot().calls.find(one => one.callId === callId)
      if (call === undefined || call.state !== 'ringing') done()
    }
    const done = () => {
      stop()
      notLater()
      afterDrawing({ after }, resolve)
    }
    const stop = phone.subscribe(look)
    const notLater = after(soundWithinMs, done)
    look()
  })

const Calls = memo(function Cards(props: {
  box: Box
  onBox(box: Box): void
  onAnswer(callId: string): void
  onLeave(): void
  attempt(action: () => Promise<unknown>): void
}) {
  const calls = useCallsNow()
  const { ringing, current, consult, asked, canJoin } = standing(calls)
  if (calls.length === 0) return <NoCall />
  return calls.map(call => (
    <CallCard
      key={call.callId}
      call={call}
      consult={call === asked ? consult : undefined}
      canJoin={canJoin}
      keys={call === current || call === ringing}
      endsByKey={call === current}
      box={props.box?.callId === call.callId ? props.box.mode : null}
      onBox={props.onBox}
      onAnswer={props.onAnswer}
      onLeave={props.onLeave}
      attempt={props.attempt}
    />
  ))
})

/** The two could not be left alone: somebody says who is to go. */
function DropOne({ onDone, attempt }: { onDone(): void; attempt(action: () => Promise<unknown>): void }) {
  const say = usePhoneText()
  const joined = useCallsNow().filter(call => call.inConference)
  const isOver = joined.length < 2
  useEffect(() => {
    if (isOver) onDone()
  }, [isOver, onDone])
  return (
    <div className="notice" role="alertdialog" aria-label={say('leaveFailed')}>
      <span>{say('leaveFailed')}</span>
      {joined.map(call => (
        <HangUpParty key={call.callId} call={call} attempt={attempt} />
      ))}
      <Button size="small" autoFocus onClick={onDone}>
        {say('stay')}
      </Button>
    </div>
  )
}

function NoCall() {
  const say = usePhoneText()
  const line = usePhonePart(snapshot => snapshot.line)
  return (
    <div className={`call-card idle line-${line.state}`}>
      <p className="call-state">{line.state === 'registered' ? say('idle') : say('notReady')}</p>
      <p className="quiet">{line.problem ?? (line.state === 'registered' ? say('idleHint') : '')}</p>
    </div>
  )
}

function Ringtone({ attempt }: { attempt(action: () => Promise<unknown>): void }) {
  const say = usePhoneText()
  const phone = usePhone()
  if (usePhonePart(({ ringtoneAllowed }) => ringtoneAllowed)) return null
  return (
    <div className="notice">
      <Button size="small" type="primary" onClick={() => attempt(() => phone.allowRingtone())}>
        {say('ringtone')}
      </Button>
      <span>{say('ringtoneHint')}</span>
    </div>
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
