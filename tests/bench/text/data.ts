/** Real text to measure with, beside the project when somebody put it there: never part of it. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

/** ZUOXI_BENCH_DATA names another folder. */
const folder =
  process.env['ZUOXI_BENCH_DATA'] ?? join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'data')

/** The text of one of its files. Without the folder there is nothing to measure: says so and ends, without an error. */
export function benchText(name: string): string {
  const file = join(folder, name)
  if (!existsSync(file)) {
    console.log(
      `skipped: there is no ${name} in ../shared/data (or in the folder that ZUOXI_BENCH_DATA names)`,
    )
    process.exit(0)
  }
  return readFileSync(file, 'utf8')
}

export const { values: asked } = parseArgs({
  options: {
    test: { type: 'string' },
    input: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})

/** A file named on the command line; ends with a sentence when it cannot be read. */
export function fileText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    console.error(`cannot read ${file}`)
    process.exit(1)
  }
}

export const jsonLines = (text: string): unknown[] =>
  text
    .split(/\r?\n/)
    .filter(line => line.trim() !== '')
    .map(line => JSON.parse(line) as unknown)
