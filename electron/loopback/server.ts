/**
 * The loopback shell: the same page for a browser of this machine, and for nobody else on it. ADR 10. It answers under one name that
 * is drawn at each start; a token opens it once and becomes a cookie and two secrets that only the page has. Every request is checked
 * for its Host, and the upgrade to the core for cookie, Origin, Host and the page's secret in the first frame.
 */
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { openerPath } from '../../shared/contract/loopback.ts'
import type { CoreHost } from '../core-host/core-host.ts'
import { pageFile } from '../core-host/page-files.ts'
import { listenOnLoopback } from './listen.ts'
import { openerPage } from './opener-page.ts'
import { createOpeners } from './openers.ts'

/** A core that is not up by then has a fault that the start's own window tells of. */
const longestCoreMs = 30_000
/** A page says its first frame at once. */
const longestFirstFrameMs = 10_000
const maxFrameBytes = 4 * 1024 * 1024
const maxUnsentBytes = 16 * 1024 * 1024
const maxTokenBytes = 256
/** Of the pages' connections that have not said their first frame. */
const mostUnproved = 32

export type LoopbackServer = {
  port: number
  /** The only name that it answers under. */
  hostName: string
  /** A fresh address for one opener. */
  opener(): string
  close(): Promise<void>
}

export async function startLoopbackServer(parts: {
  pageDir: string
  host: Pick<CoreHost, 'relay' | 'connectSources' | 'whenReady'>
  port: number
  /** For browsers that do not find `*.localhost`: 127.0.0.1 instead of a name that nobody else knows. */
  plainAddress?: boolean
  now?: () => number
  coreMs?: number
  firstFrameMs?: number
  /** An opening address was used. */
  onOpened?: (url: string) => void
}): Promise<LoopbackServer> {
  const openers = createOpeners(parts.now ?? Date.now)
  const hostName = parts.plainAddress === true ? '127.0.0.1' : `z${randomBytes(16).toString('hex')}.localhost`
  let port = parts.port

  const origin = () => `http://${hostName}:${port}`
  const isOwnHost = (request: IncomingMessage) => request.headers.host === `${hostName}:${port}`
  const isOwnOrigin = (request: IncomingMessage) => request.headers.origin === origin()
  const cookieName = () => `zuoxi_${port}`
  const cookieOf = (request: IncomingMessage): string | null =>
    (request.headers.cookie ?? '')
      .split(';')
      .map(part => part.trim().split('='))
      .find(([name]) => name === cookieName())?.[1] ?? null

  const exchangeToken = async (request: IncomingMessage, response: ServerResponse) => {
    if (!isOwnOrigin(request)) return plain(response, 403, 'wrong origin')
    const token = await shortBody(request)
    const session = token === null ? null : openers.exchange(token)
    if (session === null) return plain(response, 401, '这个地址已经用过或已过期，请从坐席台重新打开。')
    response.writeHead(200, {
      'content-type': 'text/plain; charset=utf-8',
      'set-cookie': `${cookieName()}=${session.cookie}; HttpOnly; SameSite=Strict; Path=/`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    response.end(session.secrets)
    parts.onOpened?.(`${origin()}${openerPath}#${token}`)
  }

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    if (!isOwnHost(request)) return plain(response, 421, 'wrong host')
    const url = new URL(request.url ?? '/', origin())
    const opens = url.pathname === openerPath
    if (opens && request.method === 'POST') return exchangeToken(request, response)
    if (request.method !== 'GET' && request.method !== 'HEAD') return plain(response, 405, 'GET only')
    if (opens) {
      response.writeHead(200, openerPage.headers)
      return response.end(request.method === 'HEAD' ? undefined : openerPage.body)
    }
    if (!openers.isSession(cookieOf(request)))
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
  const unproved = new Set<WebSocket>()
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxFrameBytes })

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const cookie = cookieOf(request)
    const own = isOwnHost(request) && isOwnOrigin(request)
    const status =
      request.url !== '/core'
        ? 404
        : !own
          ? 403
          : !openers.isSession(cookie)
            ? 401
            : held.size + unproved.size >= mostUnproved
              ? 429
              : null
    if (status !== null) {
      socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    held.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => held.delete(socket))
    void parts.host.whenReady().then(() => {
      if (held.delete(socket)) sockets.handleUpgrade(request, socket, head, page => greet(page, cookie))
    })
  }

  /** The cookie alone joins nobody to the core: whoever has stolen it does not have what the page keeps. */
  const greet = (page: WebSocket, cookie: string | null) => {
    unproved.add(page)
    const timer = setTimeout(() => page.close(4401), parts.firstFrameMs ?? longestFirstFrameMs)
    const settle = () => {
      clearTimeout(timer)
      unproved.delete(page)
    }
    page.on('error', () => page.terminate())
    page.once('close', settle)
    page.once('message', (data, isBinary) => {
      settle()
      const answer = isBinary ? null : openers.answerTo(cookie, String(data))
      if (answer === null) return page.close(4401)
      page.send(answer)
      connectPage(page)
    })
  }

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
    page.on('close', () => line.closed())
  }

  const servers = await listenOnLoopback(
    () => {
      const server = createServer((request, response) => {
        serve(request, response).catch(() => plain(response, 500, 'failed'))
      })
      server.headersTimeout = 10_000
      server.requestTimeout = 10_000
      return server.on('upgrade', upgrade)
    },
    parts.port,
    hostName.endsWith('.localhost'),
  )
  port = servers.port

  return {
    port,
    hostName,
    opener: () => `${origin()}${openerPath}#${openers.token()}`,
    close: async () => {
      for (const page of sockets.clients) page.terminate()
      for (const socket of held) socket.destroy()
      await servers.close()
    },
  }
}

/** Null: longer than any token. */
async function shortBody(request: IncomingMessage): Promise<string | null> {
  let body = ''
  for await (const chunk of request) {
    body += String(chunk)
    if (body.length > maxTokenBytes) return null
  }
  return body
}

function plain(response: ServerResponse, status: number, sentence: string) {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    connection: 'close',
  })
  response.end(`${sentence}\n`)
}
