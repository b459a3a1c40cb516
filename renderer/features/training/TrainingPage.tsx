/** 培训: starts calls of simulated citizens, and shows what such a citizen hears. */
import { useQuery } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useState } from 'react'
import type { TrainingScript } from '../../../shared/contract/seat.ts'
import { useBridge } from '../../bridge/bridge-context.tsx'
import { Region } from '../../ui/Region.tsx'
import { defineText, sentenceOf } from '../../ui/text.ts'

const useText = defineText('training', {
  region: ['培训', 'Training'],
  intro: [
    '模拟市民会真的拨打到本坐席：回到工作台接听、对话、填写工单。培训电话只在本机进行。',
    'A simulated citizen really calls this seat: go to the workbench, answer, talk, fill the case. It stays on this machine.',
  ],
  start: ['开始呼叫：{{title}}', 'Start call: {{title}}'],
  from: ['主叫号码', 'Caller number'],
  unavailable: ['培训话务台没有运行', 'The training exchange is not running'],
  retry: ['重试', 'Retry'],
  lines: ['市民会说', 'The citizen says'],
  'state.calling': ['正在呼叫', 'calling'],
  'state.ringing': ['振铃中', 'ringing'],
  'state.talking': ['通话中', 'talking'],
  'state.ended': ['已结束', 'ended'],
  heard: ['市民听到坐席 {{seconds}} 秒', 'the citizen heard the seat for {{seconds}} s'],
  level: ['电平 {{level}} dBFS', 'level {{level}} dBFS'],
})

export function TrainingPage() {
  const say = useText()
  const bridge = useBridge()
  const { data, error, refetch } = useQuery({
    queryKey: ['training'],
    queryFn: () => bridge.seat.training.scripts({}),
    retry: false,
  })
  return (
    <Region name={say('region')} className="page">
      <p className="page-intro">{say('intro')}</p>
      {error === null ? null : (
        <div className="blank" role="alert">
          <p>{sentenceOf(error)}</p>
          <Button onClick={() => void refetch()}>{say('retry')}</Button>
        </div>
      )}
      <div className="scripts">
        {(data ?? []).map(script => (
          <Script key={script.scriptId} script={script} />
        ))}
      </div>
    </Region>
  )
}

function Script({ script }: { script: TrainingScript }) {
  const say = useText()
  const bridge = useBridge()
  const [from, setFrom] = useState(script.from)
  const [callId, setCallId] = useState<string | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const { data: call } = useQuery({
    queryKey: ['training', 'call', callId],
    queryFn: () => bridge.seat.training.call({ callId: callId ?? '' }),
    enabled: callId !== null,
    refetchInterval: query => (query.state.data?.state === 'ended' ? false : 1_000),
  })
  const start = () => {
    setProblem(null)
    bridge.seat.training
      .startCall({ scriptId: script.scriptId, from })
      .then(started => setCallId(started.callId))
      .catch((error: unknown) => setProblem(sentenceOf(error)))
  }
  const state = call?.state
  return (
    <article className="script">
      <h3>{script.title}</h3>
      <p>{script.description}</p>
      <h4>{say('lines')}</h4>
      <ol className="script-lines">
        {script.lines.map(line => (
          <li key={line}>{line}</li>
        ))}
      </ol>
      <div className="script-keys">
        <label htmlFor={`from-${script.scriptId}`}>{say('from')}</label>
        <Input
          id={`from-${script.scriptId}`}
          value={from}
          maxLength={40}
          autoComplete="off"
          className="numeric"
          onChange={event => setFrom(event.target.value)}
        />
        <Button type="primary" aria-label={say('start', { title: script.title })} onClick={start}>
          {say('start', { title: script.title })}
        </Button>
      </div>
      <p className="panel-problem" role="alert">
        {problem}
      </p>
      {call === undefined ? null : (
        <p className="quiet" role="status">
          {state === 'calling' || state === 'ringing' || state === 'talking' || state === 'ended'
            ? say(`state.${state}`)
            : state}{' '}
          · {say('heard', { seconds: call.heardSeconds.toFixed(1) })}
          {call.heardLevelDbfs === null ? '' : ` · ${say('level', { level: call.heardLevelDbfs })}`}
        </p>
      )}
    </article>
  )
}
