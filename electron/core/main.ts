/**
 * The core process. Its shell starts it, as a utility process or as a plain Node child, speaks to it in the messages of
 * shared/contract/core-host.ts, and starts it again when it dies. It listens on no port and ends with its parent.
 */
import { pino } from 'pino'
import { type CoreStart, type FromCore, toCore } from '../../shared/contract/core-host.ts'
import type { Core } from './core.ts'
import { type ParentMessage, parentOfThisProcess } from './parent.ts'
import { createRelayedPorts } from './relayed-ports.ts'
import type { Port } from './rpc/connections.ts'
import { createConnectSources } from './settings/connect-sources.ts'
import { readPolicy } from './settings/settings.ts'
import { systemClock, systemRandom } from './system.ts'

// Whatever is written here is this user's alone, also what SQLite and its log make.
process.umask(0o077)

const log = pino(
  { name: 'core', redact: { paths: ['*.number', '*.name', '*.fields', '*.text', '*.secret'], remove: true } },
  pino.destination(2),
)
const parent = parentOfThisProcess()
const send = (message: FromCore) => parent.post(message)
const relayed = createRelayedPorts(send)
const keyRequests = new Map<number, (data: Uint8Array | null) => void>()
let keyRequestCount = 0
let core: Core | null = null
let started = false
/** What arrives before the core is loaded waits its turn. */
const early: ParentMessage[] = []

function askForKey(verb: 'wrap' | 'unwrap', data: Uint8Array): Promise<Uint8Array | null> {
  keyRequestCount += 1
  const id = keyRequestCount
  return new Promise(resolve => {
    keyRequests.set(id, resolve)
    send({ type: 'key', id, verb, data })
  })
}

function connect(connection: number, port: Port) {
  port.on('close', () => core?.disconnected(connection))
  core?.connect(connection, port)
}

/**
 * What the page may connect to is said before the rest of this process is loaded: the shell holds the page back until then, and
 * whoever sits there waits for the page.
 */
async function begin(start: CoreStart, resume: Uint8Array | null) {
  const policy = readPolicy(start.policyFile)
  const connectSources = createConnectSources(start.dataDir, sources =>
    send({ type: 'connect-sources', sources }),
  )
  const { exchangeUrl, backupExchangeUrl } = policy.policy
  connectSources.first([start.training?.sipUrl ?? '', exchangeUrl ?? '', backupExchangeUrl ?? ''])
  const { createCore } = await import('./core.ts')
  core = createCore(start, {
    clock: systemClock,
    random: systemRandom(),
    log,
    policy,
    connectSources,
    resume,
    session: secret => send({ type: 'session', resume: secret }),
    keyring: { wrap: key => askForKey('wrap', key), unwrap: wrapped => askForKey('unwrap', wrapped) },
    authorities: pem => send({ type: 'authorities', pem }),
  })
  void core.open()
  for (const message of early.splice(0)) receive(message)
  send({ type: 'ready', pid: process.pid })
}

function receive(received: ParentMessage) {
  const { data, port } = received
  const parsed = toCore.safeParse(data)
  if (!parsed.success) return log.warn('a message of the shell was not understood')
  const message = parsed.data
  if (core === null && message.type !== 'start') return void early.push(received)
  switch (message.type) {
    case 'start':
      if (started) return log.warn('started twice')
      started = true
      // A core that can not be loaded ends: its shell tells it, and starts another.
      begin(message.start, message.resume).catch((error: unknown) => {
        log.fatal(
          { kind: error instanceof Error ? error.name : typeof error },
          'the core could not be started',
        )
        process.exit(1)
      })
      return
    case 'central':
      return core?.centreFound(message.centre)
    case 'connect':
      return connect(message.connection, port ?? relayed.open(message.connection))
    case 'frame':
      return relayed.received(message.connection, message.data)
    case 'disconnect':
      return relayed.closed(message.connection)
    case 'key-reply': {
      keyRequests.get(message.id)?.(message.data)
      keyRequests.delete(message.id)
      return
    }
  }
}

function end() {
  core?.close()
  process.exit(0)
}

process.on('unhandledRejection', reason =>
  log.error({ kind: reason instanceof Error ? reason.name : typeof reason }, 'unhandled'),
)
process.on('SIGTERM', end)
// Ctrl-C reaches the whole process group; the shell decides when the core ends.
process.on('SIGINT', () => {})
parent.onMessage(receive)
parent.onGone(end)
