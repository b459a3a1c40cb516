/** A filed case as it is read: what was said, what was recorded, what has happened to it. */
import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { CaseDetail, CaseFields } from '../../shared/domain/case.ts'
import { queryKeys, useBridge, useCatalogue } from '../bridge/bridge-context.tsx'
import { useDispositions } from '../bridge/dispositions.ts'
import { useCaseWords } from './case-words.ts'
import { type EntryName, entryWords } from './entry-words.ts'
import { shownValue, useFieldWords } from './field-words.ts'
import { ProgressCode } from './ProgressCode.tsx'
import { defineText } from './text.ts'
import { fullTime } from './time.ts'

const useText = defineText('case-reading', {
  content: ['诉求内容', 'Content'],
  facts: ['登记信息', 'Recorded'],
  history: ['过程', 'History'],
  created: ['提交工单', 'Submitted'],
  remark: ['补充备注', 'Remark'],
  edited: ['修改', 'Changed'],
  attached: ['附件', 'Attachment'],
  catalogueVersion: ['目录版本', 'Catalogue'],
  reportedAt: ['（坐席报告时间 {{at}}）', '(reported by the seat at {{at}})'],
})

export const caseQuery = (caseId: string | null) => [...queryKeys.cases, 'one', caseId] as const

export function useCase(caseId: string | null): UseQueryResult<CaseDetail> {
  const bridge = useBridge()
  return useQuery({
    queryKey: caseQuery(caseId),
    queryFn: () => bridge.seat.cases.get({ caseId: caseId ?? '' }),
    enabled: caseId !== null,
  })
}

/** What stands under 登记信息, in this order; title, content and disposition are shown above it. */
const facts: readonly (keyof CaseFields)[] = [
  'callerName',
  'gender',
  'contactNumber',
  'callingNumber',
  'callerKind',
  'company',
  'email',
  'kind',
  'urgency',
  'categoryCode',
  'divisionCode',
  'place',
  'partyName',
  'partyPhone',
  'handling',
  'confidential',
  'replyWanted',
  'dispositionNote',
  'reasonCode',
  'handOverName',
  'handOverNumber',
  'handOverWay',
  'handOverAt',
  'handOverConsent',
  'handOverTakenBy',
  'handOverAck',
  'handOverDirectory',
  'remarks',
  'tags',
]

/**
 * `brief`: without the recorded facts, for a look during a call. `marks` stand beside the status. `history` false: it is shown
 * elsewhere.
 */
export function CaseReading(props: {
  one: CaseDetail
  brief?: boolean
  marks?: ReactNode
  history?: boolean
}) {
  const { one, brief, marks } = props
  const say = useText()
  const field = useFieldWords()
  const words = useCaseWords()
  const catalogue = useCatalogue().data
  const reasons = useDispositions().data?.rules.reasons
  const shown = facts
    .map(name => [name, shownValue(name, one.fields[name], { field, words, catalogue, reasons })] as const)
    .filter(([, value]) => value !== '')
  return (
    <>
      <h3>{one.title === '' ? words('untitled') : one.title}</h3>
      <p>
        <span className="tag strong">{words(`status.${one.status}`)}</span>
        <span className="tag">{words(`disposition.${one.disposition}`)}</span>
        {marks}
        <span className="quiet">{fullTime(one.createdAt)}</span> <ProgressCode one={one} />
      </p>
      <h4>{say('content')}</h4>
      <p className="long-text">{one.fields.content}</p>
      {one.fields.callerWords === '' ? null : (
        <>
          <h4>{field('callerWords')}</h4>
          <p className="long-text">{one.fields.callerWords}</p>
        </>
      )}
      {brief === true ? null : (
        <>
          <h4>{say('facts')}</h4>
          <dl className="detail-facts">
            {shown.map(([name, value]) => (
              <div key={name}>
                <dt>{field(name)}</dt>
                <dd>{value}</dd>
              </div>
            ))}
            <div>
              <dt>{say('catalogueVersion')}</dt>
              <dd>{one.catalogueVersion}</dd>
            </div>
          </dl>
        </>
      )}
      {props.history === false ? null : (
        <>
          <h4>{say('history')}</h4>
          <Timeline one={one} />
        </>
      )}
    </>
  )
}

/** Who did what and when, from the first entry to the last. */
export function Timeline({ one }: { one: CaseDetail }) {
  const say = useText()
  const field = useFieldWords()
  const words = useCaseWords()
  return (
    <ol className="timeline">
      {one.history.map(entry => {
        const { name, detail } = entryWords(entry, field)
        return (
          <li key={entry.entryId}>
            <time>{fullTime(entry.at)}</time>{' '}
            {entry.reportedAt === undefined ? null : (
              <span className="quiet">{say('reportedAt', { at: fullTime(entry.reportedAt) })} </span>
            )}
            {entry.operatorName}
            {name === null ? null : ` · ${isOwn(name) ? say(name) : words(name)}`}
            {detail === '' ? null : <p className="long-text">{detail}</p>}
          </li>
        )
      })}
    </ol>
  )
}
type OwnName = 'created' | 'remark' | 'edited' | 'attached'
const isOwn = (name: EntryName): name is OwnName =>
  name === 'created' || name === 'remark' || name === 'edited' || name === 'attached'
