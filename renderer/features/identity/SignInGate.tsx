/** Who sits there: chosen from this seat's list, or added to it. Every command and audit row carries the answer. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { type ReactNode, useState } from 'react'
import { operator as operatorSchema } from '../../../shared/domain/operator.ts'
import { queryKeys, useBridge, useSeatStatus } from '../../bridge/bridge-context.tsx'
import { defineText, sentenceOf } from '../../ui/text.ts'

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

function SignIn() {
  const say = useText()
  const bridge = useBridge()
  const client = useQueryClient()
  const { data: operators } = useQuery({
    queryKey: ['operators'],
    queryFn: () => bridge.seat.identity.list({}),
  })
  const [adding, setAdding] = useState(false)
  const [search, setSearch] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const enter = (action: () => Promise<unknown>) => {
    setProblem(null)
    action()
      .then(() => client.invalidateQueries({ queryKey: queryKeys.status }))
      .catch((error: unknown) => setProblem(sentenceOf(error)))
  }
  if (operators === undefined) return null
  const found = operators.filter(one =>
    `${one.workNumber} ${one.name}`.toLowerCase().includes(search.trim().toLowerCase()),
  )
  const signIn = (operatorId: string) => enter(() => bridge.seat.identity.signIn({ operatorId }))
  if (adding || operators.length === 0) {
    return (
      <AddOperator
        canGoBack={operators.length > 0}
        problem={problem}
        onBack={() => setAdding(false)}
        onAdd={input =>
          enter(async () => {
            const made = await bridge.seat.identity.create(input)
            await bridge.seat.identity.signIn({ operatorId: made.operatorId })
          })
        }
      />
    )
  }
  return (
    <form
      className="gate-card"
      onSubmit={event => {
        event.preventDefault()
        const [first] = found
        if (first !== undefined) signIn(first.operatorId)
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
            <button type="button" onClick={() => signIn(one.operatorId)}>
              <span className="operator-number">{one.workNumber}</span>
              <span className="operator-name">{one.name}</span>
              <span className="quiet">{one.branch}</span>
            </button>
          </li>
        ))}
      </ul>
      <p className="panel-problem" role="alert">
        {problem}
      </p>
      <Button type="link" onClick={() => setAdding(true)}>
        {say('add')}
      </Button>
    </form>
  )
}

function AddOperator(props: {
  canGoBack: boolean
  problem: string | null
  onBack(): void
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
      {props.canGoBack ? null : <p>{say('none')}</p>}
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
        {props.canGoBack ? <Button onClick={props.onBack}>{say('back')}</Button> : null}
      </div>
    </form>
  )
}

export function OperatorMenu() {
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
      <Button size="small" type="text" onClick={() => void bridge.seat.identity.signOut({}).catch(() => {})}>
        {say('leave')}
      </Button>
    </div>
  )
}
