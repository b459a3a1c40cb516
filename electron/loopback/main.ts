/** The loopback shell as a process: started by the launcher over IPC, ends with it, serves the page, watches the core. */
import { join } from 'node:path'
import { launcherMessage, type Opened, type ShellReady, shellLaunch } from '../../shared/contract/launch.ts'
import { createCoreHost } from '../core-host/core-host.ts'
import { spawnNodeCore } from '../core-host/node-core.ts'
import { startLoopbackServer } from './server.ts'

/** Built files lie beside each other in out/: out/loopback/main.mjs, out/core/main.mjs, out/page. */
const out = join(import.meta.dirname, '..')
const appRoot = join(out, '..')

process.umask(0o077)

async function run(raw: unknown) {
  const launch = shellLaunch.parse(raw)
  const host = createCoreHost({
    start: {
      ...launch.core,
      resourcesDir: join(appRoot, 'resources'),
      version: __APP_VERSION__,
      keyMode: launch.demo ? 'demo' : 'passphrase',
    },
    // A browser has no keyring of the system's: a real start asks for a passphrase.
    keyring: { wrap: () => null, unwrap: () => null },
    spawn: () => spawnNodeCore(process.execPath, join(out, 'core', 'main.mjs')),
    log: line => console.error(`zuoxi: ${line}`),
  })
  // Listened to before anything is waited for: what the launcher says meanwhile is not lost.
  let opener: (() => string) | null = null
  process.on('message', (raw: unknown) => {
    const { data: message } = launcherMessage.safeParse(raw)
    if (message?.type === 'central') host.centreFound(message.centre)
    if (message?.type === 'opener' && opener !== null) process.send?.({ type: 'opener', url: opener() })
  })
  const server = await startLoopbackServer({
    pageDir: join(out, 'page'),
    host,
    port: launch.port,
    plainAddress: launch.plainAddress,
    onOpened: url => void process.send?.({ type: 'opened', url } satisfies Opened),
  }).catch((error: unknown) => {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    console.error(taken ? `zuoxi: port ${launch.port} is in use` : `zuoxi: ${String(error)}`)
    host.stop()
    process.exit(1)
  })
  opener = () => server.opener()
  const ready: ShellReady = {
    type: 'shell-ready',
    url: server.opener(),
    pid: process.pid,
    corePid: host.pid() ?? 0,
  }
  process.send?.(ready)
  const end = () => {
    host.stop()
    void server.close().then(() => process.exit(0))
    setTimeout(() => process.exit(0), 1_000).unref()
  }
  process.on('disconnect', end)
  process.on('SIGTERM', end)
}

// Ctrl-C goes to the whole process group; the launcher tells us when to end.
process.on('SIGINT', () => {})
process.once('message', message => void run(message))
