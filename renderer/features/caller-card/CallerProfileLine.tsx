/** What is remembered of the number: dialect and kind of caller, offered for confirmation and changed in place. */
import { App, AutoComplete, Button, Segmented } from 'antd'
import { useState } from 'react'
import type { CallerProfile } from '../../../shared/domain/caller-profile.ts'
import { useBridge } from '../../bridge/bridge-context.tsx'
import { defineText, sentenceOf } from '../../ui/text.ts'

const useText = defineText('caller-profile', {
  dialect: ['方言', 'Dialect'],
  unknown: ['未登记', 'Not known'],
  offered: ['来电标为{{dialect}}', 'The call came as {{dialect}}'],
  remember: ['记下', 'Remember'],
  kind: ['主体', 'Caller is'],
  person: ['个人', 'A person'],
  enterprise: ['企业', 'An enterprise'],
})

/** Groups of dialects and widespread ones; whatever else is spoken in a city is typed once and then remembered. */
const dialects = [
  '官话',
  '晋语',
  '吴语',
  '闽南话',
  '闽东话',
  '潮汕话',
  '客家话',
  '粤语',
  '湘语',
  '赣语',
  '徽语',
  '平话',
  '藏语',
  '维吾尔语',
  '蒙古语',
  '壮语',
  '手语',
]

export function CallerProfileLine(props: {
  numberKey: string
  callId: string | null
  profile: CallerProfile | null
  /** As the exchange marked the call. */
  offered: string | null
}) {
  const { numberKey, callId, profile, offered } = props
  const say = useText()
  const { seat } = useBridge()
  const { message } = App.useApp()
  const dialect = profile?.dialect ?? ''
  const [typed, setTyped] = useState<string | null>(null)
  const remember = (change: Partial<Pick<CallerProfile, 'dialect' | 'callerKind'>>) => {
    setTyped(null)
    const before = { dialect, callerKind: profile?.callerKind ?? null }
    const told = { ...before, ...change }
    if (told.dialect === before.dialect && told.callerKind === before.callerKind) return
    seat.callers
      .remember({ numberKey, callId, ...told })
      .catch(error => void message.error(sentenceOf(error)))
  }
  return (
    <div className="caller-profile">
      <label>
        {say('dialect')}
        <AutoComplete
          size="small"
          aria-label={say('dialect')}
          placeholder={say('unknown')}
          maxLength={40}
          value={typed ?? dialect}
          options={dialects
            .filter(name => typed === null || name.includes(typed.trim()))
            .map(name => ({ value: name }))}
          onChange={value => setTyped(value)}
          onSelect={value => remember({ dialect: value })}
          onBlur={() => {
            if (typed !== null) remember({ dialect: typed.trim() })
          }}
        />
      </label>
      {offered !== null && offered !== dialect ? (
        <Button size="small" onClick={() => remember({ dialect: offered })}>
          {say('offered', { dialect: offered })} · {say('remember')}
        </Button>
      ) : null}
      <Segmented
        size="small"
        aria-label={say('kind')}
        value={profile?.callerKind ?? ''}
        options={[
          { value: 'person', label: say('person') },
          { value: 'enterprise', label: say('enterprise') },
        ]}
        onChange={value => {
          if (value === 'person' || value === 'enterprise') remember({ callerKind: value })
        }}
      />
    </div>
  )
}
