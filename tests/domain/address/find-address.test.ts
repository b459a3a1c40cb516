import { expect, it } from 'vitest'
import { findAddress } from '../../../shared/domain/address/find-address.ts'

const known = [
  { code: '01', name: '云澜市' },
  { code: '0101', name: '河东区' },
  { code: '010101', name: '河东街道' },
]

it('takes the place out of what a caller tells, in its parts', () => {
  expect(findAddress('来电人说昨晚停水。家住河东街道青石巷12号3单元，请尽快处理', known)).toEqual({
    division: '河东街道',
    road: '青石巷',
    number: '12号3单元',
    place: '',
  })
})

it('a road with a number is enough; the words before it are no part of its name', () => {
  expect(findAddress('路灯不亮，我家住在青石巷12号门口，很暗', known)).toMatchObject({
    division: '',
    road: '青石巷',
    number: '12号',
    place: '门口',
  })
  expect(findAddress('来电反映人民路88号锦绣花园楼下夜宵摊扰民', known)).toMatchObject({
    road: '人民路',
    number: '88号',
    place: '锦绣花园',
  })
})

it('numbers in other digits are numbers of the road', () => {
  expect(findAddress('家住河东区河东大道８８号青石花园，没水', known)).toEqual({
    division: '河东区',
    road: '河东大道',
    number: '８８号',
    place: '青石花园',
  })
})

it.each([
  '走投无路1年了',
  '修路３天了',
  '这条路2公里没有灯',
  '上街3次都没人管',
  '糊弄2年',
  '线路5条全断',
  '人民路5年没修',
  '人民路12路公交车不停',
  '河东区12月3号停水',
  '河东区12月31号停水',
  '离马路3号楼很近',
  '河东区停电3天',
])('%s names no house', text => {
  expect(findAddress(text, known)).toEqual({ division: '', road: '', number: '', place: '' })
})

it.each([
  ['中山路88号漏水', '中山路'],
  ['天马路88号漏水', '天马路'],
  ['枫林一路88号漏水', '枫林一路'],
  ['文昌步行街88号漏水', '文昌步行街'],
])('%s names a house', (text, road) => {
  expect(findAddress(text, known)).toMatchObject({ road, number: '88号' })
})

it('a text that names no place, or a division alone, has none', () => {
  for (const text of ['', '咨询异地就医备案怎么办理', '河东区什么时候供暖', '一路走好，三街坊都知道'])
    expect(findAddress(text, known)).toEqual({ division: '', road: '', number: '', place: '' })
})

it('is in time for typing with the longest content', () => {
  expect(findAddress('这是一段没有地址的话'.repeat(2_000), known).road).toBe('')
})
