/** Who sits there: chosen from this seat's list, or known to the centre, and proved by a password and a second factor. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { type Operator, operator as operatorSchema } from '../../../shared/domain/operator.ts'
import { queryKeys, useBridge, useSeatStatus } from '../../bridge/bridge-context.tsx'
import { FactorSetup } from './FactorSetup.tsx'
import { GateField, GateForm } from './GateForm.tsx'
import { codeOf, problemOf, useIdentityText } from './identity-words.ts'
import { isComplete, NewPassword, noPassword } from './NewPassword.tsx'
import { afterEnter, type Step, shownStep } from './sign-in-steps.ts'
import { useRetyped } from './use-retyped.ts'

/** `onRecoveryCodes`: they are shown although the gate is gone by then. */
export function SignIn({ onRecoveryCodes }: { onRecoveryCodes(codes: readonly string[]): void }) {
  const say = useIdentityText()
  const { seat } = useBridge()
  const client = useQueryClient()
  const entry = useSeatStatus()?.entry
  const { data: operators } = useQuery({
    queryKey: ['operators'],
    queryFn: () => seat.identity.list({}),
    // Somebody may have been added, or have come from the centre.
    staleTime: 0,
  })
  const [step, setStep] = useState<Step>({ at: 'list' })
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const go = (next: Step) => {
    setProblem(null)
    setStep(next)
  }

  /** `who`: for the step that the answer may lead to. `again` is the same request with a code. */
  const enter = async (
    action: () => Promise<unknown>,
    who?: { name: string; workNumber: string; again(code: string): Promise<unknown>; needed?: Step },
  ) => {
    if (busy) return
    setBusy(true)
    setProblem(null)
    try {
      await action()
      await client.invalidateQueries({ queryKey: queryKeys.status })
    } catch (error) {
      const code = codeOf(error)
      if (code === 'PASSWORD_CHANGE_NEEDED' && who !== undefined)
        go({ at: 'replace', workNumber: who.workNumber })
      else if (code === 'SECOND_FACTOR_ENROLMENT_NEEDED') go({ at: 'factor' })
      else if (code === 'SECOND_FACTOR_NEEDED' && who !== undefined)
        go({ at: 'code', name: who.name, send: who.again })
      else if (code === 'PASSWORD_NEEDED' && who?.needed !== undefined) go(who.needed)
      else {
        if (code === 'SIGN_IN_AGAIN') setStep({ at: 'list' })
        setProblem(problemOf(error, say))
      }
    } finally {
      setBusy(false)
    }
  }

  if (operators === undefined || entry === undefined) return null
  const shown = shownStep(step, operators.length, entry)
  const common = { problem, busy }
  const onBack = operators.length > 0 ? () => go({ at: 'list' }) : null

  const chosen = (operator: Operator, password?: string) => {
    const { operatorId, name, workNumber } = operator
    const given = password === undefined ? {} : { password }
    void enter(() => seat.identity.signIn({ operatorId, ...given }), {
      name,
      workNumber,
      again: code => seat.identity.signIn({ operatorId, ...given, code }),
      needed: { at: 'password', operator },
    })
  }

  switch (shown.at) {
    case 'first-administrator':
      return (
        <FirstAdministrator
          {...common}
          onSend={person => void enter(() => seat.identity.createFirstAdministrator(person))}
        />
      )
    case 'enrol':
      return (
        <Enrolment
          {...common}
          onSend={code =>
            void enter(async () => {
              await seat.sync.enrol({ code })
            })
          }
        />
      )
    case 'password':
      return (
        <PasswordForm
          {...common}
          onBack={onBack}
          who={shown.operator}
          onSend={({ password }) => chosen(shown.operator, password)}
        />
      )
    case 'by-number':
      return (
        <PasswordForm
          {...common}
          onBack={onBack}
          who={null}
          workNumber={shown.workNumber}
          onSend={fields =>
            void enter(() => seat.identity.signInByNumber(fields), {
              name: fields.workNumber,
              workNumber: fields.workNumber,
              again: code => seat.identity.signInByNumber({ ...fields, code }),
            })
          }
        />
      )
    case 'code':
      return (
        <CodeForm
          {...common}
          name={shown.name}
          onBack={() => go({ at: 'list' })}
          onSend={code =>
            void enter(() => shown.send(code), { name: shown.name, workNumber: '', again: shown.send })
          }
        />
      )
    case 'factor':
      return (
        <FactorSetup
          asksPassword={false}
          onBack={() => go({ at: 'list' })}
          onDone={codes => {
            onRecoveryCodes(codes)
            void client.invalidateQueries({ queryKey: queryKeys.status })
          }}
        />
      )
    case 'replace':
      return (
        <ReplacePassword
          {...common}
          workNumber={shown.workNumber}
          onBack={() => go({ at: 'list' })}
          onSend={newPassword => void enter(() => seat.identity.replacePassword({ newPassword }))}
        />
      )
    case 'list':
      return (
        <OperatorList
          operators={operators}
          hasPasswords={entry === 'password'}
          problem={problem}
          onChoose={operator => (entry === 'password' ? go({ at: 'password', operator }) : chosen(operator))}
          onStep={go}
        />
      )
  }
}

