/**
 * The core process. Its shell starts it, as a utility process or as a plain Node child, speaks to it in the messages of
 * shared/contract/core-host.ts, and starts it again when it dies. It listens on no port and ends with its parent.
 */
import { pino } from 'pino'
import { type FromCore, toCore } from '../../shared/contract/core-host.ts'
import { type Core, createCore } from './core.ts'
import { type ParentMessage, parentOfThisProcess } from './parent.ts'
import { createRelayedPorts } from './relayed-ports.ts'
import type { Port } from './rpc/connections.ts'
import { systemClock, systemRandom } from './system.ts'

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

function receive({ data, port }: ParentMessage) {
  const parsed = toCore.safeParse(data)
  if (!parsed.success) return log.warn('a message of the shell was not understood')
  const message = parsed.data
  switch (message.type) {
    case 'start':
      if (core !== null) return log.warn('started twice')
      core = createCore(message.start, {
        clock: systemClock,
        random: systemRandom(),
        log,
        keyring: { wrap: key => askForKey('wrap', key), unwrap: wrapped => askForKey('unwrap', wrapped) },
        connectSources: sources => send({ type: 'connect-sources', sources }),
        authorities: pem => send({ type: 'authorities', pem }),
      })
      // First what the page may connect to, then "ready": a shell that loads the page on "ready" must know its policy by then.
      void core.open()
      send({ type: 'ready', pid: process.pid })
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
