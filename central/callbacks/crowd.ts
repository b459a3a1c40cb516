/**
 * What comes while others are at the database goes together, in one transaction and one commit: a crowd of claims costs hardly
 * more than a few, and a single one does not wait.
 */
export type Crowd<T, R> = (item: T) => Promise<R>

type Waiting<T, R> = { item: T; resolve(result: R): void; reject(error: unknown): void }

/** `run` answers in the order of its items. Should it fail for several, each stands for itself. */
export function createCrowd<T, R>(
  run: (items: readonly T[]) => Promise<R[]>,
  { most, atOnce }: { most: number; atOnce: number },
): Crowd<T, R> {
  const waiting: Waiting<T, R>[] = []
  let running = 0

  const together = async (some: readonly Waiting<T, R>[]): Promise<void> => {
    try {
      const results = await run(some.map(({ item }) => item))
      for (const [place, each] of some.entries()) {
        const result = results[place]
        if (result === undefined) each.reject(new Error('a claim was not answered'))
        else each.resolve(result)
      }
    } catch (error) {
      if (some.length === 1) some[0]?.reject(error)
      else for (const each of some) await together([each])
    }
  }

  const next = () => {
    while (running < atOnce && waiting.length > 0) {
      running += 1
      // Shared out, so that all connections have something to do.
      const share = Math.ceil(waiting.length / (atOnce - running + 1))
      void together(waiting.splice(0, Math.min(most, share))).finally(() => {
        running -= 1
        next()
      })
    }
  }

  return item =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      next()
    })
}
