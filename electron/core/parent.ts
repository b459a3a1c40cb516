/** The one who started this process: Electron's main process, or a plain Node parent with an IPC channel. */
import type { Port } from './rpc/connections.ts'

export type ParentMessage = { data: unknown; port: Port | null }
export type Parent = {
  post(message: unknown): void
  onMessage(listener: (message: ParentMessage) => void): void
  /** The parent is gone: nothing of this process is wanted any more. */
  onGone(listener: () => void): void
}

/** What Electron puts on `process` in a utility process. Typed here, since the core never imports electron. */
export type UtilityParentPort = {
  postMessage(message: unknown): void
  on(
    event: 'message',
    listener: (event: { data: unknown; ports: (Port & { start(): void })[] }) => void,
  ): void
}

export function parentOfThisProcess(): Parent {
  const utility = (process as { parentPort?: UtilityParentPort }).parentPort
  if (utility !== undefined) return utilityParent(utility)
  if (process.send === undefined) throw new Error('the core is started by a shell, never by itself')
  return {
    post: message => void process.send?.(message),
    onMessage: listener => void process.on('message', (data: unknown) => listener({ data, port: null })),
    onGone: listener => void process.on('disconnect', listener),
  }
}

/** A utility process is ended by Electron itself together with its main process. */
export function utilityParent(utility: UtilityParentPort): Parent {
  return {
    post: message => utility.postMessage(message),
    onMessage: listener =>
      utility.on('message', ({ data, ports }) => {
        const [port] = ports
        listener({ data, port: port ?? null })
        port?.start()
      }),
    onGone: () => {},
  }
}
