/** Ties the phone, the core and the desk together: the part of the page that is no component. */
import type { QueryClient } from '@tanstack/react-query'
import type { SettingsView } from '../../shared/contract/seat.ts'
import type { CallFacts } from '../../shared/domain/call.ts'
import { lineFaultSentence } from '../../shared/domain/certificate.ts'
import { normalizeNumber } from '../../shared/domain/phone-number.ts'
import { type Bridge, CoreUnavailable } from '../bridge/bridge.ts'
import { queryKeys } from '../bridge/bridge-context.tsx'
import type { InForce } from '../bridge/dispositions.ts'
import { callerQuery } from '../features/caller-card/CallerPanel.tsx'
import { createDesk, type Desk } from '../features/case-form/draft-store.ts'
import { followHandOvers } from '../features/case-form/hand-over.ts'
import { createSeatStateStore, type SeatStateStore } from '../features/seat-state/seat-state-store.ts'
import type { Phone } from '../phone/phone.ts'
import { after, afterDrawing } from '../phone/timers.ts'
import { sentenceOf } from '../ui/text.ts'
import { createAutoAnswer } from './auto-answer.ts'
import { callNotice } from './call-notice.ts'
import { createCallRecorder } from './call-recorder.ts'
import { clearPersonalState } from './personal-state.ts'

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

/** Why a socket to the exchange does not open: the page is never told, the core looks. */
export const explainLine =
  (bridge: Bridge) =>
  async (url: string): Promise<string | null> => {
    const { fault } = await bridge.seat.settings.lineFault({ url })
    return fault === null ? null : lineFaultSentence[fault]
  }

export function createSeatStates(bridge: Bridge, phone: Phone): SeatStateStore {
  return createSeatStateStore({
    phone,
    now: () => Date.now(),
    after,
    // The core keeps it for the next page; while it is away this page still knows.
    keep: state => void bridge.seat.seatState.report({ state }).catch(() => {}),
  })
}

const otherNumber = (facts: CallFacts, inbound: boolean) =>
  inbound ? facts.callerNumber : facts.calledNumber

/** So long a call that is dialled is busy with finding its way and its sound. */
const callingMs = 250

/** Also in a hidden window. */
const quietMoment = () =>
  new Promise<void>(resolve => void requestIdleCallback(() => resolve(), { timeout: 200 }))

/** Whether somebody is typing in the case form: what arrives then must not take the form away. */
const isTyping = () => document.activeElement?.closest('.case-form') != null

