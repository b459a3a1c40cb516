/** The desk: a tab for each draft, the form of the one in hand, and what has just been filed. */
import { Alert, Button, Popconfirm } from 'antd'
import { type KeyboardEvent, memo, type ReactNode, useEffect, useRef, useState } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { type CaseDetail, type CaseFields, missingForSubmit } from '../../../shared/domain/case.ts'
import { chosen, type DispositionNeed, neededFor } from '../../../shared/domain/disposition-rules.ts'
import { maskNumber } from '../../../shared/domain/phone-number.ts'
import { lookUp } from '../../../shared/domain/transfer-directory.ts'
import { useBridge } from '../../bridge/bridge-context.tsx'
import { type InForce, useDispositions } from '../../bridge/dispositions.ts'
import { usePhone, usePhonePart } from '../../phone/phone-context.tsx'
import { useCase } from '../../ui/CaseReading.tsx'
import { fieldId } from '../../ui/case-fields.tsx'
import { useFieldWords } from '../../ui/field-words.ts'
import { Key } from '../../ui/Key.tsx'
import { type KeyActions, outsideComposition, useKeys } from '../../ui/keys.ts'
import { ProgressCode } from '../../ui/ProgressCode.tsx'
import { Region } from '../../ui/Region.tsx'
import { sentenceOf } from '../../ui/text.ts'
import { CaseForm } from './CaseForm.tsx'
import { useCaseFormText } from './case-form-text.ts'
import { useDesk, useDraft } from './desk-context.tsx'
import { dispositionKeys, dispositions } from './dispositions.ts'
import type { OpenDraft } from './draft-store.ts'

type Props = {
  /** Rises whenever the form should take the keyboard. */
  focus: number
  onNew(): void
  active: boolean
  /** The open form's dispatch, and what is new about its catalogue. */
  dispatch: (draftId: string) => ReactNode
  notice: ReactNode
}

/** Drawn anew for what is typed, not for what the phone does. */
export const CaseDesk = memo(Desk)

function Desk(props: Props) {
  const say = useCaseFormText()
  const field = useFieldWords()
  const desk = useDesk()
  const bridge = useBridge()
  const phone = usePhone()
  const draftIds = desk.use(useShallow(state => state.drafts.map(({ draftId }) => draftId)))
  const activeId = desk.use(state => state.activeId)
  const active = activeId !== null && draftIds.includes(activeId) ? activeId : null
  const inForce = useDispositions().data
  const [lastFiled, setFiled] = useState<{ filed: CaseDetail; beside: string | null } | null>(null)
  // It is about one caller: it goes with the next form.
  const filed = lastFiled?.beside === active ? lastFiled.filed : null
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)
  const tell = (draftId: string, text: string) =>
    setProblem({ draftId, revision: desk.find(draftId)?.revision, text })

  /** What another page of this seat wrote into this form is filed with it. */
  const takeElsewhere = async (draftId: string) => {
    const stored = (await bridge.seat.drafts.list({})).find(draft => draft.draftId === draftId)
    const known = desk.find(draftId)
    if (stored !== undefined && known !== undefined && stored.revision > known.revision) desk.take(stored)
  }

  const submit = async () => {
    if (activeId === null || busy) return
    setBusy(true)
    setProblem(null)
    try {
      // A core that is away says so by refusing the case.
      await takeElsewhere(activeId).catch(() => {})
      const draft = desk.find(activeId)
      if (draft === undefined) return
      const missing = [...missingForSubmit(draft.fields), ...neededOf(draft.fields, inForce)]
      if (missing.length > 0) {
        tell(draft.draftId, say('missing', { fields: missing.map(name => field(name)).join('、') }))
        const first = document.getElementById(fieldId(draft.draftId, missing[0] ?? ''))
        return (first?.matches('input, textarea') === true ? first : first?.querySelector('input'))?.focus()
      }
      const done = await bridge.seat.cases.submit({ draftId: draft.draftId, fields: draft.fields })
      desk.remove(draft.draftId)
      const spoken = phone.snapshot().calls.find(call => call.state === 'talking')
      const next = spoken === undefined ? undefined : desk.ofCall(spoken.callId)
      if (next !== undefined) desk.select(next.draftId)
      setFiled({ filed: done, beside: next?.draftId ?? null })
    } catch (error) {
      tell(activeId, sentenceOf(error))
    } finally {
      setBusy(false)
    }
  }

  const discard = async (draftId: string) => {
    try {
      await bridge.seat.drafts.discard({ draftId })
      desk.remove(draftId)
      setProblem(null)
    } catch (error) {
      tell(draftId, sentenceOf(error))
    }
  }

  /** ← → Home End, as in any row of tabs; the keyboard stays in the row. */
  const chooseByArrow = (event: KeyboardEvent<HTMLDivElement>) => {
    const tabs = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=tab]')]
    const here = tabs.findIndex(tab => tab === document.activeElement)
    const steps: Record<string, number> = {
      ArrowLeft: (here - 1 + tabs.length) % tabs.length,
      ArrowRight: (here + 1) % tabs.length,
      Home: 0,
      End: tabs.length - 1,
    }
    const place = steps[event.key]
    const draftId = place === undefined ? undefined : draftIds[place]
    if (place === undefined || draftId === undefined || here < 0) return
    event.preventDefault()
    tabs[place]?.focus()
    desk.select(draftId)
  }

  const choose: KeyActions = {}
  for (const [index, key] of dispositionKeys.entries()) {
    const disposition = dispositions[index]
    if (disposition !== undefined)
      choose[key] = () => {
        const draft = activeId === null ? undefined : desk.find(activeId)
        return draft !== undefined && desk.edit(draft.draftId, chosen(draft.fields, disposition))
      }
  }
  useKeys(props.active ? { ...choose, 'Ctrl+Enter': () => void submit(), 'Alt+N': props.onNew } : {})

  return (
    <Region
      name={say('region')}
      className="desk"
      extra={
        <Button size="small" onClick={props.onNew} aria-keyshortcuts="Alt+N">
          {say('newCase')}
          <Key>Alt+N</Key>
        </Button>
      }
    >
      {draftIds.length > 0 ? (
        <div
          className="draft-tabs"
          role="tablist"
          aria-label={say('drafts')}
          onKeyDown={outsideComposition(chooseByArrow)}
        >
          {draftIds.map((draftId, place) => (
            <DraftTab
              key={draftId}
              draftId={draftId}
              selected={draftId === activeId}
              reachable={active === null ? place === 0 : draftId === active}
            />
          ))}
        </div>
      ) : null}
      {props.notice}
      {filed === null ? null : (
        <Alert
          className="filed"
          type="success"
          showIcon
          closable={{ closeIcon: true, 'aria-label': say('close') }}
          onClose={() => setFiled(null)}
          title={
            <>
              {say('filed')} <strong className="case-number">{filed.caseNumber}</strong>，{say('filedHint')}
              <FiledCode filed={filed} />
              {filed.related.map(({ kind, caseId, caseNumber }) => (
                <span key={caseId} className="filed-related">
                  {say(kind === 'merged-into' ? 'filedMerged' : 'filedLinked', { number: caseNumber })}
                </span>
              ))}
            </>
          }
        />
      )}
      {active === null ? (
        <div className="blank">
          <p>{say('empty')}</p>
          <p className="quiet">{say('emptyHint')}</p>
        </div>
      ) : (
        <>
          <div className="form-scroll">
            <CaseForm key={active} draftId={active} focus={props.focus} dispatch={props.dispatch} />
          </div>
          <footer className="form-foot">
            <SaveNote draftId={active} />
            <FormProblem draftId={active} problem={problem} />
            <Popconfirm
              title={say('discardAsk')}
              description={say('discardSure')}
              okText={say('discard')}
              cancelText={say('keep')}
              onConfirm={() => void discard(active)}
            >
              <Button>{say('discard')}</Button>
            </Popconfirm>
            <Button
              type="primary"
              loading={busy}
              onClick={() => void submit()}
              aria-keyshortcuts="Control+Enter"
            >
              {say('submit')}
              <Key>Ctrl+Enter</Key>
            </Button>
          </footer>
        </>
      )}
    </Region>
  )
}