function OperatorList(props: {
  operators: readonly Operator[]
  hasPasswords: boolean
  problem: string | null
  onChoose(operator: Operator): void
  onStep(step: Step): void
}) {
  const say = useIdentityText()
  const { operators, hasPasswords } = props
  const [search, setSearch] = useState('')
  const found = operators.filter(one =>
    `${one.workNumber} ${one.name}`.toLowerCase().includes(search.trim().toLowerCase()),
  )
  return (
    <form
      className="gate-card"
      onSubmit={event => {
        event.preventDefault()
        const next = afterEnter(found, search, hasPasswords ? 'password' : 'choose')
        if (next === null) return
        if ('choose' in next) props.onChoose(next.choose)
        else props.onStep(next.step)
      }}
    >
      <h1>{say('title')}</h1>
      <Input
        autoFocus
        aria-label={say('search')}
        placeholder={say('search')}
        autoComplete="off"
        value={search}
        onChange={event => setSearch(event.target.value)}
      />
      <ul className="operators">
        {found.map(one => (
          <li key={one.operatorId}>
            <button type="button" onClick={() => props.onChoose(one)}>
              <span className="operator-number">{one.workNumber}</span>
              <span className="operator-name">{one.name}</span>
              <span className="quiet">{one.branch}</span>
            </button>
          </li>
        ))}
      </ul>
      <p className="panel-problem" role="alert">
        {props.problem}
      </p>
      {hasPasswords ? (
        <>
          {found.length === 0 && search.trim() !== '' ? <p className="quiet">{say('notListed')}</p> : null}
          <Button type="link" onClick={() => props.onStep({ at: 'by-number', workNumber: '' })}>
            {say('byNumber')}
          </Button>
        </>
      ) : null}
    </form>
  )
}

type Common = { problem: string | null; busy: boolean }

/** `who`: somebody of the list; null for somebody whom this seat does not know, by work number. */
function PasswordForm(
  props: Common & {
    who: Operator | null
    workNumber?: string
    onBack: (() => void) | null
    onSend(fields: { workNumber: string; password: string }): void
  },
) {
  const say = useIdentityText()
  const storage = useSeatStatus()?.storage
  const { who, problem } = props
  const [workNumber, setWorkNumber] = useState(props.workNumber ?? '')
  const [password, setPassword] = useState('')
  const box = useRetyped(problem, () => setPassword(''))
  return (
    <GateForm
      title={who === null ? say('byNumber') : say('passwordTitle', { name: who.name })}
      problem={problem}
      busy={props.busy}
      submit={say('enter')}
      disabled={password === '' || (who === null && workNumber.trim() === '')}
      onBack={props.onBack}
      onSubmit={() => props.onSend({ workNumber: workNumber.trim(), password })}
    >
      {who === null ? (
        <GateField
          label={say('workNumber')}
          autoFocus={workNumber === ''}
          maxLength={20}
          value={workNumber}
          onChange={setWorkNumber}
        />
      ) : (
        <p className="quiet">
          {who.workNumber} · {who.branch}
        </p>
      )}
      <GateField
        label={say('password')}
        secret
        inputRef={box}
        autoFocus={who !== null || (props.workNumber ?? '') !== ''}
        value={password}
        onChange={setPassword}
      />
      {storage?.state === 'open' && storage.protection === 'demo-file' ? (
        <p className="quiet">{say('demoPassword')}</p>
      ) : null}
    </GateForm>
  )
}

