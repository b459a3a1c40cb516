/** Calls on the line: answered, dialled, held, muted, ended. What several of them do together is elsewhere. */
import { type Bye, Invitation, Inviter, SessionState, UserAgent } from 'sip.js'
import type { CallEvent } from '../../../shared/domain/call.ts'
import { dialString } from '../../../shared/domain/phone-number.ts'
import { playOn } from '../audio/devices.ts'
import { dialledFacts } from '../call-facts.ts'
import { causeOfCancel, causeOfRefusal } from '../end-cause.ts'
import {
  type DialOptions,
  type PhoneAccount,
  type PhoneCall,
  PhoneError,
  type PhoneOptions,
} from '../phone.ts'
import type { PhoneState } from '../phone-state.ts'
import { orderCodecs } from '../sdp.ts'
import type { Timers } from '../timers.ts'
import {
  audioSender,
  type Ending,
  isEstablished,
  type Leg,
  type Legs,
  legOf,
  peerConnection,
  remoteTrack,
} from './leg.ts'
import type { Line } from './line.ts'
import { asking, NotSent } from './media-session.ts'
import type { Reinvite } from './reinvite.ts'

/** Media that is gone this long is looked for again. */
const mediaLostMs = 2_500
/** What is done sooner, a hold or an answer, is shown when it is, without a word in between. */
const shownAfterMs = 100

export type Calls = ReturnType<typeof createCalls>

export const codecModifiers = (codecs: readonly string[]) => [
  (description: RTCSessionDescriptionInit) =>
    Promise.resolve({ type: description.type, sdp: orderCodecs(description.sdp ?? '', codecs) }),
]

