/** How a port to the core is opened in each shell. */
import { openerPath, pageSecretsKey, readSecrets } from '../../shared/contract/loopback.ts'
import type { CallNotice, DueNotice } from './bridge.ts'

export type CorePort = Pick<MessagePort, 'addEventListener' | 'postMessage'> & { close(): void }
export type PortSource = { open(): Promise<CorePort> }

/** What the preload script puts on the window; it is there only in Electron. */
export type ElectronBridge = {
  connectCore(): void
  announceCall(text: CallNotice): void
  callAnnounced(): void
  announceDue(text: DueNotice): void
  /** The page takes dial links from now on. */
  pageListens(): void
}

export const electronBridge = (): ElectronBridge | undefined =>
  (window as { zuoxiShell?: ElectronBridge }).zuoxiShell

export function webSocketPorts(): PortSource {
  return {
    open: () =>
      new Promise((resolve, reject) => {
        const secrets = readSecrets(localStorage.getItem(pageSecretsKey))
        // Whoever has come here otherwise is told there how the seat is opened.
        if (secrets === null) return location.replace(openerPath)
        const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/core`)
        const events = new EventTarget()
        const port: CorePort = {
          addEventListener: events.addEventListener.bind(events) as CorePort['addEventListener'],
          postMessage: (data: unknown) => {
            if (socket.readyState === WebSocket.OPEN) socket.send(String(data))
          },
          close: () => socket.close(),
        }
        socket.onopen = () => socket.send(secrets.page)
        // Another program may listen at this port once the seat has ended: it hears nothing of what is on the page.
        socket.onmessage = ({ data: answer }) => {
          if (answer !== secrets.shell) return socket.close()
          socket.onmessage = ({ data }) => events.dispatchEvent(new MessageEvent('message', { data }))
          resolve(port)
        }
        socket.onclose = () => {
          reject(new Error('closed'))
          events.dispatchEvent(new Event('close'))
        }
      }),
  }
}

/**
 * Electron's main process sends a port whenever it is asked or a core has started. A MessagePort does not reliably tell its
 * closing to a page, so the arrival of a newer port, or main's word that the core ended, closes the one before.
 */
export function electronPorts(): PortSource | null {
  const shell = electronBridge()
  if (shell === undefined) return null
  let current: { port: MessagePort; events: EventTarget } | null = null
  let waiting: ((port: CorePort) => void) | null = null

  const closeCurrent = () => {
    const old = current
    current = null
    old?.port.close()
    old?.events.dispatchEvent(new Event('close'))
  }

  window.addEventListener('message', event => {
    if (event.source !== window || event.origin !== location.origin) return
    if (event.data === 'zuoxi:core-gone') return closeCurrent()
    const [port] = event.ports
    if (event.data !== 'zuoxi:core-port' || port === undefined) return
    if (waiting === null) return port.close()
    closeCurrent()
    const events = new EventTarget()
    current = { port, events }
    port.onmessage = ({ data }) => events.dispatchEvent(new MessageEvent('message', { data }))
    port.addEventListener('close', () => {
      if (current?.port === port) closeCurrent()
    })
    waiting({
      addEventListener: events.addEventListener.bind(events) as CorePort['addEventListener'],
      postMessage: (data: unknown) => port.postMessage(data),
      close: () => {
        if (current?.port === port) closeCurrent()
      },
    })
    waiting = null
  })

  return {
    open: () =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting = null
          reject(new Error('no core yet'))
        }, 1_000)
        waiting = port => {
          clearTimeout(timer)
          resolve(port)
        }
        shell.connectCore()
      }),
  }
}
