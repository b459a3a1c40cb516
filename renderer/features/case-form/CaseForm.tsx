/** One draft's form. */
import { type ReactNode, useEffect, useMemo } from 'react'
import { CaseRows } from '../../ui/CaseRows.tsx'
import { type FieldSource, FieldSourceProvider, fieldId } from '../../ui/case-fields.tsx'
import { DispositionRegion } from './DispositionRegion.tsx'
import { useDesk } from './desk-context.tsx'

const choices = <DispositionRegion />

export function CaseForm({
  draftId,
  focus,
  dispatch,
}: {
  draftId: string
  focus: number
  /** What is made of the form's fields, below them. */
  dispatch: (draftId: string) => ReactNode
}) {
  const desk = useDesk()
  const source = useMemo<FieldSource>(
    () => ({
      formId: draftId,
      subscribe: desk.use.subscribe,
      fields: () => desk.find(draftId)?.fields,
      edit: patch => desk.edit(draftId, patch),
    }),
    [desk, draftId],
  )
  // Asked for by an answered call or a new case, never by a call that only rings; a form that comes late takes no keyboard from
  // whoever is already typing where to transfer the call, or goes along the tabs.
  useEffect(() => {
    if (focus > 0 && document.activeElement?.closest('.transfer-box, [role=tab]') == null)
      document.getElementById(fieldId(draftId, 'title'))?.focus()
  }, [focus, draftId])

  return (
    <form className="case-form" autoComplete="off" onSubmit={event => event.preventDefault()}>
      <FieldSourceProvider value={source}>
        <CaseRows dispositions={choices} />
        {dispatch(draftId)}
      </FieldSourceProvider>
    </form>
  )
}
