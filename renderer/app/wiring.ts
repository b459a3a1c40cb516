/** Ties the phone, the core and the desk together: the part of the page that is no component. */
import type { QueryClient } from '@tanstack/react-query'
import type { CallFacts } from '../../shared/domain/call.ts'
import { maskNumber, normalizeNumber } from '../../shared/domain/phone-number.ts'
import { type Bridge, CoreUnavailable } from '../bridge/bridge.ts'
import { queryKeys } from '../bridge/bridge-context.tsx'
import { callerQuery } from '../features/caller-card/CallerPanel.tsx'
import { createDesk, type Desk } from '../features/case-form/draft-store.ts'
import type { Phone } from '../phone/phone.ts'
import { sentenceOf } from '../ui/text.ts'
import { createCallRecorder } from './call-recorder.ts'

const after = (ms: number, run: () => void) => {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}
const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? error.code : undefined)

export function createSeatDesk(bridge: Bridge): Desk {
  return createDesk({
    save: input => bridge.seat.drafts.save(input),
    isAway: error =>
      error instanceof CoreUnavailable ||
      codeOf(error) === 'STORAGE_LOCKED' ||
      codeOf(error) === 'STORAGE_FAILED',
    isGone: error => codeOf(error) === 'DRAFT_NOT_FOUND',
    sentence: sentenceOf,
    after,
  })
}

const otherNumber = (facts: CallFacts, inbound: boolean) =>
  inbound ? facts.callerNumber : facts.calledNumber

/** Whether somebody is typing in the case form: what arrives then must not take the form away. */
const isTyping = () => document.activeElement?.closest('.case-form') != null

export function wireSeat(parts: { bridge: Bridge; phone: Phone; desk: Desk; queries: QueryClient }): void {
  const { bridge, phone, desk, queries } = parts
  const answered = new Set<string>()
  const areaCode = () =>
    queries.getQueryData<{ settings: { areaCode: string } }>(queryKeys.settings)?.settings.areaCode ?? ''

  const recorder = createCallRecorder({
    report: (callId, events) => bridge.seat.calls.report({ callId, events }),
    after,
  })

  /** The call's draft, tried until the core has made it or the call is over and was never answered. */
  const openDraft = async (callId: string, facts: CallFacts, inbound: boolean): Promise<void> => {
    const raw = otherNumber(facts, inbound)
    const number = normalizeNumber(raw, { areaCode: areaCode() })
    try {
      const draft = await bridge.seat.drafts.open({
        callId,
        callingNumber: number.key ?? raw ?? '',
        contactNumber: number.dialable ? (number.key ?? '') : '',
      })
      desk.add(draft)
      if (!isTyping() || desk.use.getState().activeId === null) desk.select(draft.draftId)
      if (!phone.snapshot().calls.some(call => call.callId === callId)) discardUntouched(callId)
    } catch {
      if (phone.snapshot().calls.some(call => call.callId === callId))
        after(500, () => void openDraft(callId, facts, inbound))
    }
  }

  /** A call that nobody answered leaves no empty form behind; one with words in it stays. */
  const discardUntouched = (callId: string) => {
    const draft = desk.ofCall(callId)
    if (draft === undefined || answered.has(callId) || draft.revision > 0) return
    desk.remove(draft.draftId)
    void bridge.seat.drafts.discard({ draftId: draft.draftId }).catch(() => {})
  }

  phone.onCallEvent((callId, event) => {
    recorder.record(callId, event)
    switch (event.type) {
      case 'offered':
      case 'dialled': {
        const inbound = event.type === 'offered'
        const number = otherNumber(event.facts, inbound)
        // Asked for before anything is drawn: the pop waits for nothing else.
        void queries.prefetchQuery({
          queryKey: callerQuery(number, callId),
          queryFn: () => bridge.seat.callers.lookup({ number, excludeCallId: callId }),
        })
        void openDraft(callId, event.facts, inbound)
        if (inbound) {
          const shown = normalizeNumber(number, { areaCode: areaCode() })
          bridge.shell.announceCall({
            title: '来电',
            body: shown.key === null ? '匿名来电' : maskNumber(shown.display),
          })
        }
        return
      }
      case 'answered':
        answered.add(callId)
        bridge.shell.callAnnounced()
        return
      case 'ended':
        bridge.shell.callAnnounced()
        discardUntouched(callId)
        answered.delete(callId)
        return
      case 'alerting':
      case 'held':
      case 'resumed':
        return
    }
  })

  const loadDrafts = async () => {
    try {
      desk.reconcile(await bridge.seat.drafts.list({}))
    } catch {
      // Not open yet: the status event that says it is comes here again.
    }
  }

  /** The exchange account, whenever it may have changed. */
  const useAccount = async () => {
    try {
      const [credentials, view] = await Promise.all([
        bridge.seat.settings.phoneCredentials({}),
        bridge.seat.settings.get({}),
      ])
      const { headerMap, codecs, ringtoneVolume, dtmf, callerId, devices } = view.settings
      phone.configure({ headerMap, codecs, ringtoneVolume, dtmf, callerId, devices })
      await phone.use(credentials)
    } catch {
      // Not open yet, as above.
    }
  }

  let wasOpen = false
  let lastSettings: unknown
  queries.getQueryCache().subscribe(({ query }) => {
    const [key] = query.queryKey
    if (key === queryKeys.status[0]) {
      const status = query.state.data as { storage?: { state?: string }; operator?: unknown } | undefined
      const open = status?.storage?.state === 'open' && status.operator != null
      if (open && !wasOpen) {
        void loadDrafts()
        void useAccount()
      }
      wasOpen = open
    }
    if (
      key === queryKeys.settings[0] &&
      query.state.data !== undefined &&
      query.state.data !== lastSettings
    ) {
      const first = lastSettings === undefined
      lastSettings = query.state.data
      if (!first && wasOpen) void useAccount()
    }
  })

  bridge.onConnection(connection => {
    if (connection !== 'connected') return
    recorder.again()
    desk.flushAll()
    if (wasOpen) void loadDrafts()
  })
  document.addEventListener('visibilitychange', desk.flushAll)
  window.addEventListener('pagehide', desk.flushAll)
}
