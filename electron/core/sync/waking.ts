/**
 * The centre's stream of events, which only says that there is something to fetch. A proxy that allows no stream at all is asked
 * less and less often; the feed is polled meanwhile.
 */
import { waitAfter } from '../../../shared/domain/reconnect.ts'
import type { CoreContext } from '../context.ts'
import { fractionOf } from './back-off.ts'
import type { CentreLink } from './centre.ts'

/** `ended`: when the stream is asked for again, in milliseconds; whoever does finds out whether the line is cut. */
export function createWaking(parts: {
  clock: CoreContext['clock']
  random: CoreContext['random']
  /** A stream that lasted so long was well. */
  pollMs: number
  /** After that the next one begins within this time. */
  firstMs: number
  woken(): void
  /** A session at this seat may be over. */
  sessionsEnded(): void
  ended(pauseMs: number): void
}) {
  const { clock, pollMs } = parts
  const waits = { firstMs: parts.firstMs, longestMs: 10 * pollMs }
  let stop: (() => void) | null = null
  let shortStreams = 0
  let listenFrom = 0

  const ended = (begun: number) => {
    stop = null
    shortStreams = clock.now() - begun < pollMs ? shortStreams + 1 : 0
    const pauseMs = waitAfter(shortStreams + 1, waits, fractionOf(parts.random))
    listenFrom = clock.now() + pauseMs
    parts.ended(pauseMs)
  }

  return {
    /** Does nothing while it listens already, or did so in vain lately. */
    listen: ({ line, device }: CentreLink) => {
      if (stop !== null || clock.now() < listenFrom) return
      const begun = clock.now()
      let over = false
      stop = () => {
        over = true
      }
      void device.token().then(
        token => {
          if (over) return
          stop = line.listen(
            '/v1/events',
            { authorization: `Bearer ${token}` },
            {
              heard: text => {
                if (text.includes('data: sessions')) parts.sessionsEnded()
                if (text.includes('data:')) parts.woken()
              },
              ended: () => ended(begun),
            },
          )
        },
        () => {
          if (!over) stop = null
        },
      )
    },
    /** The next `listen` does not wait. */
    atOnce: () => {
      listenFrom = 0
    },
    stop: () => {
      stop?.()
      stop = null
    },
  }
}
