/**
 * The controls of a case's form, each bound to one field of whatever is being filled in, so that a key press redraws only
 * itself. Where the values live is the source's business: a draft on the desk, or a filed case that is being changed.
 */
import { Cascader, Checkbox, Input, Radio } from 'antd'
import { createContext, useContext, useMemo, useSyncExternalStore } from 'react'
import type { CaseFields } from '../../shared/domain/case.ts'
import { useCatalogue } from '../bridge/bridge-context.tsx'
import { CategoryPicker } from './CategoryPicker.tsx'
import { codePath, optionTree, pathMatches, type TreeNode } from './code-tree.ts'
import { OverLimit } from './OverLimit.tsx'

export type FieldSource = {
  /** Tells this form's controls from those of another form on the page. */
  formId: string
  subscribe(listener: () => void): () => void
  fields(): CaseFields | undefined
  edit(patch: Partial<CaseFields>): void
}

const SourceContext = createContext<FieldSource | null>(null)
export const FieldSourceProvider = SourceContext.Provider

function useSource(): FieldSource {
  const source = useContext(SourceContext)
  if (source === null) throw new Error('a case field outside FieldSourceProvider')
  return source
}

/** All of the form's fields, for what is made of several of them. */
export function useFormFields(): CaseFields | undefined {
  const { subscribe, fields } = useSource()
  return useSyncExternalStore(subscribe, fields)
}

export const useFormEdit = (): FieldSource['edit'] => useSource().edit

function useField<K extends keyof CaseFields>(name: K) {
  const { formId, subscribe, fields, edit } = useSource()
  const value = useSyncExternalStore(subscribe, () => fields()?.[name])
  return { id: fieldId(formId, name), value, edit }
}

export const useFormId = (): string => useSource().formId

export const useFieldValue = <K extends keyof CaseFields>(name: K) => useField(name).value

type TextField = {
  [K in keyof CaseFields]: CaseFields[K] extends string ? (string extends CaseFields[K] ? K : never) : never
}[keyof CaseFields]
type FieldProps<K> = { name: K; label: string; hint?: string; required?: boolean }

export const fieldId = (formId: string, name: string): string => `case-${formId}-${name}`

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
  const { name } = props
  const { id, value, edit } = useField(name)
  return (
    <div className={`field field-${name}`}>
      <Label htmlFor={id} text={props.label} required={props.required} />
      <Input
        id={id}
        value={value ?? ''}
        placeholder={props.hint}
        autoComplete="off"
        aria-required={props.required ?? false}
        className={props.numeric === true ? 'numeric' : ''}
        aria-invalid={(value ?? '').length > props.max}
        onChange={event => edit({ [name]: event.target.value })}
      />
      <OverLimit text={value ?? ''} max={props.max} />
    </div>
  )
}

export function LongInput(props: FieldProps<TextField> & { max: number; rows: number }) {
  const { name } = props
  const { id, value, edit } = useField(name)
  return (
    <div className={`field field-${name}`}>
      <Label htmlFor={id} text={props.label} required={props.required} />
      <Input.TextArea
        id={id}
        value={value ?? ''}
        placeholder={props.hint}
        rows={props.rows}
        autoComplete="off"
        aria-required={props.required ?? false}
        aria-invalid={(value ?? '').length > props.max}
        onChange={event => edit({ [name]: event.target.value })}
      />
      <OverLimit text={value ?? ''} max={props.max} />
    </div>
  )
}

export function Choice<K extends 'kind' | 'urgency' | 'gender' | 'callerKind' | 'handling'>(
  props: FieldProps<K> & {
    options: readonly { value: NonNullable<CaseFields[K]>; label: string }[]
  },
) {
  const { name } = props
  const { id, value, edit } = useField(name)
  return (
    <div className={`field field-${name}`}>
      <Label id={`${id}-label`} text={props.label} required={props.required} />
      <Radio.Group
        id={id}
        aria-labelledby={`${id}-label`}
        value={value}
        optionType="button"
        buttonStyle="solid"
        onChange={event => edit({ [name]: event.target.value as CaseFields[K] })}
      >
        {props.options.map(option => (
          <Radio.Button key={option.value} value={option.value}>
            {option.label}
          </Radio.Button>
        ))}
      </Radio.Group>
    </div>
  )
}

export function Tick({ name, label }: FieldProps<'confidential' | 'replyWanted'>) {
  const { value, edit } = useField(name)
  return (
    <Checkbox checked={value ?? false} onChange={event => edit({ [name]: event.target.checked })}>
      {label}
    </Checkbox>
  )
}

const noCodes: { code: string; name: string; parentCode: string | null }[] = []

export function CategoryField(props: FieldProps<'categoryCode'>) {
  const { id, value = '', edit } = useField(props.name)
  return (
    <div className="field field-categoryCode">
      <Label htmlFor={id} text={props.label} required={props.required} />
      <CategoryPicker
        id={id}
        value={value}
        hint={props.hint}
        onChange={categoryCode => edit({ categoryCode })}
      />
    </div>
  )
}

export function DivisionField(props: FieldProps<'divisionCode'>) {
  const { name } = props
  const { id, value = '', edit } = useField(name)
  const catalogue = useCatalogue().data
  const flat = catalogue?.divisions ?? noCodes
  const options = useMemo(() => optionTree(flat), [flat])
  return (
    <div className={`field field-${name}`}>
      <Label htmlFor={id} text={props.label} required={props.required} />
      <Cascader<TreeNode>
        id={id}
        value={codePath(flat, value)}
        options={options}
        changeOnSelect
        expandTrigger="hover"
        placeholder={props.hint}
        allowClear
        showSearch={{ filter: pathMatches, limit: 30 }}
        displayRender={labels => labels.join(' / ')}
        onChange={path => edit({ [name]: (path as string[] | undefined)?.at(-1) ?? '' })}
      />
    </div>
  )
}
