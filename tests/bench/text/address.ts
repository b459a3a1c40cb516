/**
 * `npm run bench:address`: the sequence model of addresses, trained on address/train.bio.txt and asked about dev.bio.txt or
 * `--test FILE`; and the rules that are shipped, which nobody trained, on the same file.
 */
import { trainAddressModel } from '../../../shared/domain/address/address-model.ts'
import { fieldF1, formLabels, parseBio } from '../../../shared/domain/address/bio.ts'
import { splitByRules } from '../../../shared/domain/address/split-address.ts'
import { seededRandom } from '../../../shared/domain/seeded-random.ts'
import { asked, benchText, fileText } from './data.ts'

const taught = parseBio(benchText('address/train.bio.txt'))
const tested = parseBio(asked.test === undefined ? benchText('address/dev.bio.txt') : fileText(asked.test))
const began = performance.now()
const model = trainAddressModel(taught, seededRandom(7))
console.error(`trained in ${Math.round((performance.now() - began) / 1_000)} s`)
const from = performance.now()
const told = tested.map(({ tokens }) => model.label(tokens))
const ms = (performance.now() - from) / Math.max(tested.length, 1)
const pairs = tested.map(({ labels }, at) => ({ told: told[at] ?? [], right: labels }))
const onForm = pairs.map(({ told, right }) => ({ told: formLabels(told), right: formLabels(right) }))
const byRules = tested.map(({ tokens, labels }) => ({
  told: splitByRules(tokens.join('')).labelsOf(tokens),
  right: formLabels(labels),
}))
const all = fieldF1(pairs)
console.log(`trained on ${taught.length} addresses, asked about ${tested.length}`)
console.log(`all labels: precision ${all.precision.toFixed(4)}, recall ${all.recall.toFixed(4)}`)
console.log(`rules, fields of the form F1 ${fieldF1(byRules).f1.toFixed(4)}`)
console.log(`model, fields of the form F1 ${fieldF1(onForm).f1.toFixed(4)}`)
console.log(`field F1 ${all.f1.toFixed(4)}`)
console.log(`ms ${ms.toFixed(2)}`)
