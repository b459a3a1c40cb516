/** 派单 and 改派: the units and due times that the catalogue proposes for this case now, and what the operator changes of it. */
import { useQuery } from '@tanstack/react-query'
import { Checkbox, Input, Select } from 'antd'
import { useEffect, useMemo, useState } from 'react'
import { workDays } from '../../../shared/domain/calendar.ts'
import type { CaseDetail } from '../../../shared/domain/case.ts'
import type { DispatchOrder } from '../../../shared/domain/dispatch.ts'
import {
  asProposed,
  type DispatchChoice,
  type DispatchFault,
  dispatching,
} from '../../../shared/domain/make-dispatch.ts'
import { queryKeys, useBridge, useCatalogue } from '../../bridge/bridge-context.tsx'
import { OverLimit } from '../../ui/OverLimit.tsx'
import { fullTime } from '../../ui/time.ts'
import { useNow } from '../../ui/use-now.ts'
import { useProcessText } from './process-text.ts'

const minuteMs = 60_000

/** `onOrder` is told null as long as something speaks against the dispatch; `onRead` once there is something to fill in. */
export function DispatchFields(props: {
  one: CaseDetail
  onRead(): void
  onOrder(order: DispatchOrder | null): void
}) {
  const { one, onRead, onOrder } = props
  const say = useProcessText()
  const { seat } = useBridge()
  const catalogue = useCatalogue().data
  const { caseId } = one
  // What was chosen in the form is what the case is dispatched with. What a re-dispatch goes to is chosen anew.
  const { data } = useQuery({
    queryKey: ['case-dispatch', caseId],
    queryFn: async () => ({
      calendar: (await seat.dispatch.calendar({})).calendar,
      choice: await seat.dispatch.choice({ draftId: caseId }),
    }),
    gcTime: 0,
  })
  const { data: files = [] } = useQuery({
    queryKey: [...queryKeys.attachments, caseId],
    queryFn: () => seat.attachments.list({ caseId }),
  })
  const [given, setGiven] = useState<string[]>([])
  const [changed, setChanged] = useState<Partial<DispatchChoice>>({})
  // By the minute: an order that changed with every second could not be read.
  const minute = Math.floor(useNow(true, 10_000) / minuteMs)
  const dispatch = useMemo(
    () =>
      catalogue === undefined || data === undefined
        ? null
        : dispatching(catalogue, data.calendar === null ? null : workDays(data.calendar)),
    [catalogue, data],
  )
  const choice = useMemo(
    () => ({ ...(one.loop === null ? (data?.choice ?? asProposed) : asProposed), ...changed }),
    [one.loop, data, changed],
  )
  const proposal = useMemo(
    () => dispatch?.propose(one.fields, minute * minuteMs, choice) ?? null,
    [dispatch, one.fields, minute, choice],
  )
  const proposed = proposal?.order ?? null
  const order = useMemo(
    () => (proposed === null || given.length === 0 ? proposed : { ...proposed, attachments: given }),
    [proposed, given],
  )
  useEffect(() => onOrder(order), [order, onOrder])
  const read = proposal !== null
  useEffect(() => {
    if (read) onRead()
  }, [read, onRead])
  const options = useMemo(
    () => (catalogue?.units ?? []).map(({ code, name }) => ({ value: code, label: `${name} ${code}` })),
    [catalogue],
  )
  if (proposal === null) return <p className="quiet">{say('loading')}</p>
  const due = (at: string | null | undefined) => (at == null ? say('noLimit') : fullTime(at))
  const filter = { optionFilterProp: 'label' }
  return (
    <>
      <div className="field">
        <label className="field-label" htmlFor="move-lead">
          {say('lead')}
        </label>
        <Select
          id="move-lead"
          className="dispatch-unit"
          value={proposal.lead?.code ?? null}
          options={options}
          placeholder={say('unitSearch')}
          showSearch={filter}
          onChange={code => setChanged({ ...changed, leadUnit: code })}
        />
      </div>
      <div className="field">
        <label className="field-label" htmlFor="move-assist">
          {say('assist')}
        </label>
        <Select
          id="move-assist"
          className="dispatch-unit"
          mode="multiple"
          maxCount={10}
          value={proposal.assist.map(({ code }) => code)}
          options={options}
          showSearch={filter}
          onChange={codes => setChanged({ ...changed, assistUnits: codes })}
        />
      </div>
      <div className="field">
        <label className="field-label" htmlFor="move-opinion">
          {say('opinion')}
        </label>
        <Input
          id="move-opinion"
          value={choice.opinion}
          autoComplete="off"
          onChange={event => setChanged({ ...changed, opinion: event.target.value })}
        />
        <OverLimit text={choice.opinion} max={2_000} />
      </div>
      {files.length === 0 ? null : (
        <div className="field">
          <span className="field-label">{say('filesForUnit')}</span>
          {one.fields.confidential ? (
            <p className="quiet">{say('filesConfidential')}</p>
          ) : (
            <>
              <Checkbox.Group
                aria-label={say('filesForUnit')}
                className="files-for-unit"
                value={given}
                options={files.map(({ attachmentId, name }) => ({ value: attachmentId, label: name }))}
                onChange={setGiven}
              />
              <p className="quiet">{say('filesForUnitHint')}</p>
            </>
          )}
        </div>
      )}
      <dl className="detail-facts">
        <div>
          <dt>{say('signBy')}</dt>
          <dd>{due(order?.signBy)}</dd>
        </div>
        <div>
          <dt>{say('replyBy')}</dt>
          <dd>{due(order?.replyBy)}</dd>
        </div>
      </dl>
      {proposal.faults.length === 0 ? null : (
        <div role="status">
          <p>{say('notYet')}</p>
          <ul>
            {proposal.faults.map(fault => (
              <li key={JSON.stringify(fault)}>
                {say(`fault.${fault.code}`)}
                {aboutOf(fault)}
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  )
}

const aboutOf = (fault: DispatchFault): string => {
  if ('unit' in fault) return `：${fault.unit}`
  if ('day' in fault) return `：${fault.day}`
  return ''
}
