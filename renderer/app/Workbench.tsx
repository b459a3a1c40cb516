/** 工作台: the phone, the case in hand, and who is calling, side by side. */
import { useState } from 'react'
import type { CallRecord } from '../../shared/domain/call.ts'
import { useBridge } from '../bridge/bridge-context.tsx'
import { type CallerFocus, CallerPanel } from '../features/caller-card/CallerPanel.tsx'
import { CaseDesk } from '../features/case-form/CaseDesk.tsx'
import { useDesk } from '../features/case-form/desk-context.tsx'
import { PhonePanel } from '../features/phone-bar/PhonePanel.tsx'
import { SeatStateBar } from '../features/seat-state/SeatStateBar.tsx'
import type { PhoneCall } from '../phone/phone.ts'
import { usePhoneSnapshot } from '../phone/phone-context.tsx'

const otherNumber = (call: PhoneCall) =>
  call.direction === 'inbound' ? call.facts.callerNumber : call.facts.calledNumber

export function Workbench({ active }: { active: boolean }) {
  const bridge = useBridge()
  const desk = useDesk()
  const { calls } = usePhoneSnapshot()
  const [focus, setFocus] = useState(0)
  const activeId = desk.use(state => state.activeId)
  const draftCallId = desk.use(
    state => state.drafts.find(draft => draft.draftId === state.activeId)?.callId ?? null,
  )
  const drafts = desk.use(state => state.drafts)
  const inHand = drafts.flatMap(({ callId }) => (callId === null ? [] : [callId]))
  const draftNumber = desk.use(
    state => state.drafts.find(draft => draft.draftId === state.activeId)?.fields.callingNumber ?? '',
  )

  /** A call that rings pops up whatever is in hand; otherwise the caller of the case in hand is shown. */
  const ringing = calls.find(call => call.state === 'ringing' && call.direction === 'inbound')
  const ofDraft = calls.find(call => call.callId === draftCallId)
  const shown = ringing ?? ofDraft ?? (activeId === null ? calls[0] : undefined)
  const caller: CallerFocus | null =
    shown !== undefined
      ? { number: otherNumber(shown), callId: shown.callId }
      : draftNumber === ''
        ? null
        : { number: draftNumber, callId: draftCallId }

  const newCase = () => {
    void bridge.seat.drafts
      .open({ callId: null, callingNumber: '', contactNumber: '' })
      .then(draft => {
        desk.add(draft)
        desk.select(draft.draftId)
        setFocus(count => count + 1)
      })
      .catch(() => {})
  }
  /** The call whose case was left out: its form is opened anew, bound to it. */
  const file = (record: CallRecord) => {
    const raw = record.direction === 'inbound' ? record.facts.callerNumber : record.facts.calledNumber
    const number = record.numberKey ?? raw ?? ''
    void bridge.seat.drafts
      .open({ callId: record.callId, callingNumber: number, contactNumber: number })
      .then(draft => {
        desk.add(draft)
        desk.select(draft.draftId)
        setFocus(count => count + 1)
      })
      .catch(() => {})
  }
  const answered = (callId: string) => {
    const draft = desk.ofCall(callId)
    if (draft !== undefined) desk.select(draft.draftId)
    setFocus(count => count + 1)
  }

  return (
    <div className="workbench" hidden={!active}>
      <div className="phone-column">
        <SeatStateBar active={active} />
        <PhonePanel active={active} inHand={inHand} onAnswered={answered} onFile={file} />
      </div>
      <CaseDesk active={active} liveCalls={calls} focus={focus} onNew={newCase} />
      <CallerPanel focus={caller} />
    </div>
  )
}
