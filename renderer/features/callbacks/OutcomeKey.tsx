/** What came of a call, by one key. */
import { Button } from 'antd'
import { type ReactNode, useEffect, useRef } from 'react'
import type { CallbackOutcome } from '../../../shared/domain/callback.ts'
import { Key } from '../../ui/Key.tsx'
import type { KeyActions } from '../../ui/keys.ts'

export const unansweredChoices = ['no-answer', 'busy', 'invalid', 'refused', 'failed'] as const
export const answeredChoices = ['reached', 'nothing-wanted'] as const

const hand = '.callback-hand'

/**
 * A digit for each choice, while the keyboard is in the region of the callback: elsewhere a digit is text, or the citizen's. Alt+H
 * goes there.
 */
export function outcomeKeys(
  choices: readonly CallbackOutcome[],
  tell: (choice: CallbackOutcome) => unknown,
): KeyActions {
  const keys: KeyActions = {}
  if (choices.length === 0) return keys
  keys['Alt+H'] = () => document.querySelector<HTMLElement>(`${hand} .outcome-key.proposed`)?.focus()
  for (const [index, choice] of choices.entries())
    keys[String(index + 1)] = () =>
      document.activeElement?.closest(hand) == null ? false : void tell(choice)
  return keys
}

/** The proposed one has the keyboard as soon as it is asked for, unless somebody is typing. */
export function OutcomeKey(props: {
  keyName: string
  proposed: boolean
  active: boolean
  loading: boolean
  onClick(): void
  children: ReactNode
}) {
  const button = useRef<HTMLButtonElement>(null)
  const { proposed, active } = props
  useEffect(() => {
    if (proposed && active && document.activeElement?.matches('input, textarea') !== true)
      button.current?.focus()
  }, [proposed, active])
  return (
    <Button
      ref={button}
      className={proposed ? 'outcome-key proposed' : 'outcome-key'}
      type={proposed ? 'primary' : 'default'}
      aria-keyshortcuts={props.keyName}
      disabled={props.loading}
      onClick={props.onClick}
    >
      {props.children}
      <Key>{props.keyName}</Key>
    </Button>
  )
}
