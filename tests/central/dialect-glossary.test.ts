/** 方言词汇 as the centre publishes it: one that seats could not use is refused with its row, and what was published stays. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { told } from '../../central/http/requests.ts'
import { dialectGlossaryName } from '../../shared/domain/dialect/glossary.ts'
import { sampleGlossary } from '../../shared/domain/dialect/sample-glossary.ts'
import { log, startCentre, type TestCentre } from './centre.ts'

let centre: TestCentre
beforeAll(async () => {
  centre = await startCentre(null)
})
afterAll(() => centre.end())

const publish = (version: string, content: unknown) =>
  centre.publications.publish(
    { name: dialectGlossaryName, version, effectiveAt: '2026-11-24T01:00:00.000Z', content },
    'p-admin',
  )
const entry = (word: string, normal: string) => ({ word, dialect: '粤语', normal, note: '' })

it('publishes the example; a loop, a repeated word and an empty one are refused, each with its row', async () => {
  await publish('1', sampleGlossary)
  const bad = [
    [[entry('好', '乙'), entry('甲', '丙'), entry('丙', '甲')], '第 2 行“甲”→“丙”绕回自身'],
    [[entry('甲', '乙'), entry('甲', '丙')], '第 2 行与第 1 行重复：粤语“甲”'],
    [[entry('甲', '乙'), entry('', '丙')], '第 2 行的方言词为空、过长或含有不能使用的内容'],
    [[], '词汇表没有内容'],
  ] as const
  for (const [entries, sentence] of bad) {
    const error = await publish('2', { sample: false, entries }).then(
      () => null,
      (refusal: unknown) => refusal,
    )
    expect(error).toMatchObject({ code: 'PUBLICATION_INVALID', sentence })
    expect(told(error, log, 'test')).toMatchObject({ code: 'PUBLICATION_INVALID', message: sentence })
  }
  const listed = (await centre.publications.list()).filter(({ name }) => name === dialectGlossaryName)
  expect(listed.map(({ version }) => version)).toEqual(['1'])
  expect((await centre.publications.get(dialectGlossaryName, '1')).content).toEqual(sampleGlossary)
})
