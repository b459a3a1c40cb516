// `npm run bench`: each figure beside the bare limit measured in the same run, as a ratio. Figures of one machine; ratios count.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const folder = join(root, 'tests', 'bench')
const asked = process.argv.slice(2)
const run = args => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1

let failed = run([join(root, 'scripts', 'build.mjs')]) !== 0
console.log(`${'what'.padEnd(46)} ${'ours'.padStart(10)} ${'limit'.padStart(10)} ${'ratio'.padStart(7)}  aim`)
for (const name of readdirSync(folder).filter(file => file.endsWith('.bench.ts'))) {
  if (asked.length > 0 && !asked.some(part => name.startsWith(part))) continue
  if (run([join(folder, name)]) !== 0) failed = true
}
process.exit(failed ? 1 : 0)
