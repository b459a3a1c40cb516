/**
 * The line: one socket to the exchange, one registration, and their truth. It connects again by itself without end, finds
 * a half-open socket by its own ping, and moves to the backup exchange and back.
 */
import { type Invitation, Registerer, RegistererState, UserAgent, Web } from 'sip.js'
import { SIPExtension } from 'sip.js/lib/api/user-agent-options.js'
import type { PhoneAccount } from '../phone.ts'
import type { PhoneState } from '../phone-state.ts'
import type { Timers } from '../timers.ts'
import { mediaSessions } from './media-session.ts'
import { type SeenAcceptance, type SeenInvite, seeAcceptance, seeInvite } from './plain-message.ts'
import { quickCandidates } from './quick-candidates.ts'
import { createShownFirst, type Shown, type ShownFirst } from './shown-first.ts'

const pingEveryMs = 5_000
const pingTimeoutMs = 4_000
const refusedRetryMs = 60_000
const triesBeforeBackup = 2
/** About the first fifteen seconds: most losses are shorter. */
const quickTries = 20
const primaryProbeMs = 30_000
/** RFC 3261 §13.3.1.4: so long an answer waits for its acknowledgement. */
const acknowledgedWithinMs = 32_000
const disconnected = '与话务台的连接已断开，正在重连'

/** sip.js reads the address of its server anew at each connection: this one may change between two. */
class MovingTransport extends Web.Transport {
  address: string | null = null
  override get server(): string {
    return this.address ?? super.server
  }
}

type Connection = {
  agent: UserAgent
  registerer: Registerer | null
  account: PhoneAccount
  /** Which of the account's exchanges is in use. */
  exchange: number
  closed: boolean
  /** Failed tries in a row. */
  attempts: number
  /** Why it is offline, as far as anybody knows. */
  problem: string
  shownFirst: ShownFirst
  /**
   * The latest acknowledgements: whether one that was sent just before a loss has arrived nobody knows, and the other side's hang-up is
   * kept back until it has. Sent again after it; twice does no harm.
   */
  acknowledged: { message: string; at: number }[]
  /** Registered at least once: what comes after is a return. */
  wasRegistered: boolean
}

/** What sip.js would answer by itself is no call: one for somebody else, its own that came back, or one that it had already. */
function isNew(agent: UserAgent, { user, callId }: SeenInvite): boolean {
  const { aor, contact, sipjsId } = agent.userAgentCore.configuration
  if (user !== aor.user && user !== contact.uri.user) return false
  if (callId.startsWith(sipjsId)) return false
  const known = agent.userAgentCore.userAgentServers.values()
  return [...known].every(({ transaction }) => transaction.request.callId !== callId)
}

export type SipTrace = (direction: 'in' | 'out', message: string) => void

export type Line = {
  use(account: PhoneAccount | null): Promise<void>
  account(): PhoneAccount | null
  agent(): UserAgent | null
  /** What the exchange has said, and waits for its card to be drawn, is heard now. */
  hear(): void
  /** Asks the exchange for a sign of life now: after sleep, or when the network changed. */
  check(): void
  close(): Promise<void>
}

