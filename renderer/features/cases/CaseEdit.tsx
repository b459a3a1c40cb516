/**
 * Changing a case that was filed. Only what was changed is sent, with what stood there when the form was opened: somebody
 * else's change of another field is not overwritten, and one of the same field is told as a conflict.
 */
import { useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useEffect, useMemo, useRef, useState } from 'react'
import { createStore } from 'zustand'
import { type CaseDetail, type CaseFields, missingForSubmit } from '../../../shared/domain/case.ts'
import { changesBetween } from '../../../shared/domain/case-merge.ts'
import { useBridge } from '../../bridge/bridge-context.tsx'
import { caseQuery } from '../../ui/CaseReading.tsx'
import { CaseRows } from '../../ui/CaseRows.tsx'
import { type FieldSource, FieldSourceProvider, fieldId } from '../../ui/case-fields.tsx'
import { useFieldWords } from '../../ui/field-words.ts'
import { Key } from '../../ui/Key.tsx'
import { useKeys } from '../../ui/keys.ts'
import { sentenceOf } from '../../ui/text.ts'
import { useCasesText } from './cases-text.ts'

/** `onChanged`: told on every change whether there is anything that closing would lose. */
export function CaseEdit(props: {
  one: CaseDetail
  onChanged(changed: boolean): void
  onSaved(): void
  onCancel(): void
}) {
  const say = useCasesText()
  const field = useFieldWords()
  const { seat } = useBridge()
  const client = useQueryClient()
  const { onChanged } = props
  const { caseId } = props.one
  // As it was when the form was opened, whatever arrives meanwhile.
  const [before] = useState(props.one.fields)
  const [store] = useState(() => createStore<CaseFields>(() => before))
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const requestId = useRef(crypto.randomUUID())
  const formId = `edit-${caseId}`
  const source = useMemo<FieldSource>(
    () => ({
      formId,
      subscribe: store.subscribe,
      fields: store.getState,
      edit: patch => store.setState(patch),
    }),
    [formId, store],
  )
  useEffect(() => document.getElementById(fieldId(formId, 'title'))?.focus(), [formId])
  useEffect(() => {
    const stop = store.subscribe(fields => {
      setProblem(null)
      // Other changes are another request: one that was answered already is not taken for them.
      requestId.current = crypto.randomUUID()
      onChanged(changesBetween(before, fields).length > 0)
    })
    return () => {
      stop()
      onChanged(false)
    }
  }, [store, before, onChanged])

  const save = async () => {
    if (busy) return
    const fields = store.getState()
    const missing = missingForSubmit(fields)
    if (missing.length > 0)
      return setProblem(say('missing', { fields: missing.map(name => field(name)).join('、') }))
    const changes = changesBetween(before, fields)
    if (changes.length === 0) return setProblem(say('unchanged'))
    setBusy(true)
    setProblem(null)
    try {
      client.setQueryData(
        caseQuery(caseId),
        await seat.cases.edit({ caseId, requestId: requestId.current, changes }),
      )
      props.onSaved()
    } catch (error) {
      setProblem(sentenceOf(error))
    } finally {
      setBusy(false)
    }
  }
  useKeys({ 'Ctrl+Enter': () => void save() })
  return (
    <form
      className="case-form case-edit"
      autoComplete="off"
      onSubmit={event => {
        event.preventDefault()
        void save()
      }}
    >
      <FieldSourceProvider value={source}>
        <CaseRows dispositions={null} moreOpen />
      </FieldSourceProvider>
      <div className="case-edit-foot">
        <Button type="primary" htmlType="submit" loading={busy} aria-keyshortcuts="Control+Enter">
          {say('save')}
          <Key>Ctrl+Enter</Key>
        </Button>
        <Button onClick={props.onCancel}>{say('cancel')}</Button>
        <span className="panel-problem" role="alert">
          {problem}
        </span>
      </div>
    </form>
  )
}