export function createCalls(parts: {
  timers: Timers
  state: PhoneState
  legs: Legs
  line: () => Line
  options: () => PhoneOptions
  speaker: () => { deviceId: string; volume: number }
  reinvite: Reinvite
  ring(on: boolean): void
  emit(callId: string, event: CallEvent): void
  /** Sound is mixed for this call: its sender is not ours to change. */
  isMixed(leg: Leg): boolean
  finished(leg: Leg, call: PhoneCall | undefined): void
  established(leg: Leg): void
  mediaLost(leg: Leg): void
  blocked(): void
}) {
  const { timers, state, legs, reinvite, emit } = parts
  const at = () => new Date(timers.now()).toISOString()
  const modifiers = () => codecModifiers(parts.options().codecs)

  /** Rings only while nobody is spoken with. */
  const updateRing = () => {
    const { calls } = state.snapshot()
    const ringing = calls.some(
      call =>
        call.direction === 'inbound' &&
        call.state === 'ringing' &&
        legs.get(call.callId)?.session.state === SessionState.Initial,
    )
    parts.ring(ringing && !calls.some(call => call.state === 'talking' || call.state === 'held'))
  }

  const isSilent = (call: PhoneCall, leg: Leg) => call.muted || call.state === 'held' || leg.switchingHold

  /** The wanted mute is ours; a track that was replaced knows nothing of it, and a held party hears nothing. */
  const applyMute = (callId: string) => {
    const call = state.call(callId)
    const leg = legs.get(callId)
    if (call === undefined || leg === undefined || parts.isMixed(leg)) return
    const sender = audioSender(leg)
    leg.microphone ??= sender?.track ?? null
    if (leg.microphone !== null) leg.microphone.enabled = !isSilent(call, leg)
  }

  const markAnswered = (callId: string) => {
    const leg = legs.get(callId)
    if (leg === undefined || leg.answered || leg.ending !== null) return
    leg.answered = true
    state.change(callId, { state: 'talking', answeredAt: timers.now(), busy: false, problem: null })
    updateRing()
    emit(callId, { type: 'answered', at: at() })
    parts.established(leg)
  }

  const finish = (leg: Leg) => {
    const { callId } = leg
    if (legs.get(callId) !== leg) return
    legs.delete(callId)
    leg.microphone?.stop()
    leg.audio.srcObject = null
    leg.audio.remove()
    const { side, cause, sipStatus } = leg.ending ?? {
      side: 'unknown' as const,
      cause: 'failed' as const,
      sipStatus: null,
    }
    const call = state.call(callId)
    state.remove(callId)
    updateRing()
    emit(callId, { type: 'ended', at: at(), side, cause, sipStatus })
    parts.finished(leg, call)
  }

  const ended = (leg: Leg, ending: Ending) => {
    leg.ending ??= ending
  }

  const output = (leg: Leg) => {
    const { deviceId, volume } = parts.speaker()
    leg.audio.volume = volume
    void playOn(leg.audio, deviceId)
  }

  const playRemote = (leg: Leg) => {
    const pc = peerConnection(leg)
    if (pc === undefined) return
    const play = () => {
      const track = remoteTrack(leg)
      if (track === undefined) return
      leg.audio.srcObject = new MediaStream([track])
      if (!leg.audio.isConnected) document.body.append(leg.audio)
      output(leg)
      void leg.audio.play().catch(() => parts.blocked())
      // An exchange that never sends its ACK still has answered once its audio is here.
      track.onunmute = () => {
        if (leg.session instanceof Invitation && isEstablished(leg)) markAnswered(leg.callId)
      }
    }
    play()
    pc.addEventListener('track', play)
  }

  const watchMedia = (leg: Leg) => {
    const pc = peerConnection(leg)
    pc?.addEventListener('iceconnectionstatechange', () => {
      if (pc.iceConnectionState === 'failed') return parts.mediaLost(leg)
      if (pc.iceConnectionState !== 'disconnected') return
      timers.after(mediaLostMs, () => {
        if (pc.iceConnectionState === 'disconnected') parts.mediaLost(leg)
      })
    })
  }

  const newCall = (
    call: Pick<PhoneCall, 'callId' | 'direction' | 'state' | 'facts'> & Partial<PhoneCall>,
  ): PhoneCall => ({
    startedAt: timers.now(),
    answeredAt: null,
    muted: false,
    holdPending: false,
    busy: false,
    problem: null,
    consultOf: null,
    caseId: null,
    inConference: false,
    transfer: null,
    recovering: false,
    quality: null,
    ...call,
  })

  const newLeg = (session: Inviter | Invitation, call: PhoneCall): Leg => {
    const audio = document.createElement('audio')
    audio.hidden = true
    const leg: Leg = {
      callId: call.callId,
      sipCallId: session.request.callId,
      session,
      ending: null,
      answered: false,
      audio,
      microphone: null,
      switchingHold: false,
      shownHold: null,
      samples: [],
      states: [],
    }
    legs.set(call.callId, leg)
    state.add(call)
    session.stateChange.addListener(sessionState => {
      leg.states.push(`${at()} session ${sessionState}`)
      if (sessionState === SessionState.Established) {
        applyMute(call.callId)
        playRemote(leg)
        watchMedia(leg)
        if (session instanceof Inviter) markAnswered(call.callId)
      }
      // Why it was refused is told just after its state: the end is written when both are known.
      if (sessionState === SessionState.Terminated) queueMicrotask(() => finish(leg))
    })
    session.delegate = {
      onAck: () => markAnswered(call.callId),
      onBye: (bye: Bye) => {
        ended(leg, {
          side: call.direction === 'inbound' ? 'caller' : 'exchange',
          cause: 'hang-up',
          sipStatus: null,
        })
        void bye.accept()
      },
      onCancel: cancel => {
        const cause = causeOfCancel(cancel.request.getHeader('Reason'))
        ended(leg, { side: cause === 'answered-elsewhere' ? 'exchange' : 'caller', cause, sipStatus: 487 })
      },
      // Transfers by the far side are the exchange's affair; a seat is not sent elsewhere by a citizen's phone.
      onRefer: referral => void referral.reject().catch(() => {}),
    }
    return leg
  }

  const holdOthers = async (except: readonly string[]) => {
    for (const call of state.snapshot().calls) {
      if (!except.includes(call.callId) && call.state === 'talking') await setHold(call.callId, true)
    }
  }

  /**
   * A hold is shown only when the far side has accepted it; until then the microphone is already silent. `seenFirst`: nothing else
   * waits for it, so its answer is gone into when it is drawn.
   */
  const setHold = async (callId: string, hold: boolean, { seenFirst = false } = {}) => {
    // One that is shown already, and only has to be gone into, is no reason to refuse the next.
    parts.line().hear()
    await legs.get(callId)?.shownHold
    const leg = legOf(legs, callId)
    const call = state.call(callId)
    if (call === undefined || leg.switchingHold) throw new PhoneError('BUSY', '正在切换保持，请稍候')
    if ((call.state === 'held') === hold) return
    if (!isEstablished(leg)) throw new PhoneError('REFUSED', '通话尚未接通')
    leg.switchingHold = true
    applyMute(callId)
    const notAtOnce = timers.after(shownAfterMs, () =>
      state.change(callId, { holdPending: true, problem: null }),
    )
    const before = call.state
    let isSeen = false
    const after = { state: hold ? 'held' : 'talking', holdPending: false, problem: null } as const
    let settled = () => {}
    const seen = () => {
      notAtOnce()
      isSeen = true
      leg.shownHold = new Promise(resolve => {
        settled = resolve
      })
      state.change(callId, after)
    }
    const wanted = { hold: () => hold, iceRestart: false, ...(seenFirst ? { seen } : {}) }
    const { accepted } = await reinvite(leg, wanted)
    notAtOnce()
    leg.switchingHold = false
    leg.shownHold = null
    settled()
    const problem = accepted ? null : hold ? '对方没有接受保持，通话仍在继续' : '恢复通话没有成功，请再试一次'
    state.change(
      callId,
      accepted ? after : { ...(isSeen ? { state: before } : {}), holdPending: false, problem },
    )
    applyMute(callId)
    if (!legs.has(callId)) throw new PhoneError('CALL_GONE', '这个通话已经结束')
    if (!accepted) throw new PhoneError('REFUSED', problem ?? '')
    emit(callId, { type: hold ? 'held' : 'resumed', at: at() })
  }

  const isUnderWay = ({ session, answered }: Leg) =>
    !answered && (session.state === SessionState.Establishing || session.state === SessionState.Established)

  const answer = async (callId: string) => {
    parts.line().hear()
    const leg = legOf(legs, callId)
    if (!(leg.session instanceof Invitation) || leg.session.state !== SessionState.Initial) return
    await holdOthers([callId])
    // Drawing waits for the microphone, not the other way round.
    const accepted = leg.session.accept({ sessionDescriptionHandlerModifiers: modifiers() })
    updateRing()
    timers.after(shownAfterMs, () => {
      if (isUnderWay(leg)) state.change(callId, { busy: true, problem: null })
    })
    try {
      await accepted
    } catch (error) {
      // Names and messages of media errors hold no numbers.
      console.warn(
        'phone: the call could not be answered:',
        error instanceof Error ? `${error.name}: ${error.message}` : '',
      )
      state.change(callId, { busy: false })
      if (!legs.has(callId)) throw new PhoneError('CALL_GONE', '来电已经挂断')
      const deaf = state.snapshot().microphone !== 'ready'
      if (!deaf) ended(leg, { side: 'seat', cause: 'failed', sipStatus: 488 })
      if (leg.session.state === SessionState.Initial && !deaf)
        await leg.session.reject({ statusCode: 488 }).catch(() => {})
      const problem = deaf ? '没有可用的麦克风，无法接听' : '接听没有成功：音频无法建立'
      state.change(callId, { problem })
      updateRing()
      throw new PhoneError(deaf ? 'NO_MICROPHONE' : 'REFUSED', problem)
    }
  }

  const hangUp = async (callId: string) => {
    parts.line().hear()
    const leg = legOf(legs, callId)
    const { session } = leg
    state.change(callId, { busy: true })
    switch (session.state) {
      case SessionState.Initial:
      case SessionState.Establishing:
        ended(leg, {
          side: 'seat',
          cause: session instanceof Invitation ? 'declined' : 'hang-up',
          sipStatus: null,
        })
        if (session instanceof Invitation) await session.reject({ statusCode: 603 })
        else if (session instanceof Inviter) await session.cancel()
        break
      case SessionState.Established:
        ended(leg, { side: 'seat', cause: 'hang-up', sipStatus: null })
        // While the exchange is away the BYE cannot be sent: the call ends here, and the exchange's own timers end it there.
        await session.bye().catch(() => session.dispose())
        break
      case SessionState.Terminating:
      case SessionState.Terminated:
        break
    }
  }

  const ready = (): { agent: UserAgent; account: PhoneAccount } => {
    const line = parts.line()
    const [agent, account] = [line.agent(), line.account()]
    if (agent === null || account === null || state.snapshot().line.state !== 'registered')
      throw new PhoneError('NOT_REGISTERED', '电话尚未登录，不能拨号')
    return { agent, account }
  }

  const target = (typed: string, account: PhoneAccount) => {
    const number = dialString(typed)
    if (number === null) throw new PhoneError('BAD_NUMBER', '号码只能包含数字、*、# 和开头的 +')
    const uri = UserAgent.makeURI(`sip:${number.replaceAll('#', '%23')}@${account.sipDomain}`)
    if (uri === undefined) throw new PhoneError('BAD_NUMBER', '号码不正确')
    return { number, uri }
  }

  const invite = async (inviter: Inviter, leg: Leg) => {
    try {
      await inviter.invite({
        requestDelegate: {
          onProgress: response => {
            const { statusCode, body } = response.message
            // 183 with a description is early media: the far side speaks already, e.g. an announcement.
            if (body !== '') playRemote(leg)
            if (statusCode === undefined || statusCode < 180 || state.call(leg.callId)?.state !== 'dialling')
              return
            state.change(leg.callId, { state: 'alerting' })
            emit(leg.callId, { type: 'alerting', at: at() })
          },
          onReject: response => {
            const status = response.message.statusCode ?? 0
            ended(leg, { side: 'exchange', cause: causeOfRefusal(status), sipStatus: status })
          },
        },
      })
    } catch (error) {
      ended(leg, { side: 'seat', cause: 'failed', sipStatus: null })
      await inviter.dispose().catch(() => {})
      finish(leg)
      if (error instanceof NotSent) throw new PhoneError('TOO_LATE', '剩下的时间不够，没有拨出')
      throw new PhoneError('NO_MICROPHONE', '没有可用的麦克风，无法拨号')
    }
  }

  const dial = async (
    typed: string,
    consultOf: string | null = null,
    { caseId, headers = [], mayGo }: DialOptions = {},
  ): Promise<string> => {
    const { agent, account } = ready()
    const { number, uri } = target(typed, account)
    await holdOthers([])
    const { callerId } = parts.options()
    const inviter = new Inviter(agent, uri, {
      sessionDescriptionHandlerModifiers: modifiers(),
      earlyMedia: true,
      ...(mayGo === undefined ? {} : { sessionDescriptionHandlerOptions: asking({ mayGo }) }),
      extraHeaders: [
        ...(callerId === '' ? [] : [`P-Preferred-Identity: <sip:${callerId}@${account.sipDomain}>`]),
        ...headers.map(({ name, value }) => `${name}: ${value}`),
      ],
    })
    const callId = inviter.request.callId
    const facts = dialledFacts(number, account.extension, callId)
    const call = newCall({
      callId,
      direction: 'outbound',
      state: 'dialling',
      facts,
      consultOf,
      caseId: caseId ?? null,
    })
    // The microphone is asked for before anybody is told: what they then do takes longer.
    const sent = invite(inviter, newLeg(inviter, call))
    emit(callId, { type: 'dialled', at: at(), facts })
    await sent
    return callId
  }

  return {
    updateRing,
    answer,
    hangUp,
    dial,
    invite,
    modifiers,
    newCall,
    newLeg,
    /** Rejects with NOT_REGISTERED. */
    agent: () => ready().agent,
    setHold,
    holdOthers,
    target: (typed: string) => {
      const { account } = ready()
      return target(typed, account)
    },
    applyMute,
    ended,
    outputs: () => {
      for (const leg of legs.values()) output(leg)
    },
    mute: (callId: string, muted: boolean) => {
      state.change(callId, { muted })
      applyMute(callId)
    },
    playAll: async () => {
      for (const leg of legs.values())
        if (leg.audio.srcObject !== null) await leg.audio.play().catch(() => {})
    },
  }
}
