/** What every part of the core is given: time, randomness and log come from outside, so that tests decide them. */
import type { Logger } from 'pino'
import type { SeatEvent } from '../../shared/contract/seat.ts'

export type Clock = {
  /** Milliseconds since the epoch. */
  now(): number
  /** Runs once after `ms`; returns what cancels it. */
  after(ms: number, run: () => void): () => void
}

export type Random = {
  bytes(count: number): Uint8Array
  uuid(): string
}

export type CoreContext = {
  clock: Clock
  random: Random
  log: Logger
  publish(event: Exclude<SeatEvent, { type: 'status' }>): void
}

export const isoNow = (clock: Pick<Clock, 'now'>): string => new Date(clock.now()).toISOString()