export function createLine(parts: {
  timers: Timers
  random(): number
  state: PhoneState
  openMicrophone(): Promise<MediaStream>
  /** Shows a call that begins, or a hold that is accepted; each as createShownFirst's `show`. */
  announce(invite: SeenInvite): Shown | null
  accepted(seen: SeenAcceptance): Shown | null
  /** A hold has been asked for: only then are answers looked into. */
  isHolding(): boolean
  invited(invitation: Invitation): void
  /** The socket is gone. */
  lost(): void
  /** Registered again with dialogs that the exchange may no longer reach. */
  back(): void
  hasCalls(): boolean
  trace: SipTrace
  /** A sentence on why a socket to this address does not open, or null. */
  explain(url: string): Promise<string | null>
}): Line {
  const { timers, random, state } = parts
  let connection: Connection | null = null
  let cancelRetry = () => {}
  let cancelPing = () => {}
  let cancelProbe = () => {}
  let cancelQuestion: (() => void) | null = null
  const forgetQuestion = () => {
    cancelQuestion?.()
    cancelQuestion = null
  }

  const transportOf = (on: Connection) => on.agent.transport as MovingTransport

  const retry = (on: Connection, afterMs: number) => {
    cancelRetry()
    cancelRetry = timers.after(afterMs, () => {
      if (on.closed) return
      if (on.agent.transport.isConnected()) return register(on)
      state.line('connecting', on.problem)
      on.agent.reconnect().catch(() => lost(on))
    })
  }

  /** Unlimited and jittered, so that a restarted exchange is not stormed: a second apart at first, then up to 15 s. */
  const lost = (on: Connection) => {
    if (on.closed) return
    cancelPing()
    cancelProbe()
    forgetQuestion()
    void on.registerer?.dispose().catch(() => {})
    on.registerer = null
    on.attempts += 1
    if (on.account.exchanges.length > 1 && on.attempts % triesBeforeBackup === 0)
      moveTo(on, (on.exchange + 1) % on.account.exchanges.length)
    state.line('offline', on.problem)
    parts.lost()
    explain(on)
    const pause =
      on.attempts <= quickTries ? 1_000 : Math.min(15_000, 1_000 * 2 ** (on.attempts - quickTries))
    retry(on, pause * (0.5 + random() / 2))
  }

  /** A browser says nothing of why; the core looks at the same address. */
  const explain = (on: Connection) => {
    const url = on.account.exchanges[on.exchange]
    if (url === undefined) return
    parts
      .explain(url)
      .then(sentence => {
        on.problem = sentence ?? disconnected
        const { line } = state.snapshot()
        if (connection === on && line.state === 'offline') state.line('offline', on.problem)
      })
      // The core is away too: what is known stays.
      .catch(() => {})
  }

  const moveTo = (on: Connection, exchange: number) => {
    on.exchange = exchange
    transportOf(on).address = on.account.exchanges[exchange] ?? null
  }

  /** Does not wait for a goodbye that a dead socket will never answer. */
  const abandon = (on: Connection) => {
    const socket = transportOf(on).ws
    if (socket === undefined) return
    socket.dispatchEvent(new CloseEvent('close', { code: 4_000 }))
    socket.close()
  }

  const register = (on: Connection) => {
    if (on.closed || on.registerer !== null) return
    state.line('registering')
    const registerer = new Registerer(on.agent, { expires: 300, regId: 1 })
    on.registerer = registerer
    registerer.stateChange.addListener(registererState => {
      if (on.closed || on.registerer !== registerer) return
      if (registererState === RegistererState.Registered) registered(on)
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

  const latest = (acknowledged: Connection['acknowledged']) =>
    acknowledged.filter(({ at }) => timers.now() - at < acknowledgedWithinMs)

  const registered = (on: Connection) => {
    const returned = on.wasRegistered && on.attempts > 0
    on.wasRegistered = true
    on.attempts = 0
    on.problem = disconnected
    state.line('registered', on.exchange === 0 ? null : '主用话务台不可达，正在使用备用话务台')
    ping(on)
    if (on.exchange > 0) probePrimary(on)
    if (!returned) return
    for (const { message } of latest(on.acknowledged.splice(0)))
      void on.agent.transport.send(message).catch(() => {})
    parts.back()
  }

  const ask = (on: Connection, answered: () => void) => {
    const target = UserAgent.makeURI(`sip:${on.account.sipDomain}`)
    if (target === undefined) return
    const core = on.agent.userAgentCore
    const { uri } = on.agent.configuration
    // The question that is open already finds out sooner than a new one.
    if (cancelQuestion !== null) return
    const cancelTimeout = timers.after(pingTimeoutMs, () => {
      if (!on.closed) abandon(on)
    })
    cancelQuestion = cancelTimeout
    const done = () => {
      // An answer that the last socket owed says nothing of this one.
      if (cancelQuestion !== cancelTimeout) return
      cancelTimeout()
      cancelQuestion = null
      answered()
    }
    core.request(core.makeOutgoingRequestMessage('OPTIONS', target, uri, target, {}), {
      onAccept: done,
      onReject: response => {
        // sip.js makes up a 408 or 503 when it cannot send: no sign of life.
        if (response.message.getHeader('Via') === undefined) return
        done()
      },
      onRedirect: done,
    })
  }

  /** A half-open socket says nothing: only a request that gets no answer shows it. */
  const ping = (on: Connection) => {
    cancelPing()
    cancelPing = timers.after(pingEveryMs, () => {
      if (!on.closed && on.agent.transport.isConnected()) ask(on, () => ping(on))
    })
  }

  /** On the backup: whether the primary takes connections again; moves back between calls, never in one. */
  const probePrimary = (on: Connection) => {
    cancelProbe()
    cancelProbe = timers.after(primaryProbeMs, () => {
      const [primary] = on.account.exchanges
      if (on.closed || on.exchange === 0 || primary === undefined) return
      if (parts.hasCalls()) return probePrimary(on)
      const socket = new WebSocket(primary, 'sip')
      socket.onopen = () => {
        socket.close()
        if (on.closed || parts.hasCalls()) return probePrimary(on)
        moveTo(on, 0)
        abandon(on)
      }
      socket.onerror = () => probePrimary(on)
    })
  }

  const connect = async (account: PhoneAccount) => {
    const uri = UserAgent.makeURI(`sip:${account.extension}@${account.sipDomain}`)
    if (uri === undefined) return state.line('refused', '分机号或 SIP 域不正确，请检查设置')
    const agent = new UserAgent({
      uri,
      authorizationUsername: account.authUser,
      authorizationPassword: account.secret,
      transportConstructor: MovingTransport,
      transportOptions: {
        server: account.exchanges[0],
        connectionTimeout: 5,
        keepAliveInterval: 0,
        traceSip: false,
      },
      reconnectionAttempts: 0,
      noAnswerTimeout: 300,
      // Ringing is said by us, once, and not of a call that is refused.
      sendInitialProvisionalResponse: false,
      // Needed for the attended transfer of others to us, and to take back a call after a reload.
      sipExtensionReplaces: SIPExtension.Supported,
      // Nothing of sip.js is logged: its lines hold numbers and digests.
      logBuiltinEnabled: false,
      logLevel: 'error',
      userAgentString: 'Zuoxi',
      sessionDescriptionHandlerFactory: quickCandidates(
        timers,
        mediaSessions(() => parts.openMicrophone()),
      ),
      sessionDescriptionHandlerFactoryOptions: {
        iceGatheringTimeout: 1_000,
        peerConnectionConfiguration: {
          iceServers: [],
          bundlePolicy: 'balanced',
          // Candidates are gathered ahead of the call: an outgoing one does not wait for them.
          iceCandidatePoolSize: 1,
        },
      },
    })
    const { transport } = agent
    const { onMessage } = transport
    const shownFirst = createShownFirst({
      timers,
      show: message => {
        const invite = seeInvite(message)
        if (invite !== null) return isNew(agent, invite) ? parts.announce(invite) : null
        const seen = parts.isHolding() ? seeAcceptance(message) : null
        return seen === null ? null : parts.accepted(seen)
      },
      receive: message => {
        try {
          onMessage?.(message)
        } catch {
          // Nothing that the exchange sends may end more than itself; what it was is in the trace, not in a log.
          console.warn('phone: a message of the exchange could not be read')
        }
      },
    })
    const on: Connection = {
      agent,
      registerer: null,
      account,
      exchange: 0,
      closed: false,
      attempts: 0,
      problem: disconnected,
      shownFirst,
      acknowledged: [],
      wasRegistered: false,
    }
    connection = on
    agent.delegate = {
      onConnect: () => register(on),
      onDisconnect: () => {
        // What came before the loss is heard before it.
        on.shownFirst.goOn()
        lost(on)
      },
      onInvite: parts.invited,
    }
    transport.onMessage = message => {
      parts.trace('in', message)
      shownFirst.receive(message)
    }
    const send = transport.send.bind(transport)
    transport.send = message => {
      parts.trace('out', message)
      if (!message.startsWith('ACK ')) return send(message)
      on.acknowledged = [...latest(on.acknowledged), { message, at: timers.now() }]
      // One that finds no line goes when there is one.
      return transport.isConnected() ? send(message) : Promise.resolve()
    }
    state.line('connecting')
    await agent.start().catch(() => lost(on))
  }

  const close = async () => {
    const on = connection
    connection = null
    cancelRetry()
    cancelPing()
    cancelProbe()
    forgetQuestion()
    if (on === null) return
    on.closed = true
    try {
      if (on.agent.transport.isConnected()) await on.registerer?.unregister()
      await on.agent.stop()
    } catch {
      // The exchange will forget us by itself.
    }
  }

  return {
    account: () => connection?.account ?? null,
    agent: () => connection?.agent ?? null,
    hear: () => connection?.shownFirst.goOn(),
    use: async account => {
      await close()
      if (account === null) {
        // Unless somebody signed in again while the goodbye was said.
        if (connection === null) state.line('unconfigured')
        return
      }
      await connect(account)
    },
    check: () => {
      const on = connection
      if (on === null || on.closed) return
      if (on.agent.transport.isConnected()) return ask(on, () => ping(on))
      // Waiting out the rest of a back-off helps nobody who has just woken up.
      retry(on, 0)
    },
    close,
  }
}
