/** The page's frame: connections above, navigation at the left, the pages themselves. */
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { App as AntApp, ConfigProvider, Modal } from 'antd'
import enUS from 'antd/es/locale/en_US'
import zhCN from 'antd/es/locale/zh_CN'
import { Suspense, useCallback, useEffect, useMemo, useState } from 'react'
import type { HeldCallback } from '../../shared/contract/seat-callbacks.ts'
import type { Draft } from '../../shared/domain/case.ts'
import { may } from '../../shared/domain/permission.ts'
import type { Bridge } from '../bridge/bridge.ts'
import { BridgeProvider, useBridge, useSeatStatus, useSettings } from '../bridge/bridge-context.tsx'
import { CallbackBadge } from '../features/callbacks/CallbackBadge.tsx'
import { CallerPanel } from '../features/caller-card/CallerPanel.tsx'
import { DeskProvider, useDesk } from '../features/case-form/desk-context.tsx'
import type { Desk } from '../features/case-form/draft-store.ts'
import { ConnectionBar } from '../features/connection/ConnectionBar.tsx'
import { OperatorMenu } from '../features/identity/OperatorMenu.tsx'
import { SignInGate } from '../features/identity/SignInGate.tsx'
import { SeatStateProvider } from '../features/seat-state/seat-state-context.tsx'
import type { SeatStateStore } from '../features/seat-state/seat-state-store.ts'
import { VaultGate } from '../features/vault/VaultGate.tsx'
import type { Phone, PhoneSnapshot } from '../phone/phone.ts'
import { PhoneProvider, usePhonePart } from '../phone/phone-context.tsx'
import { Key } from '../ui/Key.tsx'
import { useKeys } from '../ui/keys.ts'
import { later } from '../ui/later.tsx'
import { defineText, setLanguage } from '../ui/text.ts'
import { theme } from './theme.ts'
import { Workbench } from './Workbench.tsx'

const useText = defineText('app', {
  workbench: ['工作台', 'Workbench'],
  cases: ['工单', 'Cases'],
  callbacks: ['回拨', 'Callbacks'],
  intake: ['互联网受理', 'Internet'],
  enterprise: ['涉企台账', 'Enterprises'],
  corrections: ['知识纠错', 'Corrections'],
  sync: ['同步', 'Sync'],
  training: ['培训', 'Training'],
  settings: ['设置', 'Settings'],
  navigation: ['主导航', 'Main'],
  demo: ['演示数据，未受保护', 'Demonstration data, not protected'],
  keys: ['快捷键', 'Keys'],
  'keys.answer': ['接听', 'Answer'],
  'keys.hangUp': ['挂断 / 拒接', 'Hang up / decline'],
  'keys.mute': ['静音 / 取消静音', 'Mute / unmute'],
  'keys.hold': ['保持 / 恢复', 'Hold / resume'],
  'keys.dial': ['到拨号框', 'To the dial box'],
  'keys.transfer': ['转接 / 完成转接', 'Transfer / complete'],
  'keys.consult': ['咨询转接 / 取回', 'Consult / take back'],
  'keys.conference': ['三方通话', 'Three-way call'],
  'keys.state': ['示闲 / 示忙 / 结束整理', 'Ready / busy / end wrap-up'],
  'keys.new': ['新建工单', 'New case'],
  'keys.submit': ['提交工单', 'Submit case'],
  'keys.words': ['来电人原话', "The caller's own words"],
  'keys.takeDraft': ['采用第一条填单建议', 'Take the first suggested field'],
  'keys.dialect': ['查方言词', 'Look a dialect word up'],
  'keys.model': ['本市大模型：摘要 / 润色', "City's model: summary / reword"],
  'keys.link': ['关联首条（或所在的）重复诉求', 'Link with the first, or the focused, repeat'],
  'keys.merge': ['并入首条（或所在的）重复诉求', 'Merge into the first, or the focused, repeat'],
  'keys.urge': ['催办首条（或所在的）重复诉求', 'Urge the first, or the focused, repeat'],
  'keys.correct': ['知识纠错', 'Report an error in an article'],
  'keys.disposition': ['选择处置方式', 'Choose the disposition'],
  'keys.pages': ['切换页面', 'Change page'],
  'keys.claim': ['领取下一个回拨', 'Claim the next callback'],
  'keys.callBack': ['回拨', 'Call back'],
  'keys.reschedule': ['改约', 'Reschedule'],
  'keys.giveBack': ['放弃领取', 'Give the callback back'],
  'keys.outcome': ['回拨结果', 'Outcome of the callback'],
  'keys.lock': ['锁定坐席', 'Lock the seat'],
  'keys.search': ['在工单页查找', 'Search on the case page'],
  'keys.this': ['本表', 'This list'],
  ringing: ['来电', 'Call'],
})

