/** 登记两步验证: a QR code that is shown once, a first code to confirm it, then the recovery codes, shown once too. */
import { Button, QRCode } from 'antd'
import { useEffect, useRef, useState } from 'react'
import type { NewSecondFactor } from '../../../shared/contract/central-accounts.ts'
import { useBridge } from '../../bridge/bridge-context.tsx'
import { GateField, GateForm } from './GateForm.tsx'
import { problemOf, useIdentityText } from './identity-words.ts'
import { useRetyped } from './use-retyped.ts'

/** `asksPassword`: whoever is signed in already proves themselves once more. */
export function FactorSetup(props: {
  asksPassword: boolean
  onBack(): void
  onDone(recoveryCodes: readonly string[]): void
}) {
  const say = useIdentityText()
  const { seat } = useBridge()
  const [factor, setFactor] = useState<NewSecondFactor | null>(null)
  const [code, setCode] = useState('')
  const [password, setPassword] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const box = useRetyped(problem, () => setCode(''))
  // The secret is given once: asked for again, it would be refused.
  const asked = useRef(false)
  useEffect(() => {
    if (asked.current) return
    asked.current = true
    seat.identity.beginSecondFactor({}).then(setFactor, (error: unknown) => setProblem(problemOf(error, say)))
  }, [seat, say])

  const confirm = async () => {
    setBusy(true)
    setProblem(null)
    try {
      const { recoveryCodes } = await seat.identity.confirmSecondFactor({
        code: code.trim(),
        ...(props.asksPassword ? { password } : {}),
      })
      props.onDone(recoveryCodes)
    } catch (error) {
      setProblem(problemOf(error, say))
    } finally {
      setBusy(false)
    }
  }
  return (
    <GateForm
      title={say('factorTitle')}
      problem={problem}
      busy={busy}
      submit={say('confirm')}
      disabled={factor === null || code.trim().length !== 6 || (props.asksPassword && password === '')}
      onBack={props.onBack}
      onSubmit={() => void confirm()}
    >
      <p className="quiet" id="factor-why">
        {say('factorWhy')}
      </p>
      {factor === null ? null : (
        <div className="factor">
          <QRCode type="svg" value={factor.uri} size={176} bordered={false} aria-label={say('qr')} />
          <p>
            <span className="quiet">{say('byHand')}</span>
            <code className="factor-secret">{factor.secret.match(/.{1,4}/g)?.join(' ')}</code>
          </p>
        </div>
      )}
      {props.asksPassword ? (
        <GateField label={say('password')} secret value={password} onChange={setPassword} />
      ) : null}
      <GateField
        label={say('code')}
        numeric
        autoFocus
        inputRef={box}
        maxLength={6}
        describedBy="factor-why"
        value={code}
        onChange={setCode}
      />
    </GateForm>
  )
}

/** Printed or copied, and then never seen again. */
export function RecoveryCodes({ codes, onClose }: { codes: readonly string[]; onClose(): void }) {
  const say = useIdentityText()
  const [copied, setCopied] = useState(false)
  const copy = () =>
    navigator.clipboard.writeText(codes.join('\n')).then(
      () => setCopied(true),
      () => setCopied(selectedAndCopied(codes.join('\n'))),
    )
  return (
    <div className="gate lock" role="dialog" aria-modal="true" aria-labelledby="recovery-title">
      <GateForm
        title={say('recoveryTitle')}
        titleId="recovery-title"
        problem={null}
        busy={false}
        submit={say('kept')}
        onSubmit={onClose}
        keys={
          <>
            <Button onClick={() => window.print()}>{say('print')}</Button>
            <Button onClick={() => void copy()}>{say('copy')}</Button>
          </>
        }
      >
        <p className="quiet">{say('recoveryWhy')}</p>
        <ol className="recovery-codes" tabIndex={-1} ref={list => list?.focus()}>
          {codes.map(code => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ol>
        <p role="status">{copied ? say('copied') : ''}</p>
      </GateForm>
    </div>
  )
}

/** Where a page may not write to the clipboard by itself. */
function selectedAndCopied(text: string): boolean {
  const box = document.createElement('textarea')
  box.value = text
  document.body.append(box)
  box.select()
  const done = document.execCommand('copy')
  box.remove()
  return done
}
