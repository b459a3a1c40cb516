// `npm run check`: everything that a change must pass. All of it runs; any failure fails it. `-- --without-tests` leaves the unit
// tests to whoever runs them next.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const bin = name => join(root, 'node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name)
const steps = [
  ['format', bin('biome'), ['check', '.']],
  ['types', process.execPath, [join(root, 'scripts', 'typecheck.mjs')]],
  ['lint', bin('oxlint'), ['--type-aware', '--deny-warnings']],
  [
    'layers',
    bin('depcruise'),
    ['--config', '.dependency-cruiser.cjs', 'shared', 'renderer', 'electron', 'exchange', 'central'],
  ],
  ['unused', bin('knip'), []],
  ...(process.argv.includes('--without-tests') ? [] : [['unit tests', bin('vitest'), ['run']]]),
]

const failed = []
for (const [name, command, args] of steps) {
  console.log('──', name)
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (status !== 0) failed.push(name)
}
console.log(failed.length === 0 ? 'check: all well' : `check: failed: ${failed.join(', ')}`)
process.exit(failed.length === 0 ? 0 : 1)
