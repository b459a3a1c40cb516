/** What spreadsheets do to cells on the way to a file: mended where it is plain what was meant, told where it is not. */
import { cellText } from '../../shared/domain/spreadsheet-text.ts'

export type CellKind = 'code' | 'list' | 'text'
/** By the name of the field that a column stands for. */
export const cellKind = (field: string): CellKind =>
  /^code$|Code$/.test(field)
    ? 'code'
    : /Units$|^kinds$|^urgencyRules$|^requiredFields$/.test(field)
      ? 'list'
      : 'text'
/** Whether a spreadsheet that takes the cell for a number or a date spoils it. */
export const holdsCodes = (field: string): boolean => /^code$|Code$|Units$/.test(field)

const invisible = /[\p{Cf}\u115f\u1160\u3164\uffa0]/gu
const ignorable = /\p{Default_Ignorable_Code_Point}/gu
const breaks = /[^\S\n\r\u0085\u2028\u2029]*[\n\r\v\f\u0085\u2028\u2029]+\s*/g
const chinese = /[\p{Script=Han}\p{P}\u3000-\u30ff\uff00-\uffef]/u

/** Without what nobody sees; a line break within a name (Alt+Enter) only wraps it. In a list it parts two entries. */
export function cleanCell(raw: string, kind: CellKind): string {
  const text = cellText(
    raw.replace(breaks, (_all, at: number, whole: string) => {
      if (kind !== 'text') return kind === 'list' ? ' ' : ''
      const behind = whole.slice(at).trimStart()
      return chinese.test(whole.slice(0, at).at(-1) ?? '') || chinese.test(behind.at(0) ?? '') ? '' : ' '
    }),
  ).replace(invisible, '')
  if (kind !== 'code') return text.trim()
  // An apostrophe says “text” to a spreadsheet.
  return text
    .normalize('NFKC')
    .replace(ignorable, '')
    .trim()
    .replace(/^'(?=[\dA-Za-z])/, '')
}

const months = '(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*'
const asNumber = /^-?\d(?:\.\d+)?E[+-]\d+$|^-?\d\.\d+E\d+$|^\d{3,}\.0+$/i
const withThousands = /^\d{1,3}(?:,\d{3})+(?:\.0+)?$/
const asDate = new RegExp(
  `^(?:\\d{4}[-/年]\\d{1,2}[-/月]\\d{1,2}日?|\\d{1,2}月\\d{1,2}日|\\d{1,2}/\\d{1,2}/\\d{2,4}|\\d{1,2}-${months}(?:-\\d{2,4})?|${months}-\\d{2,4})$`,
  'i',
)

/** 1.10101E+11, 110,101, 1月2日: what a spreadsheet made of a code cannot be turned back. */
export function spoiltCode(text: string, kind: CellKind): 'CODE_AS_NUMBER' | 'CODE_AS_DATE' | null {
  const codes = kind === 'list' ? text.split(/[、,，;；\s]+/) : [text]
  if (codes.some(code => asNumber.test(code)) || (kind === 'code' && withThousands.test(text)))
    return 'CODE_AS_NUMBER'
  return codes.some(code => asDate.test(code)) ? 'CODE_AS_DATE' : null
}

/** What a cell shows instead of its value. */
export const isSheetError = (text: string): boolean =>
  /^#(?:N\/A|REF!|NAME\?|VALUE!|DIV\/0!|NUM!|NULL!|SPILL!|CALC!)$|^#{2,}$/.test(text)
