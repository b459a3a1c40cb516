/** One move of a case: what belongs to it is asked for, by keyboard, and nothing typed is lost when it is refused. */
import { useQueryClient } from '@tanstack/react-query'
import { Input, Modal, Radio } from 'antd'
import { useRef, useState } from 'react'
import type { CaseDetail } from '../../../shared/domain/case.ts'
import type { CaseOwner, FollowUp } from '../../../shared/domain/case-loop.ts'
import {
  type CaseMove,
  followUpTries,
  type MoveInput,
  needsReason,
} from '../../../shared/domain/case-moves.ts'
import type { DispatchOrder } from '../../../shared/domain/dispatch.ts'
import { useBridge, useSyncStatus } from '../../bridge/bridge-context.tsx'
import { caseQuery } from '../../ui/CaseReading.tsx'
import { sentenceOf } from '../../ui/text.ts'
import { chinaInput, fullTime, ofChinaInput } from '../../ui/time.ts'
import { OwnerField, OwnerFirst } from './CaseOwner.tsx'
import { useCasesText } from './cases-text.ts'
import { DispatchFields } from './DispatchFields.tsx'
import { useProcessText } from './process-text.ts'

export type MoveKey = Exclude<CaseMove, 'approveReturn' | 'denyReturn' | 'approveExtension' | 'denyExtension'>

/** Whoever undoes somebody's work says why, although the centre would take it without. */
const alsoNeedsReason: readonly CaseMove[] = ['reject', 'reopen']

export function MoveDialog(props: { one: CaseDetail; name: MoveKey; move: CaseMove; onClose(): void }) {
  const { one, move: begun, onClose } = props
  const say = useProcessText()
  const sayCase = useCasesText()
  const { seat } = useBridge()
  const client = useQueryClient()
  const centre = useSyncStatus()?.centre ?? 'none'
  const form = useRef<HTMLFormElement>(null)
  const requestId = useRef(crypto.randomUUID())
  // What it is a move of: decided when the dialog opened, so that a round that ended meanwhile refuses it.
  const round = useRef(one.loop?.round)
  const [move, setMove] = useState(begun)
  const [reason, setReason] = useState('')
  const [order, setOrder] = useState<DispatchOrder | null>(null)
  const [due, setDue] = useState(chinaInput(one.loop?.replyBy ?? null))
  const [answers, setAnswers] = useState<FollowUp>({ reached: true, solved: null, satisfied: null })
  const [owner, setOwner] = useState<CaseOwner | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)

  const dispatches = move === 'dispatch' || move === 'redispatch'
  const needed = needsReason(move) || alsoNeedsReason.includes(move)
  const replyBy = ofChinaInput(due)
  const dueWrong =
    move === 'extend' &&
    (replyBy === null || (one.loop?.replyBy != null && Date.parse(replyBy) <= Date.parse(one.loop.replyBy)))
  const incomplete =
    (needed && reason.trim() === '') ||
    (dispatches && order === null) ||
    dueWrong ||
    (move === 'handTo' && owner === null)
  const send = async () => {
    if (incomplete || busy) return
    setBusy(true)
    setProblem(null)
    const input: MoveInput = {
      move,
      reason: reason.trim(),
      ...(round.current === undefined ? {} : { round: round.current }),
      ...(dispatches && order !== null ? { order } : {}),
      ...(move === 'extend' && replyBy !== null ? { replyBy } : {}),
      ...(move === 'followUp' ? { followUp: answers } : {}),
      ...(move === 'handTo' && owner !== null ? { owner } : {}),
    }
    try {
      const { caseId } = one
      const changed = await seat.cases.move({ caseId, requestId: requestId.current, ...input })
      client.setQueryData(caseQuery(caseId), changed)
      onClose()
    } catch (error) {
      setProblem(sentenceOf(error))
      setBusy(false)
    }
  }
  const asked = one.loop?.extensionAsked ?? null
  return (
    <Modal
      open
      title={`${say(`key.${props.name}`)} · ${one.caseNumber}`}
      okText={sayCase('confirm')}
      cancelText={sayCase('cancel')}
      okButtonProps={{ disabled: incomplete, loading: busy }}
      onOk={() => void send()}
      onCancel={onClose}
      afterOpenChange={open => {
        if (open) form.current?.querySelector<HTMLElement>('input, textarea')?.focus()
      }}
    >
      <form
        ref={form}
        className="move-form"
        onSubmit={event => {
          event.preventDefault()
          void send()
        }}
      >
        {dispatches ? <DispatchFields one={one} onOrder={setOrder} /> : null}
        {move === 'approveReturn' || move === 'denyReturn' ? (
          <Decision
            asked={say('asked', { reason: one.loop?.returnAsked ?? '' })}
            agreed={move === 'approveReturn'}
            onChange={agreed => setMove(agreed ? 'approveReturn' : 'denyReturn')}
          />
        ) : null}
        {move === 'approveExtension' || move === 'denyExtension' ? (
          <Decision
            asked={`${say('askedUntil', { time: asked === null ? '' : fullTime(asked.replyBy) })}。${say('asked', { reason: asked?.reason ?? '' })}`}
            agreed={move === 'approveExtension'}
            onChange={agreed => setMove(agreed ? 'approveExtension' : 'denyExtension')}
          />
        ) : null}
        {['sign', 'reply', 'return', 'extend'].includes(move) ? (
          <p className="quiet">{say('onBehalf')}</p>
        ) : null}
        {move === 'extend' ? (
          <div className="field">
            <label className="field-label" htmlFor="move-due">
              {say('newDue')}
            </label>
            <Input
              id="move-due"
              type="datetime-local"
              value={due}
              aria-describedby="move-due-hint"
              onChange={event => setDue(event.target.value)}
            />
            <p id="move-due-hint" className="quiet">
              {dueWrong ? say('newDueNeeded') : ''}
            </p>
          </div>
        ) : null}
        {move === 'handTo' ? <OwnerField one={one} owner={owner} onOwner={setOwner} /> : null}
        {move === 'followUp' ? <OwnerFirst one={one} /> : null}
        {move === 'followUp' ? (
          <FollowUpFields tries={(one.loop?.tries ?? 0) + 1} answers={answers} onChange={setAnswers} />
        ) : null}
        <div className="field">
          <label htmlFor="move-reason" className="field-label">
            {say(move === 'reply' ? 'replyText' : needed ? 'reason' : 'note')}
            {needed ? (
              <span className="required" aria-hidden="true">
                *
              </span>
            ) : null}
          </label>
          <Input.TextArea
            id="move-reason"
            rows={3}
            maxLength={2_000}
            aria-required={needed}
            value={reason}
            onChange={event => setReason(event.target.value)}
            onKeyDown={event => {
              if (event.ctrlKey && event.key === 'Enter') void send()
            }}
          />
        </div>
      </form>
      {move === 'close' ? <RepliesDue one={one} /> : null}
      {centre === 'none' ? null : <p className="quiet">{sayCase('centreDecides')}</p>}
      <p className="panel-problem" role="alert">
        {problem}
      </p>
    </Modal>
  )
}

