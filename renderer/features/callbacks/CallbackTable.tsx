/** The tasks as rows: when each is due, how often the citizen called, who tried, and why it stands where it does. */
import { memo } from 'react'
import type { CallbackRow } from '../../../shared/contract/seat-callbacks.ts'
import { outsideComposition } from '../../ui/keys.ts'
import { fullTime, shortTime } from '../../ui/time.ts'
import { sayDue, stateOf, useCallbackText, whyHere } from './callbacks-text.ts'

type Props = {
  rows: readonly CallbackRow[]
  show: 'open' | 'closed'
  now: number
  selectedId: string | null
  onSelect(taskId: string): void
  onClaim(taskId: string): void
}

export function CallbackTable(props: Props) {
  const say = useCallbackText()
  const isOpen = props.show === 'open'
  return (
    <table className="case-table callback-table">
      <thead>
        <tr>
          <th>{say(isOpen ? 'due' : 'closedAt')}</th>
          <th>{say('number')}</th>
          <th>{say('calls')}</th>
          <th>{say('lastTry')}</th>
          <th>{say('state')}</th>
          <th>{say(isOpen ? 'why' : 'closedWhy')}</th>
        </tr>
      </thead>
      <tbody>
        {props.rows.map(row => (
          <Row
            key={row.taskId}
            row={row}
            now={props.now}
            selected={row.taskId === props.selectedId}
            onSelect={props.onSelect}
            onClaim={props.onClaim}
          />
        ))}
      </tbody>
    </table>
  )
}

const Row = memo(function Row(props: {
  row: CallbackRow
  now: number
  selected: boolean
  onSelect(taskId: string): void
  onClaim(taskId: string): void
}) {
  const say = useCallbackText()
  const { row, now } = props
  const state = stateOf(row)
  const who = row.heldBy ?? (row.assignedTo === null ? null : say('assigned', { name: row.assignedTo }))
  const why = row.closed === null ? whyHere(say, row, now) : closedWords()
  function closedWords(): string {
    if (row.closed === null) return ''
    const { reason, outcome, by, detail } = row.closed
    return [
      say(`closed.${reason}`),
      outcome === null || outcome === 'reached' ? null : say(`outcome.${outcome}`),
      by ?? say('byItself'),
      detail === '' ? null : detail,
    ]
      .filter(part => part !== null)
      .join(' · ')
  }
  return (
    <tr
      id={`callback-row-${row.taskId}`}
      aria-selected={props.selected}
      className={row.overdue && row.ready ? 'overdue' : ''}
      onClick={() => props.onSelect(row.taskId)}
      onDoubleClick={() => props.onClaim(row.taskId)}
    >
      <td className="numeric">
        {row.closed === null ? (
          <time dateTime={row.dueAt} title={fullTime(row.dueAt)}>
            {row.dialable ? sayDue(say, row.dueAt, now) : '—'}
          </time>
        ) : (
          <time dateTime={row.closed.at} title={fullTime(row.closed.at)}>
            {shortTime(row.closed.at, now)}
          </time>
        )}
      </td>
      <td className="numeric">
        <button
          type="button"
          className="link"
          onClick={() => props.onSelect(row.taskId)}
          onKeyDown={outsideComposition(event => {
            if (event.key !== 'Enter') return
            event.preventDefault()
            props.onClaim(row.taskId)
          })}
        >
          {row.number}
        </button>
      </td>
      <td className="numeric">{say('times', { n: row.calls })}</td>
      <td>
        {row.lastTry === null
          ? '—'
          : `${say(`outcome.${row.lastTry.outcome ?? 'unknown'}`)} · ${shortTime(row.lastTry.at, now)}`}
      </td>
      <td>
        <span className={state === 'open' ? 'tag strong' : state === 'uncertain' ? 'tag warn' : 'tag'}>
          {say(`state.${state}`)}
        </span>
        {who}
      </td>
      <td className="callback-why" title={why}>
        {why}
      </td>
    </tr>
  )
})
