/** How unsent items are told apart and how the centre's state is told. Pure. */
import type { SyncStatus, UnsentItem } from '../../../shared/contract/seat.ts'

/** Fewer than this and a shift may run out of official numbers. */
const fewNumbers = 20

export type NumbersLeft = 'none' | 'out' | 'low' | 'enough'
export function numbersLeft(count: number | null): NumbersLeft {
  if (count === null) return 'none'
  if (count <= 0) return 'out'
  return count < fewNumbers ? 'low' : 'enough'
}

/** What wants a decision first, each part with the oldest first. `beyond`: how many the core did not list. */
export function arrange(items: readonly UnsentItem[], status: Pick<SyncStatus, 'waiting' | 'parked'>) {
  const parked = items.filter(item => item.state === 'parked')
  const waiting = items.filter(item => item.state !== 'parked')
  return {
    parked,
    waiting,
    beyond: Math.max(0, status.waiting + status.parked - items.length),
  }
}

/** Per cent of a catch-up, never 100 while something is left. */
export function catchUpPercent({ done, remaining }: { done: number; remaining: number }): number {
  const all = done + remaining
  if (all <= 0) return 100
  return remaining > 0 ? Math.min(99, Math.floor((done / all) * 100)) : 100
}

/** Unchanged text beyond this many characters beside a change is left out. */
const besideChange = 24

/** What of `to` differs from `from`, with a little of what stands around it; a change far down a long text is seen at once. */
export function changedPart(from: string, to: string): { before: string; changed: string; after: string } {
  const [a, b] = [Array.from(from), Array.from(to)]
  const shorter = Math.min(a.length, b.length)
  let head = 0
  while (head < shorter && a[head] === b[head]) head += 1
  let tail = 0
  while (tail < shorter - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1
  const before = b.slice(0, head)
  const after = b.slice(b.length - tail)
  return {
    before: before.length > besideChange ? `…${before.slice(-besideChange).join('')}` : before.join(''),
    changed: b.slice(head, b.length - tail).join(''),
    after: after.length > besideChange ? `${after.slice(0, besideChange).join('')}…` : after.join(''),
  }
}

export type Choices = Readonly<Record<string, 'mine' | 'theirs'>>

/** Which own values stand and which are given up; `undecided` must be nought before anything is told to the core. */
export function decide(fields: readonly string[], choices: Choices) {
  const of = (choice: 'mine' | 'theirs') => fields.filter(field => choices[field] === choice)
  const mine = of('mine')
  const givenUp = of('theirs')
  return { mine, givenUp, undecided: fields.length - mine.length - givenUp.length }
}
