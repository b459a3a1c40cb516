/** How the categories are pronounced, for whoever types pinyin. Made when it is first asked for, once for a catalogue. */
import { categoryTree, type DispatchCatalogue } from '../../../shared/domain/catalogue.ts'
import type { CategoryReading } from '../../../shared/domain/category-search.ts'

/** Characters with more readings than this make more combinations than anybody types. */
const mostReadings = 6

export function createReadings(): (catalogue: DispatchCatalogue) => Promise<CategoryReading[]> {
  let made: { of: DispatchCatalogue; readings: Promise<CategoryReading[]> } | null = null
  return catalogue => {
    if (made?.of !== catalogue) made = { of: catalogue, readings: readingsOf(catalogue) }
    return made.readings
  }
}

async function readingsOf({ categories }: DispatchCatalogue): Promise<CategoryReading[]> {
  // A third of a megabyte of tables that a seat without a form needs none of.
  const { pinyin } = await import('pinyin-pro')
  const options = { toneType: 'none', type: 'array', nonZh: 'consecutive', v: true } as const
  const syllables = (text: string) =>
    pinyin(text, options).map(part => part.toLowerCase().replace(/\s+/g, ''))
  /** By words as they are usually read; and each 多音字 by its other readings, since people type what they think of. */
  const spoken = (name: string): string => {
    const usual = syllables(name)
    const ways = new Set([usual.join(' ')])
    for (const [at, letter] of Array.from(name).entries()) {
      if (usual.length !== Array.from(name).length) break
      const others = pinyin(letter, { toneType: 'none', type: 'array', multiple: true, v: true })
      for (const other of new Set(others)) if (other !== usual[at]) ways.add(usual.with(at, other).join(' '))
    }
    return [...ways].slice(0, mostReadings).join('|')
  }
  const tree = categoryTree(categories)
  return categories
    .filter(({ code }) => tree.isLeaf(code))
    .map(({ code, name }) => ({
      code,
      name,
      path: tree
        .path(code)
        .slice(0, -1)
        .map(above => above.name)
        .join(' / '),
      pinyin: spoken(name),
    }))
}
