/** 坐席状态: what the seat is doing, for how long, and what the operator can choose. */
import { Button, Dropdown } from 'antd'
import { memo, useDeferredValue } from 'react'
import type { BreakReason, SeatState } from '../../../shared/domain/seat-state.ts'
import { usePhonePart } from '../../phone/phone-context.tsx'
import { Key } from '../../ui/Key.tsx'
import { useKeys } from '../../ui/keys.ts'
import { useSeatStateWords } from '../../ui/seat-state-words.ts'
import { defineText } from '../../ui/text.ts'
import { duration } from '../../ui/time.ts'
import { useNow } from '../../ui/use-now.ts'
import { useSeatState, useSeatStateStore } from './seat-state-context.tsx'

const useText = defineText('seat-state', {
  region: ['坐席状态', 'Seat state'],
  'reason.rest': ['休息', 'Rest'],
  'reason.meal': ['用餐', 'Meal'],
  'reason.meeting': ['会议', 'Meeting'],
  'reason.training': ['培训', 'Training'],
  'reason.other': ['其他', 'Other'],
  ready: ['示闲', 'Ready'],
  busy: ['示忙', 'Busy'],
  break: ['小休', 'Break'],
  end: ['结束整理', 'End wrap-up'],
  extend: ['延长 1 分钟', '1 more minute'],
  left: ['剩 {{time}}', '{{time}} left'],
  lineLost: ['话务台断开，已自动示忙，恢复后示闲', 'The exchange is away: busy until it is back'],
  afterwards: ['之后：{{state}}', 'then {{state}}'],
})

const reasons: BreakReason[] = ['rest', 'meal', 'meeting', 'training', 'other']

/** Drawn after the call that changes it: a call that begins or ends is seen in its card first. */
export const SeatStateBar = memo(function Deferred({ active }: { active: boolean }) {
  const state = useDeferredValue(useSeatState())
  return <Bar active={active} state={state} />
})

const Bar = memo(function Kind({ active, state }: { active: boolean; state: SeatState }) {
  const say = useText()
  const kindOf = useSeatStateWords()
  const store = useSeatStateStore()
  const registered = usePhonePart(({ line }) => line.state === 'registered')
  const canChoose = state.kind !== 'offline'
  const choose = (kind: 'ready' | 'busy') => store.send({ type: kind === 'ready' ? 'go-ready' : 'go-busy' })
  const wrapUp = state.kind === 'wrap-up'

  useKeys(
    active
      ? {
          'Ctrl+F2': canChoose && registered ? () => choose('ready') : undefined,
          'Ctrl+F3': canChoose ? () => choose('busy') : undefined,
          'Ctrl+F4': wrapUp ? () => store.send({ type: 'wrap-up-ended' }) : undefined,
        }
      : {},
  )

  return (
    <section className={`seat-state state-${state.kind}`} aria-label={say('region')}>
      <p className="seat-state-now" role="status">
        <b>{kindOf(state.kind)}</b>
        {state.kind === 'break' && state.reason !== null ? (
          <span>{say(`reason.${state.reason}`)}</span>
        ) : null}
        <Elapsed state={state} say={say} />
      </p>
      {state.lineLost ? <p className="seat-state-why">{say('lineLost')}</p> : null}
      {wrapUp ? (
        <div className="seat-state-keys">
          <Button
            type="primary"
            size="small"
            aria-keyshortcuts="Control+F4"
            onClick={() => store.send({ type: 'wrap-up-ended' })}
          >
            {say('end')}
            <Key>Ctrl+F4</Key>
          </Button>
          <Button size="small" onClick={() => store.send({ type: 'wrap-up-extended', byMs: 60_000 })}>
            {say('extend')}
          </Button>
        </div>
      ) : null}
      <div className="seat-state-keys">
        <Button
          size="small"
          aria-pressed={state.former === 'ready'}
          aria-keyshortcuts="Control+F2"
          disabled={!canChoose || !registered}
          onClick={() => choose('ready')}
        >
          {say('ready')}
        </Button>
        <Button
          size="small"
          aria-pressed={state.former === 'busy'}
          aria-keyshortcuts="Control+F3"
          disabled={!canChoose}
          onClick={() => choose('busy')}
        >
          {say('busy')}
        </Button>
        <Dropdown
          trigger={['click']}
          menu={{
            items: reasons.map(reason => ({ key: reason, label: say(`reason.${reason}`) })),
            onClick: ({ key }) => {
              const reason = reasons.find(one => one === key)
              if (reason !== undefined) store.send({ type: 'go-break', reason })
            },
          }}
        >
          <Button size="small" aria-pressed={state.former === 'break'} disabled={!canChoose}>
            {say('break')}
          </Button>
        </Dropdown>
      </div>
    </section>
  )
})

function Elapsed({ state, say }: { state: SeatState; say: ReturnType<typeof useText> }) {
  const kindOf = useSeatStateWords()
  const now = useNow(state.kind !== 'offline')
  if (state.wrapUpEndsAt !== null) {
    return (
      <time className={state.wrapUpEndsAt - now < 10_000 ? 'soon' : ''}>
        {say('left', { time: duration(Math.max(0, state.wrapUpEndsAt - now)) })}
      </time>
    )
  }
  return (
    <>
      <time>{duration(Math.max(0, now - state.since))}</time>
      {state.kind === 'talking' ? (
        <span className="quiet">{say('afterwards', { state: kindOf(state.former) })}</span>
      ) : null}
    </>
  )
}
