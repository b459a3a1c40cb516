/**
 * A linear support vector machine with squared hinge loss, trained by dual coordinate descent (Hsieh et al., 2008, the method
 * of LIBLINEAR). Rows are sparse; the last weight is the bias.
 */

/** Rows one after another: row r has the columns and values from `starts[r]` up to `starts[r + 1]`. */
export type SparseRows = {
  starts: Uint32Array
  columns: Uint32Array
  values: Float32Array
  width: number
}

export type SvmOptions = {
  /** The cost of an error, for rows that are of the class and for those that are not. */
  costIn: number
  costOut: number
  sweeps: number
  /** Ends early when the projected gradients of a sweep differ by less. */
  tolerance: number
  random(): number
}

/** `inClass[r]` is 1 for the rows of the class. */
export function trainBinarySvm(rows: SparseRows, inClass: Uint8Array, options: SvmOptions): Float64Array {
  const { starts, columns, values, width } = rows
  const count = inClass.length
  const weights = new Float64Array(width + 1)
  const alpha = new Float64Array(count)
  const diagonal = new Float64Array(count)
  const order = new Uint32Array(count)
  for (let row = 0; row < count; row += 1) {
    let square = 1
    for (let at = starts[row] as number; at < (starts[row + 1] as number); at += 1)
      square += (values[at] as number) ** 2
    diagonal[row] = square + 0.5 / (inClass[row] === 1 ? options.costIn : options.costOut)
    order[row] = row
  }
  for (let sweep = 0; sweep < options.sweeps; sweep += 1) {
    let highest = 0
    for (let left = count - 1; left > 0; left -= 1) {
      const other = Math.floor(options.random() * (left + 1))
      const held = order[left] as number
      order[left] = order[other] as number
      order[other] = held
    }
    for (const row of order) {
      const sign = inClass[row] === 1 ? 1 : -1
      const from = starts[row] as number
      const to = starts[row + 1] as number
      let margin = weights[width] as number
      for (let at = from; at < to; at += 1)
        margin += (weights[columns[at] as number] as number) * (values[at] as number)
      const old = alpha[row] as number
      const gradient = sign * margin - 1 + (old * 0.5) / (sign === 1 ? options.costIn : options.costOut)
      const projected = old === 0 ? Math.min(gradient, 0) : gradient
      highest = Math.max(highest, Math.abs(projected))
      if (projected === 0) continue
      const next = Math.max(old - gradient / (diagonal[row] as number), 0)
      alpha[row] = next
      const step = (next - old) * sign
      if (step === 0) continue
      for (let at = from; at < to; at += 1) {
        const column = columns[at] as number
        weights[column] = (weights[column] as number) + step * (values[at] as number)
      }
      weights[width] = (weights[width] as number) + step
    }
    if (highest < options.tolerance) break
  }
  return weights
}
