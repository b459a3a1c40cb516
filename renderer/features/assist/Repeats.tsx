/** 重复诉求: earlier cases of the same matter. 关联 and 并单 are chosen here and done when the form is filed; 催办 is done at once. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Drawer } from 'antd'
import { type ReactNode, useRef, useState } from 'react'
import type { CaseSummary } from '../../../shared/domain/case.ts'
import { possibleMoves } from '../../../shared/domain/case-moves.ts'
import { useBridge, useSeatStatus } from '../../bridge/bridge-context.tsx'
import { CaseReading, useCase } from '../../ui/CaseReading.tsx'
import { useCaseWords } from '../../ui/case-words.ts'
import { Key } from '../../ui/Key.tsx'
import { useKeys } from '../../ui/keys.ts'
import { Region } from '../../ui/Region.tsx'
import { sentenceOf } from '../../ui/text.ts'
import { shortTime } from '../../ui/time.ts'
import { useAssistText } from './assist-text.ts'
import type { Help } from './help-data.ts'

type Chosen = 'link' | 'merge'

export function Repeats(props: { active: boolean; draftId: string; found: Help['repeats'] }) {
  const say = useAssistText()
  const words = useCaseWords()
  const { draftId, found } = props
  const role = useSeatStatus()?.operator?.role
  const [shown, setShown] = useState<string | null>(null)
  const list = useRef<HTMLUListElement>(null)
  const { chosen, choose, urge, urged, problem } = useRepeatWork(draftId)

  const reason = (one: (typeof found)[number]['reasons'][number]): string =>
    one.kind === 'words' ? say('because', { words: one.words.join('、') }) : say(one.kind)
  const mayMerge = ({ status }: CaseSummary) => status !== 'closed'
  const mayUrge = ({ caseId, status }: CaseSummary) =>
    role !== undefined &&
    !urged.has(caseId) &&
    possibleMoves({ status, loop: null }, { role }).includes('urge')
  const toggle = (caseId: string, relation: Chosen) =>
    choose(caseId, chosen.get(caseId) === relation ? null : relation)

  /** The case that has the keyboard, or else the likeliest. */
  const target = (): CaseSummary | undefined => {
    const row = document.activeElement?.closest<HTMLElement>('[data-repeat]')
    const focused = row != null && list.current?.contains(row) === true ? row.dataset['repeat'] : undefined
    return (found.find(({ summary }) => summary.caseId === focused) ?? found[0])?.summary
  }
  const onTarget =
    (work: (one: CaseSummary) => void, can: (one: CaseSummary) => boolean = () => true) =>
    () => {
      const one = target()
      if (one === undefined || !can(one)) return false
      work(one)
      return true
    }
  useKeys(
    props.active && shown === null
      ? {
          'Alt+R': onTarget(({ caseId }) => toggle(caseId, 'link')),
          'Alt+M': onTarget(({ caseId }) => toggle(caseId, 'merge'), mayMerge),
          'Alt+U': onTarget(({ caseId }) => urge(caseId), mayUrge),
        }
      : {},
  )
  const others = [...chosen].filter(([caseId]) => !found.some(({ summary }) => summary.caseId === caseId))

  const keys = (caseId: string, first: boolean, one: CaseSummary | null): ReactNode => (
    <span className="help-keys">
      <Choose
        name={say('link')}
        hint={say('linkHint')}
        shortcut={first ? 'Alt+R' : null}
        on={chosen.get(caseId) === 'link'}
        onPress={() => toggle(caseId, 'link')}
      />
      <Choose
        name={say('merge')}
        hint={one !== null && !mayMerge(one) ? say('mergeClosed') : say('mergeHint')}
        shortcut={first ? 'Alt+M' : null}
        on={chosen.get(caseId) === 'merge'}
        disabled={one !== null && !mayMerge(one)}
        onPress={() => toggle(caseId, 'merge')}
      />
      {one !== null && mayUrge(one) ? (
        <Button size="small" aria-keyshortcuts={first ? 'Alt+U' : undefined} onClick={() => urge(caseId)}>
          {say('urge')}
          {first ? <Key>Alt+U</Key> : null}
        </Button>
      ) : null}
      {urged.has(caseId) ? (
        <span className="tag strong" role="status">
          {say('urged')}
        </span>
      ) : null}
    </span>
  )

  return (
    <Region name={say('repeats')}>
      {found.length === 0 && others.length === 0 ? (
        <p className="quiet help-none">{say('noRepeats')}</p>
      ) : (
        <ul className="help-list" ref={list}>
          {others.map(([caseId]) => (
            <li key={caseId} data-repeat={caseId}>
              <ChosenCase caseId={caseId} onShow={() => setShown(caseId)} />
              {keys(caseId, false, null)}
            </li>
          ))}
          {found.map(({ summary, reasons }, place) => (
            <li key={summary.caseId} data-repeat={summary.caseId}>
              <button type="button" className="case-line" onClick={() => setShown(summary.caseId)}>
                <span>{summary.title === '' ? summary.caseNumber : summary.title}</span>
                <span className="quiet">
                  {shortTime(summary.createdAt, Date.now())} · {words(`status.${summary.status}`)} ·{' '}
                  {reasons.map(reason).join(' · ')}
                </span>
              </button>
              {keys(summary.caseId, place === 0, summary)}
            </li>
          ))}
        </ul>
      )}
      <p className="panel-problem help-problem" role="alert">
        {problem}
      </p>
      <ShownCase caseId={shown} onClose={() => setShown(null)} />
    </Region>
  )
}

