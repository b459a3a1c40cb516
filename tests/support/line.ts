/** The line between a seat and its exchange, as a proxy of whole SIP messages that a test can cut, freeze and listen to. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'

export type SipLine = {
  url: string
  /** How often a seat has connected. */
  connections(): number
  messages: { direction: 'up' | 'down'; text: string }[]
  /** Every socket dies at once, and no new one is taken until `restore`. */
  cut(): void
  /** Half-open: sockets stay, nothing passes any more, new ones are taken and get no answer. */
  freeze(): void
  restore(): void
  /** Cuts when a message matches: before or just after it has passed. Resolves then. */
  cutAt(direction: 'up' | 'down', pattern: RegExp, when: 'before' | 'after'): Promise<void>
  /** The next message that matches goes no further; whoever sent it gets `reply`, or nothing. Resolves then. */
  intercept(
    direction: 'up' | 'down',
    pattern: RegExp,
    reply: ((text: string) => string) | null,
  ): Promise<void>
  /** The next message that matches is kept until the function is called that this resolves with. */
  holdBack(direction: 'up' | 'down', pattern: RegExp): Promise<() => void>
  /** Says this to every seat as if the exchange had. */
  inject(text: string | Buffer): void
  close(): Promise<void>
}

/** `target`: the exchange's WebSocket address. `tls`: the proxy's own certificate, PEM. `port`: 0 is any free one. */
export async function startLine(
  target: string,
  options: { tls?: { key: string; cert: string }; port?: number } = {},
): Promise<SipLine> {
  const server = options.tls === undefined ? createServer() : createTlsServer(options.tls)
  const web = new WebSocketServer({ server, handleProtocols: () => 'sip' })
  const raw = new Set<Socket>()
  const pairs = new Set<{ seat: WebSocket; exchange: WebSocket }>()
  const messages: SipLine['messages'] = []
  let connections = 0
  let isCut = false
  let isFrozen = false
  let trap: { direction: string; pattern: RegExp; when: string; sprung(): void } | null = null

  let catcher: {
    direction: string
    pattern: RegExp
    reply: ((text: string) => string) | null
    caught(): void
  } | null = null
  let holder: { direction: string; pattern: RegExp; held(goOn: () => void): void } | null = null

  const cut = () => {
    isCut = true
    for (const { seat, exchange } of pairs) {
      seat.terminate()
      exchange.terminate()
    }
    for (const socket of raw) socket.destroy()
  }
  const pass = (direction: 'up' | 'down', text: string, to: WebSocket, from: WebSocket) => {
    if (isCut || isFrozen) return
    messages.push({ direction, text })
    if (catcher !== null && catcher.direction === direction && catcher.pattern.test(text)) {
      const { reply, caught } = catcher
      catcher = null
      if (reply !== null) from.send(reply(text))
      return caught()
    }
    if (holder !== null && holder.direction === direction && holder.pattern.test(text)) {
      const { held } = holder
      holder = null
      return held(() => to.send(text))
    }
    const springs = trap !== null && trap.direction === direction && trap.pattern.test(text)
    const send = () => {
      if (to.readyState === WebSocket.OPEN) to.send(text)
    }
    if (!springs || trap === null) return send()
    const { when, sprung } = trap
    trap = null
    if (when === 'after') {
      send()
      // The message must be out of this process before its socket dies.
      setTimeout(() => {
        cut()
        sprung()
      }, 20)
    } else {
      cut()
      sprung()
    }
  }
  server.on('connection', (socket: Socket) => {
    raw.add(socket)
    socket.on('close', () => raw.delete(socket))
    if (isCut) socket.destroy()
  })
  web.on('connection', seat => {
    connections += 1
    const exchange = new WebSocket(target, 'sip')
    const pair = { seat, exchange }
    pairs.add(pair)
    const waiting: string[] = []
    seat.on('message', data => {
      const text = String(data)
      if (exchange.readyState === WebSocket.CONNECTING) waiting.push(text)
      else pass('up', text, exchange, seat)
    })
    exchange.on('open', () => {
      for (const text of waiting) pass('up', text, exchange, seat)
    })
    exchange.on('message', data => pass('down', String(data), seat, exchange))
    const end = () => {
      pairs.delete(pair)
      if (isFrozen) return
      seat.terminate()
      exchange.terminate()
    }
    for (const socket of [seat, exchange]) {
      socket.on('close', end)
      socket.on('error', end)
    }
  })
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `${options.tls === undefined ? 'ws' : 'wss'}://127.0.0.1:${port}`,
    connections: () => connections,
    messages,
    cut,
    freeze: () => {
      isFrozen = true
    },
    restore: () => {
      isCut = false
      isFrozen = false
      for (const { seat, exchange } of pairs) {
        seat.terminate()
        exchange.terminate()
      }
    },
    cutAt: (direction, pattern, when) =>
      new Promise(sprung => {
        trap = { direction, pattern, when, sprung }
      }),
    intercept: (direction, pattern, reply) =>
      new Promise(caught => {
        catcher = { direction, pattern, reply, caught }
      }),
    holdBack: (direction, pattern) =>
      new Promise(held => {
        holder = { direction, pattern, held }
      }),
    inject: text => {
      for (const { seat } of pairs) seat.send(text, { binary: false })
    },
    close: async () => {
      for (const { seat, exchange } of pairs) {
        seat.terminate()
        exchange.terminate()
      }
      for (const socket of raw) socket.destroy()
      web.close()
      await new Promise<void>(resolve => {
        server.close(() => resolve())
      })
    },
  }
}

/** A response to a request, with the headers that tie the two together. */
export const answerTo =
  (status: number, reason: string) =>
  (request: string): string => {
    const kept = request.split('\r\n').filter(line => /^(Via|From|To|Call-ID|CSeq)\s*:/i.test(line))
    return [`SIP/2.0 ${status} ${reason}`, ...kept, 'Content-Length: 0', '', ''].join('\r\n')
  }
