/**
 * What arrives while others are at work goes together: one transaction, and one wait for the disk, for all of it. Nobody waits
 * for company: while fewer than `lanes` are at work, each begins at once.
 */
export function createGatherer<Item, Result>(parts: {
  lanes: number
  /** Whether the item may go with those before it, which are at least one. What may not goes later, and the first never waits. */
  joins(group: readonly Item[], item: Item): boolean
  /** A result for each, in order. What it throws is thrown to all of them. */
  work(group: readonly Item[]): Promise<readonly Result[]>
}): (item: Item) => Promise<Result> {
  type Waiting = { item: Item; resolve(result: Result): void; reject(error: unknown): void }
  let waiting: Waiting[] = []
  let atWork = 0

  const run = async (group: readonly Waiting[]) => {
    try {
      const results = await parts.work(group.map(({ item }) => item))
      for (const [place, { resolve }] of group.entries()) resolve(results[place] as Result)
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
    atWork -= 1
    begin()
  }

  const begin = () => {
    while (waiting.length > 0 && atWork < parts.lanes) {
      const group: Waiting[] = []
      const items: Item[] = []
      const rest: Waiting[] = []
      for (const each of waiting) {
        const goes = items.length === 0 || parts.joins(items, each.item)
        if (goes) items.push(each.item)
        ;(goes ? group : rest).push(each)
      }
      waiting = rest
      atWork += 1
      void run(group)
    }
  }

  return item =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      begin()
    })
}
