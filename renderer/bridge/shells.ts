/** What each shell can do for a call that rings while the window is not in front. No names or whole numbers in it. */
import type { Shell } from './bridge.ts'
import { electronBridge } from './core-ports.ts'

export function electronShell(): Shell {
  return {
    kind: 'electron',
    announceCall: text => electronBridge()?.announceCall(text),
    callAnnounced: () => electronBridge()?.callAnnounced(),
  }
}

export function loopbackShell(): Shell {
  const title = document.title
  let notification: Notification | null = null
  let flashing: ReturnType<typeof setInterval> | null = null
  const stop = () => {
    if (flashing !== null) clearInterval(flashing)
    flashing = null
    document.title = title
    notification?.close()
    notification = null
  }
  return {
    kind: 'loopback',
    announceCall: text => {
      stop()
      if (document.hasFocus()) return
      flashing = setInterval(() => {
        document.title = document.title === title ? `● ${text.title}` : title
      }, 700)
      if ('Notification' in window && Notification.permission === 'granted') {
        notification = new Notification(text.title, { body: text.body, requireInteraction: true })
        notification.onclick = () => window.focus()
      }
    },
    callAnnounced: stop,
  }
}
