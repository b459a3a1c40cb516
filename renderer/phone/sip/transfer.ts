/**
 * Transfers (转接). How one ended is told by NOTIFY (RFC 3515), not by the 202: until then the citizen is kept, held, and
 * is resumed by itself when it fails.
 */
import { type Notification, SessionState } from 'sip.js'
import type { CallEvent } from '../../../shared/domain/call.ts'
import { PhoneError } from '../phone.ts'
import type { PhoneState } from '../phone-state.ts'
import type { Timers } from '../timers.ts'
import type { Calls } from './calls.ts'
import { isEstablished, type Leg, type Legs, legOf } from './leg.ts'

/** As long as a telephone rings; after that nobody knows, and the citizen is taken back. */
const resultWithinMs = 60_000

type Result = { done: boolean; status: number | null }

/** The status in a message/sipfrag, or null. */
export const sipfragStatus = (body: string): number | null => {
  const status = /^SIP\/2\.0 ([1-6]\d\d)\b/.exec(body.trimStart())?.[1]
  return status === undefined ? null : Number(status)
}

/** Why it failed, in the operator's words. */
export function transferProblem(status: number | null): string {
  switch (status) {
    case null:
      return '没有收到转接结果'
    case 486:
    case 600:
      return '对方正忙'
    case 408:
    case 480:
    case 487:
      return '对方无人接听'
    case 404:
    case 410:
    case 484:
    case 604:
      return '号码不存在'
    case 403:
    case 603:
      return '对方拒接'
    case 405:
    case 501:
      return '话务台不支持转接'
    default:
      return `转接没有成功（${status}）`
  }
}

export function createTransfers(parts: {
  timers: Timers
  state: PhoneState
  legs: Legs
  calls: Calls
  emit(callId: string, event: CallEvent): void
}) {
  const { timers, state, legs, calls, emit } = parts
  /** Citizens whom the operator is taking back: the end of the consultation does not do it a second time. */
  const takenBack = new Set<string>()
  /** REFERs that nobody has answered yet. */
  const unanswered = new Set<() => void>()

  const refer = (leg: Leg, to: Parameters<Leg['session']['refer']>[0]): Promise<Result> =>
    new Promise(resolve => {
      let accepted = false
      const late = timers.after(resultWithinMs, () => done({ done: false, status: null }))
      const gone = (sessionState: SessionState) => {
        // The exchange took the call over and let us go: that is what we asked for.
        if (sessionState === SessionState.Terminated)
          done({ done: accepted && leg.ending?.cause === 'hang-up', status: null })
      }
      const unheard = () => done({ done: false, status: null })
      unanswered.add(unheard)
      const done = (result: Result) => {
        late()
        unanswered.delete(unheard)
        leg.session.stateChange.removeListener(gone)
        resolve(result)
      }
      leg.session.stateChange.addListener(gone)
      const send = async () => {
        try {
          await leg.session.refer(to, {
            requestDelegate: {
              onAccept: () => {
                accepted = true
                unanswered.delete(unheard)
                progress(leg, 'trying')
              },
              onReject: ({ message }) => done({ done: false, status: message.statusCode ?? null }),
            },
            onNotify: (notification: Notification) => {
              void notification.accept().catch(() => {})
              const status = sipfragStatus(notification.request.body)
              if (status === null) return
              if (status >= 200) return done({ done: status < 300, status })
              if (status >= 180) progress(leg, 'ringing')
            },
          })
        } catch {
          done({ done: false, status: null })
        }
      }
      void send()
    })

  const progress = (leg: Leg, how: 'trying' | 'ringing') => {
    const transfer = state.call(leg.callId)?.transfer
    if (transfer != null) state.change(leg.callId, { transfer: { ...transfer, state: how } })
  }

  const letGo = (leg: Leg) => {
    if (legs.get(leg.callId) !== leg) return Promise.resolve()
    calls.ended(leg, { side: 'seat', cause: 'hang-up', sipStatus: null })
    return calls.hangUp(leg.callId).catch(() => {})
  }

  const run = async (
    callId: string,
    to: string,
    how: 'blind' | 'attended',
    target: Parameters<Leg['session']['refer']>[0],
  ) => {
    const leg = legOf(legs, callId)
    if (state.call(callId)?.transfer !== null) throw new PhoneError('BUSY', '正在转接，请稍候')
    state.change(callId, { transfer: { to, state: 'asking' }, problem: null })
    const { done, status } = await refer(leg, target)
    emit(callId, {
      type: 'transferred',
      at: new Date(timers.now()).toISOString(),
      to,
      how,
      done,
      sipStatus: status,
    })
    if (done) return
    state.change(callId, { transfer: null })
    if (!legs.has(callId)) throw new PhoneError('CALL_GONE', '转接时市民已挂断')
    throw new PhoneError('TRANSFER_FAILED', `${transferProblem(status)}，市民仍在线上`)
  }

  const back = async (callId: string) => {
    if (!legs.has(callId)) return
    await calls.holdOthers([callId])
    await calls.setHold(callId, false)
  }

  return {
    blind: async (callId: string, typed: string) => {
      const leg = legOf(legs, callId)
      if (!isEstablished(leg)) throw new PhoneError('REFUSED', '通话尚未接通')
      const { number, uri } = calls.target(typed)
      await calls.setHold(callId, true)
      try {
        await run(callId, number, 'blind', uri)
      } catch (error) {
        await back(callId).catch(() => {})
        throw error
      }
      await letGo(leg)
    },

    consult: async (callId: string, typed: string): Promise<string> => {
      const leg = legOf(legs, callId)
      if (!isEstablished(leg)) throw new PhoneError('REFUSED', '通话尚未接通')
      calls.target(typed)
      await calls.setHold(callId, true)
      try {
        return await calls.dial(typed, callId)
      } catch (error) {
        await back(callId).catch(() => {})
        throw error
      }
    },

    /** Hands the one call to the other's far side; both of ours end. `consultId` is the call to the third party. */
    complete: async (callId: string, consultId: string) => {
      const [leg, consult] = [legOf(legs, callId), legOf(legs, consultId)]
      if (!isEstablished(consult)) throw new PhoneError('REFUSED', '对方尚未接听，请等接通后再完成转接')
      await calls.setHold(callId, true)
      const to = state.call(consultId)?.facts.calledNumber ?? ''
      try {
        await run(callId, to, 'attended', consult.session)
      } catch (error) {
        // The consultation may have been used up by what failed: the citizen comes first.
        await back(callId).catch(() => {})
        throw error
      }
      await Promise.all([letGo(leg), letGo(consult)])
    },

    /** The line was away: a REFER without an answer is not waited for any longer (32 s in sip.js) with the citizen on hold. */
    lineBack: () => {
      for (const unheard of unanswered) unheard()
    },

    takeBack: async (callId: string, consultId: string | undefined) => {
      takenBack.add(callId)
      try {
        if (consultId !== undefined) await calls.hangUp(consultId).catch(() => {})
        await back(callId)
      } finally {
        takenBack.delete(callId)
      }
    },

    /** The one who was consulted is gone: the citizen does not wait on hold for nobody. */
    consultEnded: (citizenId: string) => {
      const citizen = state.call(citizenId)
      if (citizen === undefined || citizen.transfer !== null || citizen.state !== 'held') return
      if (takenBack.has(citizenId)) return
      if (state.snapshot().calls.some(call => call.state === 'talking')) return
      void back(citizenId).catch(() => {})
    },
  }
}
