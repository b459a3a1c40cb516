/** 回拨: who waits to be called back, in the order of the policy, and the one that is in hand. */
import { Button, Radio } from 'antd'
import { type ReactNode, useEffect, useState } from 'react'
import type { CallbackRow, HeldCallback } from '../../../shared/contract/seat-callbacks.ts'
import { useConnection, useSyncStatus } from '../../bridge/bridge-context.tsx'
import { Key } from '../../ui/Key.tsx'
import { type KeyActions, useKeys } from '../../ui/keys.ts'
import { Region } from '../../ui/Region.tsx'
import { sentenceOf } from '../../ui/text.ts'
import { useNow } from '../../ui/use-now.ts'
import { CallbackInHand } from './CallbackInHand.tsx'
import { CallbackTable } from './CallbackTable.tsx'
import { useCallbackList, useHeldCallback } from './callback-data.ts'
import { useCallbackWork } from './callback-work.ts'
import { sayAgo, useCallbackText } from './callbacks-text.ts'
import { OwnMissedList } from './OwnMissed.tsx'
import { SelectedCallback, TeamFigures } from './SelectedCallback.tsx'

const step = 100
const most = 500
/** Due times are told in minutes. */
const clockMs = 10_000

export function CallbacksPage(props: {
  onDialled(): void
  onCase(callId: string): void
  onDone(callId: string | null): void
  /** Who the citizen is: cases and calls of the number. */
  preview(held: HeldCallback): ReactNode
}) {
  const say = useCallbackText()
  const connection = useConnection()
  const centre = useSyncStatus()?.centre
  const [show, setShow] = useState<'open' | 'closed'>('open')
  const [limit, setLimit] = useState(step)
  const { data, error, refetch } = useCallbackList(show, limit)
  const { held } = useHeldCallback()
  const work = useCallbackWork()
  const now = useNow(true, clockMs)
  const [selectedId, setSelectedId] = useState<string | null>(null)
  const rows = data?.rows ?? []
  const at = rows.findIndex(row => row.taskId === selectedId)
  const selected: CallbackRow | undefined = rows[at]

  const free = held === null || held.phase === 'lapsed'
  const mayClaim = free && data?.online === true && show === 'open' && work.busy === null
  const move = (by: number) => {
    if (document.activeElement?.matches('input, textarea, [role="combobox"]') === true) return false
    const next = rows[at === -1 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))]
    if (next === undefined) return false
    setSelectedId(next.taskId)
  }
  const keys: KeyActions = { ArrowDown: () => move(1), ArrowUp: () => move(-1) }
  if (mayClaim) keys['Alt+L'] = () => void work.claim(null)
  useKeys(keys)
  useEffect(() => {
    document.getElementById(`callback-row-${selectedId}`)?.scrollIntoView({ block: 'nearest' })
  }, [selectedId])

  return (
    <Region
      name={say('region')}
      className="page callbacks-page"
      extra={
        <>
          <Radio.Group
            aria-label={say('show')}
            value={show}
            optionType="button"
            options={[
              { value: 'open', label: say('open') },
              { value: 'closed', label: say('closed') },
            ]}
            onChange={event => {
              setShow(event.target.value as 'open' | 'closed')
              setSelectedId(null)
            }}
          />
          <Button
            loading={work.busy === 'claim'}
            disabled={!mayClaim || rows.length === 0}
            onClick={() => void work.claim(selected?.taskId ?? null)}
          >
            {say('claim')}
          </Button>
          <Button
            type="primary"
            aria-keyshortcuts="Alt+L"
            disabled={!mayClaim || rows.length === 0}
            onClick={() => void work.claim(null)}
          >
            {say('claimNext')}
            <Key>Alt+L</Key>
          </Button>
        </>
      }
    >
      <div className="callbacks-body">
        <div className="callbacks-list">
          {connection === 'connected' ? null : <p className="sync-warning">{say('coreAway')}</p>}
          {data === undefined || data.online ? null : (
            <p className="sync-warning" role="status">
              {centre === 'none'
                ? say('noCentre')
                : data.asOf === null
                  ? say('offlineNever')
                  : say('offline', { when: sayAgo(say, data.asOf, now) })}
            </p>
          )}
          {data === undefined || data.online ? null : <OwnMissedList onDialled={props.onDialled} />}
          {error === null ? null : (
            <p className="panel-problem" role="alert">
              {say('failed', { why: sentenceOf(error) })}{' '}
              <Button onClick={() => void refetch()}>{say('retry')}</Button>
            </p>
          )}
          <p className="panel-problem" role="alert">
            {work.problem}
          </p>
          {work.notice === null ? null : <p role="status">{work.notice}</p>}
          {data === undefined ? (
            error === null ? (
              <p className="gate-waiting" role="status">
                {say('loading')}
              </p>
            ) : null
          ) : (
            <>
              <Counts {...data.counts} sample={data.policy.sample} />
              {data.maySupervise && data.online ? <TeamFigures /> : null}
              {rows.length === 0 ? (
                <div className="blank">
                  <p>{say(show === 'open' ? 'none' : 'noneClosed')}</p>
                  {show === 'open' ? <p className="quiet">{say('noneHint')}</p> : null}
                </div>
              ) : (
                <div className="case-table-scroll">
                  <CallbackTable
                    rows={rows}
                    show={show}
                    now={now}
                    selectedId={selectedId}
                    onSelect={setSelectedId}
                    onClaim={taskId => (mayClaim ? void work.claim(taskId) : undefined)}
                  />
                  <p className="quiet callbacks-more">
                    {say('shownOf', { shown: rows.length, total: data.total })}{' '}
                    {rows.length < data.total && limit < most ? (
                      <Button onClick={() => setLimit(limit + step)}>{say('more')}</Button>
                    ) : null}
                  </p>
                </div>
              )}
            </>
          )}
        </div>
        <div className="callbacks-side">
          <CallbackInHand
            active
            onDialled={props.onDialled}
            onCase={props.onCase}
            onDone={props.onDone}
            below={props.preview}
            blank={
              <div className="blank">
                <p>{say('handNone')}</p>
                <p className="quiet">{say('handHint')}</p>
              </div>
            }
          />
          {selected === undefined || data === undefined ? null : (
            <SelectedCallback
              key={selected.taskId}
              row={selected}
              now={now}
              maySupervise={data.maySupervise && data.online}
              online={data.online}
            />
          )}
        </div>
      </div>
    </Region>
  )
}

function Counts(props: {
  open: number
  ready: number
  overdue: number
  uncertain: number
  notDialable: number
  withheldCalls: number
  sample: boolean
}) {
  const say = useCallbackText()
  return (
    <p className="callbacks-counts">
      <span className="tag">{say('count.open', { n: props.open })}</span>
      <span className="tag strong">{say('count.ready', { n: props.ready })}</span>
      {props.overdue > 0 ? (
        <span className="tag warn">{say('count.overdue', { n: props.overdue })}</span>
      ) : null}
      {props.uncertain > 0 ? (
        <span className="tag warn">{say('count.uncertain', { n: props.uncertain })}</span>
      ) : null}
      {props.withheldCalls > 0 ? (
        <span className="tag">{say('count.withheld', { n: props.withheldCalls })}</span>
      ) : null}
      {props.sample ? <span className="quiet">{say('sample')}</span> : null}
    </p>
  )
}
