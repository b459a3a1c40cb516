/** 工单: all cases of this seat, latest first, with filters and search; by keyboard throughout. */
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Checkbox, Drawer, Input, type InputRef, Select } from 'antd'
import { useEffect, useMemo, useRef, useState } from 'react'
import { type CaseFilter, noCaseFilter } from '../../../shared/contract/seat.ts'
import {
  type CaseDetail,
  type CaseSummary,
  caseStatus,
  disposition,
  urgency,
} from '../../../shared/domain/case.ts'
import { maskNumber } from '../../../shared/domain/phone-number.ts'
import { queryKeys, useBridge, useCatalogue } from '../../bridge/bridge-context.tsx'
import { useCaseWords } from '../../ui/case-words.ts'
import { Key } from '../../ui/Key.tsx'
import { useKeys } from '../../ui/keys.ts'
import { Region } from '../../ui/Region.tsx'
import { defineText, sentenceOf } from '../../ui/text.ts'
import { fullTime, shortTime } from '../../ui/time.ts'

const useText = defineText('cases', {
  region: ['工单列表', 'Cases'],
  search: ['搜索', 'Search'],
  searchHint: ['内容、标题、姓名、电话、编号，两个字起', 'Text, name, number; two characters at least'],
  status: ['状态', 'Status'],
  disposition: ['处置方式', 'Disposition'],
  urgency: ['紧急程度', 'Urgency'],
  division: ['行政区划', 'Division'],
  category: ['诉求分类', 'Category'],
  mine: ['只看本人', 'Mine only'],
  none: ['还没有工单', 'No cases yet'],
  noneHint: ['提交的工单会出现在这里，最新的在最前。', 'Submitted cases appear here, the latest first.'],
  noMatch: ['没有符合条件的工单', 'No case matches'],
  tooShort: ['请输入至少两个字', 'Give at least two characters'],
  more: ['显示更多', 'Show more'],
  failed: ['读取没有成功：{{why}}', 'Reading failed: {{why}}'],
  retry: ['重试', 'Retry'],
  number: ['编号', 'Number'],
  title: ['标题', 'Title'],
  caller: ['来电人', 'Caller'],
  when: ['时间', 'Time'],
  confidential: ['保密', 'Confidential'],
  content: ['诉求内容', 'Content'],
  history: ['过程', 'History'],
  created: ['提交工单', 'Submitted'],
  edited: ['修改', 'Changed'],
  moved: ['流转', 'Moved'],
  attached: ['添加附件', 'Attached'],
  remark: ['补充备注', 'Remark'],
  addRemark: ['添加备注', 'Add remark'],
  facts: ['登记信息', 'Recorded'],
  contactNumber: ['联系电话', 'Contact'],
  callingNumber: ['来电号码', 'Calling'],
  place: ['地点', 'Place'],
  handling: ['办理方式', 'Handling'],
  kind: ['类型', 'Kind'],
  company: ['单位', 'Company'],
  email: ['邮箱', 'E-mail'],
  partyName: ['被反映对象', 'Complained about'],
  partyPhone: ['对象电话', 'Their phone'],
  dispositionNote: ['处置说明', 'Disposition note'],
  remarks: ['备注', 'Remarks'],
  replyWanted: ['需要回复', 'Reply wanted'],
  catalogueVersion: ['目录版本', 'Catalogue'],
  yes: ['是', 'Yes'],
  no: ['否', 'No'],
})

export function CasesPage({ active }: { active: boolean }) {
  const say = useText()
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
  const typing = () => document.activeElement instanceof HTMLInputElement
  useKeys(
    active
      ? {
          'Ctrl+F': () => searchBox.current?.focus(),
          'Ctrl+f': () => searchBox.current?.focus(),
          ArrowDown: openId === null ? () => setSelected(Math.min(at + 1, cases.length - 1)) : undefined,
          ArrowUp: openId === null ? () => setSelected(Math.max(at - 1, 0)) : undefined,
          Enter: openId === null && !typing() ? () => setOpenId(cases[at]?.caseId ?? null) : undefined,
        }
      : {},
  )

  const pick = <K extends 'status' | 'disposition' | 'urgency'>(name: K, values: CaseFilter[K]) =>
    setFilter(before => ({ ...before, [name]: values }))
  const codes = (flat: readonly { code: string; name: string }[] | undefined) =>
    (flat ?? []).map(({ code, name }) => ({ value: code, label: `${name} ${code}` }))

  return (
    <Region name={say('region')} className="page cases-page">
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
      <Detail caseId={openId} onClose={() => setOpenId(null)} />
    </Region>
  )
}