// Not needed to take a call, so they do not delay it; fetched in the first quiet moment, before anybody asks for them.
const CasesPage = later(async () => (await import('../features/cases/CasesPage.tsx')).CasesPage)
const CaseDrawer = later(async () => (await import('../features/cases/CaseDrawer.tsx')).CaseDrawer)
const EnterprisePage = later(
  async () => (await import('../features/enterprise/EnterprisePage.tsx')).EnterprisePage,
)
const CallbacksPage = later(
  async () => (await import('../features/callbacks/CallbacksPage.tsx')).CallbacksPage,
)
const IntakePage = later(async () => (await import('../features/intake/IntakePage.tsx')).IntakePage)
const CorrectionsPage = later(
  async () => (await import('../features/knowledge/CorrectionsPage.tsx')).CorrectionsPage,
)
const SyncPage = later(async () => (await import('../features/sync-status/SyncPage.tsx')).SyncPage)
const TrainingPage = later(async () => (await import('../features/training/TrainingPage.tsx')).TrainingPage)
const SettingsPage = later(async () => (await import('../features/settings/SettingsPage.tsx')).SettingsPage)
const fetchedLater = [
  CasesPage,
  CaseDrawer,
  CallbacksPage,
  IntakePage,
  EnterprisePage,
  CorrectionsPage,
  SyncPage,
  TrainingPage,
  SettingsPage,
]

/** In the order of the navigation. Alt+5 to Alt+9 choose a disposition, so the others have Alt+0 and a letter (回拨: B). */
const pages = [
  ['workbench', 'Alt+1'],
  ['cases', 'Alt+2'],
  ['callbacks', 'Alt+B'],
  ['intake', 'Alt+W'],
  ['enterprise', 'Alt+Q'],
  ['corrections', 'Alt+K'],
  ['sync', 'Alt+0'],
  ['training', 'Alt+3'],
  ['settings', 'Alt+4'],
] as const
type Page = (typeof pages)[number][0]

const keyList = [
  ['F2', 'keys.answer'],
  ['F4', 'keys.hangUp'],
  ['F7', 'keys.mute'],
  ['F8', 'keys.hold'],
  ['F9', 'keys.dial'],
  ['F6', 'keys.transfer'],
  ['Shift+F6', 'keys.consult'],
  ['F10', 'keys.conference'],
  ['Ctrl+F2 / F3 / F4', 'keys.state'],
  ['Alt+N', 'keys.new'],
  ['Ctrl+Enter', 'keys.submit'],
  ['Alt+O', 'keys.words'],
  ['Alt+A', 'keys.takeDraft'],
  ['Alt+Y', 'keys.dialect'],
  ['Alt+R', 'keys.link'],
  ['Alt+M', 'keys.merge'],
  ['Alt+U', 'keys.urge'],
  ['Alt+J', 'keys.correct'],
  ['Alt+Z / Alt+P', 'keys.model'],
  ['Alt+5 … Alt+9', 'keys.disposition'],
  ['Alt+1 … 4, 0, B, W, Q, K', 'keys.pages'],
  ['Alt+L', 'keys.claim'],
  ['Alt+H', 'keys.callBack'],
  ['Alt+G', 'keys.reschedule'],
  ['Alt+X', 'keys.giveBack'],
  ['1 … 5', 'keys.outcome'],
  ['Ctrl+F', 'keys.search'],
  ['Ctrl+L', 'keys.lock'],
  ['F1', 'keys.this'],
] as const

