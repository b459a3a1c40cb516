/** 关联工单: what belongs to a case, how it is taken back, and relating it to one more by its number. */
import { useQueryClient } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { noCaseFilter } from '../../../shared/contract/seat.ts'
import type { CaseDetail, ShownRelation } from '../../../shared/domain/case.ts'
import type { RelateInput } from '../../../shared/domain/case-relations.ts'
import { queryKeys, useBridge } from '../../bridge/bridge-context.tsx'
import { useCaseWords } from '../../ui/case-words.ts'
import { Region } from '../../ui/Region.tsx'
import { defineText, sentenceOf } from '../../ui/text.ts'
import { fullTime } from '../../ui/time.ts'

const useText = defineText('case-relations', {
  region: ['关联工单', 'Related cases'],
  'merged-into': ['已并入', 'Merged into'],
  'merged-here': ['并入本单', 'Merged here'],
  linked: ['关联', 'Linked'],
  mergedNote: [
    '本单随主单办理，不另派单；来电人仍须单独回复：办结后在此回访。',
    'Handled with its main case and not dispatched; this caller is still answered: close it, then follow up here.',
  ],
  replyDue: ['待回复来电人', 'Reply due'],
  undoMerge: ['撤销并单', 'Take the merge back'],
  undoLink: ['解除关联', 'Take the link back'],
  giveUp: ['放弃', 'Give up'],
  refused: ['中心没有接受：{{why}}', 'The centre refused: {{why}}'],
  said: ['{{name}} {{at}}', '{{name}} {{at}}'],
  unseen: ['不在本席或无权查看', 'Not at this seat, or not for you'],
  number: ['工单编号', 'Case number'],
  numberHint: ['另一张工单的编号', 'The number of another case'],
  link: ['关联', 'Link'],
  merge: ['并单', 'Merge'],
  notFound: ['本席没有这个编号的工单', 'No case of this number here'],
})

export function CaseRelations(props: { one: CaseDetail; mayWrite: boolean; onOpen(caseId: string): void }) {
  const say = useText()
  const { one, mayWrite } = props
  const { relate, problem, setProblem } = useRelate()
  if (one.related.length === 0 && !mayWrite) return null
  const undo = ({ kind, holderId, caseId }: ShownRelation) =>
    relate(holderId, {
      relation: kind === 'linked' ? 'unlink' : 'unmerge',
      otherId: holderId === one.caseId ? caseId : one.caseId,
    })
  return (
    <Region name={say('region')} className="case-relations">
      {one.merged ? (
        <p className="merged-note" role="note">
          {say('mergedNote')}
        </p>
      ) : null}
      <ul className="relation-list">
        {one.related.map(line => (
          <li key={`${line.kind} ${line.caseId} ${line.holderId}`} aria-label={line.caseNumber}>
            <span className="tag strong">{say(line.kind)}</span>
            <RelatedCase line={line} onOpen={() => props.onOpen(line.caseId)} />
            {mayWrite ? (
              <Button size="small" onClick={() => void undo(line)}>
                {say(line.refused !== null ? 'giveUp' : line.kind === 'linked' ? 'undoLink' : 'undoMerge')}
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
      {mayWrite ? (
        <ByNumber merged={one.merged} onRelate={input => relate(one.caseId, input)} onProblem={setProblem} />
      ) : null}
      <p className="panel-problem" role="alert">
        {problem}
      </p>
    </Region>
  )
}

function useRelate() {
  const { seat } = useBridge()
  const client = useQueryClient()
  const [problem, setProblem] = useState<string | null>(null)
  const relate = async (caseId: string, input: RelateInput): Promise<boolean> => {
    setProblem(null)
    try {
      await seat.relations.relate({ caseId, requestId: crypto.randomUUID(), ...input })
      // Both of them read differently now.
      await client.invalidateQueries({ queryKey: queryKeys.cases })
      return true
    } catch (error) {
      setProblem(sentenceOf(error))
      return false
    }
  }
  return { relate, problem, setProblem }
}

function RelatedCase({ line, onOpen }: { line: ShownRelation; onOpen(): void }) {
  const say = useText()
  const words = useCaseWords()
  return (
    <span className="related-case">
      {line.status === null ? (
        <span className="numeric">{line.caseNumber}</span>
      ) : (
        <button type="button" className="link" onClick={onOpen}>
          <span className="numeric">{line.caseNumber}</span>{' '}
          {line.title === '' ? words('untitled') : line.title}
        </button>
      )}
      <span className="quiet">
        {line.status === null ? say('unseen') : words(`status.${line.status}`)} ·{' '}
        {say('said', { name: line.operatorName, at: fullTime(line.at) })}
      </span>
      {line.replyDue ? <span className="tag warn">{say('replyDue')}</span> : null}
      {line.refused === null ? null : (
        <span className="tag warn">{say('refused', { why: line.refused })}</span>
      )}
    </span>
  )
}

function ByNumber(props: {
  merged: boolean
  onRelate(input: RelateInput): Promise<boolean>
  onProblem(problem: string): void
}) {
  const say = useText()
  const { seat } = useBridge()
  const [number, setNumber] = useState('')
  const wanted = number.trim()
  const relate = async (relation: 'link' | 'merge') => {
    if (wanted === '') return
    try {
      const { cases } = await seat.cases.list({
        filter: { ...noCaseFilter, text: wanted },
        limit: 20,
        cursor: null,
      })
      const other = cases.find(({ caseNumber }) => caseNumber === wanted)
      if (other === undefined) return props.onProblem(say('notFound'))
      if (await props.onRelate({ relation, otherId: other.caseId })) setNumber('')
    } catch (error) {
      props.onProblem(sentenceOf(error))
    }
  }
  return (
    <div className="relate-by-number">
      <Input
        aria-label={say('number')}
        placeholder={say('numberHint')}
        value={number}
        maxLength={40}
        autoComplete="off"
        className="numeric"
        onChange={event => setNumber(event.target.value)}
      />
      <Button disabled={wanted === ''} onClick={() => void relate('link')}>
        {say('link')}
      </Button>
      {props.merged ? null : (
        <Button disabled={wanted === ''} onClick={() => void relate('merge')}>
          {say('merge')}
        </Button>
      )}
    </div>
  )
}
