import { expect, it } from 'vitest'
import { titleOf } from '../../shared/domain/case.ts'

it('a case without a title is called by how its content begins, and no number is in that', () => {
  expect(titleOf({ title: '路灯不亮', content: '三天了' })).toBe('路灯不亮')
  expect(titleOf({ title: '  ', content: ' 河堤路 12 号\n门前路灯不亮 ' })).toBe('河堤路 12 号 门前路灯不亮')
  expect(titleOf({ title: '', content: '河堤路十二号门前的三盏路灯已经不亮三天了请尽快修' })).toBe(
    '河堤路十二号门前的三盏路灯已经不亮三天了…',
  )
  expect(titleOf({ title: '', content: '回电１９９ ００００ ０００１即可' })).toBe('回电***即可')
  expect(titleOf({ title: '', content: '𠮷'.repeat(30) })).toBe(`${'𠮷'.repeat(20)}…`)
  expect(titleOf({ title: '', content: '' })).toBe('')
})
