/**
 * Stands before the seat until its database is open: a passphrase to set or to give, or what went wrong and what to do.
 * Once the seat has been shown it stays mounted, whatever the core does: somebody may be typing in it.
 */
import { useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Input } from 'antd'
import { type ReactNode, useState } from 'react'
import type { StorageStatus } from '../../../shared/contract/seat.ts'
import { queryKeys, useBridge, useSeatStatus } from '../../bridge/bridge-context.tsx'
import { defineText, sentenceOf } from '../../ui/text.ts'
import { gateView } from './gate-view.ts'

const useText = defineText('vault', {
  opening: ['正在打开本机数据…', 'Opening the local data…'],
  newTitle: ['设置本机数据口令', 'Set a passphrase for the local data'],
  newWhy: [
    '这台机器没有可用的系统钥匙串。本机的工单和通话记录将用口令加密；口令遗失后任何人都无法恢复，请交由管理员妥善保管。',
    'This machine has no usable keyring. Local cases and calls will be encrypted with a passphrase; if it is lost nobody can recover them.',
  ],
  lockedTitle: ['请输入本机数据口令', 'Enter the passphrase'],
  passphrase: ['口令', 'Passphrase'],
  again: ['再输入一次', 'Once more'],
  rule: [
    '至少 10 个字符且有三种（大写、小写、数字、汉字、符号），或至少 16 个字符；不能太常见',
    'At least 10 characters of three kinds (capitals, small letters, figures, Chinese, signs), or 16 of any; not a common one',
  ],
  differ: ['两次输入不一致', 'The two differ'],
  set: ['设置口令', 'Set passphrase'],
  unlock: ['解锁', 'Unlock'],
  failedTitle: ['本机数据不能打开', 'The local data cannot be opened'],
  file: ['文件', 'File'],
  code: ['错误代码', 'Code'],
  retry: ['重试', 'Try again'],
  copy: ['复制数据文件', 'Copy the data files'],
  copied: ['已复制到 {{folder}}', 'Copied to {{folder}}'],
  unsaved: [
    '页面上未保存的内容仍在，恢复后会自动保存。',
    'What is unsaved in the page is still there and is saved afterwards.',
  ],
})

export function VaultGate({ children }: { children: ReactNode }) {
  const say = useText()
  const storage = useSeatStatus()?.storage
  const [everOpen, setEverOpen] = useState(false)
  if (storage?.state === 'open' && !everOpen) setEverOpen(true)
  const view = gateView(storage?.state, everOpen)
  return (
    <>
      {view.seat ? children : null}
      {view.gate === 'none' ? null : (
        <div className={view.seat ? 'gate over' : 'gate'}>
          {view.gate === 'waiting' ? (
            <p className="gate-waiting" role="status">
              {say('opening')}
            </p>
          ) : view.gate === 'failed' && storage?.state === 'failed' ? (
            <Failure storage={storage} seatBehind={view.seat} />
          ) : (
            <Passphrase key={view.gate} isNew={view.gate === 'new-passphrase'} />
          )}
        </div>
      )}
    </>
  )
}

function useStorageAction() {
  const client = useQueryClient()
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const run = (action: () => Promise<unknown>) => {
    setBusy(true)
    setProblem(null)
    action()
      .then(() => client.invalidateQueries({ queryKey: queryKeys.status }))
      .catch((error: unknown) => setProblem(sentenceOf(error)))
      .finally(() => setBusy(false))
  }
  return { problem, busy, run, setProblem }
}

function Passphrase({ isNew }: { isNew: boolean }) {
  const say = useText()
  const bridge = useBridge()
  const { problem, busy, run, setProblem } = useStorageAction()
  const [first, setFirst] = useState('')
  const [second, setSecond] = useState('')
  const send = () => {
    if (!isNew) return run(() => bridge.seat.vault.unlock({ passphrase: first }))
    if (first !== second) return setProblem(say('differ'))
    run(() => bridge.seat.vault.create({ passphrase: first }))
  }
  return (
    <form
      className="gate-card"
      onSubmit={event => {
        event.preventDefault()
        send()
      }}
    >
      <h1>{say(isNew ? 'newTitle' : 'lockedTitle')}</h1>
      {isNew ? <p>{say('newWhy')}</p> : null}
      <label htmlFor="passphrase">{say('passphrase')}</label>
      <Input.Password
        id="passphrase"
        autoFocus
        autoComplete="off"
        value={first}
        onChange={event => setFirst(event.target.value)}
        aria-describedby="passphrase-rule"
      />
      {isNew ? (
        <>
          <p id="passphrase-rule" className="quiet">
            {say('rule')}
          </p>
          <label htmlFor="passphrase-again">{say('again')}</label>
          <Input.Password
            id="passphrase-again"
            autoComplete="off"
            value={second}
            onChange={event => setSecond(event.target.value)}
          />
        </>
      ) : null}
      <p className="panel-problem" role="alert">
        {problem}
      </p>
      <Button type="primary" htmlType="submit" loading={busy} disabled={first === ''}>
        {say(isNew ? 'set' : 'unlock')}
      </Button>
    </form>
  )
}

function Failure(props: { storage: Extract<StorageStatus, { state: 'failed' }>; seatBehind: boolean }) {
  const say = useText()
  const bridge = useBridge()
  const { storage } = props
  const { problem, busy, run } = useStorageAction()
  const [folder, setFolder] = useState<string | null>(null)
  return (
    <div className="gate-card wide" role="alert">
      <h1>{say('failedTitle')}</h1>
      <p className="gate-sentence">{storage.sentence}</p>
      <p>{storage.advice}</p>
      {props.seatBehind ? <p>{say('unsaved')}</p> : null}
      <dl className="gate-facts">
        <dt>{say('file')}</dt>
        <dd>{storage.file}</dd>
        <dt>{say('code')}</dt>
        <dd>{storage.code}</dd>
      </dl>
      {folder === null ? null : <Alert type="success" title={say('copied', { folder })} />}
      <p className="panel-problem">{problem}</p>
      <div className="gate-keys">
        <Button type="primary" loading={busy} onClick={() => run(() => bridge.seat.vault.retry({}))}>
          {say('retry')}
        </Button>
        <Button
          loading={busy}
          onClick={() => run(async () => setFolder((await bridge.seat.vault.copyFiles({})).folder))}
        >
          {say('copy')}
        </Button>
      </div>
    </div>
  )
}
