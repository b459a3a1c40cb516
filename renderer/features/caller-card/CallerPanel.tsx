/** Screen pop (来电弹屏): who is calling, what they called about before, open cases first. Never takes the keyboard. */
import { useQuery } from '@tanstack/react-query'
import { Button, Drawer } from 'antd'
import { memo, useMemo, useState } from 'react'
import type { CallerCard } from '../../../shared/contract/seat.ts'
import { type CaseSummary, isOpen } from '../../../shared/domain/case.ts'
import { queryKeys, useBridge, useSyncStatus } from '../../bridge/bridge-context.tsx'
import { CaseReading, useCase } from '../../ui/CaseReading.tsx'
import { useCaseWords } from '../../ui/case-words.ts'
import { Region } from '../../ui/Region.tsx'
import { defineText, sentenceOf } from '../../ui/text.ts'
import { shortTime } from '../../ui/time.ts'
import { CallerProfileLine } from './CallerProfileLine.tsx'
import { type WholeCard, withCentre } from './centre-history.ts'

const useText = defineText('caller-card', {
  region: ['来电人', 'Caller'],
  localOnly: ['仅本机记录', 'This machine only'],
  asking: ['正在查询中心', 'Asking the centre'],
  withCentre: ['含中心记录', "With the centre's"],
  hidden: ['另有 {{count}} 件无权查看', '{{count}} more may not be shown'],
  elsewhere: ['在中心', 'At the centre'],
  nobody: ['还没有来电', 'No caller yet'],
  nobodyHint: ['来电时，这里显示来电人以往的工单和通话。', "A caller's earlier cases and calls appear here."],
  first: ['首次来电', 'First call'],
  times: ['此前来电 {{calls}} 次', '{{calls}} earlier calls'],
  missed: ['漏接 {{missed}} 次', '{{missed}} missed'],
  openCases: ['未办结 {{open}} 件', '{{open}} open'],
  cases: ['以往工单（{{count}}）', 'Earlier cases ({{count}})'],
  calls: ['最近通话（{{count}}）', 'Recent calls ({{count}})'],
  noCases: ['没有以往工单', 'No earlier cases'],
  noCalls: ['没有其他通话', 'No other calls'],
  withheld: ['对方隐藏了号码，无法查找以往记录', 'The number is withheld; nothing can be looked up'],
  failed: ['查询没有成功：{{why}}', 'Look-up failed: {{why}}'],
  retry: ['重试', 'Retry'],
  extension: ['分机 {{extension}}', 'ext. {{extension}}'],
  unnamed: ['未登记姓名', 'Name not known'],
})

const askForMs = 800

export const callerQuery = (number: string | null, callId: string | null) =>
  [...queryKeys.callers, number, callId] as const

export type CallerFocus = {
  number: string | null
  callId: string | null
  /** As the exchange marked the call. */
  dialect: string | null
}

export const CallerPanel = memo(Panel)

function Panel({ focus }: { focus: CallerFocus | null }) {
  const say = useText()
  const bridge = useBridge()
  const { data, error, refetch } = useQuery({
    queryKey: callerQuery(focus?.number ?? null, focus?.callId ?? null),
    queryFn: () =>
      bridge.seat.callers.lookup({ number: focus?.number ?? null, excludeCallId: focus?.callId ?? null }),
    enabled: focus !== null,
  })
  const { whole, asking } = useCentreHistory(data, focus?.callId ?? null)
  return (
    <Region
      name={say('region')}
      className="caller"
      extra={
        focus === null || whole === undefined ? null : asking ? (
          <span className="tag">{say('asking')}</span>
        ) : (
          <span className="tag">{say(whole.localOnly ? 'localOnly' : 'withCentre')}</span>
        )
      }
    >
      {focus === null ? (
        <div className="blank">
          <p>{say('nobody')}</p>
          <p className="quiet">{say('nobodyHint')}</p>
        </div>
      ) : whole === undefined ? (
        error === null ? null : (
          <div className="blank" role="alert">
            <p>{say('failed', { why: sentenceOf(error) })}</p>
            <Button onClick={() => void refetch()}>{say('retry')}</Button>
          </div>
        )
      ) : (
        <Card card={whole} focus={focus} />
      )}
    </Region>
  )
}

/**
 * The card of this machine at once, and the whole one when the centre has answered. The centre is asked after the card is
 * there and never waited for longer than `askForMs`: what comes later would move what the operator reads already.
 */
