/** The task that is selected in the list: what a supervisor may do with it, and what has become of it so far. */
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import type { CallbackRow } from '../../../shared/contract/seat-callbacks.ts'
import { queryKeys, useBridge } from '../../bridge/bridge-context.tsx'
import { Region } from '../../ui/Region.tsx'
import { sentenceOf } from '../../ui/text.ts'
import { duration, shortTime } from '../../ui/time.ts'
import { AssignDialog, ReasonDialog } from './CallbackDialogs.tsx'
import { useCallbackWork } from './callback-work.ts'
import { useCallbackText } from './callbacks-text.ts'

type Dialog = 'assign' | 'release' | 'remove' | 'undo'

export function SelectedCallback(props: {
  row: CallbackRow
  now: number
  maySupervise: boolean
  online: boolean
}) {
  const say = useCallbackText()
  const { row, now, maySupervise, online } = props
  const { taskId, state } = row
  const { seat } = useBridge()
  const work = useCallbackWork()
  const [dialog, setDialog] = useState<Dialog | null>(null)
  const { data: history, error } = useQuery({
    queryKey: [...queryKeys.callbacks, 'history', taskId],
    queryFn: () => seat.callbacks.history({ taskId }),
    enabled: online,
    retry: false,
  })
  const movable = maySupervise && state !== 'closed' && state !== 'dialling'
  const undoable = online && state === 'closed' && (maySupervise || row.closed?.reason !== 'removed')
  const ask = (what: Dialog) => () => setDialog(what)
  return (
    <Region
      name={say('history')}
      className="callback-selected"
      extra={
        <span className="quiet numeric">
          {row.number} {row.extension === null ? '' : say('extension', { extension: row.extension })}
        </span>
      }
    >
      <div className="callback-hand-body">
        {row.note === '' ? null : <p className="long-text">{row.note}</p>}
        <p className="panel-problem" role="alert">
          {work.problem}
        </p>
        <div className="callback-keys">
          {movable && row.dialable ? (
            <>
              <Button
                loading={work.busy === 'take-over'}
                onClick={() => void work.act('take-over', () => seat.callbacks.takeOver({ taskId }))}
              >
                {say('takeOver')}
              </Button>
              <Button onClick={ask('assign')}>{say('assign')}</Button>
            </>
          ) : null}
          {movable && state !== 'open' ? <Button onClick={ask('release')}>{say('release')}</Button> : null}
          {maySupervise && state !== 'closed' ? (
            <Button onClick={ask('remove')}>{say('remove')}</Button>
          ) : null}
          {undoable ? <Button onClick={ask('undo')}>{say('undo')}</Button> : null}
        </div>
        {error === null ? null : <p className="quiet">{say('failed', { why: sentenceOf(error) })}</p>}
        <ol className="timeline">
          {(history ?? []).map(entry => (
            <li key={entry.entry}>
              <time>{shortTime(entry.at, now)}</time>{' '}
              <span>
                {say(`entry.${entry.kind}`)} · {entry.operatorName ?? say('byItself')}
              </span>
            </li>
          ))}
        </ol>
      </div>
      {dialog === 'assign' ? (
        <AssignDialog
          onClose={() => setDialog(null)}
          onConfirm={async operatorId => void (await seat.callbacks.assign({ taskId, operatorId }))}
        />
      ) : null}
      {dialog === 'release' || dialog === 'remove' || dialog === 'undo' ? (
        <ReasonDialog
          title={say(dialog)}
          label={say('reason')}
          onClose={() => setDialog(null)}
          onConfirm={async reason => void (await seat.callbacks[dialog]({ taskId, reason }))}
        />
      ) : null}
    </Region>
  )
}

const chinaMs = 8 * 3_600_000
const dayMs = 24 * 3_600_000

/** Counted by the centre from what happened, since midnight in China. */
export function TeamFigures() {
  const say = useCallbackText()
  const { seat } = useBridge()
  const { data } = useQuery({
    queryKey: ['callback-figures'],
    queryFn: () => {
      const now = Date.now()
      const from = Math.floor((now + chinaMs) / dayMs) * dayMs - chinaMs
      return seat.callbacks.figures({
        from: new Date(from).toISOString(),
        to: new Date(now).toISOString(),
      })
    },
    // The centre counts its whole day: not again with every change of a task.
    staleTime: 60_000,
    refetchInterval: 60_000,
    retry: false,
  })
  if (data === undefined) return null
  const wait = data.medianWaitSeconds
  const facts = [
    [say('figure.open'), data.open],
    [say('figure.overdue'), data.overdue],
    [say('figure.reached'), data.reached],
    [say('figure.first'), data.reachedOnFirstTry],
    [say('figure.wait'), wait === null ? '—' : duration(wait * 1_000)],
  ] as const
  return (
    <dl className="callback-figures" aria-label={say('figures')}>
      <dt>{say('figures')}</dt>
      {facts.map(([name, value]) => (
        <dd key={name}>
          {name} <b className="numeric">{value}</b>
        </dd>
      ))}
    </dl>
  )
}
