/**
 * Other programs that the sync bench measures beside ours. They are no dependencies of this project: the bench installs them from
 * the registry when it is asked for, into the user's cache, and goes on without one that cannot be had.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { build } from 'vite'
import { chromiumPath, quietSwitches } from '../support/chromium.ts'
import { installFrom } from './install-peers.ts'

export type Legs = { pushMs: number; pullMs: number; pulled: number }
export type Listening = { url: string; end(): Promise<void> }

/** PouchDB and RxDB. Null: they cannot be had. */
export const installPeers = (): string | null =>
  installFrom(join(import.meta.dirname, 'peers'), 'PouchDB and RxDB')

/** A program that prints its address and ends with its standard input. */
export async function listening(script: string, args: string[]): Promise<Listening> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const [first] = (await Promise.race([
    once(child.stdout, 'data'),
    exited.then(([code]) => {
      throw new Error(`${script} ended with ${code}`)
    }),
  ])) as [Buffer]
  return {
    url: first.toString().trim(),
    end: async () => {
      child.stdin.end()
      await exited
    },
  }
}

/** Whatever takes longer than this hangs. */
const longestMs = 300_000

/** A program that prints what it measured. */
export async function measured(script: string, args: string[]): Promise<Legs> {
  const child: ChildProcess = spawn(process.execPath, [script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: longestMs,
  })
  let text = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  if (code !== 0) throw new Error(`${script} ended with ${code ?? signal}`)
  return JSON.parse(text) as Legs
}

export type DexiePage = {
  run(legs: {
    url: string
    rows: unknown
    pushBatch: number
    pullBatch: number
    profile: string
  }): Promise<Legs>
  end(): Promise<void>
}

/** Null: there is no Chromium. */
export async function openDexie(folder: string, scratch: string): Promise<DexiePage | null> {
  const executablePath = chromiumPath()
  if (executablePath === null) return null
  const outDir = join(scratch, 'dexie')
  await build({
    configFile: false,
    root: folder,
    logLevel: 'silent',
    build: { outDir, target: 'chrome114', lib: { entry: join(folder, 'rxdb-dexie.mjs'), formats: ['es'] } },
    define: { 'process.env.NODE_ENV': '"production"' },
  })
  const script = readdirSync(outDir).find(name => /\.m?js$/.test(name)) ?? ''
  const server = createServer((request, response) => {
    const wanted = request.url === '/page.js'
    response.setHeader('content-type', wanted ? 'text/javascript' : 'text/html')
    response.end(
      wanted
        ? readFileSync(join(outDir, script))
        : '<!doctype html><meta charset="utf-8"><body><script type="module" src="/page.js"></script>',
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    run: async ({ profile, ...legs }) => {
      const context = await chromium.launchPersistentContext(join(scratch, profile), {
        executablePath,
        chromiumSandbox: false,
        args: quietSwitches,
      })
      try {
        const page = context.pages()[0] ?? (await context.newPage())
        await page.goto(origin)
        await page.waitForFunction(() => document.title === 'ready')
        return await page.evaluate(
          given => (window as unknown as { rxdbDexie(legs: unknown): Promise<Legs> }).rxdbDexie(given),
          legs,
        )
      } finally {
        await context.close()
      }
    },
    end: async () => {
      server.closeAllConnections()
      await new Promise<void>(resolve => void server.close(() => resolve()))
    },
  }
}
