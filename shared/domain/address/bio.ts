/** Labelled addresses, one token a line with its BIO label, an empty line between two: read, and compared by their fields. */

export type LabelledAddress = { tokens: string[]; labels: string[] }
export type AddressSpan = { label: string; from: number; to: number }

/** Throws a sentence with the number of the first line that cannot be read. */
export function parseBio(text: string): LabelledAddress[] {
  const found: LabelledAddress[] = []
  let current: LabelledAddress = { tokens: [], labels: [] }
  const end = () => {
    if (current.tokens.length > 0) found.push(current)
    current = { tokens: [], labels: [] }
  }
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') {
      end()
      continue
    }
    const [token, label, ...rest] = line.trim().split(/\s+/)
    if (token === undefined || label === undefined || rest.length > 0 || !/^(O|[BI]-\w+)$/.test(label))
      throw new Error(`line ${at + 1} is not a token and a label`)
    current.tokens.push(token)
    // The same field is written with either case in one file.
    current.labels.push(label === 'O' ? label : label.slice(0, 2) + label.slice(2).toLowerCase())
  }
  end()
  return found
}

export function spansOf(labels: string[]): AddressSpan[] {
  const spans: AddressSpan[] = []
  for (const [at, label] of labels.entries()) {
    const last = spans.at(-1)
    if (label === 'O') continue
    const name = label.slice(2)
    if (label.startsWith('I-') && last?.label === name && last.to === at) last.to = at + 1
    else spans.push({ label: name, from: at, to: at + 1 })
  }
  return spans
}

export type FieldScores = { f1: number; precision: number; recall: number }

/** A field counts when its label, its beginning and its end are all right. */
export function fieldF1(pairs: { told: string[]; right: string[] }[]): FieldScores {
  let both = 0
  let told = 0
  let right = 0
  const key = ({ label, from, to }: AddressSpan) => `${label} ${from} ${to}`
  for (const pair of pairs) {
    const expected = new Set(spansOf(pair.right).map(key))
    const found = spansOf(pair.told).map(key)
    told += found.length
    right += expected.size
    both += found.filter(span => expected.has(span)).length
  }
  const precision = told === 0 ? 0 : both / told
  const recall = right === 0 ? 0 : both / right
  return { precision, recall, f1: both === 0 ? 0 : (2 * precision * recall) / (precision + recall) }
}

/** The fields of the form that an address is split into. */
export const addressField = ['division', 'road', 'number', 'place'] as const
export type AddressField = (typeof addressField)[number]

const fieldOfLabel: Record<string, AddressField> = {
  country: 'division',
  prov: 'division',
  city: 'division',
  district: 'division',
  town: 'division',
  devzone: 'division',
  community: 'division',
  road: 'road',
  subroad: 'road',
  roadno: 'number',
  subroadno: 'number',
  houseno: 'number',
  cellno: 'number',
  floorno: 'number',
  roomno: 'number',
  poi: 'place',
  subpoi: 'place',
}

/** BIO labels of the form's fields: neighbours of one field are one, what belongs in none is O. */
export function formLabels(labels: string[]): string[] {
  const fields = labels.map(label => fieldOfLabel[label.slice(2)] ?? null)
  // 3-2-501 is one number: the marks between its pieces have a label of their own.
  const joined = fields.map((field, at) => {
    const [before, after] = [fields[at - 1], fields[at + 1]]
    const mark = labels[at] === 'B-redundant' && before === 'number' && after === 'number'
    return mark ? 'number' : field
  })
  return bioOf(joined)
}

export const bioOf = (fields: (AddressField | null)[]): string[] =>
  fields.map((field, at) => (field === null ? 'O' : `${fields[at - 1] === field ? 'I' : 'B'}-${field}`))