function Row(props: { id: string; one: CaseSummary; category: string; selected: boolean; onOpen(): void }) {
  const say = useText()
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
        {caller} <span className="numeric quiet">{maskNumber(one.contactNumber)}</span>
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

function Detail({ caseId, onClose }: { caseId: string | null; onClose(): void }) {
  const bridge = useBridge()
  const { data, error } = useQuery({
    queryKey: [...queryKeys.cases, 'one', caseId],
    queryFn: () => bridge.seat.cases.get({ caseId: caseId ?? '' }),
    enabled: caseId !== null,
  })
  return (
    <Drawer open={caseId !== null} onClose={onClose} size={620} title={data?.caseNumber ?? ''}>
      {error === null ? null : <p role="alert">{sentenceOf(error)}</p>}
      {data === undefined ? null : <DetailBody key={data.caseId} one={data} />}
    </Drawer>
  )
}

function DetailBody({ one }: { one: CaseDetail }) {
  const say = useText()
  const words = useCaseWords()
  const catalogue = useCatalogue().data
  const { fields } = one
  const nameOf = (
    flat: readonly { code: string; name: string; parentCode: string | null }[] | undefined,
    code: string,
  ) => {
    const path: string[] = []
    let at = flat?.find(node => node.code === code)
    while (at !== undefined && path.length < 4) {
      path.unshift(at.name)
      const parent: string | null = at.parentCode
      at = flat?.find(node => node.code === parent)
    }
    return path.length === 0 ? code : path.join(' / ')
  }
  const facts: [string, string][] = [
    [say('caller'), fields.callerName],
    [say('contactNumber'), fields.contactNumber],
    [say('callingNumber'), fields.callingNumber],
    [say('company'), fields.company],
    [say('email'), fields.email],
    [say('kind'), fields.kind === null ? '' : words(`kind.${fields.kind}`)],
    [say('urgency'), words(`urgency.${fields.urgency}`)],
    [say('category'), nameOf(catalogue?.categories, fields.categoryCode)],
    [say('division'), nameOf(catalogue?.divisions, fields.divisionCode)],
    [say('place'), fields.place],
    [say('partyName'), fields.partyName],
    [say('partyPhone'), fields.partyPhone],
    [say('handling'), words(`handling.${fields.handling}`)],
    [say('confidential'), fields.confidential ? say('yes') : say('no')],
    [say('replyWanted'), fields.replyWanted ? say('yes') : say('no')],
    [say('dispositionNote'), fields.dispositionNote],
    [say('remarks'), fields.remarks],
    [say('catalogueVersion'), one.catalogueVersion],
  ]
  return (
    <div className="case-detail">
      <h3>{one.title === '' ? words('untitled') : one.title}</h3>
      <p>
        <span className="tag strong">{words(`status.${one.status}`)}</span>
        <span className="tag">{words(`disposition.${one.disposition}`)}</span>
        <span className="quiet">{fullTime(one.createdAt)}</span>
      </p>
      <h4>{say('content')}</h4>
      <p className="long-text">{fields.content}</p>
      <h4>{say('facts')}</h4>
      <dl className="detail-facts">
        {facts
          .filter(([, value]) => value !== '')
          .map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      <h4>{say('history')}</h4>
      <ol className="timeline">
        {one.history.map(entry => (
          <li key={entry.entryId}>
            <time>{fullTime(entry.at)}</time> {entry.operatorName} · {say(entry.kind)}
            {entry.kind === 'remark' ? <p className="long-text">{entry.detail}</p> : null}
          </li>
        ))}
      </ol>
      <AddRemark caseId={one.caseId} />
    </div>
  )
}

function AddRemark({ caseId }: { caseId: string }) {
  const say = useText()
  const bridge = useBridge()
  const client = useQueryClient()
  const [text, setText] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  // One id for as long as this text is tried: a retry after a lost answer adds nothing twice.
  const requestId = useRef(crypto.randomUUID())
  const add = () => {
    setProblem(null)
    bridge.seat.cases
      .addRemark({ caseId, requestId: requestId.current, text })
      .then(changed => {
        client.setQueryData([...queryKeys.cases, 'one', caseId], changed)
        requestId.current = crypto.randomUUID()
        setText('')
      })
      .catch((error: unknown) => setProblem(sentenceOf(error)))
  }
  return (
    <div className="add-remark">
      <Input.TextArea
        aria-label={say('remark')}
        placeholder={say('remark')}
        value={text}
        rows={3}
        maxLength={2_000}
        onChange={event => setText(event.target.value)}
      />
      <p className="panel-problem" role="alert">
        {problem}
      </p>
      <Button disabled={text.trim() === ''} onClick={add}>
        {say('addRemark')}
      </Button>
    </div>
  )
}
