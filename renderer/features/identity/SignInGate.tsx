/**
 * Who sits there: chosen from this seat's list, or added to it; with a centre, known to it and proved by a password. Every
 * command and audit row carries the answer.
 */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Input, type InputRef } from 'antd'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { type Operator, operator as operatorSchema } from '../../../shared/domain/operator.ts'
import { queryKeys, useBridge, useSeatStatus, useSyncStatus } from '../../bridge/bridge-context.tsx'
import { defineText, sentenceOf } from '../../ui/text.ts'
import { afterEnter, type Step, shownStep } from './sign-in-steps.ts'

const useText = defineText('identity', {
  title: ['请选择坐席人员', 'Who sits here?'],
  search: ['按工号或姓名查找', 'Search by number or name'],
  none: ['还没有坐席人员，请先添加', 'Nobody is listed yet; add the first'],
  add: ['添加坐席人员', 'Add an operator'],
  workNumber: ['工号', 'Work number'],
  name: ['坐席姓名', "Operator's name"],
  branch: ['分中心', 'Branch'],
  create: ['添加并进入', 'Add and enter'],
  back: ['返回', 'Back'],
  check: ['请填写工号（字母或数字）、姓名和分中心', 'Give a number (letters or digits), a name and a branch'],
  leave: ['换人', 'Change'],
  password: ['口令', 'Password'],
  passwordTitle: ['{{name}}，请输入口令', '{{name}}: password'],
  enter: ['进入', 'Enter'],
  byNumber: ['用工号登录', 'Sign in by work number'],
  byNumberTitle: ['用工号登录', 'Sign in by work number'],
  notListed: [
    '本坐席没有这名人员，按 Enter 用工号登录',
    'Not known at this seat; Enter signs in by work number',
  ],
  demoPassword: ['演示口令 yanshi-12345', 'The password of the demonstration: yanshi-12345'],
})

export function SignInGate({ children }: { children: ReactNode }) {
  const status = useSeatStatus()
  const [everIn, setEverIn] = useState(false)
  const signedIn = status?.operator != null
  if (signedIn && !everIn) setEverIn(true)
  // While the core is away nobody knows who is signed in: whoever was stays.
  const signedOut = status?.storage.state === 'open' && !signedIn
  return (
    <>
      {everIn ? children : null}
      {signedOut ? (
        <div className={everIn ? 'gate over' : 'gate'}>
          <SignIn />
        </div>
      ) : null}
    </>
  )
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? error.code : undefined)

function SignIn() {
  const { seat } = useBridge()
  const client = useQueryClient()
  const centre = useSyncStatus()?.centre
  const { data: operators } = useQuery({ queryKey: ['operators'], queryFn: () => seat.identity.list({}) })
  const [step, setStep] = useState<Step>({ at: 'list' })
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const go = (next: Step) => {
    setProblem(null)
    setStep(next)
  }
  const enter = async (action: () => Promise<unknown>, needed?: () => void) => {
    if (busy) return
    setBusy(true)
    setProblem(null)
    try {
      await action()
      await client.invalidateQueries({ queryKey: queryKeys.status })
    } catch (error) {
      if (needed !== undefined && codeOf(error) === 'PASSWORD_NEEDED') needed()
      else setProblem(sentenceOf(error))
    } finally {
      setBusy(false)
    }
  }
  // Which of the two ways it is decides what is shown: neither before both are known.
  if (operators === undefined || centre === undefined) return null
  const hasCentre = centre !== 'none'
  const shown = shownStep(step, operators.length, hasCentre)
  const common = { problem, busy, onBack: operators.length > 0 ? () => go({ at: 'list' }) : null }
  switch (shown.at) {
    case 'add':
      return (
        <AddOperator
          {...common}
          onAdd={input =>
            void enter(async () => {
              const { operatorId } = await seat.identity.create(input)
              await seat.identity.signIn({ operatorId })
            })
          }
        />
      )
    case 'password':
      return (
        <PasswordForm
          {...common}
          who={shown.operator}
          onSend={({ password }) =>
            void enter(() => seat.identity.signIn({ operatorId: shown.operator.operatorId, password }))
          }
        />
      )
    case 'by-number':
      return (
        <PasswordForm
          {...common}
          who={null}
          workNumber={shown.workNumber}
          onSend={fields => void enter(() => seat.identity.signInByNumber(fields))}
        />
      )
    case 'list':
      return (
        <OperatorList
          operators={operators}
          hasCentre={hasCentre}
          problem={problem}
          onChoose={operator =>
            hasCentre
              ? go({ at: 'password', operator })
              : void enter(
                  () => seat.identity.signIn({ operatorId: operator.operatorId }),
                  () => setStep({ at: 'password', operator }),
                )
          }
          onStep={go}
        />
      )
  }
}

