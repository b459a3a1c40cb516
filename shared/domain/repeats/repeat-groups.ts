/**
 * Groups cases of one matter as they come in: each is compared with earlier ones only, joins the group that it is most like, or
 * begins its own. A case that is very like two groups shows that they are one.
 */
import {
  type CaseWords,
  createRarity,
  likeness,
  type Profile,
  profileOf,
  type Rarity,
  sharedWords,
} from './likeness.ts'

export type StreamCase = CaseWords & { id: string; user: string; at: number }

export type RepeatGroup<Case extends StreamCase = StreamCase> = {
  cases: Case[]
  /** What most of them say, in words of the newest. */
  words: string[]
  people: number
  days: number
  heat: number
}

const joins = 0.155
const unites = 0.2
const candidatesCompared = 40
/** A piece that stands in more cases than this, and in more than a twentieth, finds nothing. */
const commonHolders = 30
const commonShare = 0.05
const dayMs = 86_400_000
/** A matter that nobody has written about for so long has cooled by half. */
const halfLifeDays = 90

/** Numbers of the cases that hold rare pieces of a text, the likeliest first. */
function createCandidates(rarity: Rarity) {
  const holders = new Map<string, number[]>()
  return {
    add(at: number, pieces: Iterable<string>) {
      for (const piece of pieces) {
        const list = holders.get(piece)
        if (list === undefined) holders.set(piece, [at])
        else list.push(at)
      }
    },
    find({ whole, title }: Profile, known: number): number[] {
      const scores = new Map<number, number>()
      for (const piece of whole.index.keys()) {
        const list = holders.get(piece)
        if (list === undefined || list.length > Math.max(commonHolders, known * commonShare)) continue
        const weight = rarity.of(piece) ** 2 * (title.index.has(piece) ? 2 : 1)
        for (const at of list) scores.set(at, (scores.get(at) ?? 0) + weight)
      }
      return [...scores]
        .sort((one, other) => other[1] - one[1])
        .slice(0, candidatesCompared)
        .map(([at]) => at)
    },
  }
}

/** Half from the likest case, half from the likest three: one chance likeness does not chain two matters together. */
function likenessToGroup(likest: number[], size: number): number {
  const sorted = likest.toSorted((one, other) => other - one)
  const counted = Math.min(3, size)
  const sum = sorted.slice(0, counted).reduce((total, value) => total + value, 0)
  return 0.5 * (sorted[0] ?? 0) + (0.5 * sum) / counted
}

export function createRepeatGroups<Case extends StreamCase>() {
  const rarity = createRarity()
  const candidates = createCandidates(rarity)
  const cases: Case[] = []
  const profiles: Profile[] = []
  const groupOf: number[] = []
  const members = new Map<number, number[]>()

  const unite = (into: number, from: number) => {
    const moved = members.get(from) ?? []
    for (const at of moved) groupOf[at] = into
    members.set(into, [...(members.get(into) ?? []), ...moved])
    members.delete(from)
  }

  const described = (list: number[]): RepeatGroup<Case> => {
    const ordered = list.toSorted((one, other) => one - other)
    const own = ordered.map(at => cases[at] as Case)
    const newest = ordered.at(-1) as number
    const counts = new Map<string, number>()
    for (const at of ordered)
      if (at !== newest)
        for (const word of sharedWords(profiles[newest] as Profile, profiles[at] as Profile, rarity))
          counts.set(word, (counts.get(word) ?? 0) + 1)
    const people = new Set(own.map(({ user }) => user)).size
    const last = own.at(-1)?.at ?? 0
    const days = Math.round((last - (own[0]?.at ?? 0)) / dayMs) + 1
    const cooled = 0.5 ** (((cases.at(-1)?.at ?? last) - last) / dayMs / halfLifeDays)
    return {
      cases: own,
      words: [...counts]
        .sort((one, other) => other[1] - one[1] || other[0].length - one[0].length)
        .slice(0, 3)
        .map(([word]) => word),
      people,
      days,
      // Many people weigh more than one who writes often; a burst more than the same number over years.
      heat: (people + 0.3 * (own.length - people)) * (1 + 1 / Math.log2(days + 2)) * cooled,
    }
  }

  return {
    /** In the order of time. Returns the earlier cases of the same matter. */
    add(one: Case): Case[] {
      const at = cases.length
      const profile = profileOf(one)
      const byGroup = new Map<number, number[]>()
      for (const other of candidates.find(profile, at)) {
        const alike = likeness(profile, profiles[other] as Profile, rarity)
        if (alike < joins / 2) continue
        const group = groupOf[other] as number
        byGroup.set(group, [...(byGroup.get(group) ?? []), alike])
      }
      const [best, ...others] = [...byGroup]
        .map(([group, likest]) => ({
          group,
          alike: likenessToGroup(likest, members.get(group)?.length ?? 1),
        }))
        .sort((a, b) => b.alike - a.alike)
      const own = best !== undefined && best.alike >= joins ? best.group : at
      const earlier = members.get(own) ?? []
      members.set(own, [...earlier, at])
      cases.push(one)
      profiles.push(profile)
      groupOf.push(own)
      if (own !== at) for (const { group, alike } of others) if (alike >= unites) unite(own, group)
      rarity.add(profile.whole.index.keys())
      candidates.add(at, profile.whole.index.keys())
      return earlier.map(number => cases[number] as Case)
    },
    /** The hottest first. */
    groups: (least: number): RepeatGroup<Case>[] =>
      [...members.values()]
        .filter(list => list.length >= least)
        .map(described)
        .sort((one, other) => other.heat - one.heat),
  }
}
