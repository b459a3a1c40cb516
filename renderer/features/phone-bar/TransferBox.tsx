/** Where to: a typed number, a specialist at another seat (专席) or an entry of the transfer directory (转接目录). */
import { useQuery } from '@tanstack/react-query'
import { AutoComplete, Button } from 'antd'
import { type ReactNode, useState } from 'react'
import { rankSpecialists } from '../../../shared/domain/specialist.ts'
import { queryKeys, useBridge, useCatalogue } from '../../bridge/bridge-context.tsx'
import { useSeatStateWords } from '../../ui/seat-state-words.ts'
import { defineText } from '../../ui/text.ts'

const useText = defineText('transfer', {
  to: ['转接到', 'Transfer to'],
  hint: ['号码、名称或技能', 'Number, name or skill'],
  transfer: ['开始转接', 'Transfer now'],
  consult: ['开始咨询', 'Call to ask'],
  cancel: ['取消', 'Cancel'],
  specialists: ['专席', 'Specialist seats'],
  directory: ['转接目录', 'Directory'],
})

/** Of each group; the rest is found by typing. */
const mostShown = 8

export type TransferMode = 'transfer' | 'consult'

export function TransferBox(props: {
  mode: TransferMode
  /** The skill and the dialect that the call came with. */
  wanted: readonly string[]
  onStart(number: string): void
  onCancel(): void
}) {
  const say = useText()
  const state = useSeatStateWords()
  const { seat } = useBridge()
  const directory = useCatalogue().data?.directory ?? []
  const { data: present = [] } = useQuery({
    queryKey: queryKeys.presence,
    queryFn: () => seat.presence.list({}),
  })
  const [typed, setTyped] = useState('')
  const wanted = typed.trim().toLowerCase()
  const isFound = (...words: string[]) => wanted === '' || words.join(' ').toLowerCase().includes(wanted)
  const groups = [
    {
      label: say('specialists'),
      options: rankSpecialists(present, props.wanted)
        .filter(({ operatorName, extension, skills }) => isFound(operatorName, extension, ...skills))
        .map(({ operatorName, extension, skills, kind }) =>
          option(extension, operatorName, `${extension} ${skills.join('、')} · ${state(kind)}`),
        ),
    },
    {
      label: say('directory'),
      options: directory
        .filter(({ name, number, note }) => isFound(name, number, note))
        .map(({ name, number, note }) => option(number, name, `${number} ${note}`)),
    },
  ].flatMap(({ label, options }) =>
    options.length === 0 ? [] : [{ label, options: options.slice(0, mostShown) }],
  )
  const start = (number: string) => {
    if (number !== '') props.onStart(number)
  }
  return (
    <form
      className="transfer-box"
      onSubmit={event => {
        event.preventDefault()
        start(wanted)
      }}
      onKeyDown={event => {
        if (event.key === 'Escape' && typed === '') props.onCancel()
      }}
    >
      <AutoComplete
        autoFocus
        aria-label={say('to')}
        placeholder={say('hint')}
        value={typed}
        defaultActiveFirstOption={!/^[+\d*#]+$/.test(wanted) && groups.length > 0}
        onChange={value => setTyped(value)}
        onSelect={value => start(value)}
        options={groups}
      />
      <div className="call-keys">
        <Button type="primary" htmlType="submit" disabled={!/^[+\d*#\s-]{2,}$/.test(wanted)}>
          {say(props.mode)}
        </Button>
        <Button onClick={props.onCancel}>{say('cancel')}</Button>
      </div>
    </form>
  )
}

const option = (value: string, name: string, note: string): { value: string; label: ReactNode } => ({
  value,
  label: (
    <span className="directory-entry">
      <b>{name}</b>
      <span className="quiet">{note}</span>
    </span>
  ),
})
