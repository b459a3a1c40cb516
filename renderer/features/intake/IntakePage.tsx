/** 互联网受理: what came in by web forms and mini-programs, shared by all seats; a form is opened from one that is claimed. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Input, Modal } from 'antd'
import type { TextAreaRef } from 'antd/es/input/TextArea'
import { useRef, useState } from 'react'
import type { IntakeItem } from '../../../shared/contract/central-intake.ts'
import type { Draft } from '../../../shared/domain/case.ts'
import { may } from '../../../shared/domain/permission.ts'
import { queryKeys, useBridge, useSeatStatus } from '../../bridge/bridge-context.tsx'
import { OverLimit } from '../../ui/OverLimit.tsx'
import { Region } from '../../ui/Region.tsx'
import { sentenceOf } from '../../ui/text.ts'
import { shortTime } from '../../ui/time.ts'
import { useIntakeText } from './intake-text.ts'

/** Nobody is told what other seats take: it is looked at again while it is in sight. */
const againMs = 10_000
const queryKey = queryKeys.intake

export function IntakePage({ onDraft }: { onDraft(draft: Draft): void }) {
  const say = useIntakeText()
  const { seat } = useBridge()
  const client = useQueryClient()
  const me = useSeatStatus()?.operator?.operatorId
  const { data, error, refetch } = useQuery({
    queryKey,
    queryFn: () => seat.intake.list({}),
    // What was seen on an earlier visit is not what waits now.
    gcTime: 0,
    refetchInterval: againMs,
    retry: false,
  })
  const [dropping, setDropping] = useState<IntakeItem | null>(null)
  const role = useSeatStatus()?.operator?.role
  const mayDrop = role !== undefined && may(role, 'case.close')
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState<string | null>(null)
  const items = data?.items ?? []
  const take = async ({ intakeId }: IntakeItem) => {
    setBusy(intakeId)
    setProblem(null)
    try {
      onDraft(await seat.intake.claim({ intakeId }))
    } catch (failure) {
      setProblem(sentenceOf(failure))
    }
    setBusy(null)
    void client.invalidateQueries({ queryKey })
  }
  return (
    <div className="page">
      <Region name={say('region')} className="page cases-page">
        <p className="panel-problem" role="alert">
          {error === null ? problem : say('failed', { why: sentenceOf(error) })}
          {error === null ? null : <Button onClick={() => void refetch()}>{say('retry')}</Button>}
        </p>
        {items.length === 0 ? (
          <p className="blank">{data === undefined ? '' : say('none')}</p>
        ) : (
          <div className="case-table-scroll">
            <table className="case-table">
              <thead>
                <tr>
                  {(['number', 'channel', 'title', 'place', 'phone', 'when'] as const).map(name => (
                    <th key={name}>{say(name)}</th>
                  ))}
                  <th />
                </tr>
              </thead>
              <tbody>
                {items.map(item => {
                  const other = item.heldBy !== null && item.heldBy.operatorId !== me
                  return (
                    <tr key={item.intakeId}>
                      <td className="numeric">{item.intakeId}</td>
                      <td>{item.channel}</td>
                      <td className="case-title">
                        {item.title}
                        {item.attachments === 0 ? null : (
                          <span className="tag">{say('fileCount', { count: item.attachments })}</span>
                        )}
                      </td>
                      <td>{item.place}</td>
                      <td className="numeric">{item.phone}</td>
                      <td className="numeric">
                        <time>{shortTime(item.receivedAt, Date.now())}</time>
                      </td>
                      <td>
                        {other ? (
                          <span className="quiet">
                            {say('heldBy', { name: item.heldBy?.operatorName ?? '' })}
                          </span>
                        ) : (
                          <span className="case-keys">
                            <Button
                              type="primary"
                              loading={busy === item.intakeId}
                              onClick={() => void take(item)}
                            >
                              {say('take')}
                            </Button>
                            {mayDrop ? (
                              <Button onClick={() => setDropping(item)}>{say('drop')}</Button>
                            ) : null}
                          </span>
                        )}
                      </td>
                    </tr>
                  )
                })}
              </tbody>
            </table>
          </div>
        )}
      </Region>
      {dropping === null ? null : (
        <DropDialog
          item={dropping}
          onClose={() => {
            setDropping(null)
            void client.invalidateQueries({ queryKey })
          }}
        />
      )}
    </div>
  )
}

function DropDialog({ item, onClose }: { item: IntakeItem; onClose(): void }) {
  const say = useIntakeText()
  const { seat } = useBridge()
  const box = useRef<TextAreaRef>(null)
  const [reason, setReason] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const send = async () => {
    try {
      await seat.intake.drop({ intakeId: item.intakeId, reason: reason.trim() })
      onClose()
    } catch (failure) {
      setProblem(sentenceOf(failure))
    }
  }
  return (
    <Modal
      open
      title={say('dropTitle', { number: item.intakeId })}
      okText={say('confirm')}
      cancelText={say('cancel')}
      okButtonProps={{ disabled: reason.trim() === '' }}
      onOk={() => void send()}
      onCancel={onClose}
      afterOpenChange={open => open && box.current?.focus()}
    >
      <label htmlFor="drop-reason" className="field-label">
        {say('reason')}
      </label>
      <Input.TextArea
        id="drop-reason"
        ref={box}
        rows={3}
        value={reason}
        onChange={event => setReason(event.target.value)}
      />
      <OverLimit text={reason} max={500} />
      <p className="panel-problem" role="alert">
        {problem}
      </p>
    </Modal>
  )
}
