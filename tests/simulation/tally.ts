/** How often what has happened: a simulation in which something never happens shows nothing of it. */
export class Tally {
  readonly counts = new Map<string, number>()

  count(what: string, times = 1): void {
    if (times > 0) this.counts.set(what, (this.counts.get(what) ?? 0) + times)
  }

  text(): string {
    return [...this.counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([what, times]) => `${what} ${times}`)
      .join(', ')
  }
}
