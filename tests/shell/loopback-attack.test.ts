import { readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { listenOnLoopback } from '../../electron/loopback/listen.ts'
import { loopbackAttacks } from '../attack/loopback.ts'
import { makePageFolder, openLoopbackShell } from '../attack/loopback-shell.ts'

describe('the loopback shell gives nothing to', () => {
  it.each(loopbackAttacks)('$name', async ({ run }) => {
    for (const plainAddress of [false, true]) {
      const shell = await openLoopbackShell({ plainAddress })
      expect(await run(shell.server)).toEqual([])
      await shell.end()
    }
  })
})

/** A server that checks nothing: what the attacks find there shows that they find something. */
async function openToAll() {
  const folder = makePageFolder()
  const sockets = new WebSocketServer({ noServer: true })
  const { port, close } = await listenOnLoopback(
    () =>
      createServer((_, response) =>
        response
          .writeHead(200, { 'set-cookie': 'zuoxi=1; Domain=localhost', 'content-type': 'text/plain' })
          .end(readFileSync(join(folder, 'package.json'))),
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
      rmSync(folder, { recursive: true, force: true })
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
