/** What came of a call, by one key. */
import { Button } from 'antd'
import { type ReactNode, useEffect, useRef } from 'react'
import { Key } from '../../ui/Key.tsx'

export const unansweredChoices = ['no-answer', 'busy', 'invalid', 'refused', 'failed'] as const
export const answeredChoices = ['reached', 'nothing-wanted'] as const

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
