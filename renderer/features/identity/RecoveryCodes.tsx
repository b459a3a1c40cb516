/** The recovery codes of a new second factor (恢复码), shown once, whether the gate is still there or not. */
import { Button } from 'antd'
import { useState } from 'react'
import { GateForm } from './GateForm.tsx'
import { useIdentityText } from './identity-words.ts'

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