/** Beyond what every case needs. Before the rules are here, the core is asked. */
function neededOf(fields: CaseFields, inForce: InForce | undefined): DispositionNeed[] {
  if (inForce === undefined) return []
  const { entry } = lookUp(inForce.directory, fields.handOverNumber, Date.now())
  return neededFor(fields, inForce.rules, entry?.consentWanted ?? false)
}

type Problem = { draftId: string; revision: number | undefined; text: string }

/** What was wrong with the text before is not said of the text after. */
function FormProblem({ draftId, problem }: { draftId: string; problem: Problem | null }) {
  const { revision } = useDraft(draftId) ?? {}
  return (
    <span className="form-problem" role="alert">
      {problem?.draftId === draftId && problem.revision === revision ? problem.text : null}
    </span>
  )
}

type TabProps = {
  selected: boolean
  /** The one tab of the row that the Tab key comes to. */
  reachable: boolean
}

function DraftTab({ draftId, ...rest }: TabProps & { draftId: string }) {
  const draft = useDraft(draftId)
  return draft === undefined ? null : <Tab draft={draft} {...rest} />
}

function Tab({ draft, selected, reachable }: TabProps & { draft: OpenDraft }) {
  const say = useCaseFormText()
  const desk = useDesk()
  const { title, callerName, callingNumber, contactNumber } = draft.fields
  const number = callingNumber === '' ? contactNumber : callingNumber
  const name = title || callerName || (number === '' ? say('newCase') : maskNumber(number))
  const callState = usePhonePart(({ calls }) => calls.find(({ callId }) => callId === draft.callId)?.state)
  const live = callState !== undefined
  const tab = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (selected) tab.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [selected])
  const state = live
    ? say(callState === 'ringing' ? 'callRinging' : 'callOn')
    : draft.callId === null
      ? say('byHand')
      : say('callOver')
  return (
    <button
      type="button"
      ref={tab}
      role="tab"
      tabIndex={reachable ? 0 : -1}
      aria-selected={selected}
      className={`draft-tab ${live ? 'live' : ''}`}
      onClick={event => {
        // The form takes the keyboard.
        event.currentTarget.blur()
        desk.select(draft.draftId)
      }}
    >
      <span className="draft-name">{name}</span>
      <span className="draft-state">{state}</span>
    </button>
  )
}

function SaveNote({ draftId }: { draftId: string }) {
  const say = useCaseFormText()
  const draft = useDraft(draftId)
  if (draft === undefined) return null
  const text =
    draft.saveState === 'refused' ? say('refused', { why: draft.problem ?? '' }) : say(draft.saveState)
  return (
    <span className={`save-note save-${draft.saveState}`} role="status">
      {text}
    </span>
  )
}

/** Read out with the number, while the caller is still there. It comes from the centre a moment after the case is filed. */
function FiledCode({ filed }: { filed: CaseDetail }) {
  const { data } = useCase(filed.caseId)
  return <ProgressCode one={data ?? filed} />
}
