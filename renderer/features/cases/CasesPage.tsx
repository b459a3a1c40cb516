/** 工单: all cases of this seat, latest first, with filters and search; by keyboard throughout. */
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { Button, Checkbox, Input, type InputRef, Select } from 'antd'
import { useEffect, useMemo, useRef, useState } from 'react'
import { type CaseFilter, noCaseFilter } from '../../../shared/contract/seat.ts'
import { type CaseSummary, caseStatus, disposition, urgency } from '../../../shared/domain/case.ts'
import { caseWaiting } from '../../../shared/domain/case-moves.ts'
import { queryKeys, useBridge, useCatalogue } from '../../bridge/bridge-context.tsx'
import { useCaseWords } from '../../ui/case-words.ts'
import { Key } from '../../ui/Key.tsx'
import { useKeys } from '../../ui/keys.ts'
import { Region } from '../../ui/Region.tsx'
import { sentenceOf } from '../../ui/text.ts'
import { shortTime } from '../../ui/time.ts'
import { ApprovalFilter } from './ApprovalFilter.tsx'
import { CaseDrawer } from './CaseDrawer.tsx'
import { useCasesText } from './cases-text.ts'
import { RevealNumber } from './RevealNumber.tsx'

/** It stays, out of sight, when another page is opened: a call may come while a case is being changed here. */
export function CasesPage({ active }: { active: boolean }) {
  const say = useCasesText()
  const words = useCaseWords()
  const bridge = useBridge()
  const catalogue = useCatalogue().data
  const [filter, setFilter] = useState<CaseFilter>(noCaseFilter)
  const [selected, setSelected] = useState(0)
  const [openId, setOpenId] = useState<string | null>(null)
  const searchBox = useRef<InputRef>(null)
  const { data, error, fetchNextPage, hasNextPage, refetch, isPending } = useInfiniteQuery({
    queryKey: [...queryKeys.cases, 'list', filter],
    queryFn: ({ pageParam }) => bridge.seat.cases.list({ filter, limit: 50, cursor: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: last => last.nextCursor,
    placeholderData: keepPreviousData,
    enabled: active,
  })
  const cases = useMemo(() => data?.pages.flatMap(page => page.cases) ?? [], [data])
  const at = Math.min(selected, Math.max(0, cases.length - 1))
  const filtered = JSON.stringify(filter) !== JSON.stringify(noCaseFilter)
  const tooShort = Array.from(filter.text.trim()).length === 1
  const names = useMemo(
    () => new Map((catalogue?.categories ?? []).map(category => [category.code, category.name])),
    [catalogue],
  )

  useEffect(() => {
    document.getElementById(`case-row-${at}`)?.scrollIntoView({ block: 'nearest' })
  }, [at])
  const atControl = () => document.activeElement?.closest('input, textarea, button, [role="dialog"]') != null
  /** A control that has the keyboard takes Enter itself. */
  const openSelected = () => (atControl() ? false : setOpenId(cases[at]?.caseId ?? null))
  useKeys(
    active
      ? {
          'Ctrl+F': () => searchBox.current?.focus(),
          'Ctrl+f': () => searchBox.current?.focus(),
          ArrowDown: openId === null ? () => setSelected(Math.min(at + 1, cases.length - 1)) : undefined,
          ArrowUp: openId === null ? () => setSelected(Math.max(at - 1, 0)) : undefined,
          Enter: openId === null ? openSelected : undefined,
        }
      : {},
  )

  const pick = <K extends 'status' | 'waiting' | 'disposition' | 'urgency'>(name: K, values: CaseFilter[K]) =>
    setFilter(before => ({ ...before, [name]: values }))
  const codes = (flat: readonly { code: string; name: string }[] | undefined) =>
    (flat ?? []).map(({ code, name }) => ({ value: code, label: `${name} ${code}` }))

  return (
    <div className="page" hidden={!active}>
      <Region
        name={say('region')}
        className="page cases-page"
        extra={<ApprovalFilter filter={filter} onFilter={setFilter} />}
      >
        <div className="filters">
          <Input
            ref={searchBox}
            aria-label={say('search')}
            placeholder={say('searchHint')}
            value={filter.text}
            maxLength={200}
            allowClear
            autoComplete="off"
            suffix={<Key>Ctrl+F</Key>}
            onChange={event => setFilter({ ...filter, text: event.target.value })}
            onPressEnter={() => setOpenId(cases[at]?.caseId ?? null)}
          />
          <Select
            mode="multiple"
            maxTagCount="responsive"
            aria-label={say('status')}
            placeholder={say('status')}
            value={filter.status}
            options={caseStatus.options.map(value => ({ value, label: words(`status.${value}`) }))}
            onChange={values => pick('status', values)}
          />
          <Select
            mode="multiple"
            maxTagCount="responsive"
            aria-label={say('waiting')}
            placeholder={say('waiting')}
            value={filter.waiting}
            options={caseWaiting.options.map(value => ({ value, label: words(`waiting.${value}`) }))}
            onChange={values => pick('waiting', values)}
          />
          <Select
            mode="multiple"
            maxTagCount="responsive"
            aria-label={say('disposition')}
            placeholder={say('disposition')}
            value={filter.disposition}
            options={disposition.options.map(value => ({ value, label: words(`disposition.${value}`) }))}
            onChange={values => pick('disposition', values)}
          />
          <Select
            mode="multiple"
            maxTagCount="responsive"
            aria-label={say('urgency')}
            placeholder={say('urgency')}
            value={filter.urgency}
            options={urgency.options.map(value => ({ value, label: words(`urgency.${value}`) }))}
            onChange={values => pick('urgency', values)}
          />
          <Select
            allowClear
            showSearch={{ optionFilterProp: 'label' }}
            aria-label={say('division')}
            placeholder={say('division')}
            value={filter.divisionCode === '' ? null : filter.divisionCode}
            options={codes(catalogue?.divisions)}
            onChange={(code?: string | null) => setFilter({ ...filter, divisionCode: code ?? '' })}
          />
          <Select
            allowClear
            showSearch={{ optionFilterProp: 'label' }}
            aria-label={say('category')}
            placeholder={say('category')}
            value={filter.categoryCode === '' ? null : filter.categoryCode}
            options={codes(catalogue?.categories)}
            onChange={(code?: string | null) => setFilter({ ...filter, categoryCode: code ?? '' })}
          />
          <Checkbox
            checked={filter.mineOnly}
            onChange={event => setFilter({ ...filter, mineOnly: event.target.checked })}
          >
            {say('mine')}
          </Checkbox>
        </div>
        {error === null ? null : (
          <p className="panel-problem" role="alert">
            {say('failed', { why: sentenceOf(error) })}{' '}
            <Button onClick={() => void refetch()}>{say('retry')}</Button>
          </p>
        )}
        {cases.length === 0 && !isPending ? (
          <div className="blank">
            <p>{tooShort ? say('tooShort') : filtered ? say('noMatch') : say('none')}</p>
            {filtered ? null : <p className="quiet">{say('noneHint')}</p>}
          </div>
        ) : (
          <div className="case-table-scroll">
            <table className="case-table">
              <thead>
                <tr>
                  <th>{say('number')}</th>
                  <th>{say('title')}</th>
                  <th>{say('category')}</th>
                  <th>{say('caller')}</th>
                  <th>{say('disposition')}</th>
                  <th>{say('urgency')}</th>
                  <th>{say('status')}</th>
                  <th>{say('when')}</th>
                </tr>
              </thead>
              <tbody>
                {cases.map((one, index) => (
                  <Row
                    key={one.caseId}
                    id={`case-row-${index}`}
                    one={one}
                    category={names.get(one.categoryCode) ?? one.categoryCode}
                    selected={index === at}
                    onOpen={() => {
                      setSelected(index)
                      setOpenId(one.caseId)
                    }}
                  />
                ))}
              </tbody>
            </table>
            {hasNextPage ? (
              <Button className="more-rows" onClick={() => void fetchNextPage()}>
                {say('more')}
              </Button>
            ) : null}
          </div>
        )}
        <CaseDrawer caseId={openId} active={active} onClose={() => setOpenId(null)} onOpen={setOpenId} />
      </Region>
    </div>
  )
}

function Row(props: { id: string; one: CaseSummary; category: string; selected: boolean; onOpen(): void }) {
  const say = useCasesText()
  const words = useCaseWords()
  const { one } = props
  const caller = one.confidential ? say('confidential') : one.callerName
  return (
    <tr
      id={props.id}
      aria-selected={props.selected}
      className={`urgency-${one.urgency}`}
      onClick={props.onOpen}
    >
      <td className="numeric">{one.caseNumber}</td>
      <td className="case-title">
        <button type="button" className="link" onClick={props.onOpen}>
          {one.title === '' ? words('untitled') : one.title}
        </button>
      </td>
      <td>{props.category}</td>
      <td>
        {caller} <RevealNumber caseId={one.caseId} what="contactNumber" number={one.contactNumber} />
      </td>
      <td>{words(`disposition.${one.disposition}`)}</td>
      <td>{words(`urgency.${one.urgency}`)}</td>
      <td>{words(`status.${one.status}`)}</td>
      <td className="numeric">
        <time>{shortTime(one.createdAt, Date.now())}</time>
      </td>
    </tr>
  )
}
