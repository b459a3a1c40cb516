/** A masked number (号码), and the whole of it for whoever says why they want it; audited here and at the centre. */
import { Button, Input, type InputRef, Popover } from 'antd'
import { useRef, useState } from 'react'
import { maskNumber } from '../../../shared/domain/phone-number.ts'
import { useBridge } from '../../bridge/bridge-context.tsx'
import { outsideComposition } from '../../ui/keys.ts'
import { OverLimit } from '../../ui/OverLimit.tsx'
import { sentenceOf } from '../../ui/text.ts'
import { useCasesText } from './cases-text.ts'

export function RevealNumber(props: { caseId: string; what: 'contactNumber'; number: string }) {
  const say = useCasesText()
  const bridge = useBridge()
  const box = useRef<InputRef>(null)
  const [asking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const [whole, setWhole] = useState<string | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const masked = maskNumber(props.number)
  const show = () => {
    if (reason.trim() === '') return
    setProblem(null)
    bridge.seat.cases
      .reveal({ caseId: props.caseId, what: props.what, reason: reason.trim() })
      .then(({ value }) => {
        setWhole(value)
        setAsking(false)
      })
      .catch((error: unknown) => setProblem(sentenceOf(error)))
  }
  if (whole !== null) return <span className="numeric">{whole}</span>
  return (
    // The row that this stands in opens its case on a click: not on this one, nor on one in the box that it opens.
    <span className="numeric quiet" onClick={event => event.stopPropagation()}>
      {masked}
      {masked.includes('*') ? (
        <Popover
          trigger="click"
          open={asking}
          onOpenChange={setAsking}
          afterOpenChange={open => open && box.current?.focus()}
          content={
            <form
              className="reveal"
              onSubmit={event => {
                event.preventDefault()
                show()
              }}
            >
              <p className="quiet">{say('revealWhy')}</p>
              <Input
                ref={box}
                aria-label={say('reason')}
                value={reason}
                autoComplete="off"
                onChange={event => setReason(event.target.value)}
                onKeyDown={outsideComposition(event => event.key === 'Escape' && setAsking(false))}
              />
              <OverLimit text={reason} max={200} />
              <Button size="small" type="primary" htmlType="submit" disabled={reason.trim() === ''}>
                {say('show')}
              </Button>
              <p className="panel-problem" role="alert">
                {problem}
              </p>
            </form>
          }
        >
          <Button size="small" type="text" aria-label={say('reveal')}>
            <span aria-hidden="true">⋯</span>
          </Button>
        </Popover>
      ) : null}
    </span>
  )
}
