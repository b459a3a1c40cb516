/**
 * 本席漏接: while the centre cannot be asked, and only where the branch's policy allows it, the seat's own missed calls. Nobody has
 * claimed them: the page says so before anything is dialled.
 */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import type { HeldOwnMissed } from '../../../shared/contract/seat-own-missed.ts'
import type { CallbackOutcome } from '../../../shared/domain/callback.ts'
import { queryKeys, useBridge, useSyncStatus } from '../../bridge/bridge-context.tsx'
import { usePhone, usePhonePart } from '../../phone/phone-context.tsx'
import { useKeys } from '../../ui/keys.ts'
import { Region } from '../../ui/Region.tsx'
import { defineText } from '../../ui/text.ts'
import { shortTime } from '../../ui/time.ts'
import { useNow } from '../../ui/use-now.ts'
import { useOpen } from './callback-data.ts'
import { useCallbackWork } from './callback-work.ts'
import { useCallbackText } from './callbacks-text.ts'
import { answeredChoices, OutcomeKey, outcomeKeys, unansweredChoices } from './OutcomeKey.tsx'

const againMs = 30_000

const useText = defineText('own-missed', {
  region: ['本席漏接', 'Missed at this seat'],
  warning: [
    '连不上中心，没有人领取这些来电：其他坐席可能也在回拨同一位来电人。结果在恢复后报给中心。',
    'Nobody has claimed these: another seat may be calling the same citizen. The centre is told when it is back.',
  ],
  dial: ['离线回拨', 'Call back offline'],
  tries: ['本席已拨 {{n}} 次', 'tried {{n}}× here'],
  none: ['没有可以离线回拨的来电', 'Nothing may be called back'],
  hand: ['离线回拨中', 'Called back offline'],
})

export function useOwnMissed() {
  const { seat } = useBridge()
  const centre = useSyncStatus()?.centre
  return useQuery({
    queryKey: [...queryKeys.callbacks, 'own-missed', centre],
    queryFn: () => seat.ownMissed.list({}),
    enabled: useOpen(),
    refetchInterval: againMs,
  }).data
}

export function OwnMissedList({ onDialled }: { onDialled(): void }) {
  const say = useText()
  const words = useCallbackText()
  const { seat } = useBridge()
  const phone = usePhone()
  const client = useQueryClient()
  const own = useOwnMissed()
  const work = useCallbackWork()
  const now = useNow(true, againMs)
  const registered = usePhonePart(({ line }) => line.state === 'registered')
  const onPhone = usePhonePart(({ calls }) => calls.length > 0)
  if (own?.allowed !== true) return null

  const dial = (numberKey: string) =>
    work.act('dial', async () => {
      const { number } = await seat.ownMissed.dial({ numberKey })
      try {
        const callId = await phone.dial(number)
        await seat.ownMissed.dialled({ callId })
      } catch (error) {
        await seat.ownMissed.outcome({ outcome: 'failed' }).catch(() => {})
        throw error
      }
      void client.invalidateQueries({ queryKey: queryKeys.callbacks })
      onDialled()
    })

  const idle = registered && !onPhone && own.held === null && work.busy === null
  return (
    <Region name={say('region')} className="own-missed">
      <p className="sync-warning" role="note">
        {say('warning')}
      </p>
      <p className="panel-problem" role="alert">
        {work.problem}
      </p>
      {own.rows.length === 0 ? <p className="quiet">{say('none')}</p> : null}
      <ul className="own-missed-rows">
        {own.rows.map(row => (
          <li key={row.numberKey}>
            <span className="call-number">{row.number}</span>
            <span>
              {words('calls')} {words('times', { n: row.calls })} · {shortTime(row.lastMissedAt, now)}
            </span>
            <span className="quiet">
              {row.tries === 0 ? '' : say('tries', { n: row.tries })}
              {row.lastOutcome === null ? '' : ` · ${words(`outcome.${row.lastOutcome}`)}`}
            </span>
            <Button disabled={!idle || !row.ready} onClick={() => void dial(row.numberKey)}>
              {say('dial')}
            </Button>
          </li>
        ))}
      </ul>
    </Region>
  )
}

/** In the place of the task in hand. */
export function OwnMissedHand(props: {
  active: boolean
  held: HeldOwnMissed
  onDone?(callId: string | null): void
  onCase?(callId: string): void
}) {
  const say = useText()
  const words = useCallbackText()
  const { seat } = useBridge()
  const work = useCallbackWork()
  const { active, held } = props
  const { phase, callId, talking } = held
  const isUnknown = phase === 'dialling' && callId === null
  const choices: readonly CallbackOutcome[] =
    phase === 'reached' ? answeredChoices : phase === 'ended' || isUnknown ? unansweredChoices : []
  const proposed = phase === 'reached' ? 'reached' : held.proposed
  const tell = async (outcome: CallbackOutcome) => {
    if (await work.act('outcome', () => seat.ownMissed.outcome({ outcome }))) props.onDone?.(callId)
  }
  const keys = outcomeKeys(talking ? [] : choices, choice => void tell(choice))
  useKeys(active ? keys : {})

  return (
    <Region name={words('hand')} className={`callback-hand phase-${phase}`} extra={say('hand')}>
      <div className="callback-hand-body">
        <p className="call-number">{held.number}</p>
        <p role="status" className="callback-now">
          {phase === 'dialling'
            ? words(isUnknown ? 'dialUnknown' : 'ringing')
            : phase === 'ended'
              ? words('ended')
              : words(talking ? 'talkingOffline' : 'reachedOffline')}
        </p>
        <p className="panel-problem" role="alert">
          {work.problem}
        </p>
        <div className="callback-keys">
          {choices.map((choice, index) => (
            <OutcomeKey
              key={choice}
              keyName={String(index + 1)}
              proposed={choice === proposed}
              active={active && !talking}
              loading={work.busy === 'outcome'}
              onClick={() => void tell(choice)}
            >
              {words(`outcome.${choice}`)}
            </OutcomeKey>
          ))}
          {phase === 'reached' && callId !== null && props.onCase !== undefined ? (
            <Button onClick={() => props.onCase?.(callId)}>{words('toCase')}</Button>
          ) : null}
        </div>
      </div>
    </Region>
  )
}
