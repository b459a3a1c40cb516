/** Time and chance of one schedule: events in the order of a virtual clock, and random numbers that a seed decides. */
import { uuidV7 } from '../../electron/core/uuid.ts'

export const beginning = Date.parse('2026-11-24T02:00:00.000Z')

type Event = { at: number; order: number; run: () => unknown }

/** Lets everything that was set going by an event come to its end: nothing at a seat waits for more than promises. */
const settle = () => new Promise<void>(resolve => setImmediate(resolve))

export class Timeline {
  now = beginning
  #events: Event[] = []
  #order = 0

  /** Returns what cancels it. */
  at(ms: number, run: () => unknown): () => void {
    const event = { at: Math.max(ms, this.now), order: this.#order++, run }
    let place = this.#events.length
    while (place > 0 && (this.#events[place - 1]?.at ?? 0) > event.at) place -= 1
    this.#events.splice(place, 0, event)
    return () => {
      const found = this.#events.indexOf(event)
      if (found >= 0) this.#events.splice(found, 1)
    }
  }

  after(ms: number, run: () => unknown): () => void {
    return this.at(this.now + ms, run)
  }

  /** One event after the other, each with all of its consequences, until `ms` later. */
  async run(ms: number): Promise<void> {
    const until = this.now + ms
    await settle()
    for (let [next] = this.#events; next !== undefined && next.at <= until; [next] = this.#events) {
      this.#events.shift()
      this.now = next.at
      await next.run()
      await settle()
    }
    this.now = until
  }
}

export type Chance = {
  bytes(count: number): Uint8Array
  uuid(): string
  /** From 0 up to and without `below`. */
  under(below: number): number
}

/** mulberry32: small, and good enough for latencies and ids. */
export function chanceOf(seed: number, now: () => number): Chance {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const bytes = (count: number) => Uint8Array.from({ length: count }, () => next() & 0xff)
  return { bytes, uuid: () => uuidV7(now(), bytes(10)), under: below => next() % below }
}
