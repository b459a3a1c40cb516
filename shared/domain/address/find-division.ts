/** Which of the city's divisions a text names: the deepest of those it names, the longest name among equals. */
import { foldLooks } from '../fold-text.ts'
import type { KnownDivision } from './split-address.ts'

export type DivisionNode = KnownDivision & { parentCode: string | null }

const readCharacters = 4_000

export function findDivision(
  text: string,
  divisions: readonly DivisionNode[],
): { code: string; name: string } | null {
  const read = foldLooks(text.slice(0, readCharacters))
  const parents = new Map(divisions.map(({ code, parentCode }) => [code, parentCode]))
  const depth = (code: string): number => {
    let steps = 0
    // A circle in the tree ends as well: no city has more levels than this.
    for (let at = parents.get(code) ?? null; at !== null && steps < 10; at = parents.get(at) ?? null)
      steps += 1
    return steps
  }
  let best: { code: string; name: string; depth: number } | null = null
  for (const { code, name } of divisions) {
    if (name.length < 2 || !read.includes(foldLooks(name))) continue
    const own = { code, name, depth: depth(code) }
    if (
      best === null ||
      own.depth > best.depth ||
      (own.depth === best.depth && own.name.length > best.name.length)
    )
      best = own
  }
  return best === null ? null : { code: best.code, name: best.name }
}
