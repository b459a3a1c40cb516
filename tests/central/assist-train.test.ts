/** `npm run assist:train` as an administrator runs it, and what the centre takes as a model. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { decodeModel } from '../../shared/domain/assist/model-file.ts'
import { assistModelName } from '../../shared/domain/assist/published-model.ts'
import { sampleUrgencyWords, urgencyWordsName } from '../../shared/domain/assist/urgency-words.ts'
import { seededRandom } from '../../shared/domain/seeded-random.ts'
import { madeCases } from '../domain/assist/made-cases.ts'
import { addPeople, databaseFor, startCentre, type TestCentre } from './centre.ts'

const root = join(import.meta.dirname, '..', '..')
/** Categories in a turn that no text has to do with. */
let turn = 1
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zuoxi-train-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const lines = (count: number) =>
  madeCases(count, seededRandom(1))
    .map(({ title, content, answers }) =>
      JSON.stringify({ title, content, categoryCode: answers['category'], kind: answers['kind'] }),
    )
    .join('\n')
const train = (text: string, ...more: string[]) => {
  const [input, output] = [join(folder, 'cases.jsonl'), join(folder, 'model')]
  writeFileSync(input, text)
  const run = spawnSync(
    process.execPath,
    [join(root, 'central', 'assist', 'train.ts'), '--input', input, '--output', output, ...more],
    { encoding: 'utf8', timeout: 60_000 },
  )
  return { status: run.status, said: `${run.stdout}${run.stderr}`, output }
}

describe('training at the centre', () => {
  it('prints how well it did, writes the model, and its publication, and is repeatable', () => {
    const publication = join(folder, 'publication.json')
    const { status, said, output } = train(lines(150), '--publication', publication)
    expect(said).toMatch(/category: 150 cases, macro-F1 0\.\d{4}|macro-F1 1\.0000/)
    expect(status).toBe(0)
    const bytes = readFileSync(output)
    expect(decodeModel(bytes).heads.map(({ name }) => name)).toEqual(['category', 'kind'])
    const content = JSON.parse(readFileSync(publication, 'utf8')) as { model: string }
    expect(Buffer.from(content.model, 'base64').equals(bytes)).toBe(true)
    expect(readFileSync(train(lines(150)).output).equals(bytes)).toBe(true)
  })

  it.each([
    ['a file that is not lines of JSON', 'title,content\n', [], 'line 1 is not JSON'],
    ['too few cases of any two categories', lines(12), [], 'nothing was written'],
    ['a model that does worse than was asked for', lines(60), ['--least', '1.01'], '--least'],
    [
      'cases whose categories have nothing to do with their texts',
      lines(120).replace(/"categoryCode":"[^"]+"/g, () => `"categoryCode":"${(turn = (turn * 7 + 3) % 10)}"`),
      ['--least', '0.9'],
      'the model in use stays',
    ],
  ])('writes nothing for %s', (_, text, more, sentence) => {
    const { status, said } = train(text, ...more)
    expect(said).toContain(sentence)
    expect(status).toBe(1)
    expect(readdirSync(folder)).toEqual(['cases.jsonl'])
  })

  it('says which file cannot be read', () => {
    const run = spawnSync(
      process.execPath,
      [
        join(root, 'central', 'assist', 'train.ts'),
        '--input',
        join(folder, 'none'),
        '--output',
        join(folder, 'model'),
      ],
      { encoding: 'utf8', timeout: 60_000 },
    )
    expect(run.status).toBe(1)
    expect(run.stderr).toContain('none')
    expect(existsSync(join(folder, 'model'))).toBe(false)
  })
})

describe('publishing', () => {
  let centre: TestCentre
  beforeAll(async () => {
    centre = await startCentre(await databaseFor('pglite', null))
    await addPeople(centre)
  })
  afterAll(() => centre.end())

  it('takes a model and urgency words that seats can use, and refuses the rest', async () => {
    const publish = (name: string, version: string, content: unknown) =>
      centre.publications.publish(
        { name, version, effectiveAt: '2026-11-20T00:00:00.000Z', content },
        'p-admin',
      )
    const model = readFileSync(train(lines(80)).output)
    const content = (bytes: Uint8Array) => ({ model: Buffer.from(bytes).toString('base64'), quality: {} })
    for (const bad of [content(model.subarray(0, 999)), content(new Uint8Array(50)), { model: 7 }, null])
      await expect(publish(assistModelName, 'bad', bad)).rejects.toMatchObject({
        code: 'PUBLICATION_INVALID',
      })
    expect(await publish(assistModelName, '1', content(model))).toMatchObject({ version: '1' })
    await expect(publish(urgencyWordsName, 'bad', { words: [{}] })).rejects.toMatchObject({
      code: 'PUBLICATION_INVALID',
    })
    expect(await publish(urgencyWordsName, '1', sampleUrgencyWords)).toMatchObject({ version: '1' })
  })
})
