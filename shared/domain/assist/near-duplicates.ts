/**
 * Groups texts that are the same or nearly so, by the smallest hashes of their runs of five characters. A copy of a text in
 * both halves of a test would make a model look better than it is.
 */
import { foldLooks } from '../fold-text.ts'
import type { CaseText } from './text-features.ts'

const runLength = 5
const sketchSize = 40
const commonest = 60
const alike = 0.4

function sketchOf(text: string): number[] {
  const letters = foldLooks(text).replace(/[^\p{L}\p{N}]/gu, '')
  const hashes = new Set<number>()
  for (let at = 0; at + runLength <= letters.length; at += 1) {
    let hash = 0x811c9dc5
    for (let step = 0; step < runLength; step += 1)
      hash = Math.imul(hash ^ letters.charCodeAt(at + step), 0x01000193)
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
    hashes.add((hash ^ (hash >>> 13)) >>> 0)
  }
  return [...hashes].sort((one, other) => one - other).slice(0, sketchSize)
}

/** For each text the number of the group it is in; equal for near duplicates. */
export function groupNearDuplicates(texts: CaseText[]): number[] {
  const parent = texts.map((_, at) => at)
  const find = (of: number): number => {
    let at = of
    while (parent[at] !== at) {
      parent[at] = parent[parent[at] as number] as number
      at = parent[at] as number
    }
    return at
  }
  const join = (one: number, other: number) => {
    parent[find(one)] = find(other)
  }
  const titles = new Map<string, number>()
  const holders = new Map<number, number[]>()
  const sizes: number[] = []
  for (const [at, text] of texts.entries()) {
    const title = text.title.replace(/\s/g, '')
    const same = title.length < 6 ? undefined : titles.get(title)
    if (same === undefined) titles.set(title, at)
    else join(at, same)
    const sketch = sketchOf(text.title + text.content)
    sizes.push(sketch.length)
    const shared = new Map<number, number>()
    for (const hash of sketch) {
      const others = holders.get(hash) ?? []
      if (others.length <= commonest)
        for (const other of others) shared.set(other, (shared.get(other) ?? 0) + 1)
      others.push(at)
      holders.set(hash, others)
    }
    for (const [other, count] of shared)
      if (count >= alike * Math.min(sketch.length, sizes[other] as number)) join(at, other)
  }
  return texts.map((_, at) => find(at))
}

/** A fold for each text, whole groups together, the folds about equally large. */
export function foldsOf(groups: number[], folds: number, random: () => number): number[] {
  const members = new Map<number, number>()
  for (const group of groups) members.set(group, (members.get(group) ?? 0) + 1)
  const order = [...members.keys()]
    .map(group => ({ group, key: random() }))
    .sort((one, other) => one.key - other.key)
  const load = Array.from({ length: folds }, () => 0)
  const chosen = new Map<number, number>()
  for (const { group } of order) {
    const lightest = load.indexOf(Math.min(...load))
    chosen.set(group, lightest)
    load[lightest] = (load[lightest] as number) + (members.get(group) as number)
  }
  return groups.map(group => chosen.get(group) as number)
}
