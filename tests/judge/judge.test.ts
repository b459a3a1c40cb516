import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { judgeCase, judgedKinds } from './judges.ts'

const folder = mkdtempSync(join(tmpdir(), 'judge-'))

it.each([
  [{ kind: 'phone', raw: '19900000101', right: { key: '19900000101', notKey: '0999' } }, true],
  [{ kind: 'phone', raw: '19900000101', right: { notKey: '19900000101' } }, false],
  [{ kind: 'plain-text', in: ' 路灯 ', right: '路灯' }, true],
  [{ kind: 'mask', in: '打19900000101', right: { gone: ['0000'] } }, true],
  [{ kind: 'mask', in: '路灯不亮', right: { gone: ['路灯'] } }, false],
  [{ kind: 'time', text: '没有', now: '2026-12-01T00:00:00.000Z', right: '', orNothing: true }, true],
  [{ kind: 'time', text: '没有', now: '2026-12-01T00:00:00.000Z', right: '' }, false],
  [{ kind: 'search', text: '停水', query: '停水', right: true }, true],
  [{ kind: 'outside-file', name: 'a/b.png', headHex: '89', right: 'NAME' }, true],
  [{ kind: 'address', text: '文昌路23号', right: { road: '文昌路' } }, true],
  [
    {
      kind: 'unit-copy',
      fields: { confidential: true, callerName: '赵四海', content: '赵四海报停水' },
      right: { gone: ['赵四海'], stays: ['停水'] },
    },
    true,
  ],
  [{ kind: 'unit-copy', fields: { content: '停水' }, right: { gone: [], stays: ['停电'] } }, false],
])('judges %j', async (one, pass) => {
  expect((await judgeCase(one, folder)).pass).toBe(pass)
})

it('takes the files of a case from beside it, and a value or a refusal for right', async () => {
  writeFileSync(join(folder, 'days.csv'), '日期,名称\n2026-13-45,元旦\n')
  const one = { kind: 'calendar', files: ['days.csv'], right: { orHolidays: ['2026-01-01'] } }
  expect(await judgeCase(one, folder)).toMatchObject({ pass: true })
})

it('a case that cannot be judged fails with a sentence', async () => {
  expect(await judgeCase({ kind: 'weather' }, folder)).toEqual({
    pass: false,
    got: `unknown kind weather; known are ${judgedKinds.join(', ')}`,
  })
  expect((await judgeCase(null, folder)).pass).toBe(false)
  expect((await judgeCase({ kind: 'mask' }, folder)).got).toMatch(/another shape/)
  const missing = { kind: 'catalogue', files: ['none.csv'], right: {} }
  expect((await judgeCase(missing, folder)).got).toMatch(/ENOENT/)
})
