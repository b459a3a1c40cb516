/** The phone on sip.js 0.21.2: the only file that imports it, so that everything else knows only `phone.ts`. */
import {
  type Bye,
  Invitation,
  Inviter,
  Registerer,
  RegistererState,
  type Session,
  SessionState,
  UserAgent,
  Web,
} from 'sip.js'
import type { CallEvent, EndCause, HangUpSide } from '../../shared/domain/call.ts'
import { dialledFacts, dialString, readCallFacts } from './call-facts.ts'
import { causeOfCancel, causeOfRefusal } from './end-cause.ts'
import { createMicrophone } from './microphone.ts'
import { type Phone, type PhoneAccount, type PhoneCall, PhoneError } from './phone.ts'
import { createPhoneState } from './phone-state.ts'
import { createRingtone } from './ringtone.ts'
import { offersAudio, orderCodecs } from './sdp.ts'
import { createWorkerTimers, type Timers } from './timers.ts'

const iceGatheringMs = 1_000
const pingEveryMs = 5_000
const pingTimeoutMs = 4_000
const refusedRetryMs = 60_000
const ringingCallsAllowed = 4

/** One call's session and what only this file needs to know of it. */
type Leg = {
  session: Session
  /** Set by whoever ends the call first; what comes after is an echo. */
  ending: { side: HangUpSide; cause: EndCause; sipStatus: number | null } | null
  answered: boolean
  audio: HTMLAudioElement
}

type Connection = {
  agent: UserAgent
  registerer: Registerer | null
  account: PhoneAccount
  closed: boolean
  attempts: number
}

