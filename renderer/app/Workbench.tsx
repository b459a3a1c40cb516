/** 工作台: the phone, the case in hand, and who is calling, side by side. */
import { memo, useCallback, useDeferredValue, useMemo, useState } from 'react'
import { useShallow } from 'zustand/react/shallow'
import type { CallRecord } from '../../shared/domain/call.ts'
import { firstWording } from '../../shared/domain/caller-words.ts'
import type { CaseFields } from '../../shared/domain/case.ts'
import { useBridge } from '../bridge/bridge-context.tsx'
import { DialectWords } from '../features/assist/DialectWords.tsx'
import { HelpPanel } from '../features/assist/HelpPanel.tsx'
import { ModelDrafts } from '../features/assist/ModelDrafts.tsx'
import { CallbackInHand } from '../features/callbacks/CallbackInHand.tsx'
import { type CallerFocus, CallerPanel } from '../features/caller-card/CallerPanel.tsx'
import { CaseDesk } from '../features/case-form/CaseDesk.tsx'
import { useDesk, useDraft } from '../features/case-form/desk-context.tsx'
import { CatalogueNotice } from '../features/dispatch/CatalogueNotice.tsx'
import { DispatchRegions } from '../features/dispatch/DispatchRegions.tsx'
import { IntakeFiles } from '../features/intake/IntakeFiles.tsx'
import { PhonePanel } from '../features/phone-bar/PhonePanel.tsx'
import { SeatStateBar } from '../features/seat-state/SeatStateBar.tsx'
import { useSeatState } from '../features/seat-state/seat-state-context.tsx'
import type { PhoneCall } from '../phone/phone.ts'
import { usePhonePart } from '../phone/phone-context.tsx'

/** Another wording of the content leaves the first one beside it. */
const keepingWords = (before: CaseFields, taken: Partial<CaseFields>): Partial<CaseFields> => {
  const callerWords = firstWording(before, taken)
  return callerWords === null ? taken : { ...taken, callerWords }
}

const none: readonly string[] = []

const otherNumber = (call: PhoneCall) =>
  call.direction === 'inbound' ? call.facts.callerNumber : call.facts.calledNumber

type Props = {
  active: boolean
  /** Where calls are shown while another page is. */
  callBar: HTMLElement | null
  onShow(): void
  onCallbackDone(callId: string | null): void
}

export const Workbench = memo(Columns)

function Columns({ active, callBar, onShow, onCallbackDone }: Props) {
  const bridge = useBridge()
  const desk = useDesk()
  const [focus, setFocus] = useState(0)
  const activeId = desk.use(state => state.activeId)
  const draftCallId = desk.use(
    state => state.drafts.find(draft => draft.draftId === state.activeId)?.callId ?? null,
  )
  const draftCallIds = desk.use(
    useShallow(({ drafts }) => drafts.flatMap(({ callId }) => (callId === null ? [] : [callId]))),
  )
  const notice = useMemo(
    () => (
      <>
        <CatalogueNotice />
        {activeId === null ? null : <IntakeFiles key={activeId} draftId={activeId} />}
      </>
    ),
    [activeId],
  )
  const kind = useDeferredValue(useSeatState().kind)
  // A form that is still open when the wrap-up is over is missing its disposition as much as one that was left out.
  const wrappingUp = kind === 'talking' || kind === 'wrap-up'
  const inHand = wrappingUp ? draftCallIds : none

  const open = useCallback(
    (ofCall: string | null, callingNumber: string) => {
      void bridge.seat.drafts
        .open({ callId: ofCall, callingNumber, contactNumber: callingNumber })
        .then(draft => {
          desk.add(draft)
          desk.select(draft.draftId)
          setFocus(count => count + 1)
        })
        .catch(() => {})
    },
    [bridge, desk],
  )
  const belowForm = useCallback(
    (draftId: string) => (
      <>
        <DialectWords draftId={draftId} callId={draftCallId} active={active} />
        <ModelDrafts active={active} />
        <DispatchRegions draftId={draftId} />
      </>
    ),
    [draftCallId, active],
  )
  const newCase = useCallback(() => open(null, ''), [open])
  /** The call whose case was left out: its form is opened anew, bound to it. */
  const file = useCallback(
    (record: CallRecord) => {
      const raw = record.direction === 'inbound' ? record.facts.callerNumber : record.facts.calledNumber
      open(record.callId, record.numberKey ?? raw ?? '')
    },
    [open],
  )
  const answered = useCallback(
    (callId: string) => {
      const draft = desk.ofCall(callId)
      if (draft !== undefined) desk.select(draft.draftId)
      setFocus(count => count + 1)
    },
    [desk],
  )

  return (
    <div className="workbench" hidden={!active}>
      <div className="phone-column">
        <SeatStateBar active={active} />
        <CallbackInHand active={active} onDone={onCallbackDone} onCase={answered} />
        <PhonePanel
          active={active}
          bar={callBar}
          onShow={onShow}
          inHand={inHand}
          onAnswered={answered}
          onFile={file}
        />
      </div>
      <CaseDesk active={active} focus={focus} onNew={newCase} dispatch={belowForm} notice={notice} />
      <div className="side-column">
        <Caller draftId={activeId} draftCallId={draftCallId} />
        {activeId === null ? null : <Help active={active} draftId={activeId} />}
      </div>
    </div>
  )
}

/** Help with what is typed: drawn after the key, which does not wait for it. */
function Help({ active, draftId }: { active: boolean; draftId: string }) {
  const desk = useDesk()
  const fields = useDeferredValue(useDraft(draftId)?.fields)
  const take = useCallback(
    (taking: (now: CaseFields) => Partial<CaseFields>) => {
      const now = desk.find(draftId)?.fields
      if (now !== undefined) desk.edit(draftId, keepingWords(now, taking(now)))
    },
    [desk, draftId],
  )
  return fields === undefined ? null : (
    <HelpPanel active={active} draftId={draftId} fields={fields} onTake={take} />
  )
}

/** A call that rings pops up whatever is in hand; otherwise the caller of the case in hand is shown. */
function Caller({ draftId, draftCallId }: { draftId: string | null; draftCallId: string | null }) {
  const desk = useDesk()
  const calls = usePhonePart(snapshot => snapshot.calls)
  const draftNumber = desk.use(
    state => state.drafts.find(draft => draft.draftId === draftId)?.fields.callingNumber ?? '',
  )
  const ringing = calls.find(call => call.state === 'ringing' && call.direction === 'inbound')
  const ofDraft = calls.find(call => call.callId === draftCallId)
  const shown = ringing ?? ofDraft ?? (draftId === null ? calls[0] : undefined)
  const number = shown === undefined ? draftNumber : otherNumber(shown)
  const callId = shown === undefined ? draftCallId : shown.callId
  const dialect = shown?.facts.dialect ?? null
  const nobody = shown === undefined && draftNumber === ''
  const focus = useMemo<CallerFocus | null>(
    () => (nobody ? null : { number, callId, dialect }),
    [nobody, number, callId, dialect],
  )
  return <CallerPanel focus={focus} />
}
