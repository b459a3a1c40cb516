/** Cases whose words are as unequally common as real ones: a few in every case, most in a handful. */
import { type CaseFields, emptyCaseFields } from '../../shared/domain/case.ts'
import { seededRandom } from '../../shared/domain/seeded-random.ts'

const vocabulary = 60_000
/** Characters by how common they are in running text, roughly: the words are made of them. */
const characters = 2_500

export function createZipfCases(seed: number) {
  const random = seededRandom(seed)
  const character = () => String.fromCharCode(0x4e00 + Math.floor(random() ** 2.2 * characters) * 8)
  const made = new Set<string>()
  while (made.size < vocabulary) made.add(character() + character() + (random() < 0.25 ? character() : ''))
  const words = [...made]
  /** By Zipf's law: the word of rank r about 1 / r times as often as the first. */
  const word = () => words[Math.floor(vocabulary ** random()) - 1] ?? ''
  const sentence = (length: number) => Array.from({ length }, word).join('')
  return {
    /** Of rank 1 (the commonest) on. */
    word: (rank: number) => words[rank - 1] ?? '',
    fields(): CaseFields {
      return {
        ...emptyCaseFields,
        callerName: character() + character(),
        contactNumber: `1990${String(Math.floor(random() * 10_000_000)).padStart(7, '0')}`,
        title: sentence(7),
        content: Array.from({ length: 8 }, () => sentence(5 + Math.floor(random() * 8))).join('，'),
        kind: 'help',
        place: `${word()}路${1 + Math.floor(random() * 900)}号`,
        categoryCode: `01${String(1 + Math.floor(random() * 30)).padStart(2, '0')}`,
        divisionCode: `9900${String(1 + Math.floor(random() * 12)).padStart(2, '0')}`,
        disposition: 'accept',
      }
    },
  }
}
