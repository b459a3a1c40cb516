/** The real core as a child process, spoken to over the real wire. */
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { ContractRouterClient } from '@orpc/contract'
import { type CoreStart, type FromCore, fromCore, type ToCore } from '../../shared/contract/core-host.ts'
import type { SeatContract } from '../../shared/contract/seat.ts'
import { root, until } from './seat-process.ts'

export type CoreProcess = {
  child: ChildProcess
  seat: ContractRouterClient<SeatContract>
  messages: FromCore[]
  /** For the next core of the same program. */
  resume(): Uint8Array | null
  stderr(): string
  send(message: ToCore): void
  /** A raw frame on a connection of its own; resolves with the first frame that comes back. */
  rawFrame(data: string): Promise<string>
  opened(): Promise<void>
  kill(): Promise<void>
}

export async function startCore(
  dataDir: string,
  start: Partial<CoreStart> = {},
  keyring: (verb: 'wrap' | 'unwrap', data: Uint8Array) => Uint8Array | null = () => null,
  /** What the core before this one said of its session, as a shell would hand it on. */
  resume: Uint8Array | null = null,
): Promise<CoreProcess> {
  const child = fork(join(root, 'electron', 'core', 'main.ts'), [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let stderr = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8')
  })
  const messages: FromCore[] = []
  const frames = new Map<number, (data: string) => void>()
  const send = (message: ToCore) => void child.send(message)
  child.on('message', (raw: unknown) => {
    const message = fromCore.parse(raw)
    messages.push(message)
    if (message.type === 'frame') frames.get(message.connection)?.(message.data)
    if (message.type === 'key')
      send({ type: 'key-reply', id: message.id, data: keyring(message.verb, message.data) })
  })
  let connections = 0
  const connect = () => {
    connections += 1
    const connection = connections
    send({ type: 'connect', connection })
    return connection
  }

  send({
    type: 'start',
    start: {
      dataDir,
      resourcesDir: join(root, 'resources'),
      policyFile: null,
      version: '0.0.0-test',
      keyMode: 'demo',
      training: null,
      central: 'none',
      ...start,
    },
    resume,
  })
  const connection = connect()
  const closed: (() => void)[] = []
  child.on('exit', () => {
    for (const listener of closed) listener()
  })
  const port = {
    on: (event: string, listener: (event?: { data: unknown }) => void) => {
      if (event === 'message') frames.set(connection, data => listener({ data }))
      if (event === 'close') closed.push(() => listener())
    },
    postMessage: (data: unknown) => {
      if (child.connected) send({ type: 'frame', connection, data: String(data) })
    },
  }
  const seat: ContractRouterClient<SeatContract> = createORPCClient(new RPCLink({ port }))
  return {
    child,
    seat,
    messages,
    resume: () => messages.findLast(message => message.type === 'session')?.resume ?? resume,
    stderr: () => stderr,
    send,
    rawFrame: data =>
      new Promise(resolve => {
        const own = connect()
        frames.set(own, resolve)
        send({ type: 'frame', connection: own, data })
      }),
    opened: () =>
      until(
        async () => (await seat.seat.status({})).storage.state !== 'opening',
        10_000,
        'the store to open',
      ),
    kill: async () => {
      child.kill('SIGKILL')
      await until(() => child.exitCode !== null || child.signalCode !== null, 10_000, 'the core to end')
    },
  }
}
