/** What every part of the centre is given: time, randomness and log come from outside, so that tests decide them. */
import type { Logger } from 'pino'
import type { Sql } from './storage/sql.ts'

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

export type CentralContext = { sql: Sql; clock: Clock; random: Random; log: Logger }

export const isoNow = (clock: Clock): string => new Date(clock.now()).toISOString()
