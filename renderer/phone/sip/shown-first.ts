/**
 * What is told is seen before it is gone into: sip.js takes as long to read a message as the page to draw a card. What can be shown of
 * it is shown from the message itself; the message, and whatever follows it, goes on to sip.js when that is drawn.
 */
import { afterDrawing, type Timers } from '../timers.ts'

export type Shown = {
  /** Takes it back if nothing came of the message. */
  takeBack(): void
  /** Whether the message waits until it is on the screen, or only until the page has been changed. */
  until: 'seen' | 'drawn'
}

export type ShownFirst = {
  receive(message: string): void
  /** Whatever waits goes on now: somebody acts on it before it is drawn. */
  goOn(): void
}

export function createShownFirst(parts: {
  timers: Pick<Timers, 'after'>
  /** Shows what is told. Null: there is nothing to show. */
  show(message: string): Shown | null
  /** Never throws. */
  receive(message: string): void
}): ShownFirst {
  let waiting: string[] = []
  let takeBack = () => {}
  let isGoingOn = false
  const goOn = () => {
    if (isGoingOn) return
    isGoingOn = true
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) parts.receive(next)
    isGoingOn = false
    takeBack()
    takeBack = () => {}
  }
  return {
    receive: message => {
      // In the order in which they came.
      if (waiting.length > 0 || isGoingOn) return void waiting.push(message)
      const shown = parts.show(message)
      if (shown === null) return parts.receive(message)
      takeBack = shown.takeBack
      waiting = [message]
      if (shown.until === 'seen') afterDrawing(parts.timers, goOn)
      else parts.timers.after(0, goOn)
    },
    goOn,
  }
}
