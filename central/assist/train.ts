/**
 * `npm run assist:train -- --input cases.jsonl --output model`: learns the drafts of the form from a city's own closed cases,
 * and writes the model only when it did well enough on cases that it had not seen. `--publication FILE` writes it once more as
 * the content to publish under `assist-model`.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { readExamples } from '../../shared/domain/assist/examples.ts'
import { encodeModel } from '../../shared/domain/assist/model-file.ts'
import type { AssistModel } from '../../shared/domain/assist/published-model.ts'
import { type Example, trainTextModel } from '../../shared/domain/assist/train-model.ts'
import { seededRandom } from '../../shared/domain/seeded-random.ts'

const { values } = parseArgs({
  options: {
    input: { type: 'string' },
    output: { type: 'string' },
    publication: { type: 'string' },
    least: { type: 'string', default: '0.6' },
    seed: { type: 'string', default: '7' },
  },
})
const { input, output } = values
const least = Number(values.least)

function end(sentence: string): never {
  console.error(`assist:train: ${sentence}`)
  process.exit(1)
}

if (input === undefined || output === undefined)
  end('--input FILE (cases, one JSON object a line) and --output FILE are needed')
if (!(least >= 0 && least <= 1)) end('--least is a macro-F1 from 0 to 1')

function examplesOf(file: string): Example[] {
  try {
    return readExamples(readFileSync(file, 'utf8'))
  } catch (error) {
    return end(`${file}: ${error instanceof Error ? error.message : 'cannot be read'}`)
  }
}

const examples = examplesOf(input)
const { model, quality } = trainTextModel(examples, seededRandom(Number(values.seed)), line =>
  console.error(line),
)
for (const [name, { examples: count, macroF1, top3 }] of Object.entries(quality))
  console.log(`${name}: ${count} cases, macro-F1 ${macroF1.toFixed(4)}, top-3 ${top3.toFixed(4)}`)
const category = quality['category']
if (category === undefined)
  end('no two categories have ten cases each: there is nothing to learn from, and nothing was written')
if (category.macroF1 < least)
  end(`the category's macro-F1 is below ${least}: the model in use stays, and nothing was written`)
const bytes = encodeModel(model)
/** Whole or not at all: a reader never sees half a file. */
function write(file: string, content: Uint8Array | string): void {
  writeFileSync(`${file}.part`, content)
  renameSync(`${file}.part`, file)
}
write(output, bytes)
if (values.publication !== undefined) {
  const content: AssistModel = { model: Buffer.from(bytes).toString('base64'), quality }
  write(values.publication, JSON.stringify(content))
}
console.log(`bytes ${bytes.length}`)