function useRepeatWork(draftId: string) {
  const { seat } = useBridge()
  const client = useQueryClient()
  const queryKey = ['help', 'relations', draftId]
  const { data } = useQuery({ queryKey, queryFn: () => seat.relations.chosen({ draftId }), retry: false })
  const [urged, setUrged] = useState<ReadonlySet<string>>(new Set())
  const [problem, setProblem] = useState<string | null>(null)
  const chosen = new Map<string, Chosen>((data ?? []).map(({ otherId, relation }) => [otherId, relation]))
  const failed = (error: unknown) => setProblem(sentenceOf(error))
  const choose = (otherId: string, relation: Chosen | null) => {
    setProblem(null)
    seat.relations
      .choose({ draftId, otherId, relation })
      .then(now => client.setQueryData(queryKey, now))
      .catch(failed)
  }
  const urge = (caseId: string) => {
    setProblem(null)
    setUrged(before => new Set([...before, caseId]))
    seat.cases.move({ caseId, requestId: crypto.randomUUID(), move: 'urge', reason: '' }).catch(error => {
      setUrged(before => new Set([...before].filter(each => each !== caseId)))
      failed(error)
    })
  }
  return { chosen, choose, urge, urged, problem }
}

function Choose(props: {
  name: string
  hint: string
  shortcut: string | null
  on: boolean
  disabled?: boolean
  onPress(): void
}) {
  return (
    <Button
      size="small"
      type={props.on ? 'primary' : 'default'}
      aria-pressed={props.on}
      title={props.hint}
      disabled={props.disabled === true}
      aria-keyshortcuts={props.shortcut ?? undefined}
      onClick={props.onPress}
    >
      {props.name}
      {props.shortcut === null ? null : <Key>{props.shortcut}</Key>}
    </Button>
  )
}

/** Chosen before what is typed led to other cases. */
function ChosenCase({ caseId, onShow }: { caseId: string; onShow(): void }) {
  const say = useAssistText()
  const { data } = useCase(caseId)
  return (
    <button type="button" className="case-line" onClick={onShow}>
      <span>{data === undefined ? '' : data.title === '' ? data.caseNumber : data.title}</span>
      <span className="quiet">{say('chosen')}</span>
    </button>
  )
}

function ShownCase({ caseId, onClose }: { caseId: string | null; onClose(): void }) {
  const { data } = useCase(caseId)
  return (
    <Drawer open={caseId !== null} onClose={onClose} title={data?.caseNumber ?? ''} size={520}>
      {data === undefined ? null : <CaseReading one={data} />}
    </Drawer>
  )
}
