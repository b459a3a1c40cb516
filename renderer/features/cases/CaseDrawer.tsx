/** One case beside the list: read, changed, moved on, added to. */
import { useQueryClient } from '@tanstack/react-query'
import { App as AntApp, Button, Drawer, Input } from 'antd'
import { useCallback, useRef, useState } from 'react'
import type { CaseDetail, HistoryEntry } from '../../../shared/domain/case.ts'
import { may } from '../../../shared/domain/permission.ts'
import { isPrivileged } from '../../../shared/domain/privileged.ts'
import { useBridge, useSeatStatus, useSyncStatus, useUnsentItems } from '../../bridge/bridge-context.tsx'
import { CaseReading, caseQuery, useCase } from '../../ui/CaseReading.tsx'
import { OverLimit } from '../../ui/OverLimit.tsx'
import { sentenceOf } from '../../ui/text.ts'
import { CaseEdit } from './CaseEdit.tsx'
import { CaseFiles } from './CaseFiles.tsx'
import { CaseProcess } from './CaseProcess.tsx'
import { CaseRelations } from './CaseRelations.tsx'
import { useCasesText } from './cases-text.ts'

/** While the page is not `active` it is out of sight and keeps what is being typed in it. */
export function CaseDrawer(props: {
  caseId: string | null
  active: boolean
  onClose(): void
  /** Another case, of which this one speaks. */
  onOpen(caseId: string): void
}) {
  const say = useCasesText()
  const { modal } = AntApp.useApp()
  const { data, error } = useCase(props.caseId)
  const [editing, setEditing] = useState(false)
  const changed = useRef(false)
  const operator = useSeatStatus()?.operator
  const mayWrite = operator != null && data !== undefined && may(operator.role, 'case.write')
  const onChanged = useCallback((now: boolean) => {
    changed.current = now
  }, [])
  const shut = (then: () => void) => {
    const leave = () => {
      setEditing(false)
      then()
    }
    if (!changed.current) return leave()
    void modal.confirm({
      title: say('giveUp'),
      content: say('giveUpSure'),
      okText: say('giveUpYes'),
      cancelText: say('giveUpNo'),
      autoFocusButton: 'cancel',
      onOk: leave,
    })
  }
  return (
    <Drawer
      open={props.active && props.caseId !== null}
      onClose={() => shut(props.onClose)}
      size={editing ? 760 : 620}
      title={data?.caseNumber ?? ''}
      extra={
        data === undefined || editing ? null : <Keys mayEdit={mayWrite} onEdit={() => setEditing(true)} />
      }
    >
      {error === null ? null : <p role="alert">{sentenceOf(error)}</p>}
      {data === undefined ? null : (
        <div key={data.caseId} className="case-detail">
          {editing ? (
            <CaseEdit
              one={data}
              onChanged={onChanged}
              onSaved={() => setEditing(false)}
              onCancel={() => shut(() => {})}
            />
          ) : (
            <>
              <CaseReading one={data} marks={<UnsentMark one={data} />} history={false} />
              <CaseRelations one={data} mayWrite={mayWrite} onOpen={props.onOpen} />
              <CaseProcess one={data} active={props.active} />
            </>
          )}
          <CaseFiles caseId={data.caseId} active={props.active} mayAdd={mayWrite} />
          {editing ? null : <AddRemark caseId={data.caseId} />}
        </div>
      )}
    </Drawer>
  )
}

/** Shown while something of this case is among the unsent items that the core lists. A seat without a centre has no such mark. */
function UnsentMark({ one }: { one: CaseDetail }) {
  const say = useCasesText()
  const centre = useSyncStatus()?.centre ?? 'none'
  const operator = useSeatStatus()?.operator
  const own = (useUnsentItems().data ?? []).filter(item => item.caseId === one.caseId)
  if (centre === 'none' || own.length === 0) return null
  // A supervisor's move that the centre has not confirmed: as far as this page knows the role of whoever made it.
  const waits = (entry: HistoryEntry) =>
    entry.kind === 'moved' &&
    own.some(item => item.name === 'case.move' && item.issuedAt === entry.at) &&
    isPrivileged(
      { name: 'case.move', args: { move: entry.detail.split(' ')[0] } },
      operator?.operatorId === entry.operatorId ? operator.role : 'agent',
    )
  if (own.some(item => item.parked?.code === 'LIVE_SESSION_NEEDED') || one.history.some(waits))
    return <span className="tag warn">{say('proposal')}</span>
  return (
    <span className="tag warn">{say(own.some(item => item.state === 'parked') ? 'parked' : 'unsent')}</span>
  )
}

function Keys({ mayEdit, onEdit }: { mayEdit: boolean; onEdit(): void }) {
  const say = useCasesText()
  return <div className="case-keys">{mayEdit ? <Button onClick={onEdit}>{say('edit')}</Button> : null}</div>
}

function AddRemark({ caseId }: { caseId: string }) {
  const say = useCasesText()
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
        client.setQueryData(caseQuery(caseId), changed)
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
        onChange={event => setText(event.target.value)}
      />
      <OverLimit text={text} max={2_000} />
      <p className="panel-problem" role="alert">
        {problem}
      </p>
      <Button disabled={text.trim() === ''} onClick={add}>
        {say('addRemark')}
      </Button>
    </div>
  )
}
