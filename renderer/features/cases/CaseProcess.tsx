/** 办理过程: where the case stands with its unit, who did what and when, and what may be done next. */
import type { ReactNode } from 'react'
import type { CaseDetail } from '../../../shared/domain/case.ts'
import type { CaseLoop } from '../../../shared/domain/case-loop.ts'
import { Timeline } from '../../ui/CaseReading.tsx'
import { Region } from '../../ui/Region.tsx'
import { fullTime } from '../../ui/time.ts'
import { useNow } from '../../ui/use-now.ts'
import { CaseMoves } from './CaseMoves.tsx'
import { Follows } from './CaseOwner.tsx'
import { useProcessText } from './process-text.ts'

export function CaseProcess({ one, active }: { one: CaseDetail; active: boolean }) {
  const say = useProcessText()
  return (
    <Region
      name={say('region')}
      className="case-process"
      extra={<CaseMoves key={one.caseId} one={one} active={active} />}
    >
      <Follows one={one} />
      {one.loop === null ? null : <Standing loop={one.loop} open={one.status !== 'closed'} />}
      <Timeline one={one} />
    </Region>
  )
}

const answer = (value: boolean | null) => (value === null ? 'none' : value ? 'yes' : 'no')

function Standing({ loop, open }: { loop: CaseLoop; open: boolean }) {
  const say = useProcessText()
  const now = useNow(open, 10_000)
  const due = (at: string | null, done: string | null): ReactNode => {
    if (at === null) return say('noLimit')
    const late = Date.parse(done ?? new Date(now).toISOString()) > Date.parse(at)
    return (
      <>
        <time>{fullTime(at)}</time>
        {late && (open || done !== null) ? <span className="tag warn">{say('overdue')}</span> : null}
      </>
    )
  }
  const counts = (['returns', 'extensions', 'rehandled', 'urged'] as const)
    .filter(name => loop[name] > 0)
    .map(name => say(name, { count: loop[name] }))
  const { order, evaluation } = loop
  const facts: [name: string, value: ReactNode][] = []
  if (order !== null) {
    facts.push([say('lead'), order.lead.name])
    if (order.assist.length > 0) facts.push([say('assist'), order.assist.map(({ name }) => name).join('、')])
    if (order.opinion !== '') facts.push([say('opinion'), order.opinion])
    facts.push(
      [say('signBy'), due(loop.signBy, loop.signedAt)],
      [say('replyBy'), due(loop.replyBy, loop.repliedAt)],
    )
  }
  if (loop.returnAsked !== null) facts.push([say('returnAsked'), loop.returnAsked])
  if (loop.extensionAsked !== null)
    facts.push([
      say('extensionAsked'),
      `${say('askedUntil', { time: fullTime(loop.extensionAsked.replyBy) })} ${loop.extensionAsked.reason}`,
    ])
  if (loop.reply !== '') facts.push([say('reply'), loop.reply])
  if (counts.length > 0) facts.push([say('counts'), counts.join('、')])
  if (evaluation !== null)
    facts.push([
      say('evaluation'),
      `${say(`solved.${answer(evaluation.solved)}`)}，${say(`satisfied.${answer(evaluation.satisfied)}`)}`,
    ])
  if (loop.followUp === 'unreachable') facts.push([say('evaluation'), say('unreachable')])
  return (
    <>
      {loop.supervised ? (
        <p className="case-marks">
          <span className="tag warn">{say('supervised')}</span>
        </p>
      ) : null}
      {facts.length === 0 ? null : (
        <dl className="detail-facts">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  )
}