/** Dialogs and lists open here: in <body> a dialog locks its scrolling by a style without the nonce, which the policy refuses. */
const overlaysBox = document.getElementById('overlays')
const overlays = () => overlaysBox ?? document.body

export type SeatParts = {
  bridge: Bridge
  phone: Phone
  desk: Desk
  seatStates: SeatStateStore
  queries: QueryClient
  nonce: string
}

export function App({ bridge, phone, desk, seatStates, queries, nonce }: SeatParts) {
  return (
    <QueryClientProvider client={queries}>
      <BridgeProvider bridge={bridge}>
        <PhoneProvider value={phone}>
          <DeskProvider value={desk}>
            <SeatStateProvider value={seatStates}>
              <Look nonce={nonce} />
            </SeatStateProvider>
          </DeskProvider>
        </PhoneProvider>
      </BridgeProvider>
    </QueryClientProvider>
  )
}

function Look({ nonce }: { nonce: string }) {
  const desk = useDesk()
  const settings = useSettings().data?.settings
  const language = settings?.language ?? 'zh-CN'
  const textSize = settings?.textSize ?? 'normal'
  useEffect(() => {
    setLanguage(language)
    document.documentElement.dataset['textSize'] = textSize
  }, [language, textSize])
  return (
    <ConfigProvider
      csp={{ nonce }}
      locale={language === 'zh-CN' ? zhCN : enUS}
      theme={theme(textSize)}
      button={{ autoInsertSpace: false }}
      getPopupContainer={overlays}
      virtual
    >
      <AntApp>
        <VaultGate>
          <SignInGate settle={desk.settle}>
            {/* Its own messages and questions go with it. */}
            <AntApp component={false}>
              <Seat />
            </AntApp>
          </SignInGate>
        </VaultGate>
      </AntApp>
    </ConfigProvider>
  )
}

const caseBeside = (caseId: string | null, open: (caseId: string | null) => void) => (
  <Suspense>
    <CaseDrawer caseId={caseId} active onClose={() => open(null)} onOpen={open} />
  </Suspense>
)

/** Before a callback is dialled: what the citizen called about. */
const callerOf = ({ row }: HeldCallback) => <CallerOf number={row.numberKey} />
function CallerOf({ number }: { number: string | null }) {
  const focus = useMemo(() => ({ number, callId: null, dialect: null }), [number])
  return number === null ? null : <CallerPanel focus={focus} />
}

const rings = ({ calls }: PhoneSnapshot) =>
  calls.some(call => call.state === 'ringing' && call.direction === 'inbound')

function PageButton(props: { name: Page; shortcut: string; isShown: boolean; onShow(name: Page): void }) {
  const say = useText()
  const { name, shortcut, isShown } = props
  const calls = usePhonePart(snapshot => name === 'workbench' && rings(snapshot))
  return (
    <button
      type="button"
      aria-current={isShown ? 'page' : undefined}
      aria-keyshortcuts={shortcut}
      className={calls && !isShown ? 'ringing' : ''}
      onClick={() => props.onShow(name)}
    >
      {say(name)}
      {name === 'callbacks' ? <CallbackBadge /> : null}
      <Key>{shortcut}</Key>
    </button>
  )
}