export function createSipPhone(parts: { timers?: Timers; random?: () => number } = {}): Phone {
  const timers = parts.timers ?? createWorkerTimers()
  const random = parts.random ?? Math.random
  const state = createPhoneState()
  const ringtone = createRingtone(state.ringtoneAllowed)
  const microphone = createMicrophone(state.microphone)
  const legs = new Map<string, Leg>()
  const listeners = new Set<(callId: string, event: CallEvent) => void>()
  let connection: Connection | null = null
  let cancelRetry = () => {}
  let cancelPing = () => {}

  const at = () => new Date(timers.now()).toISOString()
  const emit = (callId: string, event: CallEvent) => {
    for (const listener of listeners) listener(callId, event)
  }
  /** Rings only while nobody is spoken with. */
  const updateRing = () => {
    const { calls } = state.snapshot()
    const ringing = calls.some(call => call.direction === 'inbound' && call.state === 'ringing' && !call.busy)
    ringtone.ring(ringing && !calls.some(call => call.state === 'talking' || call.state === 'held'))
  }

  // ── the line ────────────────────────────────────────────────────────────────────────────────────────────────────

  const retry = (on: Connection, afterMs: number) => {
    cancelRetry()
    cancelRetry = timers.after(afterMs, () => {
      if (on.closed) return
      if (on.agent.transport.isConnected()) return register(on)
      state.line('connecting', '与话务台的连接已断开，正在重连')
      on.agent.reconnect().catch(() => lost(on))
    })
  }

  /** Unlimited, doubling from half a second to 15 s, jittered so that a restarted exchange is not stormed. */
  const lost = (on: Connection) => {
    if (on.closed) return
    cancelPing()
    state.line('offline', '与话务台的连接已断开，正在重连')
    void on.registerer?.dispose().catch(() => {})
    on.registerer = null
    on.attempts += 1
    retry(on, Math.min(15_000, 500 * 2 ** Math.min(on.attempts - 1, 5)) * (0.5 + random()))
  }

  const register = (on: Connection) => {
    if (on.closed || on.registerer !== null) return
    state.line('registering')
    const registerer = new Registerer(on.agent, { expires: 300, regId: 1 })
    on.registerer = registerer
    registerer.stateChange.addListener(registererState => {
      if (on.closed || on.registerer !== registerer) return
      if (registererState === RegistererState.Registered) {
        on.attempts = 0
        state.line('registered')
        return ping(on)
      }
    })
    const refused = (status: number | undefined) => {
      if (on.closed || on.registerer !== registerer) return
      on.registerer = null
      void registerer.dispose().catch(() => {})
      const denied = status === 401 || status === 403 || status === 404 || status === 407
      state.line(
        'refused',
        denied ? '话务台拒绝登录：请检查分机号和密码' : `话务台没有接受登录（${status ?? '无应答'}）`,
      )
      retry(on, denied ? refusedRetryMs : 5_000)
    }
    registerer
      .register({ requestDelegate: { onReject: response => refused(response.message.statusCode) } })
      .catch(() => refused(undefined))
  }

  /** A half-open socket says nothing: only a request that gets no answer shows it. */
  const ping = (on: Connection) => {
    cancelPing()
    cancelPing = timers.after(pingEveryMs, () => {
      if (on.closed || !on.agent.transport.isConnected()) return
      const target = UserAgent.makeURI(`sip:${on.account.sipDomain}`)
      if (target === undefined) return
      const core = on.agent.userAgentCore
      const { uri } = on.agent.configuration
      const cancelTimeout = timers.after(pingTimeoutMs, () => {
        if (!on.closed) void on.agent.transport.disconnect().catch(() => lost(on))
      })
      const answered = () => {
        cancelTimeout()
        ping(on)
      }
      core.request(core.makeOutgoingRequestMessage('OPTIONS', target, uri, target, {}), {
        onAccept: answered,
        onReject: answered,
        onRedirect: answered,
      })
    })
  }

  const connect = async (account: PhoneAccount) => {
    const uri = UserAgent.makeURI(`sip:${account.extension}@${account.sipDomain}`)
    if (uri === undefined) return state.line('refused', '分机号或 SIP 域不正确，请检查设置')
    const agent = new UserAgent({
      uri,
      authorizationUsername: account.authUser,
      authorizationPassword: account.secret,
      transportOptions: {
        server: account.exchangeUrl,
        connectionTimeout: 5,
        keepAliveInterval: 0,
        traceSip: false,
      },
      reconnectionAttempts: 0,
      noAnswerTimeout: 300,
      // Nothing of sip.js is logged: its lines hold numbers and digests.
      logBuiltinEnabled: false,
      logLevel: 'error',
      userAgentString: 'Zuoxi',
      sessionDescriptionHandlerFactory: Web.defaultSessionDescriptionHandlerFactory(() => microphone.open()),
      sessionDescriptionHandlerFactoryOptions: {
        iceGatheringTimeout: iceGatheringMs,
        peerConnectionConfiguration: { iceServers: [], bundlePolicy: 'balanced' },
      },
    })
    const on: Connection = { agent, registerer: null, account, closed: false, attempts: 0 }
    connection = on
    agent.delegate = {
      onConnect: () => register(on),
      onDisconnect: () => lost(on),
      onInvite: invitation => invited(on, invitation),
    }
    state.line('connecting')
    ringtone.setVolume(account.ringtoneVolume)
    requestIdleCallback(ringtone.prepare, { timeout: 2_000 })
    await agent.start().catch(() => lost(on))
  }

  const disconnect = async () => {
    const on = connection
    connection = null
    cancelRetry()
    cancelPing()
    if (on === null) return
    on.closed = true
    for (const callId of legs.keys()) await hangUp(callId).catch(() => {})
    try {
      if (on.agent.transport.isConnected()) await on.registerer?.unregister()
      await on.agent.stop()
    } catch {
      // The exchange will forget us by itself.
    }
  }

  // ── calls ───────────────────────────────────────────────────────────────────────────────────────────────────────

  const legOf = (callId: string): Leg => {
    const leg = legs.get(callId)
    if (leg === undefined) throw new PhoneError('CALL_GONE', '这个通话已经结束')
    return leg
  }

  const peerConnection = (leg: Leg): RTCPeerConnection | undefined => {
    const handler = leg.session.sessionDescriptionHandler
    return handler instanceof Web.SessionDescriptionHandler ? handler.peerConnection : undefined
  }

  /** The wanted mute is ours; a track that was replaced knows nothing of it, and a held party hears nothing. */
  const applyMute = (callId: string) => {
    const call = state.call(callId)
    const leg = legs.get(callId)
    if (call === undefined || leg === undefined) return
    const silent = call.muted || call.state === 'held' || call.holdPending
    for (const sender of peerConnection(leg)?.getSenders() ?? []) {
      if (sender.track !== null) sender.track.enabled = !silent
    }
  }

  const markAnswered = (callId: string) => {
    const leg = legs.get(callId)
    if (leg === undefined || leg.answered || leg.ending !== null) return
    leg.answered = true
    state.change(callId, { state: 'talking', answeredAt: timers.now(), busy: false, problem: null })
    updateRing()
    emit(callId, { type: 'answered', at: at() })
  }

  const finish = (callId: string, leg: Leg) => {
    if (legs.get(callId) !== leg) return
    legs.delete(callId)
    leg.audio.srcObject = null
    leg.audio.remove()
    const { side, cause, sipStatus } = leg.ending ?? {
      side: 'unknown' as const,
      cause: 'failed' as const,
      sipStatus: null,
    }
    state.remove(callId)
    updateRing()
    emit(callId, { type: 'ended', at: at(), side, cause, sipStatus })
  }

  const playRemote = (callId: string, leg: Leg) => {
    const pc = peerConnection(leg)
    if (pc === undefined) return
    const play = () => {
      const stream = new MediaStream(pc.getReceivers().map(receiver => receiver.track))
      leg.audio.srcObject = stream
      void leg.audio.play().catch(() => state.ringtoneAllowed(false))
      // An exchange that never sends its ACK still has answered once its audio is here.
      for (const track of stream.getAudioTracks()) {
        track.onunmute = () => {
          if (leg.session instanceof Invitation && leg.session.state === SessionState.Established)
            markAnswered(callId)
        }
      }
    }
    play()
    pc.addEventListener('track', play)
  }

  const ended = (leg: Leg, ending: NonNullable<Leg['ending']>) => {
    leg.ending ??= ending
  }

  const newLeg = (session: Session, call: PhoneCall): Leg => {
    const audio = document.createElement('audio')
    audio.hidden = true
    document.body.append(audio)
    const leg: Leg = { session, ending: null, answered: false, audio }
    legs.set(call.callId, leg)
    state.add(call)
    session.stateChange.addListener(sessionState => {
      if (sessionState === SessionState.Established) {
        applyMute(call.callId)
        playRemote(call.callId, leg)
        if (session instanceof Inviter) markAnswered(call.callId)
      }
      // Why it was refused is told just after its state: the end is written when both are known.
      if (sessionState === SessionState.Terminated) queueMicrotask(() => finish(call.callId, leg))
    })
    session.delegate = {
      onAck: () => markAnswered(call.callId),
      onBye: (bye: Bye) => {
        ended(leg, {
          side: session instanceof Invitation ? 'caller' : 'exchange',
          cause: 'hang-up',
          sipStatus: null,
        })
        void bye.accept()
      },
      onCancel: cancel => {
        const cause = causeOfCancel(cancel.request.getHeader('Reason'))
        ended(leg, { side: cause === 'answered-elsewhere' ? 'exchange' : 'caller', cause, sipStatus: 487 })
      },
    }
    return leg
  }

  const invited = (on: Connection, invitation: Invitation) => {
    const { request } = invitation
    const callId = request.callId.slice(0, 256)
    const { calls } = state.snapshot()
    if (legs.has(callId)) return void invitation.reject({ statusCode: 482 })
    const facts = readCallFacts(name => request.getHeader(name), callId, on.account.headerMap)
    emit(callId, { type: 'offered', at: at(), facts })
    const refuse = (statusCode: number, cause: EndCause) => {
      void invitation.reject({ statusCode }).catch(() => {})
      emit(callId, { type: 'ended', at: at(), side: 'seat', cause, sipStatus: statusCode })
    }
    if (request.body !== '' && !offersAudio(request.body)) return refuse(488, 'failed')
    if (calls.filter(call => call.state === 'ringing').length >= ringingCallsAllowed)
      return refuse(486, 'busy')
    newLeg(invitation, {
      callId,
      direction: 'inbound',
      state: 'ringing',
      facts,
      startedAt: timers.now(),
      answeredAt: null,
      muted: false,
      holdPending: false,
      busy: false,
      problem: null,
    })
    updateRing()
    void invitation.progress().catch(() => {})
  }

  const modifiers = (account: PhoneAccount) => [
    (description: RTCSessionDescriptionInit) =>
      Promise.resolve({ type: description.type, sdp: orderCodecs(description.sdp ?? '', account.codecs) }),
  ]

  const holdOthers = async (except: string) => {
    for (const call of state.snapshot().calls) {
      if (call.callId !== except && call.state === 'talking') await setHold(call.callId, true)
    }
  }

  /** A hold is shown only when the far side has accepted it; until then the microphone is already silent. */
  const setHold = async (callId: string, hold: boolean) => {
    const leg = legOf(callId)
    const call = state.call(callId)
    if (call === undefined || call.holdPending) throw new PhoneError('BUSY', '正在切换保持，请稍候')
    if ((call.state === 'held') === hold) return
    if (leg.session.state !== SessionState.Established) throw new PhoneError('REFUSED', '通话尚未接通')
    state.change(callId, { holdPending: true, problem: null })
    applyMute(callId)
    const accepted = await new Promise<boolean>(resolve => {
      leg.session
        .invite({
          sessionDescriptionHandlerOptions: { hold } as Web.SessionDescriptionHandlerOptions,
          sessionDescriptionHandlerModifiers: connection === null ? [] : modifiers(connection.account),
          requestDelegate: {
            onAccept: () => resolve(true),
            onReject: () => resolve(false),
            onRedirect: () => resolve(false),
          },
        })
        .catch(() => resolve(false))
      leg.session.stateChange.addListener(sessionState => {
        if (sessionState === SessionState.Terminated) resolve(false)
      })
    })
    const problem = accepted ? null : hold ? '对方没有接受保持，通话仍在继续' : '恢复通话没有成功，请再试一次'
    state.change(callId, {
      holdPending: false,
      problem,
      ...(accepted ? { state: hold ? 'held' : 'talking' } : {}),
    })
    applyMute(callId)
    if (!legs.has(callId)) throw new PhoneError('CALL_GONE', '这个通话已经结束')
    if (!accepted) throw new PhoneError('REFUSED', problem ?? '')
    emit(callId, { type: hold ? 'held' : 'resumed', at: at() })
  }

  const answer = async (callId: string) => {
    const leg = legOf(callId)
    if (!(leg.session instanceof Invitation) || leg.session.state !== SessionState.Initial) return
    await holdOthers(callId)
    state.change(callId, { busy: true, problem: null })
    updateRing()
    try {
      await leg.session.accept({
        sessionDescriptionHandlerModifiers: connection === null ? [] : modifiers(connection.account),
      })
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
    const leg = legOf(callId)
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

  const dial = async (typed: string): Promise<string> => {
    const number = dialString(typed)
    if (number === null) throw new PhoneError('BAD_NUMBER', '号码只能包含数字、*、# 和开头的 +')
    const on = connection
    if (on === null || state.snapshot().line.state !== 'registered')
      throw new PhoneError('NOT_REGISTERED', '电话尚未登录，不能拨号')
    const target = UserAgent.makeURI(`sip:${number.replaceAll('#', '%23')}@${on.account.sipDomain}`)
    if (target === undefined) throw new PhoneError('BAD_NUMBER', '号码不正确')
    await holdOthers('')
    const inviter = new Inviter(on.agent, target, {
      sessionDescriptionHandlerModifiers: modifiers(on.account),
    })
    const callId = inviter.request.callId
    const facts = dialledFacts(number, on.account.extension, callId)
    const leg = newLeg(inviter, {
      callId,
      direction: 'outbound',
      state: 'dialling',
      facts,
      startedAt: timers.now(),
      answeredAt: null,
      muted: false,
      holdPending: false,
      busy: false,
      problem: null,
    })
    emit(callId, { type: 'dialled', at: at(), facts })
    try {
      await inviter.invite({
        requestDelegate: {
          onProgress: response => {
            const { statusCode } = response.message
            if (statusCode === undefined || statusCode < 180 || state.call(callId)?.state !== 'dialling')
              return
            state.change(callId, { state: 'alerting' })
            emit(callId, { type: 'alerting', at: at() })
          },
          onReject: response => {
            const status = response.message.statusCode ?? 0
            ended(leg, { side: 'exchange', cause: causeOfRefusal(status), sipStatus: status })
          },
        },
      })
    } catch {
      ended(leg, { side: 'seat', cause: 'failed', sipStatus: null })
      await inviter.dispose().catch(() => {})
      finish(callId, leg)
      throw new PhoneError('NO_MICROPHONE', '没有可用的麦克风，无法拨号')
    }
    return callId
  }

  return {
    snapshot: state.snapshot,
    subscribe: state.subscribe,
    onCallEvent: listener => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    use: async account => {
      if (JSON.stringify(connection?.account ?? null) === JSON.stringify(account)) return
      await disconnect()
      if (account === null) return state.line('unconfigured')
      void microphone.check()
      await connect(account)
    },
    close: disconnect,
    answer,
    decline: hangUp,
    hangUp,
    hold: callId => setHold(callId, true),
    resume: async callId => {
      await holdOthers(callId)
      await setHold(callId, false)
    },
    mute: (callId, muted) => {
      state.change(callId, { muted })
      applyMute(callId)
    },
    sendDtmf: async (callId, digits) => {
      const leg = legOf(callId)
      if (!/^[0-9*#]{1,32}$/.test(digits)) throw new PhoneError('BAD_NUMBER', '按键只能是数字、* 和 #')
      const sent = leg.session.sessionDescriptionHandler?.sendDtmf(digits) ?? false
      if (!sent) throw new PhoneError('REFUSED', '对方线路不接受按键')
    },
    dial,
    allowRingtone: async () => {
      await ringtone.allow()
      for (const leg of legs.values())
        if (leg.audio.srcObject !== null) await leg.audio.play().catch(() => {})
    },
  }
}
