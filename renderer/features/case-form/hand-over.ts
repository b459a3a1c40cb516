/**
 * What the phone did to hand a call over (转接、三方通话) is written into the call's form as it happens, whichever way the operator
 * began it. Nothing is written of what was only tried.
 */

import type { CaseFields, HandOverWay } from '../../../shared/domain/case.ts'
import { lookUp, type TransferDirectory } from '../../../shared/domain/transfer-directory.ts'
import type { Phone } from '../../phone/phone.ts'
import type { Desk } from './draft-store.ts'

export function followHandOvers(parts: {
  phone: Pick<Phone, 'onCallEvent' | 'subscribe' | 'snapshot'>
  desk: Pick<Desk, 'ofCall' | 'edit'>
  directory(): TransferDirectory | undefined
  now(): number
}): () => void {
  const { phone, desk } = parts
  /** Consultations that became three-way calls: when the operator leaves them, the exchange is told of a transfer. */
  const joined = new Set<string>()

  const record = (callId: string, number: string, way: HandOverWay, at: number) => {
    const draft = desk.ofCall(callId)
    if (draft !== undefined)
      desk.edit(draft.draftId, handedOver(draft.fields, parts.directory(), number, way, at))
  }
  const ends = [
    phone.onCallEvent((callId, event) => {
      if (event.type !== 'transferred' || !event.done) return
      if (joined.has(`${callId} ${event.to}`)) return
      record(callId, event.to, event.how === 'blind' ? 'blind' : 'consulted', Date.parse(event.at))
    }),
    phone.subscribe(() => {
      for (const { consultOf, inConference, facts } of phone.snapshot().calls) {
        const number = facts.calledNumber
        if (consultOf === null || !inConference || number === null) continue
        const key = `${consultOf} ${number}`
        if (joined.has(key)) continue
        joined.add(key)
        record(consultOf, number, 'three-way', parts.now())
      }
    }),
  ]
  return () => {
    for (const end of ends) end()
  }
}

/** The record of a hand-over; who took over and what they answered is the operator's to write. */
export const handedOver = (
  before: Pick<CaseFields, 'handOverNumber' | 'handOverConsent'>,
  directory: TransferDirectory | undefined,
  number: string,
  way: HandOverWay,
  at: number,
) => ({
  handOverNumber: number,
  handOverName: directory === undefined ? '' : (lookUp(directory, number, at).entry?.name ?? ''),
  handOverWay: way,
  handOverAt: new Date(at).toISOString(),
  handOverDirectory: directory?.version ?? '',
  // A consent is one for one line.
  handOverConsent: before.handOverNumber === number ? before.handOverConsent : null,
})

/**
 * 三方通话 with somebody who is rung first: all three speak as soon as the line answers. False: it did not come to that, because
 * one of them is gone or the operator did something else meanwhile.
 */
export async function consultAndJoin(
  phone: Pick<Phone, 'consult' | 'startConference' | 'snapshot' | 'subscribe'>,
  citizenId: string,
  number: string,
): Promise<boolean> {
  const consultId = await phone.consult(citizenId, number)
  const of = (id: string) => phone.snapshot().calls.find(({ callId }) => callId === id)
  const ready = (): boolean | null => {
    const [citizen, line] = [of(citizenId), of(consultId)]
    if (citizen === undefined || line === undefined || line.inConference) return false
    if (line.state !== 'talking') return line.state === 'held' ? false : null
    return citizen.state === 'held' && citizen.transfer === null
  }
  const joins = await new Promise<boolean>(resolve => {
    const look = () => {
      const now = ready()
      if (now === null) return
      end()
      resolve(now)
    }
    const end = phone.subscribe(look)
    look()
  })
  if (joins) await phone.startConference()
  return joins
}
