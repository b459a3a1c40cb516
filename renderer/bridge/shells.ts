/** What each shell can do for a call that rings, or what is due, while the window is not in front. No names or whole numbers in it. */
import type { Shell } from './bridge.ts'
import { electronBridge } from './core-ports.ts'

const shellEvents = {
  resumed: new Set<() => void>(),
  answer: new Set<() => void>(),
  decline: new Set<() => void>(),
  dial: new Set<(number: string) => void>(),
}

export function electronShell(): Shell {
  window.addEventListener('message', ({ source, origin, data }) => {
    if (source !== window || origin !== location.origin) return
    const { zuoxi, number } = (typeof data === 'object' && data !== null ? data : {}) as {
      zuoxi?: unknown
      number?: unknown
    }
    if (zuoxi === 'dial' && typeof number === 'string') for (const tell of shellEvents.dial) tell(number)
    if (zuoxi === 'resumed' || zuoxi === 'answer' || zuoxi === 'decline')
      for (const tell of shellEvents[zuoxi]) tell()
  })
  return {
    kind: 'electron',
    announceCall: text => electronBridge()?.announceCall(text),
    callAnnounced: () => electronBridge()?.callAnnounced(),
    announceDue: text => electronBridge()?.announceDue(text),
    onResumed: listener => shellEvents.resumed.add(listener),
    onAnswerKey: listener => shellEvents.answer.add(listener),
    onDeclineKey: listener => shellEvents.decline.add(listener),
    onDialLink: listener => {
      shellEvents.dial.add(listener)
      electronBridge()?.pageListens()
      return () => void shellEvents.dial.delete(listener)
    },
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
    announceDue: text => {
      if (document.hasFocus()) return
      if (flashing === null) document.title = `● ${text.title}`
      const seen = () => {
        if (flashing === null) document.title = title
      }
      window.addEventListener('focus', seen, { once: true })
      if (!('Notification' in window) || Notification.permission !== 'granted') return
      // One of them at a time: the newest says how many there are.
      const due = new Notification(text.title, { body: text.body, tag: 'zuoxi-due' })
      due.onclick = () => window.focus()
    },
    // A browser tells none of these: the phone's own ping finds a line that sleep has cut.
    onResumed: () => {},
    onAnswerKey: () => {},
    onDeclineKey: () => {},
    onDialLink: () => () => {},
  }
}