function Seat() {
  const say = useText()
  const storage = useSeatStatus()?.storage
  const role = useSeatStatus()?.operator?.role
  const mayReview = role !== undefined && may(role, 'knowledge.review')
  const [page, setPage] = useState<Page>('workbench')
  const [casesShown, setCasesShown] = useState(false)
  if (page === 'cases' && !casesShown) setCasesShown(true)
  const [keysShown, setKeysShown] = useState(false)
  const [callBar, setCallBar] = useState<HTMLElement | null>(null)
  const { shell, seat } = useBridge()
  const showSync = useCallback(() => setPage('sync'), [])
  const showWorkbench = useCallback(() => setPage('workbench'), [])
  const desk = useDesk()
  /** A callback of which no case came leaves no empty form behind. */
  const callbackDone = useCallback(
    (callId: string | null) => {
      const draft = callId === null ? undefined : desk.ofCall(callId)
      if (draft !== undefined && draft.revision === 0) {
        desk.remove(draft.draftId, 'former')
        void seat.drafts.discard({ draftId: draft.draftId }).catch(() => {})
      }
      setPage('callbacks')
    },
    [desk, seat],
  )
  const toCase = useCallback(
    (callId: string) => {
      const draft = desk.ofCall(callId)
      if (draft !== undefined) desk.select(draft.draftId)
      setPage('workbench')
    },
    [desk],
  )
  const toDraft = useCallback(
    (draft: Draft) => {
      desk.add(draft)
      desk.select(draft.draftId)
      setPage('workbench')
    },
    [desk],
  )
  // The question whether to call is asked at the phone.
  useEffect(() => shell.onDialLink(() => setPage('workbench')), [shell])
  useEffect(() => {
    const quiet = requestIdleCallback(() => {
      // What cannot be fetched now is asked for again when somebody opens it.
      for (const part of fetchedLater) part.fetch().catch(() => {})
    })
    return () => cancelIdleCallback(quiet)
  }, [])
  useKeys({
    'Alt+1': () => setPage('workbench'),
    'Alt+2': () => setPage('cases'),
    'Alt+3': () => setPage('training'),
    'Alt+4': () => setPage('settings'),
    'Alt+0': () => setPage('sync'),
    'Alt+B': () => setPage('callbacks'),
    'Alt+W': () => setPage('intake'),
    'Alt+Q': () => setPage('enterprise'),
    'Alt+K': mayReview ? () => setPage('corrections') : undefined,
    F1: () => setKeysShown(shown => !shown),
  })
  return (
    <div className="seat">
      <header className="top">
        <span className="brand">坐席台</span>
        <ConnectionBar onCentre={showSync} />
        {storage?.state === 'open' && storage.protection === 'demo-file' ? (
          <span className="demo">{say('demo')}</span>
        ) : null}
        <OperatorMenu />
      </header>
      <nav className="side" aria-label={say('navigation')}>
        {pages
          .filter(([name]) => name !== 'corrections' || mayReview)
          .map(([name, key]) => (
            <PageButton key={name} name={name} shortcut={key} isShown={page === name} onShow={setPage} />
          ))}
        <button
          type="button"
          className="keys-button"
          aria-keyshortcuts="F1"
          onClick={() => setKeysShown(true)}
        >
          {say('keys')}
          <Key>F1</Key>
        </button>
      </nav>
      <main>
        <Workbench
          active={page === 'workbench'}
          callBar={callBar}
          onShow={showWorkbench}
          onCallbackDone={callbackDone}
        />
        <Suspense>
          {casesShown ? <CasesPage active={page === 'cases'} /> : null}
          {page === 'callbacks' ? (
            <CallbacksPage
              onDialled={showWorkbench}
              onCase={toCase}
              onDone={callbackDone}
              preview={callerOf}
            />
          ) : null}
          {page === 'intake' ? <IntakePage onDraft={toDraft} /> : null}
          {page === 'enterprise' ? <EnterprisePage shown={caseBeside} /> : null}
          {page === 'corrections' && mayReview ? <CorrectionsPage /> : null}
          {page === 'sync' ? <SyncPage settle={desk.settle} /> : null}
          {page === 'training' ? <TrainingPage /> : null}
          {page === 'settings' ? <SettingsPage /> : null}
        </Suspense>
        <div className="call-bar-place" ref={setCallBar} />
      </main>
      <Modal open={keysShown} onCancel={() => setKeysShown(false)} footer={null} title={say('keys')}>
        <dl className="key-list">
          {keyList.map(([key, what]) => (
            <div key={key}>
              <dt>
                <Key>{key}</Key>
              </dt>
              <dd>{say(what)}</dd>
            </div>
          ))}
        </dl>
      </Modal>
    </div>
  )
}
