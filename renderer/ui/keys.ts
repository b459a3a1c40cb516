/** Keys that work anywhere on the page, also while typing; never in the middle of an input method's composition. */
import { useEffect, useRef } from 'react'

/** `F2`, `Alt+1`, `Ctrl+Enter`; on a Mac, Ctrl is Ctrl too. */
export function keyName(event: KeyboardEvent): string {
  const key = /^(Digit|Key)(.)$/.exec(event.code)?.[2] ?? event.key
  return `${event.ctrlKey ? 'Ctrl+' : ''}${event.altKey ? 'Alt+' : ''}${event.shiftKey ? 'Shift+' : ''}${key}`
}

/** A key that an input method uses to compose a word is no command: 229 where `isComposing` is not set yet. */
const composes = ({ isComposing, keyCode }: KeyboardEvent) => isComposing || keyCode === 229

/** For `onKeyDown` of one element: not in the middle of an input method's composition. */
export const outsideComposition =
  <E extends { nativeEvent: KeyboardEvent }>(handle: (event: E) => void) =>
  (event: E): void => {
    if (!composes(event.nativeEvent)) handle(event)
  }

/** While the seat is locked its keys do nothing: what they act on is out of sight. */
let held = 0
export function holdKeys(): () => void {
  held += 1
  return () => {
    held -= 1
  }
}

/** An action that answers `false` leaves the key to whatever has the keyboard. */
export type KeyActions = Record<string, (() => unknown) | undefined>

export function useKeys(actions: KeyActions) {
  const current = useRef(actions)
  current.current = actions
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (held > 0 || event.repeat || composes(event)) return
      const action = current.current[keyName(event)]
      if (action === undefined) return
      if (action() !== false) event.preventDefault()
    }
    window.addEventListener('keydown', pressed)
    return () => window.removeEventListener('keydown', pressed)
  }, [])
}
