/**
 * 诉求分类 by keyboard: type Chinese, a code, pinyin or its initials, and take the best with Enter. With nothing typed it shows
 * what the operator used last, then everything by its place in the tree.
 */
import { Select } from 'antd'
import { useMemo, useState } from 'react'
import { type CategoryReading, categorySearch } from '../../shared/domain/category-search.ts'
import { rememberedName, useCategoryIndex, useRecentCategories } from './category-index.ts'
import { defineText } from './text.ts'

const useText = defineText('category-picker', {
  recent: ['最近用过', 'Used last'],
  rest: ['其余分类请输入查找', 'Type to find the others'],
  none: ['没有匹配的分类', 'No such category'],
  gone: ['{{name}}（已不在目录中，请重选）', '{{name}} (no longer in the catalogue)'],
})

/** As many as anybody reads; the next letter narrows them. */
const mostFound = 30
/** A list of more than this is browsed by nobody, and costs time with every key that empties the box: its first ones show. */
const mostBrowsed = 400

type Option = { value: string; label: string; path: string }
type Group = { label: string; options: Option[] }

const optionOf = ({ code, name, path }: CategoryReading): Option => ({ value: code, label: name, path })

const shownOption = (option: Option | Group) => (
  <span className="category-option">
    <span className="category-name">{option.label}</span>
    {'path' in option ? (
      <span className="category-path">
        {option.path} <span className="numeric">{option.value}</span>
      </span>
    ) : null}
  </span>
)

export function CategoryPicker(props: {
  id: string
  value: string
  hint?: string | undefined
  onChange(code: string): void
}) {
  const say = useText()
  const index = useCategoryIndex()
  const recent = useRecentCategories()
  const [typed, setTyped] = useState('')
  // Words, not what says them: that is another function with every drawing.
  const [recentWord, restWord] = [say('recent'), say('rest')]
  const byCode = useMemo(() => new Map(index.map(({ reading }) => [reading.code, reading])), [index])
  const search = useMemo(() => categorySearch(index), [index])
  const browsed = useMemo(() => {
    const groups = new Map<string, Option[]>()
    for (const { reading } of index.length > mostBrowsed ? index.slice(0, mostFound) : index) {
      const group = groups.get(reading.path)
      if (group === undefined) groups.set(reading.path, [optionOf(reading)])
      else group.push(optionOf(reading))
    }
    const shown = [...groups].map(([label, options]): Group => ({ label, options }))
    return index.length > mostBrowsed ? [...shown, { label: restWord, options: [] }] : shown
  }, [index, restWord])
  const options = useMemo((): (Option | Group)[] => {
    if (typed.trim() !== '') return search(typed, mostFound).map(optionOf)
    const used = recent.flatMap(code => byCode.get(code) ?? []).map(optionOf)
    // The same value twice in one list is one option to the list.
    const once = new Set(used.map(({ value }) => value))
    const rest = browsed.map(({ label, options: own }) => ({
      label,
      options: own.filter(({ value }) => !once.has(value)),
    }))
    return used.length === 0 ? browsed : [{ label: recentWord, options: used }, ...rest]
  }, [typed, search, recent, byCode, browsed, recentWord])
  const chosen = byCode.get(props.value)
  const gone = props.value !== '' && chosen === undefined && index.length > 0

  return (
    <Select<string, Option | Group>
      id={props.id}
      className="category-picker"
      value={props.value === '' ? null : props.value}
      options={options}
      placeholder={props.hint}
      allowClear
      {...(gone ? { status: 'error' as const } : {})}
      showSearch={{ filterOption: false, onSearch: setTyped, searchValue: typed }}
      notFoundContent={say('none')}
      optionRender={({ data }) => shownOption(data)}
      labelRender={({ value }) =>
        chosen === undefined
          ? gone
            ? say('gone', { name: rememberedName(String(value)) ?? String(value) })
            : String(value)
          : `${chosen.path} / ${chosen.name}`
      }
      onChange={code => {
        setTyped('')
        props.onChange(code ?? '')
      }}
      onOpenChange={open => open || setTyped('')}
    />
  )
}