function useCentreHistory(
  card: CallerCard | undefined,
  callId: string | null,
): { whole: WholeCard | undefined; asking: boolean } {
  const { seat } = useBridge()
  const online = useSyncStatus()?.centre === 'online'
  const number = card?.number.key ?? null
  const { data = null, isFetching } = useQuery({
    // Asked once a call: what happens in the call does not change what the centre knows.
    queryKey: ['caller-at-centre', number, callId],
    queryFn: ({ signal }) =>
      seat.callers.atCentre(
        { number: number ?? '' },
        { signal: AbortSignal.any([signal, AbortSignal.timeout(askForMs)]) },
      ),
    enabled: online && number !== null,
    retry: false,
  })
  const whole = useMemo(() => (card === undefined ? undefined : withCentre(card, data)), [card, data])
  return { whole, asking: isFetching && data === null }
}

function Card({ card, focus }: { card: WholeCard; focus: CallerFocus }) {
  const say = useText()
  const words = useCaseWords()
  const [shown, setShown] = useState<string | null>(null)
  const now = Date.now()
  const withheld = card.number.kind === 'withheld'
  return (
    <div className="caller-body">
      <div className="caller-who">
        <p className="caller-name">{card.knownName === '' ? say('unnamed') : card.knownName}</p>
        <p className="caller-number">
          {card.number.display}
          {card.number.extension === null ? null : (
            <span className="quiet"> {say('extension', { extension: card.number.extension })}</span>
          )}
        </p>
        <p className="caller-counts">
          {withheld ? (
            <span className="quiet">{say('withheld')}</span>
          ) : card.callCount === 0 && card.caseCount === 0 ? (
            <span className="tag">{say('first')}</span>
          ) : (
            <>
              <span className="tag">{say('times', { calls: card.callCount })}</span>
              {card.missedCount > 0 ? (
                <span className="tag warn">{say('missed', { missed: card.missedCount })}</span>
              ) : null}
              {card.openCaseCount > 0 ? (
                <span className="tag strong">{say('openCases', { open: card.openCaseCount })}</span>
              ) : null}
            </>
          )}
        </p>
        {card.number.key === null ? null : (
          <CallerProfileLine
            key={card.number.key}
            numberKey={card.number.key}
            callId={focus.callId}
            profile={card.profile}
            offered={focus.dialect}
          />
        )}
      </div>
      {withheld ? null : (
        <>
          <h3>{say('cases', { count: card.caseCount })}</h3>
          {card.cases.length === 0 ? <p className="quiet">{say('noCases')}</p> : null}
          <ul className="caller-cases">
            {card.cases.map(one => (
              <CaseLine
                key={one.caseId}
                one={one}
                now={now}
                elsewhere={card.elsewhere.has(one.caseId)}
                onShow={() => setShown(one.caseId)}
              />
            ))}
          </ul>
          {card.hiddenCount > 0 ? (
            <p className="quiet">{say('hidden', { count: card.hiddenCount })}</p>
          ) : null}
          <h3>{say('calls', { count: card.callCount })}</h3>
          {card.calls.length === 0 ? <p className="quiet">{say('noCalls')}</p> : null}
          <ul className="caller-calls">
            {card.calls.map(call => (
              <li key={call.callId}>
                <time>{shortTime(call.offeredAt, now)}</time>
                <span>
                  {words(`direction.${call.direction}`)} ·{' '}
                  {call.outcome === null ? words('live') : words(`outcome.${call.outcome}`)}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
      <QuickView caseId={shown} onClose={() => setShown(null)} />
    </div>
  )
}

function CaseLine(props: { one: CaseSummary; now: number; elsewhere: boolean; onShow(): void }) {
  const say = useText()
  const words = useCaseWords()
  const { one, now, elsewhere } = props
  const line = (
    <>
      <span className="case-line-title">{one.title === '' ? words('untitled') : one.title}</span>
      <span className="case-line-facts">
        {words(`status.${one.status}`)} · {words(`disposition.${one.disposition}`)} ·{' '}
        {shortTime(one.createdAt, now)}
        {elsewhere ? ` · ${say('elsewhere')}` : ''}
      </span>
    </>
  )
  return (
    <li className={isOpen(one.status) ? 'open' : ''}>
      {elsewhere ? (
        // There is nothing of it here to open.
        <div className="case-line">{line}</div>
      ) : (
        <button type="button" className="case-line" onClick={props.onShow}>
          {line}
        </button>
      )}
    </li>
  )
}

function QuickView({ caseId, onClose }: { caseId: string | null; onClose(): void }) {
  const { data, error } = useCase(caseId)
  return (
    <Drawer open={caseId !== null} onClose={onClose} size={460} title={data?.caseNumber ?? ''}>
      {error === null ? null : <p role="alert">{sentenceOf(error)}</p>}
      {data === undefined ? null : (
        <div className="case-detail">
          <CaseReading one={data} brief />
        </div>
      )}
    </Drawer>
  )
}
