/** The cover of a locked seat: who locked it, how it is unlocked, and that a call rings or goes on. Nothing else is readable. */
import { Button } from 'antd'
import { useState } from 'react'
import type { Operator } from '../../../shared/domain/operator.ts'
import { maskNumber, normalizeNumber } from '../../../shared/domain/phone-number.ts'
import { useBridge, useSeatStatus, useSettings } from '../../bridge/bridge-context.tsx'
import type { PhoneCall } from '../../phone/phone.ts'
import { useCallsNow, usePhone } from '../../phone/phone-context.tsx'
import { GateField, GateForm } from './GateForm.tsx'
import { codeOf, problemOf, useIdentityText } from './identity-words.ts'
import { useRetyped } from './use-retyped.ts'

export function LockScreen(props: {
  operator: Operator
  onUnlocked(): Promise<void>
  onLeave(): Promise<string | null>
}) {
  const say = useIdentityText()
  const { seat } = useBridge()
  const asksPassword = useSeatStatus()?.entry !== 'choose'
  const { operator } = props
  const [password, setPassword] = useState('')
  const [code, setCode] = useState<string | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const box = useRetyped(problem, () => {
    if (code === null) setPassword('')
    else setCode('')
  })

  const run = async (action: () => Promise<string | null>) => {
    if (busy) return
    setBusy(true)
    setProblem(null)
    try {
      setProblem(await action())
    } catch (error) {
      if (codeOf(error) === 'SECOND_FACTOR_NEEDED') setCode('')
      else setProblem(problemOf(error, say))
    } finally {
      setBusy(false)
    }
  }
  const unlock = () =>
    run(async () => {
      await seat.identity.unlock({
        ...(asksPassword ? { password } : {}),
        ...(code === null ? {} : { code }),
      })
      await props.onUnlocked()
      return null
    })

  return (
    <div className="gate lock" role="dialog" aria-modal="true" aria-labelledby="locked-title">
      <GateForm
        title={say('lockedTitle')}
        titleId="locked-title"
        problem={problem}
        busy={busy}
        submit={say('unlock')}
        disabled={(asksPassword && password === '') || code === ''}
        onSubmit={() => void unlock()}
        keys={
          <Button className="lock-leave" onClick={() => void run(props.onLeave)}>
            {say('leave')}
          </Button>
        }
      >
        <p className="lock-who">
          <b>{operator.name}</b>
          <span className="quiet">
            {operator.workNumber} · {operator.branch}
          </span>
        </p>
        <Calls />
        <p className="quiet">{say('lockedWhy')}</p>
        {!asksPassword ? <FocusHere /> : null}
        {asksPassword && code === null ? (
          <GateField
            label={say('password')}
            secret
            autoFocus
            inputRef={box}
            value={password}
            onChange={setPassword}
          />
        ) : null}
        {code === null ? null : (
          <GateField
            key="code"
            label={say('code')}
            numeric
            autoFocus
            inputRef={box}
            maxLength={40}
            value={code}
            onChange={setCode}
          />
        )}
      </GateForm>
    </div>
  )
}

/** Without a password Enter unlocks: the button has the keyboard. */
function FocusHere() {
  return (
    <span
      hidden
      ref={element => {
        element?.closest('form')?.querySelector<HTMLElement>('button[type=submit]')?.focus()
      }}
    />
  )
}

/** A call is said in as many words as the system's notification has: no name, and no whole number. */
function Calls() {
  const say = useIdentityText()
  const phone = usePhone()
  const calls = useCallsNow()
  const areaCode = useSettings().data?.settings.areaCode ?? ''
  const masked = ({ direction, facts }: PhoneCall): string => {
    const number = normalizeNumber(direction === 'inbound' ? facts.callerNumber : facts.calledNumber, {
      areaCode,
    })
    return number.key === null ? say('withheld') : maskNumber(number.display)
  }
  if (calls.length === 0) return null
  return (
    <ul className="lock-calls" role="status">
      {calls.map(call => {
        const rings = call.state === 'ringing' && call.direction === 'inbound'
        return (
          <li key={call.callId}>
            {say(rings ? 'ringing' : 'talking', { number: masked(call) })}
            {rings ? null : (
              <Button size="small" danger onClick={() => void phone.hangUp(call.callId).catch(() => {})}>
                {say('hangUp')}
              </Button>
            )}
          </li>
        )
      })}
    </ul>
  )
}
