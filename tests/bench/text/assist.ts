/**
 * `npm run bench:assist`: the drafts of the form on real messages. By five folds with near duplicates kept together, or with
 * `--test FILE` trained on all of cases-train.jsonl and asked about that file.
 */
import { readExamples } from '../../../shared/domain/assist/examples.ts'
import { decodeModel, encodeModel } from '../../../shared/domain/assist/model-file.ts'
import { createProposer } from '../../../shared/domain/assist/text-model.ts'
import { qualityOf, trainTextModel } from '../../../shared/domain/assist/train-model.ts'
import { seededRandom } from '../../../shared/domain/seeded-random.ts'
import { asked, benchText, fileText } from './data.ts'

const examples = readExamples(benchText('cases-train.jsonl'))
const { model, quality } = trainTextModel(examples, seededRandom(7), line => console.error(line))
const bytes = encodeModel(model)
const proposer = createProposer(decodeModel(bytes))

const tested = asked.test === undefined ? examples : readExamples(fileText(asked.test))
const classes = decodeModel(bytes).heads.find(({ name }) => name === 'category')?.classes ?? []
const timed = tested.slice(0, 500)
for (const example of timed.slice(0, 50)) proposer.propose(example, 'category', 3)
const began = performance.now()
for (const example of timed) proposer.propose(example, 'category', 3)
const ms = (performance.now() - began) / Math.max(timed.length, 1)

const known = quality['category']
if (known === undefined) throw new Error('nothing was learned')
let result = known
if (asked.test === undefined)
  console.log(`five folds, near duplicates in one fold, ${known.examples} messages`)
else {
  const right = tested.map(({ answers }) => classes.indexOf(answers['category'] ?? ''))
  const orders = tested.map(example =>
    proposer.propose(example, 'category', classes.length).map(({ value }) => classes.indexOf(value)),
  )
  result = qualityOf(orders, right, classes.length)
  console.log(`trained on ${examples.length} messages, asked about ${tested.length}`)
}
console.log(`macro-F1 ${result.macroF1.toFixed(4)}`)
console.log(`top-3 ${result.top3.toFixed(4)}`)
console.log(`bytes ${bytes.length}`)
console.log(`ms ${ms.toFixed(2)}`)