function OperatorList(props: {
  operators: readonly Operator[]
  hasCentre: boolean
  problem: string | null
  onChoose(operator: Operator): void
  onStep(step: Step): void
}) {
  const say = useText()
  const { operators, hasCentre } = props
  const [search, setSearch] = useState('')
  const found = operators.filter(one =>
    `${one.workNumber} ${one.name}`.toLowerCase().includes(search.trim().toLowerCase()),
  )
  return (
    <form
      className="gate-card"
      onSubmit={event => {
        event.preventDefault()
        const next = afterEnter(found, search, hasCentre)
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
      {hasCentre ? (
        <>
          {found.length === 0 && search.trim() !== '' ? <p className="quiet">{say('notListed')}</p> : null}
          <Button type="link" onClick={() => props.onStep({ at: 'by-number', workNumber: '' })}>
            {say('byNumber')}
          </Button>
        </>
      ) : (
        <Button type="link" onClick={() => props.onStep({ at: 'add' })}>
          {say('add')}
        </Button>
      )}
    </form>
  )
}

/** `who`: somebody of the list; null for somebody whom this seat does not know, by work number. */
function PasswordForm(props: {
  who: Operator | null
  workNumber?: string
  problem: string | null
  busy: boolean
  onBack: (() => void) | null
  onSend(fields: { workNumber: string; password: string }): void
}) {
  const say = useText()
  const storage = useSeatStatus()?.storage
  const { who, onBack, problem } = props
  const [workNumber, setWorkNumber] = useState(props.workNumber ?? '')
  const [password, setPassword] = useState('')
  const passwordBox = useRef<InputRef>(null)
  // What was refused is typed anew.
  useEffect(() => {
    if (problem === null) return
    setPassword('')
    passwordBox.current?.focus()
  }, [problem])
  const complete = password !== '' && (who !== null || workNumber.trim() !== '')
  return (
    <form
      className="gate-card"
      onSubmit={event => {
        event.preventDefault()
        if (complete) props.onSend({ workNumber: workNumber.trim(), password })
      }}
      onKeyDown={event => {
        if (event.key === 'Escape' && !event.nativeEvent.isComposing) onBack?.()
      }}
    >
      <h1>{who === null ? say('byNumberTitle') : say('passwordTitle', { name: who.name })}</h1>
      {who === null ? (
        <div className="gate-field">
          <label htmlFor="sign-in-number">{say('workNumber')}</label>
          <Input
            id="sign-in-number"
            autoFocus={workNumber === ''}
            autoComplete="off"
            maxLength={20}
            value={workNumber}
            onChange={event => setWorkNumber(event.target.value)}
          />
        </div>
      ) : (
        <p className="quiet">
          {who.workNumber} · {who.branch}
        </p>
      )}
      <div className="gate-field">
        <label htmlFor="sign-in-password">{say('password')}</label>
        <Input.Password
          id="sign-in-password"
          ref={passwordBox}
          autoFocus={who !== null || (props.workNumber ?? '') !== ''}
          autoComplete="off"
          maxLength={1_024}
          value={password}
          onChange={event => setPassword(event.target.value)}
        />
      </div>
      {storage?.state === 'open' && storage.protection === 'demo-file' ? (
        <p className="quiet">{say('demoPassword')}</p>
      ) : null}
      <p className="panel-problem" role="alert">
        {problem}
      </p>
      <div className="gate-keys">
        <Button type="primary" htmlType="submit" loading={props.busy} disabled={!complete}>
          {say('enter')}
        </Button>
        {onBack === null ? null : <Button onClick={onBack}>{say('back')}</Button>}
      </div>
    </form>
  )
}

function AddOperator(props: {
  problem: string | null
  onBack: (() => void) | null
  onAdd(input: { workNumber: string; name: string; branch: string }): void
}) {
  const say = useText()
  const [fields, setFields] = useState({ workNumber: '', name: '', branch: '' })
  const [wrong, setWrong] = useState(false)
  const send = () => {
    const parsed = operatorSchema.omit({ operatorId: true }).safeParse(fields)
    setWrong(!parsed.success)
    if (parsed.success) props.onAdd(parsed.data)
  }
  return (
    <form
      className="gate-card"
      onSubmit={event => {
        event.preventDefault()
        send()
      }}
    >
      <h1>{say('add')}</h1>
      {props.onBack === null ? <p>{say('none')}</p> : null}
      {(['workNumber', 'name', 'branch'] as const).map((name, index) => (
        <div key={name} className="gate-field">
          <label htmlFor={`operator-${name}`}>{say(name)}</label>
          <Input
            id={`operator-${name}`}
            autoFocus={index === 0}
            autoComplete="off"
            maxLength={60}
            value={fields[name]}
            onChange={event => setFields({ ...fields, [name]: event.target.value })}
          />
        </div>
      ))}
      <p className="panel-problem" role="alert">
        {wrong ? say('check') : props.problem}
      </p>
      <div className="gate-keys">
        <Button type="primary" htmlType="submit">
          {say('create')}
        </Button>
        {props.onBack === null ? null : <Button onClick={props.onBack}>{say('back')}</Button>}
      </div>
    </form>
  )
}

/** `beforeLeaving`: what was typed last is stored first. */
export function OperatorMenu({ beforeLeaving }: { beforeLeaving(): Promise<unknown> }) {
  const say = useText()
  const bridge = useBridge()
  const operator = useSeatStatus()?.operator
  if (operator == null) return null
  return (
    <div className="operator">
      <span className="operator-name">{operator.name}</span>
      <span className="quiet">
        {operator.workNumber} · {operator.branch}
      </span>
      <Button
        size="small"
        type="text"
        onClick={() =>
          void beforeLeaving()
            .then(() => bridge.seat.identity.signOut({}))
            .catch(() => {})
        }
      >
        {say('leave')}
      </Button>
    </div>
  )
}
