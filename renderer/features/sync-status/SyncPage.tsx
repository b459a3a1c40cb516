/** 同步: what has and has not reached the centre, why, and what the operator can do about it. */
import { useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { may } from '../../../shared/domain/permission.ts'
import {
  queryKeys,
  useBridge,
  useConnection,
  useSeatStatus,
  useSyncStatus,
  useUnsentItems,
} from '../../bridge/bridge-context.tsx'
import { usePhone } from '../../phone/phone-context.tsx'
import { Region } from '../../ui/Region.tsx'
import { sentenceOf } from '../../ui/text.ts'
import { useNow } from '../../ui/use-now.ts'
import { ConflictDialog } from './ConflictDialog.tsx'
import { LeadNotes } from './LeadNotes.tsx'
import { RecategoriseDialog } from './RecategoriseDialog.tsx'
import { type Dialog, SyncDialog } from './SyncDialogs.tsx'
import { SyncSummary } from './SyncSummary.tsx'
import { useSyncText } from './sync-text.ts'
import { UnsentList } from './UnsentList.tsx'
import { arrange } from './unsent.ts'

/** Ages are told in minutes. */
const clockMs = 10_000

/** So long an enrolment waits for what was typed to be stored. Milliseconds. */
const settleMs = 3_000

/** `settle`: whether everything that was typed is stored, after waiting for it no longer than this. */
export function SyncPage({ settle }: { settle(withinMs: number): Promise<boolean> }) {
  const say = useSyncText()
  const { seat } = useBridge()
  const phone = usePhone()
  const connection = useConnection()
  const client = useQueryClient()
  const status = useSyncStatus()
  const { data: items, error, refetch } = useUnsentItems()
  const now = useNow(true, clockMs)
  const [dialog, setDialog] = useState<Dialog | null>(null)
  const [decidingId, setDecidingId] = useState<string | null>(null)
  const [recategorising, setRecategorising] = useState<string | null>(null)
  const [busy, setBusy] = useState<string | null>(null)
  const [problem, setProblem] = useState<string | null>(null)

  const role = useSeatStatus()?.operator?.role
  const mayTakeOut = role !== undefined && may(role, 'seat.exportUnsent')
  const leads = role !== undefined && may(role, 'case.supervise')

  const refresh = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: queryKeys.sync }),
      client.invalidateQueries({ queryKey: queryKeys.unsent }),
    ])
  /** One thing at a time: `what` is the command, or the page's own key, that is being worked on. */
  const act = async (what: string, action: () => Promise<unknown>): Promise<boolean> => {
    if (busy !== null) return false
    setBusy(what)
    setProblem(null)
    try {
      await action()
      return true
    } catch (failure) {
      setProblem(say('notDone', { why: sentenceOf(failure) }))
      return false
    } finally {
      setBusy(null)
      void refresh()
    }
  }
  const deciding = items?.find(item => item.commandId === decidingId)
  const conflict = deciding?.parked?.conflict ?? null

  return (
    <Region
      name={say('region')}
      className="page sync-page"
      extra={
        <>
          {status === undefined || status.centre === 'none' ? null : (
            <Button loading={busy === 'now'} onClick={() => void act('now', () => seat.sync.now({}))}>
              {say('now')}
            </Button>
          )}
          {status?.centre !== 'refused' && status?.centre !== 'none' ? null : (
            <Button onClick={() => setDialog('enrol')}>{say('enrol')}</Button>
          )}
          {mayTakeOut ? (
            <>
              <Button onClick={() => setDialog('import')}>{say('import')}</Button>
              <Button onClick={() => setDialog('export')}>{say('export')}</Button>
            </>
          ) : null}
        </>
      }
    >
      <div className="sync-body">
        {connection === 'connected' ? null : <p className="sync-warning">{say('coreAway')}</p>}
        {mayTakeOut ? null : <p className="quiet">{say('leadTakesOut')}</p>}
        {leads ? <LeadNotes now={now} /> : null}
        {status === undefined ? null : <SyncSummary status={status} now={now} />}
        <p className="panel-problem" role="alert">
          {conflict === null && recategorising === null ? problem : null}
        </p>
        {error === null ? null : (
          <p className="panel-problem" role="alert">
            {say('failed', { why: sentenceOf(error) })}{' '}
            <Button onClick={() => void refetch()}>{say('readAgain')}</Button>
          </p>
        )}
        {status !== undefined && items !== undefined ? (
          <UnsentList
            {...arrange(items, status)}
            counts={status}
            hasCentre={status.centre !== 'none'}
            now={now}
            busy={busy}
            onRetry={({ commandId }) => void act(commandId, () => seat.sync.retry({ commandId }))}
            onHandOver={({ commandId }) => void act(commandId, () => seat.sync.handOver({ commandId }))}
            onRecategorise={({ commandId }) => {
              setProblem(null)
              setRecategorising(commandId)
            }}
            onDecide={({ commandId }) => {
              setProblem(null)
              setDecidingId(commandId)
            }}
          />
        ) : error === null ? (
          <p className="gate-waiting" role="status">
            {say('reading')}
          </p>
        ) : null}
      </div>
      {dialog === null ? null : (
        <SyncDialog
          dialog={dialog}
          onExport={passphrase => seat.sync.exportUnsent({ passphrase })}
          onImport={async (file, passphrase) => {
            const counts = await seat.sync.importUnsent({ file, passphrase })
            void refresh()
            return counts
          }}
          onEnrol={async code => {
            if (phone.snapshot().calls.length > 0) throw new Error(say('enrolInCall'))
            if (!(await settle(settleMs))) throw new Error(say('enrolUnsaved'))
            client.setQueryData(queryKeys.sync, await seat.sync.enrol({ code }))
          }}
          onClose={() => setDialog(null)}
        />
      )}
      {recategorising === null ? null : (
        <RecategoriseDialog
          busy={busy === recategorising}
          problem={problem}
          onClose={() => setRecategorising(null)}
          onChoose={categoryCode =>
            void act(recategorising, () =>
              seat.dispatch.recategorise({ commandId: recategorising, categoryCode }),
            ).then(done => done && setRecategorising(null))
          }
        />
      )}
      {deciding === undefined || conflict === null ? null : (
        <ConflictDialog
          // A conflict that became another one while it was looked at is decided anew.
          key={JSON.stringify(conflict)}
          item={deciding}
          conflict={conflict}
          busy={busy === deciding.commandId}
          problem={problem}
          onClose={() => setDecidingId(null)}
          onResolve={mine =>
            void act(deciding.commandId, () =>
              seat.sync.resolve({ commandId: deciding.commandId, mine }),
            ).then(done => done && setDecidingId(null))
          }
        />
      )}
    </Region>
  )
}
