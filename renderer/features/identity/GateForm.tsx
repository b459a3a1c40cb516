/** The card of the gate and of the lock: a title, fields with labels, what went wrong, and its buttons. */
import { Button, Input, type InputRef } from 'antd'
import { type ReactNode, type Ref, useId } from 'react'
import { outsideComposition } from '../../ui/keys.ts'
import { useIdentityText } from './identity-words.ts'

export function GateForm(props: {
  title: string
  titleId?: string
  problem: string | null
  busy: boolean
  submit: string
  disabled?: boolean
  onSubmit(): void
  onBack?: (() => void) | null
  keys?: ReactNode
  children: ReactNode
}) {
  const say = useIdentityText()
  const { onBack = null } = props
  return (
    <form
      className="gate-card"
      onSubmit={event => {
        event.preventDefault()
        if (props.disabled !== true && !props.busy) props.onSubmit()
      }}
      onKeyDown={outsideComposition(event => {
        if (event.key === 'Escape') onBack?.()
      })}
    >
      <h1 id={props.titleId}>{props.title}</h1>
      {props.children}
      <p className="panel-problem" role="alert">
        {props.problem}
      </p>
      <div className="gate-keys">
        <Button type="primary" htmlType="submit" loading={props.busy} disabled={props.disabled === true}>
          {props.submit}
        </Button>
        {onBack === null ? null : <Button onClick={onBack}>{say('back')}</Button>}
        {props.keys}
      </div>
    </form>
  )
}

export function GateField(props: {
  label: string
  value: string
  onChange(value: string): void
  secret?: boolean
  autoFocus?: boolean
  inputRef?: Ref<InputRef>
  maxLength?: number
  describedBy?: string
  numeric?: boolean
}) {
  const id = useId()
  const common = {
    id,
    autoFocus: props.autoFocus === true,
    maxLength: props.maxLength ?? 1_024,
    value: props.value,
    'aria-describedby': props.describedBy,
    onChange: (event: { target: { value: string } }) => props.onChange(event.target.value),
    ...(props.inputRef === undefined ? {} : { ref: props.inputRef }),
  }
  return (
    <div className="gate-field">
      <label htmlFor={id}>{props.label}</label>
      {props.secret === true ? (
        <Input.Password {...common} autoComplete="off" />
      ) : (
        <Input
          {...common}
          autoComplete={props.numeric === true ? 'one-time-code' : 'off'}
          inputMode={props.numeric === true ? 'numeric' : undefined}
        />
      )}
    </div>
  )
}
