/** The sequence model of addresses: learned from labelled ones, for a city that has them. The seat itself splits by rules. */
import { addressFeatures, addToLexicon, type Lexicon } from './address-features.ts'
import { type LabelledAddress, spansOf } from './bio.ts'
import { trainCrf } from './crf-training.ts'
import { likelyFields } from './likely-fields.ts'

export type AddressModel = { label(tokens: string[]): string[] }

function addWords(lexicon: Lexicon, { tokens, labels }: LabelledAddress): Lexicon {
  for (const { label, from, to } of spansOf(labels))
    addToLexicon(lexicon, tokens.slice(from, to).join(''), label)
  return lexicon
}

export function trainAddressModel(addresses: LabelledAddress[], random: () => number): AddressModel {
  const lexicon: Lexicon = new Map()
  for (const address of addresses) addWords(lexicon, address)
  const sequences = addresses.map(address => ({
    features: addressFeatures(address.tokens, lexicon, addWords(new Map(), address)),
    labels: address.labels,
  }))
  const crf = trainCrf(sequences, {
    sweeps: 3,
    rate: 0.1,
    dropped: 0.3,
    leastCount: 2,
    random,
  })
  return { label: tokens => likelyFields(crf, addressFeatures(tokens, lexicon)) }
}
