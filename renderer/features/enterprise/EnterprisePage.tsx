/** 涉企台账: enterprises' cases, each with the seat that follows it to its end (一跟到底). By keyboard as the list of cases. */
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { Button, Checkbox, Input, type InputRef, Select } from 'antd'
import { type ReactNode, useRef, useState } from 'react'
import {
  isLate,
  type LedgerFilter,
  type LedgerRow,
  ledgerFilter,
  noLedgerFilter,
  seesAllEnterprises,
} from '../../../shared/domain/enterprise.ts'
import { may } from '../../../shared/domain/permission.ts'
import { queryKeys, useBridge, useSeatStatus, useSyncStatus } from '../../bridge/bridge-context.tsx'
import { useCaseWords } from '../../ui/case-words.ts'
import { DueTime } from '../../ui/DueTime.tsx'
import { Key } from '../../ui/Key.tsx'
import { useKeys } from '../../ui/keys.ts'
import { Region } from '../../ui/Region.tsx'
import { sentenceOf } from '../../ui/text.ts'
import { shortTime } from '../../ui/time.ts'
import { useNow } from '../../ui/use-now.ts'
import { useEnterpriseText } from './enterprise-text.ts'
import { LedgerExport } from './LedgerExport.tsx'

const clockMs = 1_000

