import { expect, it } from 'vitest'
import { findDivision } from '../../../shared/domain/address/find-division.ts'

const divisions = [
  { code: '99', name: '云澜市', parentCode: null },
  { code: '9901', name: '河东区', parentCode: '99' },
  { code: '9902', name: '东区', parentCode: '99' },
  { code: '990101', name: '青石街道', parentCode: '9901' },
  { code: 'x', name: '环', parentCode: 'x' },
]

it.each([
  ['云澜市河东区青石街道文昌路23号', '990101'],
  ['在河东区的阳光花园', '9901'],
  ['云澜市的路灯', '99'],
  ['外地', null],
  ['', null],
])('%s', (text, code) => {
  expect(findDivision(text, divisions)?.code ?? null).toBe(code)
})
