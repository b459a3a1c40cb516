/** The task in hand (手上的回拨): how long it is ours, dialling it, and what came of it, each by one key. */
import { Button } from 'antd'
import { memo, type ReactNode, useState } from 'react'
import type { HeldCallback } from '../../../shared/contract/seat-callbacks.ts'
import type { CallbackOutcome } from '../../../shared/domain/callback.ts'
import { usePhonePart } from '../../phone/phone-context.tsx'
import { Key } from '../../ui/Key.tsx'
import { useKeys } from '../../ui/keys.ts'
import { Region } from '../../ui/Region.tsx'
import { duration, shortTime } from '../../ui/time.ts'
import { useNow } from '../../ui/use-now.ts'
import { ReasonDialog, RescheduleDialog } from './CallbackDialogs.tsx'
import { useCallbackList, useHeldCallback } from './callback-data.ts'
import { useCallbackWork, type Work } from './callback-work.ts'
import { type CallbackSay, useCallbackText, whyHere } from './callbacks-text.ts'
import { answeredChoices, OutcomeKey, outcomeKeys, unansweredChoices } from './OutcomeKey.tsx'
import { OwnMissedHand, useOwnMissed } from './OwnMissed.tsx'

type Props = {
  active: boolean
  /** The number is being rung: the phone is elsewhere on the page. */
  onDialled?(): void
  /** Nothing is in hand any more, and no case is to be written. */
  onDone?(callId: string | null): void
  onCase?(callId: string): void
  /** Shown when nothing is in hand; nothing at all without it. */
  blank?: ReactNode
  /** Beneath the task: who the citizen is. */
  below?(held: HeldCallback): ReactNode
}

export const CallbackInHand = memo(InHand)

function InHand(props: Props) {
  const say = useCallbackText()
  const { held, at } = useHeldCallback()
  const work = useCallbackWork()
  const offline = useOwnMissed()?.held ?? null
  if (held === null && offline !== null) {
    const { active, onDone, onCase } = props
    const done = onDone === undefined ? {} : { onDone }
    return (
      <OwnMissedHand active={active} held={offline} {...done} {...(onCase === undefined ? {} : { onCase })} />
    )
  }
  if (held === null)
    return props.blank === undefined && work.notice === null && work.problem === null ? null : (
      <Region name={say('hand')} className="callback-hand">
        <p className="panel-problem" role="alert">
          {work.problem}
        </p>
        {work.notice === null ? null : <p role="status">{work.notice}</p>}
        {props.blank}
      </Region>
    )
  return <Held key={held.row.taskId} {...props} held={held} toldAt={at} work={work} say={say} />
}

