/** The latest calls (最近通话), and those that still want a case (待补工单). */
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { memo, useState } from 'react'
import type { CallRecord } from '../../../shared/domain/call.ts'
import { maskNumber, normalizeNumber } from '../../../shared/domain/phone-number.ts'
import { queryKeys, useBridge, useSeatStatus } from '../../bridge/bridge-context.tsx'
import { useCaseWords } from '../../ui/case-words.ts'
import { defineText, sentenceOf } from '../../ui/text.ts'
import { shortTime } from '../../ui/time.ts'

const useText = defineText('recent-calls', {
  recent: ['最近通话', 'Recent calls'],
  noRecent: ['还没有通话记录', 'No calls yet'],
  callBack: ['回拨 {{number}}', 'Call back {{number}}'],
  unfiled: ['待补工单（{{count}}）', 'Calls without a case ({{count}})'],
  file: ['补录 {{number}}', 'File {{number}}'],
  fileShort: ['补录', 'File'],
  evidence: ['导出证据包 {{number}}', 'Export the evidence of {{number}}'],
})

const numberOf = (record: CallRecord) =>
  record.direction === 'inbound' ? record.facts.callerNumber : record.facts.calledNumber

type Props = {
  /** Calls whose case is still being written are not listed as forgotten. */
  inHand: readonly string[]
  onCall(number: string): void
  onFile(record: CallRecord): void
}

/** Drawn anew for new records, not for each change of a live call. */
export const RecentCalls = memo(Recent)

function Recent(props: Props) {
  const say = useText()
  const words = useCaseWords()
  const bridge = useBridge()
  const open = useSeatStatus()?.storage.state === 'open'
  const { data: records = [] } = useQuery({
    queryKey: queryKeys.calls,
    queryFn: () => bridge.seat.calls.list({ limit: 30, before: null }),
    enabled: open,
  })
  const { data: unfiled = [] } = useQuery({
    queryKey: queryKeys.unfiled,
    queryFn: () => bridge.seat.calls.unfiled({}),
    enabled: open,
  })
  const forgotten = unfiled.filter(({ callId }) => !props.inHand.includes(callId))
  const shownNumber = (record: CallRecord) => {
    const number = normalizeNumber(numberOf(record), { areaCode: '' })
    return { ...number, shown: number.key === null ? words('withheld') : maskNumber(number.display) }
  }
  const [problem, setProblem] = useState<string | null>(null)
  const exportEvidence = ({ callId, offeredAt }: CallRecord) => {
    setProblem(null)
    bridge.seat.calls
      .evidence({ callId })
      .then(bundle => {
        const link = document.createElement('a')
        link.href = URL.createObjectURL(
          new Blob([JSON.stringify(bundle, null, 2)], { type: 'application/json' }),
        )
        link.download = `call-evidence-${offeredAt.slice(0, 19).replace(/\D/g, '')}.json`
        link.click()
        // The browser reads it after the click.
        setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
      })
      .catch((error: unknown) => setProblem(sentenceOf(error)))
  }
  return (
    <div className="recent">
      {forgotten.length === 0 ? null : (
        <>
          <h3 className="unfiled">{say('unfiled', { count: forgotten.length })}</h3>
          <ul>
            {forgotten.map(record => {
              const { shown } = shownNumber(record)
              return (
                <li key={record.callId}>
                  <span className="recent-number">{shown}</span>
                  <time>{shortTime(record.offeredAt, Date.now())}</time>
                  <Button
                    size="small"
                    aria-label={say('file', { number: shown })}
                    onClick={() => props.onFile(record)}
                  >
                    {say('fileShort')}
                  </Button>
                </li>
              )
            })}
          </ul>
        </>
      )}
      <h3>{say('recent')}</h3>
      <p className="panel-problem" role="alert">
        {problem}
      </p>
      {records.length === 0 ? <p className="quiet">{say('noRecent')}</p> : null}
      <ul>
        {records.map(record => {
          const { shown, dialable, key } = shownNumber(record)
          return (
            <li key={record.callId} className={`outcome-${record.outcome ?? 'live'}`}>
              <span className="recent-number">{shown}</span>
              <span className="recent-outcome">
                {words(`direction.${record.direction}`)} ·{' '}
                {record.outcome === null ? words('live') : words(`outcome.${record.outcome}`)}
              </span>
              <time>{shortTime(record.offeredAt, Date.now())}</time>
              <span className="recent-keys">
                {record.outcome === null ? null : (
                  <Button
                    size="small"
                    type="text"
                    aria-label={say('evidence', { number: shown })}
                    onClick={() => exportEvidence(record)}
                  >
                    ⇩
                  </Button>
                )}
                {dialable && key !== null ? (
                  <Button
                    size="small"
                    type="text"
                    aria-label={say('callBack', { number: shown })}
                    onClick={() => props.onCall(key)}
                  >
                    ↩
                  </Button>
                ) : null}
              </span>
            </li>
          )
        })}
      </ul>
    </div>
  )
}
