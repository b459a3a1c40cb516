/**
 * The loopback shell: the same page for a browser on this machine. On 127.0.0.1 only; each opener gets a token of its own
 * that works once and becomes an HttpOnly, SameSite=Strict cookie; every request is checked for its Host, and the upgrade to
 * the core for cookie, Origin and Host.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { CoreHost } from '../core-host/core-host.ts'
import { pageFile } from '../core-host/page-files.ts'

const tokenMs = 2 * 60_000
/** A core that is not up by then has a fault that the start's own window tells of. */
const longestCoreMs = 30_000
const maxFrameBytes = 4 * 1024 * 1024
const maxUnsentBytes = 16 * 1024 * 1024

export type LoopbackServer = {
  port: number
  /** A fresh address for one opener. */
  opener(): string
  close(): Promise<void>
}

export async function startLoopbackServer(parts: {
  pageDir: string
  host: Pick<CoreHost, 'relay' | 'connectSources' | 'whenReady'>
  port: number
  now?: () => number
  coreMs?: number
}): Promise<LoopbackServer> {
  const now = parts.now ?? Date.now
  const tokens = new Map<string, number>()
  const sessions = new Set<string>()
  let port = parts.port

  const hosts = () => [`127.0.0.1:${port}`, `localhost:${port}`]
  const isOwnHost = (request: IncomingMessage) => hosts().includes(request.headers.host ?? '')
  const cookieName = () => `zuoxi_${port}`
  const isSession = (request: IncomingMessage) => {
    const given = (request.headers.cookie ?? '')
      .split(';')
      .map(part => part.trim().split('='))
      .find(([name]) => name === cookieName())?.[1]
    return given !== undefined && [...sessions].some(session => same(session, given))
  }

  const exchangeToken = (token: string, response: ServerResponse) => {
    const until = tokens.get(token)
    tokens.delete(token)
    if (until === undefined || until < now())
      return plain(response, 401, '这个地址已经用过或已过期，请从坐席台重新打开。')
    const session = randomBytes(32).toString('base64url')
    sessions.add(session)
    response.writeHead(303, {
      location: '/',
      'set-cookie': `${cookieName()}=${session}; HttpOnly; SameSite=Strict; Path=/`,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    })
    response.end()
  }

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    if (!isOwnHost(request)) return plain(response, 421, 'wrong host')
    if (request.method !== 'GET' && request.method !== 'HEAD') return plain(response, 405, 'GET only')
    const url = new URL(request.url ?? '/', `http://127.0.0.1:${port}`)
    const token = url.searchParams.get('token')
    if (token !== null && url.pathname === '/') return exchangeToken(token, response)
    if (!isSession(request))
      return plain(response, 401, '请从坐席台打开这个页面：启动时打印的地址只能用一次。')
    // The page can be asked for as soon as the shell is there: the window opens while the core does.
    const late = Promise.withResolvers<null>()
    const timer = setTimeout(late.resolve, parts.coreMs ?? longestCoreMs, null)
    const file = await Promise.race([
      pageFile(parts.pageDir, url.pathname, parts.host.connectSources),
      late.promise,
    ]).finally(() => clearTimeout(timer))
    if (file === null) return plain(response, 503, '本机服务没有启动：请看启动窗口中的提示，处理后刷新本页。')
    response.writeHead(file.status, file.headers)
    response.end(request.method === 'HEAD' ? undefined : file.body)
  }

  /** Pages that ask for the core while it starts, or starts again. */
  const held = new Set<Duplex>()

  const server = createServer((request, response) => {
    serve(request, response).catch(() => plain(response, 500, 'failed'))
  })
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxFrameBytes })

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { origin } = request.headers
    const own = isOwnHost(request) && hosts().some(host => origin === `http://${host}`)
    const status = request.url !== '/core' ? 404 : !own ? 403 : !isSession(request) ? 401 : null
    if (status !== null) {
      socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    held.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => held.delete(socket))
    void parts.host.whenReady().then(() => {
      if (held.delete(socket)) sockets.handleUpgrade(request, socket, head, page => connectPage(page))
    })
  })

  const connectPage = (page: WebSocket) => {
    const line = parts.host.relay({
      send: frame => {
        // A page that no longer reads must not fill this process's memory.
        if (page.bufferedAmount > maxUnsentBytes) page.terminate()
        else page.send(frame)
      },
      close: () => page.close(1012),
    })
    // 1013: try again later. The core is on its way.
    if (line === null) return page.close(1013)
    page.on('message', (data, isBinary) => {
      if (isBinary) page.close(1003)
      else line.received(String(data))
    })
    page.on('error', () => page.terminate())
    page.on('close', () => line.closed())
  }

  server.listen(parts.port, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port

  return {
    port,
    opener: () => {
      for (const [token, until] of tokens) if (until < now()) tokens.delete(token)
      const token = randomBytes(32).toString('base64url')
      tokens.set(token, now() + tokenMs)
      return `http://127.0.0.1:${port}/?token=${token}`
    },
    close: () =>
      new Promise(resolve => {
        for (const page of sockets.clients) page.terminate()
        for (const socket of held) socket.destroy()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

function plain(response: ServerResponse, status: number, sentence: string) {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'",
  })
  response.end(`${sentence}\n`)
}