export function EnterprisePage(props: {
  /** The case that is opened, beside the list. */
  shown: (caseId: string | null, open: (caseId: string | null) => void) => ReactNode
}) {
  const say = useEnterpriseText()
  const { seat } = useBridge()
  const operator = useSeatStatus()?.operator
  const role = operator?.role ?? 'agent'
  const centre = useSyncStatus()?.centre ?? 'none'
  const [filter, setFilter] = useState<LedgerFilter>(noLedgerFilter)
  const [selected, setSelected] = useState(0)
  const [openId, setOpenId] = useState<string | null>(null)
  const box = useRef<InputRef>(null)
  const { data, error, fetchNextPage, hasNextPage, refetch, isPending } = useInfiniteQuery({
    queryKey: [...queryKeys.cases, 'enterprise', operator?.operatorId, filter],
    queryFn: ({ pageParam }) => seat.enterprise.list({ filter, limit: 50, cursor: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: last => last.nextCursor,
    placeholderData: keepPreviousData,
    retry: false,
  })
  const rows = data?.pages.flatMap(page => page.rows) ?? []
  const at = Math.min(selected, Math.max(0, rows.length - 1))
  const set = (change: Partial<LedgerFilter>) => setFilter(before => ({ ...before, ...change }))
  const select = (next: number) => {
    setSelected(next)
    document.getElementById(`ledger-row-${next}`)?.scrollIntoView({ block: 'nearest' })
  }
  const atControl = () =>
    document.activeElement?.closest('input:not([type="checkbox"]), button, [role="dialog"]') != null
  useKeys({
    'Ctrl+F': () => box.current?.focus(),
    'Ctrl+f': () => box.current?.focus(),
    ArrowDown:
      openId === null ? () => (atDate() ? false : select(Math.min(at + 1, rows.length - 1))) : undefined,
    ArrowUp: openId === null ? () => (atDate() ? false : select(Math.max(at - 1, 0))) : undefined,
    Enter: openId === null ? () => (atControl() ? false : setOpenId(rows[at]?.caseId ?? null)) : undefined,
  })
  const filtered = JSON.stringify(filter) !== JSON.stringify(noLedgerFilter)
  return (
    <div className="page">
      <Region
        name={say('region')}
        className="page cases-page"
        extra={may(role, 'case.exportInBulk') ? <LedgerExport filter={filter} /> : null}
      >
        <div className="filters ledger-filters">
          <Input
            ref={box}
            aria-label={say('search')}
            placeholder={say('searchHint')}
            value={filter.text}
            maxLength={100}
            allowClear
            autoComplete="off"
            suffix={<Key>Ctrl+F</Key>}
            onChange={event => set({ text: event.target.value })}
            onPressEnter={() => setOpenId(rows[at]?.caseId ?? null)}
          />
          <Select
            aria-label={say('state')}
            value={filter.state}
            options={ledgerFilter.shape.state.options.map(value => ({ value, label: say(`state.${value}`) }))}
            onChange={state => set({ state })}
          />
          <DateField name={say('from')} value={filter.from} onChange={from => set({ from })} />
          <DateField name={say('to')} value={filter.to} onChange={to => set({ to })} />
          {seesAllEnterprises(role) ? (
            <Checkbox checked={filter.mineOnly} onChange={event => set({ mineOnly: event.target.checked })}>
              {say('mine')}
            </Checkbox>
          ) : null}
        </div>
        {centre === 'offline' ? <p className="quiet ledger-note">{say('offline')}</p> : null}
        {error === null ? null : (
          <p className="panel-problem" role="alert">
            {say('failed', { why: sentenceOf(error) })}{' '}
            <Button onClick={() => void refetch()}>{say('retry')}</Button>
          </p>
        )}
        {rows.length === 0 && !isPending ? (
          <div className="blank">
            <p>{say(filtered ? 'noMatch' : 'none')}</p>
            {filtered ? null : <p className="quiet">{say('noneHint')}</p>}
          </div>
        ) : (
          <div className="case-table-scroll">
            <Table
              rows={rows}
              at={at}
              onOpen={(index, caseId) => {
                setSelected(index)
                setOpenId(caseId)
              }}
            />
            {hasNextPage ? (
              <Button className="more-rows" onClick={() => void fetchNextPage()}>
                {say('more')}
              </Button>
            ) : null}
          </div>
        )}
        {props.shown(openId, setOpenId)}
      </Region>
    </div>
  )
}

/** There the arrows change the day. */
const atDate = () => document.activeElement?.matches('input[type="date"], [role="combobox"]') === true

function DateField(props: { name: string; value: string | null; onChange(day: string | null): void }) {
  return (
    <label className="ledger-date">
      <span>{props.name}</span>
      <Input
        type="date"
        aria-label={props.name}
        value={props.value ?? ''}
        onChange={event => props.onChange(event.target.value === '' ? null : event.target.value)}
      />
    </label>
  )
}

function Table(props: {
  rows: readonly LedgerRow[]
  at: number
  onOpen(index: number, caseId: string): void
}) {
  const say = useEnterpriseText()
  const now = useNow(true, clockMs)
  return (
    <table className="case-table ledger-table">
      <thead>
        <tr>
          {(['number', 'company', 'title', 'unit', 'status', 'due', 'owner', 'when'] as const).map(name => (
            <th key={name}>{say(name)}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {props.rows.map((row, index) => (
          <Row
            key={row.caseId}
            row={row}
            index={index}
            selected={index === props.at}
            now={now}
            onOpen={() => props.onOpen(index, row.caseId)}
          />
        ))}
      </tbody>
    </table>
  )
}

function Row(props: { row: LedgerRow; index: number; selected: boolean; now: number; onOpen(): void }) {
  const say = useEnterpriseText()
  const words = useCaseWords()
  const { row, now } = props
  return (
    <tr id={`ledger-row-${props.index}`} aria-selected={props.selected} onClick={props.onOpen}>
      <td className="numeric">{row.caseNumber}</td>
      <td className="ledger-company">
        {row.company === '' ? <span className="quiet">{say('unnamed')}</span> : row.company}
        {row.confidential ? <span className="tag warn">{say('confidential')}</span> : null}
      </td>
      <td className="case-title">
        <button type="button" className="link" onClick={props.onOpen}>
          {row.title === '' ? words('untitled') : row.title}
        </button>
      </td>
      <td>{row.unit === '' ? <span className="quiet">{say('noUnit')}</span> : row.unit}</td>
      <td>{row.followUp === 'due' ? say('followUp') : words(`status.${row.status}`)}</td>
      <td>
        <Due row={row} now={now} />
      </td>
      <td>{row.owner.name}</td>
      <td className="numeric">
        <time>{shortTime(row.createdAt, now)}</time>
      </td>
    </tr>
  )
}

function Due({ row, now }: { row: LedgerRow; now: number }) {
  const say = useEnterpriseText()
  if (row.dueAt === null) return <span className="quiet">—</span>
  if (row.repliedAt === null && row.status !== 'closed')
    return <DueTime at={Date.parse(row.dueAt)} now={now} />
  return isLate(row, now) ? (
    <span className="tag warn">{say('late')}</span>
  ) : (
    <span className="quiet">{say('replied')}</span>
  )
}