/** Closing the main case answers its own caller only. */
function RepliesDue({ one }: { one: CaseDetail }) {
  const say = useProcessText()
  const due = one.related.filter(({ replyDue }) => replyDue).length
  return (
    <>
      {due === 0 ? null : <p className="quiet">{say('repliesDue', { count: due })}</p>}
      {one.merged ? <p className="quiet">{say('ownReply')}</p> : null}
    </>
  )
}

function Decision(props: { asked: string; agreed: boolean; onChange(agreed: boolean): void }) {
  const say = useProcessText()
  return (
    <div className="field">
      <p className="long-text">{props.asked}</p>
      <Radio.Group
        aria-label={say('decision')}
        value={props.agreed}
        options={[
          { value: true, label: say('agree') },
          { value: false, label: say('refuse') },
        ]}
        onChange={event => props.onChange(event.target.value === true)}
      />
    </div>
  )
}

/** Solved and satisfied are two questions; whoever was not reached is asked neither. */
function FollowUpFields(props: { tries: number; answers: FollowUp; onChange(answers: FollowUp): void }) {
  const say = useProcessText()
  const { answers, onChange } = props
  const question = (name: 'solved' | 'satisfied') => (
    <div className="field">
      <span className="field-label">{say(name)}</span>
      <Radio.Group
        aria-label={say(name)}
        value={answers[name]}
        options={[
          { value: true, label: say(`${name}.yes`) },
          { value: false, label: say(`${name}.no`) },
          { value: null, label: say(`${name}.none`) },
        ]}
        onChange={event => onChange({ ...answers, [name]: event.target.value as boolean | null })}
      />
    </div>
  )
  return (
    <>
      <div className="field">
        <span className="field-label">{say('reached')}</span>
        <Radio.Group
          aria-label={say('reached')}
          value={answers.reached}
          options={[
            { value: true, label: say('reached.yes') },
            { value: false, label: say('reached.no') },
          ]}
          onChange={event =>
            onChange(
              event.target.value === true
                ? { ...answers, reached: true }
                : { reached: false, solved: null, satisfied: null },
            )
          }
        />
      </div>
      {answers.reached ? (
        <>
          {question('solved')}
          {question('satisfied')}
        </>
      ) : (
        <p className="quiet">{say('unreachedHint', { tries: props.tries, most: followUpTries })}</p>
      )}
    </>
  )
}
