/** What has not reached the centre, each item in plain words; what was not accepted comes first, with what can be done. */
import { Button } from 'antd'
import { useState } from 'react'
import type { UnsentItem } from '../../../shared/contract/seat.ts'
import { fullTime } from '../../ui/time.ts'
import { saySince, useSyncText } from './sync-text.ts'

/** More rows than this are asked for: nobody reads them at once, and each costs drawing time. */
const shownAtFirst = 100

export type UnsentActions = {
  /** The command that something is being done with, while it is. */
  busy: string | null
  onRetry(item: UnsentItem): void
  onHandOver(item: UnsentItem): void
  onDecide(item: UnsentItem): void
  onRecategorise(item: UnsentItem): void
}

export function UnsentList(
  props: {
    parked: readonly UnsentItem[]
    waiting: readonly UnsentItem[]
    /** How many there are altogether, listed here or not. */
    counts: { parked: number; waiting: number }
    beyond: number
    /** Where there is no centre, nothing unsent does not mean that it arrived. */
    hasCentre: boolean
    now: number
  } & UnsentActions,
) {
  const say = useSyncText()
  const [limit, setLimit] = useState(shownAtFirst)
  const parked = props.parked.slice(0, limit)
  const waiting = props.waiting.slice(0, limit)
  const hidden = parked.length < props.parked.length || waiting.length < props.waiting.length
  if (props.parked.length + props.waiting.length === 0 && props.beyond === 0) {
    return (
      <div className="blank">
        <p>{say('none')}</p>
        <p className="quiet">{say(props.hasCentre ? 'noneHint' : 'noneYetHint')}</p>
      </div>
    )
  }
  return (
    <>
      {parked.length === 0 ? null : (
        <>
          <h3>{say('parkedList', { count: Math.max(props.counts.parked, props.parked.length) })}</h3>
          <p className="quiet">{say('parkedHint')}</p>
          <ol className="unsent">
            {parked.map(item => (
              <Parked key={item.commandId} item={item} {...props} />
            ))}
          </ol>
        </>
      )}
      {waiting.length === 0 ? null : (
        <>
          <h3>{say('waitingList', { count: Math.max(props.counts.waiting, props.waiting.length) })}</h3>
          <ol className="unsent">
            {waiting.map(item => (
              <li key={item.commandId}>
                <Line item={item} now={props.now} />
              </li>
            ))}
          </ol>
        </>
      )}
      {hidden ? (
        <Button className="more-rows" onClick={() => setLimit(Number.POSITIVE_INFINITY)}>
          {say('more')}
        </Button>
      ) : props.beyond > 0 ? (
        <p className="quiet">{say('beyond', { count: props.beyond })}</p>
      ) : null}
    </>
  )
}

function Line({ item, now }: { item: UnsentItem; now: number }) {
  const say = useSyncText()
  return (
    <div className="unsent-line">
      <p id={`unsent-${item.commandId}`} className="unsent-sentence">
        {item.sentence}
      </p>
      <p className="quiet">
        {item.caseNumber === null || item.sentence.includes(item.caseNumber) ? null : (
          <span className="numeric">{item.caseNumber} · </span>
        )}
        {item.operatorName === null ? null : `${item.operatorName} · `}
        <time dateTime={item.issuedAt} title={fullTime(item.issuedAt)}>
          {saySince(say, item.issuedAt, now)}
        </time>
      </p>
      <span className={`tag ${item.state === 'waiting' ? '' : 'warn'}`}>{say(`state.${item.state}`)}</span>
    </div>
  )
}

function Parked(props: { item: UnsentItem; now: number } & UnsentActions) {
  const say = useSyncText()
  const { item } = props
  const described = `unsent-${item.commandId}`
  // One thing at a time, and the others say so.
  const keys = {
    'aria-describedby': described,
    loading: props.busy === item.commandId,
    disabled: props.busy !== null && props.busy !== item.commandId,
  }
  return (
    <li className="unsent-parked">
      <Line item={item} now={props.now} />
      {item.parked === null ? null : (
        <p>
          <b>{say('why')}</b> {item.parked.sentence}{' '}
          <span className="quiet">{say('parkedAt', { at: fullTime(item.parked.at) })}</span>
        </p>
      )}
      <div className="unsent-keys">
        {item.parked?.conflict == null ? null : (
          <Button type="primary" {...keys} onClick={() => props.onDecide(item)}>
            {say('decide')}
          </Button>
        )}
        {item.parked?.code === 'CATALOGUE_ENTRY_GONE' ? (
          <Button type="primary" {...keys} onClick={() => props.onRecategorise(item)}>
            {say('recategorise')}
          </Button>
        ) : (
          <Button {...keys} onClick={() => props.onRetry(item)}>
            {say('retry')}
          </Button>
        )}
        {item.parked?.handedOver === true ? (
          <span className="tag strong">{say('handedOver')}</span>
        ) : (
          <Button {...keys} onClick={() => props.onHandOver(item)}>
            {say('handOver')}
          </Button>
        )}
      </div>
    </li>
  )
}
