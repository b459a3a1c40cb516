/** What this operator may do with the case in its state (办结、批准、驳回、重开). Proposed here, decided by the centre. */
import { useQueryClient } from '@tanstack/react-query'
import { Button, Input, Modal } from 'antd'
import type { TextAreaRef } from 'antd/es/input/TextArea'
import { useRef, useState } from 'react'
import type { CaseDetail } from '../../../shared/domain/case.ts'
import { type CaseMove, possibleMoves } from '../../../shared/domain/case-moves.ts'
import { useBridge, useSeatStatus, useSyncStatus } from '../../bridge/bridge-context.tsx'
import { caseQuery } from '../../ui/CaseReading.tsx'
import { sentenceOf } from '../../ui/text.ts'
import { useCasesText } from './cases-text.ts'

/** Whoever undoes somebody's work says why. */
const reasonNeeded: Record<CaseMove, boolean> = { close: false, approve: false, reject: true, reopen: true }

export function CaseMoves({ one }: { one: CaseDetail }) {
  const say = useCasesText()
  const role = useSeatStatus()?.operator?.role
  const [move, setMove] = useState<CaseMove | null>(null)
  const moves = role === undefined ? [] : possibleMoves(one.status, role)
  return (
    <>
      {moves.map(name => (
        <Button key={name} onClick={() => setMove(name)}>
          {say(`move.${name}`)}
        </Button>
      ))}
      {move === null ? null : <MoveDialog one={one} move={move} onClose={() => setMove(null)} />}
    </>
  )
}

function MoveDialog({ one, move, onClose }: { one: CaseDetail; move: CaseMove; onClose(): void }) {
  const say = useCasesText()
  const { seat } = useBridge()
  const client = useQueryClient()
  const centre = useSyncStatus()?.centre ?? 'none'
  const box = useRef<TextAreaRef>(null)
  const requestId = useRef(crypto.randomUUID())
  const [reason, setReason] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const incomplete = reasonNeeded[move] && reason.trim() === ''
  const send = async () => {
    setBusy(true)
    setProblem(null)
    try {
      const { caseId } = one
      client.setQueryData(
        caseQuery(caseId),
        await seat.cases.move({ caseId, requestId: requestId.current, move, reason: reason.trim() }),
      )
      onClose()
    } catch (error) {
      setProblem(sentenceOf(error))
      setBusy(false)
    }
  }
  return (
    <Modal
      open
      title={`${say(`move.${move}`)} · ${one.caseNumber}`}
      okText={say('confirm')}
      cancelText={say('cancel')}
      okButtonProps={{ disabled: incomplete, loading: busy }}
      onOk={() => void send()}
      onCancel={onClose}
      afterOpenChange={open => open && box.current?.focus()}
    >
      <label htmlFor="move-reason" className="field-label">
        {say('reason')}
        {reasonNeeded[move] ? (
          <span className="required" aria-hidden="true">
            *
          </span>
        ) : null}
      </label>
      <Input.TextArea
        id="move-reason"
        ref={box}
        rows={3}
        maxLength={2_000}
        aria-required={reasonNeeded[move]}
        value={reason}
        onChange={event => setReason(event.target.value)}
      />
      {centre === 'none' ? null : <p className="quiet">{say('centreDecides')}</p>}
      <p className="panel-problem" role="alert">
        {problem}
      </p>
    </Modal>
  )
}
