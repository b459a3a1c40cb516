/** How far the feed is behind, for seats and monitors. It is behind while committed changes have no number yet. */
import type { CentralContext } from '../context.ts'
import type { Stamper } from './stamper.ts'

/** A shorter lag is usual under load, and counts as none. */
const toldFromSeconds = 5
/** However many ask, the database is asked once in so long. */
const freshMs = 1_000

/** Whole seconds; null: the feed is not behind. */
export type FeedLag = () => Promise<number | null>

/** Asks the stamper, once a second at most. */
export function createFeedLag({ clock }: CentralContext, stamper: Pick<Stamper, 'lagMs'>): FeedLag {
  let last: { at: number; seconds: Promise<number | null> } | null = null
  const look = async () => {
    const seconds = Math.floor((await stamper.lagMs()) / 1_000)
    return seconds < toldFromSeconds ? null : seconds
  }
  return () => {
    if (last === null || Math.abs(clock.now() - last.at) >= freshMs)
      last = { at: clock.now(), seconds: look() }
    return last.seconds
  }
}
