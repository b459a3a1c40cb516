/** What would be sent, before it is: masked text, where it goes, and what else shall be masked. Sent by a key of its own. */
import { useQuery } from '@tanstack/react-query'
import { Input, Modal } from 'antd'
import { type KeyboardEvent, useState } from 'react'
import type { KnownValue } from '../../../shared/domain/language-model/mask.ts'
import type { ModelPurpose } from '../../../shared/domain/language-model/request.ts'
import { useBridge } from '../../bridge/bridge-context.tsx'
import { Key } from '../../ui/Key.tsx'
import { outsideComposition, useKeys } from '../../ui/keys.ts'
import { sentenceOf } from '../../ui/text.ts'
import { useModelText } from './model-text.ts'

export type Prepared = { requestId: string; masked: string; hidden: number; host: string; model: string }

/** Beneath it lies the form, which this would submit. */
const keepHere = (event: KeyboardEvent) => {
  if (event.ctrlKey && event.key === 'Enter') event.stopPropagation()
}

export function ModelDialog(props: {
  purpose: ModelPurpose
  text: string
  known: KnownValue[]
  onSend(prepared: Prepared): void
  onClose(problem: string | null): void
}) {
  const say = useModelText()
  const { seat } = useBridge()
  const [more, setMore] = useState('')
  const [marked, setMarked] = useState<string[]>([])
  const known = [...props.known, ...marked.map(value => ({ kind: '其他' as const, value }))]
  const { data, error } = useQuery({
    queryKey: ['language-model', 'prepare', props.purpose, props.text, known],
    queryFn: () => seat.languageModel.prepare({ purpose: props.purpose, text: props.text, known }),
    retry: false,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const send = () => (data === undefined ? false : props.onSend(data))
  useKeys({ 'Alt+S': send })
  return (
    <Modal
      open
      title={`${say(`title.${props.purpose}`)} · ${say('title')}`}
      okText={
        <>
          {say('send')}
          <Key>Alt+S</Key>
        </>
      }
      okButtonProps={{ disabled: data === undefined, 'aria-keyshortcuts': 'Alt+S' }}
      cancelText={say('cancel')}
      wrapProps={{ onKeyDown: outsideComposition(keepHere) }}
      onOk={send}
      onCancel={() => {
        if (data !== undefined) void seat.languageModel.cancel({ requestId: data.requestId }).catch(() => {})
        props.onClose(error === null ? null : sentenceOf(error))
      }}
    >
      <p className="quiet">
        {data === undefined
          ? say('preparing')
          : say('sentTo', { host: data.host, model: data.model, count: data.hidden })}
      </p>
      <section aria-label={say('masked')} className="long-text model-masked">
        {data?.masked ?? ''}
      </section>
      <div className="field">
        <label className="field-label" htmlFor="model-mask-more">
          {say('more')}
        </label>
        <Input
          id="model-mask-more"
          value={more}
          maxLength={60}
          autoComplete="off"
          placeholder={say('moreHint')}
          onChange={event => setMore(event.target.value)}
          onPressEnter={() => {
            const value = more.trim()
            if (value.length < 2) return
            setMarked(before => (before.length < 20 ? [...before, value] : before))
            setMore('')
          }}
        />
      </div>
      <p className="panel-problem" role="alert">
        {error === null ? null : sentenceOf(error)}
      </p>
    </Modal>
  )
}