function CodeForm(props: Common & { name: string; onBack(): void; onSend(code: string): void }) {
  const say = useIdentityText()
  const [code, setCode] = useState('')
  const box = useRetyped(props.problem, () => setCode(''))
  return (
    <GateForm
      title={say('codeTitle', { name: props.name })}
      problem={props.problem}
      busy={props.busy}
      submit={say('enter')}
      disabled={code.trim().length < 6}
      onBack={props.onBack}
      onSubmit={() => props.onSend(code.trim())}
    >
      <p className="quiet" id="code-help">
        {say('codeHelp')}
      </p>
      <GateField
        label={say('code')}
        numeric
        autoFocus
        inputRef={box}
        maxLength={40}
        describedBy="code-help"
        value={code}
        onChange={setCode}
      />
    </GateForm>
  )
}

function ReplacePassword(
  props: Common & { workNumber: string; onBack(): void; onSend(password: string): void },
) {
  const say = useIdentityText()
  const [value, setValue] = useState(noPassword)
  return (
    <GateForm
      title={say('replaceTitle')}
      problem={props.problem}
      busy={props.busy}
      submit={say('set')}
      disabled={!isComplete(value, props.workNumber)}
      onBack={props.onBack}
      onSubmit={() => props.onSend(value.first)}
    >
      <p className="quiet">{say('replaceWhy')}</p>
      <NewPassword
        label={say('newPassword')}
        workNumber={props.workNumber}
        autoFocus
        value={value}
        onChange={setValue}
      />
    </GateForm>
  )
}

function FirstAdministrator(
  props: Common & {
    onSend(person: { workNumber: string; name: string; branch: string; password: string }): void
  },
) {
  const say = useIdentityText()
  const [fields, setFields] = useState({ workNumber: '', name: '', branch: '' })
  const [value, setValue] = useState(noPassword)
  const [wrong, setWrong] = useState(false)
  return (
    <GateForm
      title={say('firstTitle')}
      problem={wrong ? say('check') : props.problem}
      busy={props.busy}
      submit={say('firstSet')}
      disabled={!isComplete(value, fields.workNumber)}
      onSubmit={() => {
        const parsed = operatorSchema.pick({ workNumber: true, name: true, branch: true }).safeParse(fields)
        setWrong(!parsed.success)
        if (parsed.success) props.onSend({ ...parsed.data, password: value.first })
      }}
    >
      <p className="quiet">{say('firstWhy')}</p>
      {(['workNumber', 'name', 'branch'] as const).map((name, index) => (
        <GateField
          key={name}
          label={say(name)}
          autoFocus={index === 0}
          maxLength={name === 'workNumber' ? 20 : 60}
          value={fields[name]}
          onChange={text => setFields({ ...fields, [name]: text })}
        />
      ))}
      <NewPassword label={say('password')} workNumber={fields.workNumber} value={value} onChange={setValue} />
    </GateForm>
  )
}

function Enrolment(props: Common & { onSend(code: string): void }) {
  const say = useIdentityText()
  const [code, setCode] = useState('')
  const box = useRetyped(props.problem, () => {})
  return (
    <GateForm
      title={say('enrolTitle')}
      problem={props.problem}
      busy={props.busy}
      submit={say('enrol')}
      disabled={code.trim() === ''}
      onSubmit={() => props.onSend(code)}
    >
      <p className="quiet">{say('enrolWhy')}</p>
      <GateField
        label={say('enrolCode')}
        autoFocus
        inputRef={box}
        maxLength={200}
        value={code}
        onChange={setCode}
      />
    </GateForm>
  )
}
