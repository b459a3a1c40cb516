/**
 * Starts the core, watches it, and starts it again when it dies. Both shells use it; how a core process comes to be (a Node
 * child, or a utility process) is given to it, so nothing here knows Electron.
 */
import {
  type CentreBeside,
  type CoreStart,
  type FromCore,
  fromCore,
  type ToCore,
} from '../../shared/contract/core-host.ts'
import { createReconnect } from '../../shared/domain/reconnect.ts'

/** A started core process. `handOver` is there only where a MessagePort can be passed on as it is. */
export type CoreProcess = {
  pid(): number | undefined
  send(message: ToCore): void
  handOver?(message: ToCore, port: unknown): void
  onMessage(listener: (message: unknown) => void): void
  onExit(listener: () => void): void
  kill(): void
}

/** The page's side of a relayed connection. */
export type PagePort = { send(frame: string): void; close(): void }

export type Keyring = {
  wrap(key: Uint8Array): Uint8Array | null
  unwrap(wrapped: Uint8Array): Uint8Array | null
}

export type CoreHost = {
  pid(): number | null
  /** What the page may connect to, as the core last said; not before a core has said it for the first time. */
  connectSources(): Promise<readonly string[]>
  /** The city's own certificate authorities (PEM), as the core last said. */
  authorities(): readonly string[]
  /** The centre beside the seat is ready, or is not coming. Each core that starts is told. */
  centreFound(centre: CentreBeside | null): void
  /** When a core is ready; at once, if one is. */
  whenReady(): Promise<void>
  onGone(listener: () => void): void
  /** Relays frames between a page and the core; null while no core is ready. */
  relay(page: PagePort): { received(frame: string): void; closed(): void } | null
  /** Hands a MessagePort to the core; false while none is ready. */
  handOver(port: unknown): boolean
  stop(): void
}

const waits = { firstMs: 500, longestMs: 5_000 }
/** A core that lived this long was well: it is started again at once. */
const wellMs = 10_000

export function createCoreHost(parts: {
  start: CoreStart
  keyring: Keyring
  /** Throws when it may not run: then none is started any more. */
  spawn(): CoreProcess
  log(line: string): void
}): CoreHost {
  let core: CoreProcess | null = null
  let ready = false
  let stopped = false
  let sources: readonly string[] = []
  let authorities: readonly string[] = []
  let centre: CentreBeside | null | undefined
  /** The session's secret: in this memory only, so that nobody but the next core of this program goes on with it. */
  let resume: Uint8Array | null = null
  let connections = 0
  const pages = new Map<number, PagePort>()
  const goneListeners: (() => void)[] = []
  const waiting: (() => void)[] = []
  let sourcesTold = () => {}
  const firstSources = new Promise<void>(resolve => {
    sourcesTold = resolve
  })

  const answerKey = (message: Extract<FromCore, { type: 'key' }>): Uint8Array | null => {
    try {
      return message.verb === 'wrap' ? parts.keyring.wrap(message.data) : parts.keyring.unwrap(message.data)
    } catch {
      return null
    }
  }

  const received = (own: CoreProcess, raw: unknown) => {
    const parsed = fromCore.safeParse(raw)
    if (!parsed.success || own !== core) return
    const message = parsed.data
    switch (message.type) {
      case 'ready':
        ready = true
        for (const go of waiting.splice(0)) go()
        return
      case 'frame':
        return pages.get(message.connection)?.send(message.data)
      case 'disconnect':
        pages.get(message.connection)?.close()
        return void pages.delete(message.connection)
      case 'key':
        return own.send({ type: 'key-reply', id: message.id, data: answerKey(message) })
      case 'session':
        resume = message.resume
        return
      case 'connect-sources':
        sources = message.sources
        return sourcesTold()
      case 'authorities':
        authorities = message.pem
        return
    }
  }

  const stop = () => {
    stopped = true
    restarts.stop()
  }

  const start = () => {
    let own: CoreProcess
    try {
      own = parts.spawn()
    } catch (error) {
      // What may not run now may not run in a second either.
      stop()
      return parts.log(`the core is not started: ${error instanceof Error ? error.message : String(error)}`)
    }
    core = own
    own.onMessage(raw => received(own, raw))
    own.onExit(() => {
      if (own !== core) return
      core = null
      ready = false
      const open = [...pages.values()]
      pages.clear()
      for (const page of open) page.close()
      for (const listener of goneListeners) listener()
      if (stopped) return
      parts.log('the core ended and is started again')
      restarts.lost()
    })
    own.send({ type: 'start', start: parts.start, resume })
    if (centre !== undefined) own.send({ type: 'central', centre })
  }

  const restarts = createReconnect({
    attempt: async () => start(),
    waits,
    wellMs,
    atOnce: true,
    now: () => Date.now(),
    after: (ms, run) => {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
    random: Math.random,
  })
  restarts.start()
  return {
    pid: () => core?.pid() ?? null,
    connectSources: async () => {
      await firstSources
      return sources
    },
    authorities: () => authorities,
    centreFound: found => {
      centre = found
      core?.send({ type: 'central', centre: found })
    },
    whenReady: () => (ready ? Promise.resolve() : new Promise(resolve => waiting.push(resolve))),
    onGone: listener => void goneListeners.push(listener),
    relay: page => {
      const own = core
      if (own === null || !ready) return null
      connections += 1
      const connection = connections
      pages.set(connection, page)
      own.send({ type: 'connect', connection })
      return {
        received: frame => own.send({ type: 'frame', connection, data: frame }),
        closed: () => {
          if (pages.delete(connection)) own.send({ type: 'disconnect', connection })
        },
      }
    },
    handOver: port => {
      if (core?.handOver === undefined || !ready) return false
      connections += 1
      core.handOver({ type: 'connect', connection: connections }, port)
      return true
    },
    stop: () => {
      stop()
      core?.kill()
    },
  }
}
