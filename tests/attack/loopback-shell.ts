/** The loopback shell of a seat with a page of its own and a core that answers with what it was sent. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LoopbackServer, startLoopbackServer } from '../../electron/loopback/server.ts'

export type LoopbackShell = { folder: string; server: LoopbackServer; end(): Promise<void> }

/** A folder with `page/` in it, and `package.json` beside that page: what lies outside. */
export function makePageFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'zuoxi-attack-'))
  mkdirSync(join(folder, 'page', 'assets'), { recursive: true })
  writeFileSync(join(folder, 'page', 'index.html'), '<meta name="csp-nonce" content="__CSP_NONCE__">')
  writeFileSync(join(folder, 'page', 'assets', 'a.js'), '1')
  writeFileSync(join(folder, 'package.json'), '{}')
  return folder
}

export async function openLoopbackShell(options: { plainAddress?: boolean } = {}): Promise<LoopbackShell> {
  const folder = makePageFolder()
  const server = await startLoopbackServer({
    pageDir: join(folder, 'page'),
    host: {
      connectSources: async () => [],
      whenReady: async () => {},
      relay: page => ({ received: frame => page.send(`echo ${frame}`), closed: () => {} }),
    },
    port: 0,
    ...options,
  })
  return {
    folder,
    server,
    end: async () => {
      await server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
