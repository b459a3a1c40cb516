import { expect, it } from 'vitest'
import { entryWords } from '../../renderer/ui/entry-words.ts'
import { isCaseField, shownValue } from '../../renderer/ui/field-words.ts'
import { emptyCaseFields } from '../../shared/domain/case.ts'

const say = {
  field: (key: string) => `field:${key}`,
  words: (key: string) => `words:${key}`,
  catalogue: {
    categories: [
      { code: '01', name: '住房', parentCode: null },
      { code: '0102', name: '物业管理', parentCode: '01' },
    ],
    divisions: [],
  },
}

it('reads every field of a case, empty ones too', () => {
  for (const [name, value] of Object.entries(emptyCaseFields)) {
    if (isCaseField(name)) expect(typeof shownValue(name, value, say)).toBe('string')
  }
  expect(isCaseField('toString')).toBe(false)
})

it('says codes by their names and unknown codes as they are', () => {
  expect(shownValue('urgency', 'urgent', say)).toBe('words:urgency.urgent')
  expect(shownValue('gender', 'female', say)).toBe('field:gender.female')
  expect(shownValue('confidential', true, say)).toBe('field:yes')
  expect(shownValue('categoryCode', '0102', say)).toBe('住房 / 物业管理')
  expect(shownValue('divisionCode', '999', say)).toBe('999')
  expect(shownValue('tags', ['噪音', '夜间'], say)).toBe('噪音、夜间')
  expect(shownValue('kind', null, say)).toBe('')
  expect(shownValue('content', '第一行\n第二行', say)).toBe('第一行\n第二行')
})

it("shows another program's value rather than nothing", () => {
  expect(shownValue('urgency', 'sometime', say)).toBe('sometime')
  expect(shownValue('confidential', 7, say)).toBe('7')
  expect(shownValue('title', undefined, say)).toBe('')
})

it("reads the history: changed fields by their names, a move with its reason, a newer centre's entry as it is", () => {
  const read = (kind: string, detail: string) => entryWords({ kind, detail }, name => `〈${name}〉`)
  expect(read('created', 'accept')).toEqual({ name: 'created', detail: '' })
  expect(read('edited', 'title place other')).toEqual({
    name: 'edited',
    detail: '〈title〉、〈place〉、other',
  })
  expect(read('moved', 'reject 线索 不清')).toEqual({ name: 'moved.reject', detail: '线索 不清' })
  expect(read('moved', 'close')).toEqual({ name: 'moved.close', detail: '' })
  expect(read('moved', 'elsewhere 原因')).toEqual({ name: null, detail: 'elsewhere 原因' })
  expect(read('merged', '与另一单合并')).toEqual({ name: null, detail: '与另一单合并' })
})
