/** The form's controls, each bound to one field of one draft, so that a key press redraws only itself. */
import { Cascader, Checkbox, Input, Radio } from 'antd'
import { useMemo } from 'react'
import type { CaseFields } from '../../../shared/domain/case.ts'
import { useCatalogue } from '../../bridge/bridge-context.tsx'
import { useDesk, useDraftField } from './desk-context.tsx'

type TextField = {
  [K in keyof CaseFields]: CaseFields[K] extends string ? (string extends CaseFields[K] ? K : never) : never
}[keyof CaseFields]
type FieldProps<K> = { draftId: string; name: K; label: string; hint?: string; required?: boolean }

export const fieldId = (draftId: string, name: string): string => `case-${draftId}-${name}`

function Label(props: { htmlFor?: string; id?: string; text: string; required?: boolean | undefined }) {
  return (
    <label className="field-label" htmlFor={props.htmlFor} id={props.id}>
      {props.text}
      {props.required === true ? (
        <span className="required" aria-hidden="true">
          *
        </span>
      ) : null}
    </label>
  )
}

export function TextInput(props: FieldProps<TextField> & { max: number; numeric?: boolean }) {
  const { draftId, name } = props
  const desk = useDesk()
  const value = useDraftField(draftId, name)
  const id = fieldId(draftId, name)
  return (
    <div className={`field field-${name}`}>
      <Label htmlFor={id} text={props.label} required={props.required} />
      <Input
        id={id}
        value={value ?? ''}
        maxLength={props.max}
        placeholder={props.hint}
        autoComplete="off"
        aria-required={props.required ?? false}
        className={props.numeric === true ? 'numeric' : ''}
        onChange={event => desk.edit(draftId, { [name]: event.target.value })}
      />
    </div>
  )
}

export function LongInput(props: FieldProps<TextField> & { max: number; rows: number }) {
  const { draftId, name } = props
  const desk = useDesk()
  const value = useDraftField(draftId, name)
  const id = fieldId(draftId, name)
  return (
    <div className={`field field-${name}`}>
      <Label htmlFor={id} text={props.label} required={props.required} />
      <Input.TextArea
        id={id}
        value={value ?? ''}
        maxLength={props.max}
        placeholder={props.hint}
        rows={props.rows}
        autoComplete="off"
        aria-required={props.required ?? false}
        onChange={event => desk.edit(draftId, { [name]: event.target.value })}
      />
    </div>
  )
}

export function Choice<K extends 'kind' | 'urgency' | 'gender' | 'callerKind' | 'handling' | 'disposition'>(
  props: FieldProps<K> & {
    options: readonly { value: NonNullable<CaseFields[K]>; label: string; keyName?: string }[]
  },
) {
  const { draftId, name } = props
  const desk = useDesk()
  const value = useDraftField(draftId, name)
  const id = fieldId(draftId, name)
  return (
    <div className={`field field-${name}`}>
      <Label id={`${id}-label`} text={props.label} required={props.required} />
      <Radio.Group
        id={id}
        aria-labelledby={`${id}-label`}
        value={value}
        optionType="button"
        buttonStyle="solid"
        onChange={event => desk.edit(draftId, { [name]: event.target.value as CaseFields[K] })}
      >
        {props.options.map(option => (
          <Radio.Button key={option.value} value={option.value} aria-keyshortcuts={option.keyName}>
            {option.label}
            {option.keyName === undefined ? null : (
              <kbd className="key" aria-hidden="true">
                {option.keyName.replace('Alt+', '')}
              </kbd>
            )}
          </Radio.Button>
        ))}
      </Radio.Group>
    </div>
  )
}

export function Tick({ draftId, name, label }: FieldProps<'confidential' | 'replyWanted'>) {
  const desk = useDesk()
  const value = useDraftField(draftId, name)
  return (
    <Checkbox
      checked={value ?? false}
      onChange={event => desk.edit(draftId, { [name]: event.target.checked })}
    >
      {label}
    </Checkbox>
  )
}

const noCodes: { code: string; name: string; parentCode: string | null }[] = []

type Node = { value: string; label: string; children?: Node[] }

/** A tree of options from flat codes. Order as given. */
export function optionTree(
  flat: readonly { code: string; name: string; parentCode: string | null }[],
): Node[] {
  const children = new Map<string | null, Node[]>()
  const nodes = flat.map(({ code, name, parentCode }) => {
    const node: Node = { value: code, label: name }
    children.set(parentCode, [...(children.get(parentCode) ?? []), node])
    return node
  })
  for (const node of nodes) {
    const own = children.get(node.value)
    if (own !== undefined) node.children = own
  }
  return children.get(null) ?? []
}

/** From the first level to the code itself; empty for an unknown code. */
export function codePath(
  flat: readonly { code: string; parentCode: string | null }[],
  code: string,
): string[] {
  const parents = new Map(flat.map(node => [node.code, node.parentCode]))
  const path: string[] = []
  let at: string | null = parents.has(code) ? code : null
  while (at !== null && path.length < 8) {
    path.unshift(at)
    at = parents.get(at) ?? null
  }
  return path
}

/** Whether a path's names or codes contain what was typed; each word typed must be found. */
export function pathMatches(typed: string, path: readonly { value?: unknown; label?: unknown }[]): boolean {
  const text = path
    .map(({ value, label }) => `${String(label)} ${String(value)}`)
    .join(' ')
    .toLowerCase()
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word))
}

export function CodePicker(props: FieldProps<'categoryCode' | 'divisionCode'>) {
  const { draftId, name } = props
  const desk = useDesk()
  const value = useDraftField(draftId, name) ?? ''
  const catalogue = useCatalogue().data
  const flat = (name === 'categoryCode' ? catalogue?.categories : catalogue?.divisions) ?? noCodes
  const options = useMemo(() => optionTree(flat), [flat])
  const id = fieldId(draftId, name)
  const anyLevel = name === 'divisionCode'
  return (
    <div className={`field field-${name}`}>
      <Label htmlFor={id} text={props.label} required={props.required} />
      <Cascader<Node>
        id={id}
        value={codePath(flat, value)}
        options={options}
        changeOnSelect={anyLevel}
        expandTrigger="hover"
        placeholder={props.hint}
        allowClear
        showSearch={{ filter: pathMatches, limit: 30 }}
        displayRender={labels => labels.join(' / ')}
        onChange={path => desk.edit(draftId, { [name]: (path as string[] | undefined)?.at(-1) ?? '' })}
      />
    </div>
  )
}
