/**
 * 大模型草稿: a summary of the notes, or the reply in politer words, by the city's own language model, where its administrator has
 * turned one on. What leaves is masked and shown first; what comes back is a draft beside the form, until 采用 is pressed.
 */
import { Button } from 'antd'
import { useState } from 'react'
import type { CaseFields } from '../../../shared/domain/case.ts'
import type { KnownValue } from '../../../shared/domain/language-model/mask.ts'
import type { ModelPurpose } from '../../../shared/domain/language-model/request.ts'
import { useBridge, useSettings } from '../../bridge/bridge-context.tsx'
import { useFormEdit, useFormFields } from '../../ui/case-fields.tsx'
import { Key } from '../../ui/Key.tsx'
import { useKeys } from '../../ui/keys.ts'
import { Region } from '../../ui/Region.tsx'
import { sentenceOf } from '../../ui/text.ts'
import { ModelDialog, type Prepared } from './ModelDialog.tsx'
import { useModelText } from './model-text.ts'

type Draft = { purpose: ModelPurpose; text: string; cut: boolean; foreign: string[] }
type Stage =
  | { at: 'none'; problem: string | null }
  | { at: 'asking'; purpose: ModelPurpose; text: string }
  | { at: 'waiting'; requestId: string }
  | { at: 'draft'; draft: Draft }
  | { at: 'taken'; before: Partial<CaseFields> }

const keys: Record<ModelPurpose, string> = { summary: 'Alt+Z', reword: 'Alt+P' }
const longest = { content: 20_000, dispositionNote: 2_000 } as const

/** What is found wherever it stands in the text, since the form has it as what it is. */
const knownOf = (fields: CaseFields): KnownValue[] => [
  { kind: '姓名', value: fields.callerName },
  { kind: '姓名', value: fields.partyName },
  { kind: '单位', value: fields.company },
  { kind: '电话', value: fields.callingNumber },
  { kind: '电话', value: fields.contactNumber },
  { kind: '电话', value: fields.partyPhone },
  { kind: '邮箱', value: fields.email },
  { kind: '地址', value: fields.place },
]

const sourceOf = (fields: CaseFields, purpose: ModelPurpose): string =>
  purpose === 'reword'
    ? fields.dispositionNote
    : [fields.title, fields.content, fields.remarks].filter(text => text.trim() !== '').join('\n')

/** A summary goes before the notes, which stay; a reply takes the place of the one that was sent, which 还原 brings back. */
const takenOf = (fields: CaseFields, { purpose, text }: Draft): Partial<CaseFields> =>
  purpose === 'reword'
    ? { dispositionNote: text }
    : { content: fields.content === '' ? text : `${text}\n原记录：\n${fields.content}` }

const fits = ({ content, dispositionNote }: Partial<CaseFields>): boolean =>
  (content?.length ?? 0) <= longest.content && (dispositionNote?.length ?? 0) <= longest.dispositionNote

export function ModelDrafts({ active }: { active: boolean }) {
  return useSettings().data?.languageModel == null ? null : <Drafts active={active} />
}

function Drafts({ active }: { active: boolean }) {
  const say = useModelText()
  const { seat } = useBridge()
  const fields = useFormFields()
  const edit = useFormEdit()
  const [stage, setStage] = useState<Stage>({ at: 'none', problem: null })
  const begin = (purpose: ModelPurpose) => {
    const text = fields === undefined ? '' : sourceOf(fields, purpose)
    if (text.trim() === '' || stage.at === 'asking' || stage.at === 'waiting') return
    setStage({ at: 'asking', purpose, text })
  }
  const send = async ({ requestId }: Prepared, purpose: ModelPurpose) => {
    setStage({ at: 'waiting', requestId })
    try {
      setStage({ at: 'draft', draft: { purpose, ...(await seat.languageModel.send({ requestId })) } })
    } catch (error) {
      setStage({ at: 'none', problem: sentenceOf(error) })
    }
  }
  const take = (draft: Draft) => {
    if (fields === undefined) return
    const taken = takenOf(fields, draft)
    const { content, dispositionNote } = fields
    edit(taken)
    setStage({ at: 'taken', before: draft.purpose === 'reword' ? { dispositionNote } : { content } })
  }
  useKeys(active ? { [keys.summary]: () => begin('summary'), [keys.reword]: () => begin('reword') } : {})
  if (fields === undefined) return null
  return (
    <Region
      name={say('region')}
      className="model-drafts"
      extra={(['summary', 'reword'] as const).map(purpose => (
        <Button
          key={purpose}
          size="small"
          aria-keyshortcuts={keys[purpose]}
          disabled={sourceOf(fields, purpose).trim() === '' || stage.at === 'waiting'}
          onClick={() => begin(purpose)}
        >
          {say(purpose)}
          <Key>{keys[purpose]}</Key>
        </Button>
      ))}
    >
      {stage.at === 'asking' ? (
        <ModelDialog
          purpose={stage.purpose}
          text={stage.text}
          known={knownOf(fields)}
          onSend={prepared => void send(prepared, stage.purpose)}
          onClose={problem => setStage({ at: 'none', problem })}
        />
      ) : null}
      {stage.at === 'waiting' ? (
        <p className="quiet help-none" role="status">
          {say('waiting')}{' '}
          <Button
            size="small"
            onClick={() => void seat.languageModel.cancel({ requestId: stage.requestId }).catch(() => {})}
          >
            {say('cancel')}
          </Button>
        </p>
      ) : null}
      {stage.at === 'none' ? (
        <p className={stage.problem === null ? 'quiet help-none' : 'panel-problem help-none'} role="status">
          {stage.problem ?? say('hint')}
        </p>
      ) : null}
      {stage.at === 'draft' ? (
        <DraftShown
          draft={stage.draft}
          fits={fits(takenOf(fields, stage.draft))}
          onTake={() => take(stage.draft)}
          onDrop={() => setStage({ at: 'none', problem: null })}
        />
      ) : null}
      {stage.at === 'taken' ? (
        <p className="quiet help-none" role="status">
          {say('taken')}{' '}
          <Button
            size="small"
            onClick={() => {
              edit(stage.before)
              setStage({ at: 'none', problem: null })
            }}
          >
            {say('undo')}
          </Button>
        </p>
      ) : null}
    </Region>
  )
}

function DraftShown(props: { draft: Draft; fits: boolean; onTake(): void; onDrop(): void }) {
  const say = useModelText()
  const { text, cut, foreign } = props.draft
  return (
    <div className="model-draft">
      <section aria-label={say('draft')} className="long-text">
        {text}
      </section>
      {cut ? <p className="quiet">{say('cut')}</p> : null}
      {foreign.length === 0 ? null : (
        <p className="panel-problem">{say('foreign', { list: foreign.join('、') })}</p>
      )}
      {props.fits ? null : <p className="panel-problem">{say('tooLong')}</p>}
      <div className="case-keys">
        <Button size="small" type="primary" disabled={!props.fits} onClick={props.onTake}>
          {say('take')}
        </Button>
        <Button size="small" onClick={props.onDrop}>
          {say('drop')}
        </Button>
        <span className="quiet">{say('check')}</span>
      </div>
    </div>
  )
}