export function wireSeat(parts: {
  bridge: Bridge
  phone: Phone
  desk: Desk
  seatStates: SeatStateStore
  queries: QueryClient
}): void {
  const { bridge, phone, desk, seatStates, queries } = parts
  const answered = new Set<string>()
  const settings = () => queries.getQueryData<SettingsView>(queryKeys.settings)?.settings
  const areaCode = () => settings()?.areaCode ?? ''

  const recorder = createCallRecorder({
    report: (callId, events, caseId) =>
      bridge.seat.calls.report({ callId, events, ...(caseId === null ? {} : { caseId }) }),
    after,
    later: run => afterDrawing({ after }, run),
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
      // The call comes first; the form, which costs more to draw, after it.
      await quietMoment()
      desk.add(draft)
      const isFree = !isTyping() || desk.use.getState().activeId === null
      if (isFree && !talksElsewhere(callId)) desk.select(draft.draftId)
      if (!phone.snapshot().calls.some(call => call.callId === callId)) discardUntouched(callId)
    } catch {
      if (phone.snapshot().calls.some(call => call.callId === callId))
        after(500, () => void openDraft(callId, facts, inbound))
    }
  }

  /** Whoever talks writes what they hear: the form in front of them is not theirs to lose to another call. */
  const talksElsewhere = (callId: string) =>
    phone
      .snapshot()
      .calls.some(
        call => call.callId !== callId && !(call.state === 'ringing' && call.direction === 'inbound'),
      )

  /** A call that nobody answered leaves no empty form behind; one with words in it stays. */
  const discardUntouched = (callId: string) => {
    const draft = desk.ofCall(callId)
    if (draft === undefined || answered.has(callId) || draft.revision > 0) return
    desk.remove(draft.draftId, 'former')
    void bridge.seat.drafts.discard({ draftId: draft.draftId }).catch(() => {})
  }

  /** Nobody sits there (下线): no citizen is to ring at this seat. A call that goes on is not cut off by it. */
  let nobody = false

  phone.onCallEvent((callId, event) => {
    const made = phone.snapshot().calls.find(call => call.callId === callId)
    recorder.record(callId, event, made?.caseId ?? null)
    switch (event.type) {
      case 'offered':
      case 'dialled': {
        const inbound = event.type === 'offered'
        // The line was still held by a call that goes on: nobody is there to take another one.
        if (nobody) return void phone.decline(callId).catch(() => {})
        // A consultation belongs to the citizen's case, which stays in hand; a follow-up to the case that it is about.
        if (made !== undefined && (made.consultOf !== null || made.caseId !== null)) return
        const number = otherNumber(event.facts, inbound)
        // Asked for before anything is drawn: the pop waits for nothing else.
        void queries.prefetchQuery({
          queryKey: callerQuery(number, callId),
          queryFn: () => bridge.seat.callers.lookup({ number, excludeCallId: callId }),
        })
        const open = () => void openDraft(callId, event.facts, inbound)
        if (inbound) afterDrawing({ after }, open)
        else after(callingMs, open)
        if (inbound) {
          const shown = normalizeNumber(number, { areaCode: areaCode() })
          bridge.shell.announceCall(callNotice(shown, settings()?.language ?? 'zh-CN'))
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
      case 'transferred':
        return
    }
  })

  followHandOvers({
    phone,
    desk,
    directory: () => queries.getQueryData<InForce>(queryKeys.dispositions)?.directory,
    now: () => Date.now(),
  })

  // Beside the record, and after it: the core keeps neither of a call that it has no record of yet.
  const keepLater = (keep: () => Promise<unknown>, tries = 5): void => {
    keep().catch(() => {
      if (tries > 1) after(1_000, () => keepLater(keep, tries - 1))
    })
  }
  phone.onDialog((callId, dialog) => keepLater(() => bridge.seat.calls.keepDialog({ callId, dialog })))
  phone.onEvidence((callId, evidence) =>
    keepLater(() => bridge.seat.calls.keepEvidence({ callId, evidence })),
  )

  const autoAnswer = createAutoAnswer({
    phone,
    after,
    isReady: () => seatStates.use.getState().state.kind === 'ready',
    answered: callId => {
      const draft = desk.ofCall(callId)
      if (draft !== undefined && !isTyping() && !talksElsewhere(callId)) desk.select(draft.draftId)
    },
  })

  /** Calls that a page before this one had: taken back where the far end allows it, else recorded as interrupted. */
  const recallLost = async () => {
    const lost = await bridge.seat.calls.lost({})
    for (const { record, dialog } of lost) {
      if (phone.snapshot().calls.some(call => call.callId === record.callId)) continue
      if (dialog === null || record.answeredAt === null) {
        recorder.record(record.callId, interrupted())
        continue
      }
      answered.add(record.callId)
      await phone.recall(record.callId, record.facts, record.direction, dialog).catch((error: unknown) => {
        // Not registered yet, or no microphone: tried again with the next registration. Anything else is told by the phone.
        if (codeOf(error) !== 'NOT_REGISTERED') recorder.record(record.callId, interrupted())
      })
    }
  }
  const interrupted = () => ({
    type: 'ended' as const,
    at: new Date().toISOString(),
    side: 'unknown' as const,
    cause: 'interrupted' as const,
    sipStatus: null,
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
      const { headerMap, codecs, ringtoneVolume, dtmf, callerId, devices, wrapUpSeconds } = view.settings
      seatStates.setWrapUpSeconds(wrapUpSeconds)
      autoAnswer.setSeconds(view.settings.autoAnswerSeconds)
      phone.configure({ headerMap, codecs, ringtoneVolume, dtmf, callerId, devices })
      await phone.use(credentials)
    } catch {
      // Not open yet, as above.
    }
  }

  /** Who sits there, and what they were doing. */
  const useOperator = async (operatorId: string | null) => {
    try {
      seatStates.operator(
        operatorId !== null,
        operatorId === null ? null : await bridge.seat.seatState.get({}),
      )
    } catch {
      // The core went away: the status that it sends on its return comes here again.
    }
  }

  const leaveLine = () => {
    if (nobody && phone.snapshot().calls.length === 0) void phone.use(null)
  }

  /**
   * A locked seat is not ready (示忙), so that no citizen rings where nobody can answer at once. Whoever unlocks it is ready again if
   * they were; a break stays a break.
   */
  let locked = false
  let readyAgain = false
  const followLock = (next: boolean) => {
    if (next === locked) return
    locked = next
    const { former, lineLost } = seatStates.use.getState().state
    if (locked) {
      readyAgain = former === 'ready' || lineLost
      if (readyAgain) seatStates.send({ type: 'go-busy' })
    } else if (readyAgain && phone.snapshot().line.state === 'registered')
      seatStates.send({ type: 'go-ready' })
  }

  let wasRegistered = false
  phone.subscribe(() => {
    const { line, calls } = phone.snapshot()
    const registered = line.state === 'registered'
    if (registered && !wasRegistered) void recallLost().catch(() => {})
    wasRegistered = registered
    if (registered && nobody && calls.length === 0) leaveLine()
  })

  let wasOpen = false
  let wasSeated = false
  let lastOperator: string | null | undefined
  let lastSettings: unknown
  queries.getQueryCache().subscribe(({ query }) => {
    const [key] = query.queryKey
    if (key === queryKeys.status[0]) {
      const status = query.state.data as
        | { storage?: { state?: string }; operator?: { operatorId: string } | null; locked?: boolean }
        | undefined
      const open = status?.storage?.state === 'open' && status.operator != null && status.locked !== true
      const operatorId = status?.operator?.operatorId ?? null
      if (status?.storage?.state === 'open' && operatorId !== lastOperator) {
        // Of the first that this page knows nothing is held yet: what is being asked for is theirs.
        if (lastOperator === undefined) desk.handTo(operatorId)
        else clearPersonalState({ queries, desk }, operatorId)
        lastOperator = operatorId
        void useOperator(operatorId)
        // Whoever follows another without a gate between them begins as after one.
        if (wasOpen) wasOpen = false
      }
      // While the core is away nobody knows who sits there: whoever did stays.
      if (status?.storage?.state === 'open') {
        nobody = operatorId === null
        leaveLine()
        followLock(status.locked === true)
      }
      if (open && !wasOpen) {
        void loadDrafts()
        void useAccount()
      } else if (operatorId !== null && !wasSeated) void useAccount()
      wasOpen = open
      wasSeated = operatorId !== null
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
  bridge.shell.onResumed(phone.check)
  bridge.shell.onAnswerKey(() => {
    // The screen says that it must be unlocked first.
    if (locked) return
    const ringing = phone
      .snapshot()
      .calls.find(call => call.direction === 'inbound' && call.state === 'ringing')
    if (ringing !== undefined) void phone.answer(ringing.callId).catch(() => {})
  })
  bridge.shell.onDeclineKey(() => {
    if (locked) return
    const ringing = phone
      .snapshot()
      .calls.find(call => call.direction === 'inbound' && call.state === 'ringing')
    if (ringing !== undefined) void phone.decline(ringing.callId).catch(() => {})
  })
  window.addEventListener('online', phone.check)
  document.addEventListener('visibilitychange', desk.flushAll)
  window.addEventListener('pagehide', desk.flushAll)
}
