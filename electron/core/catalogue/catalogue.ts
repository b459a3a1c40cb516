/** The dispatch catalogue of this seat: read, checked whole, and refused whole when it is not sound. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DispatchCatalogue, dispatchCatalogue, treeFaults } from '../../../shared/domain/catalogue.ts'

const noCatalogue: DispatchCatalogue = {
  version: 'none',
  effectiveAt: '1970-01-01T00:00:00.000Z',
  city: '',
  sample: false,
  categories: [],
  divisions: [],
  directory: [],
}

export type Catalogue = {
  get(): DispatchCatalogue
  version(): string
  knowsCategory(code: string): boolean
  knowsDivision(code: string): boolean
  /** The code and all its ancestors, itself first; empty for an unknown code. */
  category(code: string): string[]
  division(code: string): string[]
}

/** Never throws: without a sound catalogue the seat works with an empty one, and `onFault` is told why. */
export function loadCatalogue(resourcesDir: string, onFault: (faults: string[]) => void): Catalogue {
  let catalogue = noCatalogue
  try {
    const read = dispatchCatalogue.parse(
      JSON.parse(readFileSync(join(resourcesDir, 'catalogue', 'sample.json'), 'utf8')),
    )
    const faults = [...treeFaults(read.categories), ...treeFaults(read.divisions)]
    if (faults.length === 0) catalogue = read
    else onFault(faults)
  } catch (error) {
    onFault([error instanceof Error ? error.message : String(error)])
  }
  const categories = parents(catalogue.categories)
  const divisions = parents(catalogue.divisions)
  return {
    get: () => catalogue,
    version: () => catalogue.version,
    knowsCategory: code => categories.has(code),
    knowsDivision: code => divisions.has(code),
    category: code => path(categories, code),
    division: code => path(divisions, code),
  }
}

const parents = (nodes: { code: string; parentCode: string | null }[]) =>
  new Map(nodes.map(({ code, parentCode }) => [code, parentCode]))

function path(tree: Map<string, string | null>, code: string): string[] {
  const found: string[] = []
  let at: string | null = tree.has(code) ? code : null
  while (at !== null && found.length < 8) {
    found.push(at)
    at = tree.get(at) ?? null
  }
  return found
}
