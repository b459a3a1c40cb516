/** A new password, typed twice. Its rules stand below and say as they are met; what is too common the core finds. */
import { useId } from 'react'
import { faultOfPassword } from '../../../shared/domain/password.ts'
import { GateField } from './GateForm.tsx'
import { useIdentityText } from './identity-words.ts'

export type NewPasswordValue = { first: string; second: string }
export const noPassword: NewPasswordValue = { first: '', second: '' }

const rules = ['ruleLength', 'ruleKinds', 'ruleNumber', 'ruleAgain'] as const
type Rule = (typeof rules)[number]

function unmet({ first, second }: NewPasswordValue, workNumber: string): ReadonlySet<Rule> {
  const missing = new Set<Rule>()
  const length = Array.from(first).length
  if (length < 10) missing.add('ruleLength')
  const fault = (number: string | null) =>
    faultOfPassword(first, { workNumber: number, isCommon: () => false })
  // The rules are asked one by one: the first that is broken hides the others.
  const plain = fault(null)
  if (length === 0 || plain === 'too-few-kinds' || plain === 'too-short') missing.add('ruleKinds')
  const number = workNumber.toLowerCase()
  const holdsNumber = number.length >= 3 && first.toLowerCase().includes(number)
  if (length === 0 || holdsNumber || (plain === null && fault(workNumber) === 'work-number'))
    missing.add('ruleNumber')
  if (first === '' || first !== second) missing.add('ruleAgain')
  return missing
}

export const isComplete = (value: NewPasswordValue, workNumber: string): boolean =>
  unmet(value, workNumber).size === 0

export function NewPassword(props: {
  label: string
  workNumber: string
  value: NewPasswordValue
  autoFocus?: boolean
  onChange(value: NewPasswordValue): void
}) {
  const say = useIdentityText()
  const rulesId = useId()
  const { value } = props
  const missing = unmet(value, props.workNumber)
  return (
    <>
      <GateField
        label={props.label}
        secret
        autoFocus={props.autoFocus === true}
        value={value.first}
        describedBy={rulesId}
        onChange={first => props.onChange({ ...value, first })}
      />
      <GateField
        label={say('newAgain')}
        secret
        value={value.second}
        onChange={second => props.onChange({ ...value, second })}
      />
      <ul className="password-rules" id={rulesId}>
        {rules.map(rule => (
          <li key={rule} className={missing.has(rule) ? '' : 'met'}>
            <span aria-hidden="true">{missing.has(rule) ? '○' : '✓'}</span>
            {say(rule)}
            <span className="unseen">{say(missing.has(rule) ? 'unmet' : 'met')}</span>
          </li>
        ))}
      </ul>
    </>
  )
}
