/** The state of the line to the centre, and what an operator or administrator may have to do about it. */
import { Progress } from 'antd'
import type { SyncStatus } from '../../../shared/contract/seat.ts'
import { shortTime } from '../../ui/time.ts'
import { sayLength, saySince, useSyncText } from './sync-text.ts'
import { catchUpPercent, numbersLeft } from './unsent.ts'

const health = { none: 'none', connecting: 'busy', online: 'good', offline: 'busy', refused: 'bad' } as const

export function SyncSummary({ status, now }: { status: SyncStatus; now: number }) {
  const say = useSyncText()
  const numbers = numbersLeft(status.numbersLeft)
  const count = status.numbersLeft ?? 0
  const hasCentre = status.centre !== 'none'
  const facts: [string, string, string?][] = []
  if (hasCentre)
    facts.push([
      say('lastContact'),
      status.lastContactAt === null
        ? say('never')
        : `${saySince(say, status.lastContactAt, now)}（${shortTime(status.lastContactAt, now)}）`,
    ])
  facts.push(
    [say('waiting'), say('items', { count: status.waiting })],
    [say('parked'), say('items', { count: status.parked }), status.parked > 0 ? 'bad' : ''],
  )
  if (hasCentre && status.filesWaiting !== null)
    facts.push([say('files'), say('fileCount', { count: status.filesWaiting })])
  if (status.oldestWaitingAt !== null) facts.push([say('oldest'), saySince(say, status.oldestWaitingAt, now)])
  if (status.commandsPerSecond !== null)
    facts.push([say('speed'), say('perSecond', { count: Number(status.commandsPerSecond.toFixed(1)) })])
  if (status.feedLagSeconds !== null)
    facts.push([say('feedLag'), say('seconds', { count: status.feedLagSeconds }), 'bad'])
  if (hasCentre) {
    facts.push([
      say('numbers'),
      numbers === 'none'
        ? say('noNumbers')
        : numbers === 'out'
          ? say('numbersOut')
          : numbers === 'low'
            ? say('numbersLow', { count })
            : String(count),
      numbers === 'low' || numbers === 'out' ? 'bad' : '',
    ])
  }
  return (
    <div className="sync-summary">
      <p className={`sync-state ${health[status.centre]}`} role="status">
        <span className="connection-mark" aria-hidden="true" />
        {say('status')} <b>{say(`centre.${status.centre}`)}</b>
        <span className="quiet">
          {status.problem === null ? '' : `${status.problem.replace(/。$/, '')}。`}
          {say(`centre.${status.centre}.then`)}
        </span>
      </p>
      {status.alarm ? (
        <p className="sync-warning bad" role="alert">
          {say('alarm')}
        </p>
      ) : null}
      {status.feedLagSeconds === null ? null : (
        <p className="sync-warning" role="alert">
          {say('lagging')}
        </p>
      )}
      {status.clockSkewMs === null ? null : (
        <p className="sync-warning" role="alert">
          {say(status.clockSkewMs > 0 ? 'clockFast' : 'clockSlow', {
            by: sayLength(say, Math.abs(status.clockSkewMs)),
          })}
        </p>
      )}
      {status.catchUp === null ? null : (
        <div className="sync-catch-up">
          <span id="sync-catch-up">{say('catchUp', status.catchUp)}</span>
          <Progress
            aria-labelledby="sync-catch-up"
            percent={catchUpPercent(status.catchUp)}
            status="active"
            size="small"
          />
        </div>
      )}
      <dl className="sync-facts">
        {facts.map(([label, value, kind]) => (
          <div key={label} className={kind}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
