/** 知识纠错: what seats say is wrong with an article, and the decision of whoever answers for it. Read from the centre. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Input, Radio } from 'antd'
import { useState } from 'react'
import {
  type Correction,
  type CorrectionState,
  correctionState,
} from '../../../shared/domain/knowledge/correction.ts'
import { useBridge } from '../../bridge/bridge-context.tsx'
import { OverLimit } from '../../ui/OverLimit.tsx'
import { Region } from '../../ui/Region.tsx'
import { defineText, sentenceOf } from '../../ui/text.ts'
import { fullTime } from '../../ui/time.ts'

const useText = defineText('corrections', {
  region: ['知识纠错', 'Corrections'],
  state: ['状态', 'State'],
  open: ['待处理', 'Open'],
  accepted: ['已采纳', 'Accepted'],
  declined: ['不采纳', 'Declined'],
  none: ['没有这样的纠错', 'None'],
  failed: ['读取没有成功：{{why}}', 'Reading failed: {{why}}'],
  retry: ['重试', 'Retry'],
  article: ['《{{title}}》第 {{version}} 版 · {{owner}}', '{{title}}, version {{version}} · {{owner}}'],
  said: ['{{name}} · {{branch}} · {{at}}', '{{name}} · {{branch}} · {{at}}'],
  answer: ['处理说明', 'Answer'],
  accept: ['采纳', 'Accept'],
  decline: ['不采纳', 'Decline'],
  decided: ['{{name}} {{at}}', '{{name}} {{at}}'],
})

const queryKey = ['corrections'] as const

export function CorrectionsPage() {
  const say = useText()
  const { seat } = useBridge()
  const [state, setState] = useState<CorrectionState>('open')
  const { data, error, refetch } = useQuery({
    queryKey: [...queryKey, state],
    queryFn: () => seat.assist.corrections({ state }),
    gcTime: 0,
    retry: false,
  })
  const list = data?.corrections ?? []
  return (
    <div className="page">
      <Region
        name={say('region')}
        className="page cases-page"
        extra={
          <Radio.Group
            aria-label={say('state')}
            size="small"
            optionType="button"
            value={state}
            options={correctionState.options.map(value => ({ value, label: say(value) }))}
            onChange={event => setState(event.target.value as CorrectionState)}
          />
        }
      >
        {error === null ? null : (
          <p className="panel-problem" role="alert">
            {say('failed', { why: sentenceOf(error) })}{' '}
            <Button onClick={() => void refetch()}>{say('retry')}</Button>
          </p>
        )}
        {list.length === 0 ? (
          <p className="blank">{data === undefined ? '' : say('none')}</p>
        ) : (
          <ul className="corrections">
            {list.map(one => (
              <OneCorrection key={one.correctionId} one={one} />
            ))}
          </ul>
        )}
      </Region>
    </div>
  )
}

function OneCorrection({ one }: { one: Correction }) {
  const say = useText()
  const { seat } = useBridge()
  const client = useQueryClient()
  const [answer, setAnswer] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const decide = async (accepted: boolean) => {
    try {
      await seat.assist.decideCorrection({ correctionId: one.correctionId, accepted, answer })
      await client.invalidateQueries({ queryKey })
    } catch (failure) {
      setProblem(sentenceOf(failure))
    }
  }
  return (
    <li aria-label={one.title}>
      <p className="correction-head">
        <strong>{say('article', { title: one.title, version: one.articleVersion, owner: one.owner })}</strong>
        <span className="quiet">
          {say('said', { name: one.operatorName, branch: one.branch, at: fullTime(one.at) })}
        </span>
      </p>
      <p className="long-text">{one.remark}</p>
      {one.state === 'open' ? (
        <div className="correction-keys">
          <Input
            aria-label={say('answer')}
            placeholder={say('answer')}
            value={answer}
            autoComplete="off"
            onChange={event => setAnswer(event.target.value)}
          />
          <OverLimit text={answer} max={500} />
          <Button type="primary" onClick={() => void decide(true)}>
            {say('accept')}
          </Button>
          <Button onClick={() => void decide(false)}>{say('decline')}</Button>
        </div>
      ) : (
        <p className="quiet">
          <span className="tag strong">{say(one.state)}</span>
          {say('decided', {
            name: one.decidedBy ?? '',
            at: one.decidedAt === null ? '' : fullTime(one.decidedAt),
          })}{' '}
          {one.answer}
        </p>
      )}
      <p className="panel-problem" role="alert">
        {problem}
      </p>
    </li>
  )
}
