/** One line of `npm run bench`. */
export type Row = { what: string; ours: number; limit: number; unit: string; aim: string }

export function printRow({ what, ours, limit, unit, aim }: Row): void {
  const figure = (value: number) =>
    `${value >= 100 ? value.toFixed(0) : value.toFixed(2)} ${unit}`.padStart(10)
  console.log(
    `${what.padEnd(46)} ${figure(ours)} ${figure(limit)} ${(ours / limit).toFixed(2).padStart(7)}  ${aim}`,
  )
}

/** `share` of 0.5 is the median. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