function Held(props: Props & { held: HeldCallback; toldAt: number; work: Work; say: CallbackSay }) {
  const { active, held, toldAt, work, say } = props
  const { row, phase, callId } = held
  const now = useNow(phase === 'claimed' || phase === 'dialling' || phase === 'ended', 500)
  const left = Math.max(0, held.secondsLeft * 1_000 - (now - toldAt))
  const [dialog, setDialog] = useState<'reschedule' | 'undo' | null>(null)
  const registered = usePhonePart(({ line }) => line.state === 'registered')
  const onPhone = usePhonePart(({ calls }) => calls.length > 0)
  const policy = useCallbackList('open', 0).data?.policy
  const ringing = phase === 'dialling' && callId !== null
  const canDial = phase === 'claimed' || (phase === 'dialling' && callId === null)
  const lapsed = phase === 'lapsed' || (phase === 'claimed' && left === 0)
  const choices: readonly CallbackOutcome[] =
    phase === 'reached'
      ? answeredChoices
      : phase === 'ended' || (canDial && phase === 'dialling')
        ? unansweredChoices
        : []
  const proposed = phase === 'reached' ? 'reached' : held.proposed
  const problem =
    !canDial || lapsed ? null : !registered ? say('notRegistered') : onPhone ? say('otherCall') : null
  const { dial, outcome } = work

  const tell = async (chosen: CallbackOutcome) => {
    if (await outcome(held, chosen)) props.onDone?.(callId)
  }
  const begin = async () => {
    if (problem === null && (await dial(held))) props.onDialled?.()
  }
  const decline = () =>
    work
      .act('decline', () => work.callbacks.decline({ taskId: row.taskId, reason: '' }))
      .then(done => done && props.onDone?.(callId))
  const mayReschedule = !lapsed && (phase !== 'dialling' || ringing) && phase !== 'ended'

  // During the call digits are the citizen's: a menu, a number that is read out.
  const keys = outcomeKeys(held.talking || dialog !== null ? [] : choices, choice => void tell(choice))
  if (canDial && !lapsed) keys['Alt+H'] = () => void begin()
  if (mayReschedule) keys['Alt+G'] = () => setDialog('reschedule')
  if (phase === 'claimed' && !lapsed) keys['Alt+X'] = () => void decline()
  useKeys(active ? keys : {})

  return (
    <Region
      name={say('hand')}
      className={`callback-hand phase-${lapsed ? 'lapsed' : phase}`}
      extra={
        phase === 'claimed' && !lapsed ? (
          <span className={left < 30_000 ? 'tag warn' : 'tag'}>
            {say('claimedFor', { time: duration(left) })}
          </span>
        ) : null
      }
    >
      <div className="callback-hand-body">
        <p className="call-number">
          {row.number}
          {row.extension === null ? null : (
            <span className="quiet"> {say('extension', { extension: row.extension })}</span>
          )}
        </p>
        <p className="quiet">
          {say('calls')} {say('times', { n: row.calls })} · {shortTime(row.firstMissedAt, now)}
          {row.calls > 1 ? ` – ${shortTime(row.lastMissedAt, now)}` : ''}
        </p>
        {row.note === '' ? null : (
          <p className="long-text">
            {say('note')}：{row.note}
          </p>
        )}
        {row.preferred === null ? null : (
          <p className="long-text">
            {say('reschedule')} {shortTime(row.preferred.at, now)} {row.preferred.note}
          </p>
        )}
        <p role="status" className="callback-now">
          {lapsed ? whyLapsed(say, held) : nowWords(say, held)}
        </p>
        {phase === 'claimed' && !lapsed ? (
          <p className="quiet">{whyHere(say, ownReasons(row), now)}</p>
        ) : null}
        {problem === null ? null : <p className="quiet">{problem}</p>}
        <p className="panel-problem" role="alert">
          {work.problem}
        </p>
        <div className="callback-keys">
          {lapsed ? (
            <Button
              type="primary"
              loading={work.busy === 'put-away'}
              onClick={() =>
                void work
                  .act('put-away', () => work.callbacks.putAway({ taskId: row.taskId }))
                  .then(done => done && props.onDone?.(callId))
              }
            >
              {say('putAway')}
            </Button>
          ) : null}
          {canDial && !lapsed ? (
            <Button
              type={phase === 'claimed' ? 'primary' : 'default'}
              aria-keyshortcuts="Alt+H"
              loading={work.busy === 'dial'}
              disabled={problem !== null}
              onClick={() => void begin()}
            >
              {say('dial')}
              <Key>Alt+H</Key>
            </Button>
          ) : null}
          {choices.map((choice, index) => (
            <OutcomeKey
              key={choice}
              keyName={String(index + 1)}
              proposed={choice === proposed}
              active={active && !held.talking}
              loading={work.busy === 'outcome'}
              onClick={() => void tell(choice)}
            >
              {say(`outcome.${choice}`)}
            </OutcomeKey>
          ))}
          {phase === 'reached' && callId !== null && props.onCase !== undefined ? (
            <Button onClick={() => props.onCase?.(callId)}>{say('toCase')}</Button>
          ) : null}
          {mayReschedule ? (
            <Button aria-keyshortcuts="Alt+G" onClick={() => setDialog('reschedule')}>
              {say('reschedule')}
              <Key>Alt+G</Key>
            </Button>
          ) : null}
          {phase === 'claimed' && !lapsed ? (
            <>
              <Button
                aria-keyshortcuts="Alt+X"
                loading={work.busy === 'decline'}
                onClick={() => void decline()}
              >
                {say('decline')}
                <Key>Alt+X</Key>
              </Button>
              <Button
                loading={work.busy === 'renew'}
                onClick={() => void work.act('renew', () => work.callbacks.renew({ taskId: row.taskId }))}
              >
                {say('renew')}
              </Button>
            </>
          ) : null}
          {phase === 'reached' && !held.talking ? (
            <Button onClick={() => setDialog('undo')}>{say('undo')}</Button>
          ) : null}
        </div>
        {props.below?.(held)}
      </div>
      {dialog === 'reschedule' ? (
        <RescheduleDialog
          furthestDays={policy?.furthestDays ?? 14}
          onClose={() => setDialog(null)}
          onConfirm={async (at, note) => {
            await work.callbacks.reschedule({ taskId: row.taskId, at, note })
            props.onDone?.(callId)
          }}
        />
      ) : null}
      {dialog === 'undo' ? (
        <ReasonDialog
          title={say('undo')}
          label={say('undoReason')}
          onClose={() => setDialog(null)}
          onConfirm={async reason => {
            await work.callbacks.undo({ taskId: row.taskId, reason })
            props.onDone?.(callId)
          }}
        />
      ) : null}
    </Region>
  )
}

/** That somebody has it is no news to who has it. */
const ownReasons = (row: HeldCallback['row']) => ({
  ...row,
  reasons: row.reasons.filter(({ kind }) => kind !== 'held'),
})

function nowWords(say: CallbackSay, { phase, callId, talking }: HeldCallback): string {
  switch (phase) {
    case 'claimed':
    case 'lapsed':
      return ''
    case 'dialling':
      return say(callId === null ? 'dialUnknown' : 'ringing')
    case 'reached':
      return say(talking ? 'talking' : 'reachedDone')
    case 'ended':
      return say('ended')
  }
}

function whyLapsed(say: CallbackSay, { row, secondsLeft }: HeldCallback): string {
  if (row.closed !== null)
    return say('lapsed', { why: say('lapsedClosed', { why: say(`closed.${row.closed.reason}`) }) })
  const others = row.state !== 'claimed' && row.state !== 'open' && secondsLeft === 0
  return say('lapsed', { why: say(others ? 'lapsedOther' : 'lapsedTime') })
}
