/**
 * Linear support vector machines with squared hinge loss, one class against the rest, trained by dual coordinate descent
 * (Hsieh et al., 2008, the method of LIBLINEAR). Rows are sparse. Several classes are trained in one pass over the rows, since
 * fetching a row's weights costs more than reckoning with them.
 */

/** Rows one after another: row r has the columns and values from `starts[r]` up to `starts[r + 1]`. */
export type SparseRows = {
  starts: Uint32Array
  columns: Uint32Array
  values: Float32Array
  width: number
}

export type SvmClass = {
  /** 1 for the rows of the class. */
  members: Uint8Array
  /** The cost of an error, for rows that are of the class and for those that are not. */
  costIn: number
  costOut: number
}

export type SvmOptions = {
  sweeps: number
  /** Ends early when no projected gradient of a sweep is larger. */
  tolerance: number
  random(): number
}

export function shuffle(order: Uint32Array, random: () => number): void {
  for (let left = order.length - 1; left > 0; left -= 1) {
    const other = Math.floor(random() * (left + 1))
    const held = order[left] as number
    order[left] = order[other] as number
    order[other] = held
  }
}

/** Column c's weight for class k at `c × classes.length + k`; the last column is the bias. */
export function trainSvms(rows: SparseRows, classes: SvmClass[], options: SvmOptions): Float32Array {
  const { starts, columns, values, width } = rows
  const count = starts.length - 1
  const each = classes.length
  const weights = new Float32Array((width + 1) * each)
  const alpha = new Float64Array(count * each)
  const squares = Float64Array.from({ length: count }, (_, row) =>
    values
      .subarray(starts[row] as number, starts[row + 1] as number)
      .reduce((sum, value) => sum + value * value, 1),
  )
  const order = Uint32Array.from({ length: count }, (_, row) => row)
  const margins = new Float64Array(each)
  const steps = new Float64Array(each)
  for (let sweep = 0; sweep < options.sweeps; sweep += 1) {
    let highest = 0
    shuffle(order, options.random)
    for (const row of order) {
      const from = starts[row] as number
      const to = starts[row + 1] as number
      for (let of = 0; of < each; of += 1) margins[of] = weights[width * each + of] as number
      for (let at = from; at < to; at += 1) {
        const base = (columns[at] as number) * each
        const value = values[at] as number
        for (let of = 0; of < each; of += 1)
          margins[of] = (margins[of] as number) + (weights[base + of] as number) * value
      }
      let moved = false
      for (let of = 0; of < each; of += 1) {
        const { members, costIn, costOut } = classes[of] as SvmClass
        const sign = members[row] === 1 ? 1 : -1
        const slack = 0.5 / (sign === 1 ? costIn : costOut)
        const old = alpha[row * each + of] as number
        const gradient = sign * (margins[of] as number) - 1 + old * slack
        highest = Math.max(highest, Math.abs(old === 0 ? Math.min(gradient, 0) : gradient))
        const next = Math.max(old - gradient / ((squares[row] as number) + slack), 0)
        alpha[row * each + of] = next
        steps[of] = (next - old) * sign
        if (next !== old) moved = true
      }
      if (!moved) continue
      for (let at = from; at < to; at += 1) {
        const base = (columns[at] as number) * each
        const value = values[at] as number
        for (let of = 0; of < each; of += 1)
          weights[base + of] = (weights[base + of] as number) + (steps[of] as number) * value
      }
      for (let of = 0; of < each; of += 1)
        weights[width * each + of] = (weights[width * each + of] as number) + (steps[of] as number)
    }
    if (highest < options.tolerance) break
  }
  return weights
}
