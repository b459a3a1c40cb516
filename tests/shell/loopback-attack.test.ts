import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { listenOnLoopback } from '../../electron/loopback/listen.ts'
import { type LoopbackServer, startLoopbackServer } from '../../electron/loopback/server.ts'
import { loopbackAttacks } from '../attack/loopback.ts'

let top: string
let server: LoopbackServer | null = null
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'zuoxi-attack-'))
  mkdirSync(join(top, 'page', 'assets'), { recursive: true })
  writeFileSync(join(top, 'page', 'index.html'), '<meta name="csp-nonce" content="__CSP_NONCE__">')
  writeFileSync(join(top, 'page', 'assets', 'a.js'), '1')
  writeFileSync(join(top, 'package.json'), '{}')
})
afterEach(async () => {
  await server?.close()
  server = null
  rmSync(top, { recursive: true, force: true })
})
const host = {
  connectSources: async () => [],
  whenReady: async () => {},
  relay: (page: { send(frame: string): void }) => ({
    received: (frame: string) => page.send(`echo ${frame}`),
    closed: () => {},
  }),
}

describe('the loopback shell gives nothing to', () => {
  it.each(loopbackAttacks)('$name', async ({ run }) => {
    server = await startLoopbackServer({ pageDir: join(top, 'page'), host, port: 0 })
    expect(await run(server)).toEqual([])
    await server.close()
    server = await startLoopbackServer({ pageDir: join(top, 'page'), host, port: 0, plainAddress: true })
    expect(await run(server)).toEqual([])
  })
})

/** A server that checks nothing: what the attacks find there shows that they find something. */
async function openToAll() {
  const sockets = new WebSocketServer({ noServer: true })
  const { port, close } = await listenOnLoopback(
    () =>
      createServer((_, response) =>
        response
          .writeHead(200, { 'set-cookie': 'zuoxi=1; Domain=localhost', 'content-type': 'text/plain' })
          .end(readFileSync(join(top, 'package.json'))),
      ).on('upgrade', (request, socket, head) =>
        sockets.handleUpgrade(request, socket, head, page => page.send('everything')),
      ),
    0,
    false,
  )
  return {
    opener: () => `http://localhost:${port}/open`,
    close: async () => {
      for (const page of sockets.clients) page.terminate()
      await close()
    },
  }
}

describe('a server without any check is found by', () => {
  it.each(loopbackAttacks)('$name', async ({ run }) => {
    const open = await openToAll()
    expect(await run(open)).not.toEqual([])
    await open.close()
  })
})
