/** One move of a case: what belongs to it is asked for, by keyboard, and nothing typed is lost when it is refused. */
import { useQueryClient } from '@tanstack/react-query'
import { Input, Modal, Radio } from 'antd'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { CaseDetail } from '../../../shared/domain/case.ts'
import type { CaseOwner, FollowUp } from '../../../shared/domain/case-loop.ts'
import { type CaseMove, type MoveInput, needsReason } from '../../../shared/domain/case-moves.ts'
import type { DispatchOrder } from '../../../shared/domain/dispatch.ts'
import { isPrivileged } from '../../../shared/domain/privileged.ts'
import { useBridge, useSeatStatus, useSyncStatus } from '../../bridge/bridge-context.tsx'
import { caseQuery } from '../../ui/CaseReading.tsx'
import { Key } from '../../ui/Key.tsx'
import { outsideComposition } from '../../ui/keys.ts'
import { OverLimit } from '../../ui/OverLimit.tsx'
import { sentenceOf } from '../../ui/text.ts'
import { chinaInput, fullTime, ofChinaInput } from '../../ui/time.ts'
import { OwnerField, OwnerFirst } from './CaseOwner.tsx'
import { useCasesText } from './cases-text.ts'
import { DispatchFields } from './DispatchFields.tsx'
import { FollowUpFields } from './FollowUpFields.tsx'
import { useProcessText } from './process-text.ts'

export type MoveKey = Exclude<CaseMove, 'approveReturn' | 'denyReturn' | 'approveExtension' | 'denyExtension'>

/** Whoever undoes somebody's work says why, although the centre would take it without. */
const alsoNeedsReason: readonly CaseMove[] = ['reject', 'reopen']

/** While the page is not `active` it is out of sight with what was typed: a call is answered elsewhere. */
export function MoveDialog(props: {
  one: CaseDetail
  name: MoveKey
  move: CaseMove
  active: boolean
  onClose(): void
}) {
  const { one, active, move: begun, onClose } = props
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
  const [due, setDue] = useState(chinaInput(begun === 'extend' ? (one.loop?.replyBy ?? null) : null))
  const [answers, setAnswers] = useState<FollowUp>({ reached: true, solved: null, satisfied: null })
  const [owner, setOwner] = useState<CaseOwner | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)

  const role = useSeatStatus()?.operator?.role
  const isProposal =
    centre !== 'online' && role !== undefined && isPrivileged({ name: 'case.move', args: { move } }, role)
  const dispatches = move === 'dispatch' || move === 'redispatch'
  const needed = needsReason(move) || alsoNeedsReason.includes(move)
  const replyBy = ofChinaInput(due)
  // An extension is to a later time; what is handled again may have one, from now on.
  const [asksDue, least] =
    move === 'extend'
      ? [true, Date.parse(one.loop?.replyBy ?? new Date(0).toISOString())]
      : [move === 'rehandle', Date.now()]
  const dueWrong =
    asksDue && (replyBy === null ? move === 'extend' || due !== '' : Date.parse(replyBy) <= least)
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
      ...(asksDue && replyBy !== null ? { replyBy } : {}),
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
  // The first field has the keyboard once the dialog stands and its fields are there, unless somebody types already.
  const [standing, setStanding] = useState(false)
  const [read, setRead] = useState(!dispatches)
  const onRead = useCallback(() => setRead(true), [])
  useEffect(() => {
    if (!standing || !read || document.activeElement?.matches('#move-reason') === true) return
    form.current?.querySelector<HTMLElement>('input, textarea, button:enabled')?.focus()
  }, [standing, read])
  return (
    <Modal
      open={active}
      title={`${say(`key.${props.name}`)} · ${one.caseNumber}`}
      okText={
        <>
          {sayCase('confirm')}
          <Key>Ctrl+Enter</Key>
        </>
      }
      cancelText={sayCase('cancel')}
      okButtonProps={{ disabled: incomplete, loading: busy, 'aria-keyshortcuts': 'Control+Enter' }}
      onOk={() => void send()}
      onCancel={onClose}
      afterOpenChange={setStanding}
    >
      <form
        ref={form}
        className="move-form"
        // Before a list of units takes the Enter for itself.
        onKeyDownCapture={outsideComposition(event => {
          if (!event.ctrlKey || event.key !== 'Enter') return
          event.preventDefault()
          event.stopPropagation()
          void send()
        })}
        onSubmit={event => {
          event.preventDefault()
          void send()
        }}
      >
        {dispatches ? <DispatchFields one={one} onRead={onRead} onOrder={setOrder} /> : null}
        {move === 'approveReturn' || move === 'denyReturn' ? (
          <Decision
            asked={[[say('unitSays'), one.loop?.returnAsked ?? '']]}
            agreed={move === 'approveReturn'}
            onChange={agreed => setMove(agreed ? 'approveReturn' : 'denyReturn')}
          />
        ) : null}
        {move === 'approveExtension' || move === 'denyExtension' ? (
          <Decision
            asked={[
              [say('replyBy'), one.loop?.replyBy == null ? say('noLimit') : fullTime(one.loop.replyBy)],
              [say('extendTo'), asked === null ? '' : fullTime(asked.replyBy)],
              [say('unitSays'), asked?.reason ?? ''],
            ]}
            agreed={move === 'approveExtension'}
            onChange={agreed => setMove(agreed ? 'approveExtension' : 'denyExtension')}
          />
        ) : null}
        {['sign', 'reply', 'return', 'extend'].includes(move) ? (
          <p className="quiet">{say('onBehalf')}</p>
        ) : null}
        {asksDue ? (
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
              {dueWrong ? say(move === 'extend' ? 'newDueNeeded' : 'newDueLater') : ''}
            </p>
          </div>
        ) : null}
        {move === 'handTo' ? <OwnerField one={one} owner={owner} onOwner={setOwner} /> : null}
        {move === 'followUp' ? <OwnerFirst one={one} /> : null}
        {move === 'followUp' ? (
          <FollowUpFields one={one} active={active} answers={answers} onChange={setAnswers} />
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
            aria-required={needed}
            value={reason}
            onChange={event => setReason(event.target.value)}
          />
          <OverLimit text={reason} max={2_000} />
        </div>
      </form>
      {move === 'close' ? <RepliesDue one={one} /> : null}
      {centre === 'none' ? null : (
        <p className="quiet">{sayCase(isProposal ? 'proposalHint' : 'centreDecides')}</p>
      )}
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

function Decision(props: {
  asked: readonly (readonly [name: string, value: string])[]
  agreed: boolean
  onChange(agreed: boolean): void
}) {
  const say = useProcessText()
  return (
    <div className="field">
      <dl className="detail-facts">
        {props.asked.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="long-text">{value}</dd>
          </div>
        ))}
      </dl>
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
