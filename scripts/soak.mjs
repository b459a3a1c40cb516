// `npm run soak -- --calls 500`: so many calls in a row against a real exchange, with bounds on what they may leave behind.
// `npm run soak -- --heard --calls 300`: so many, none of which may be silent on either side.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const heard = process.argv.includes('--heard')
const at = process.argv.indexOf('--calls')
const calls = Number(at < 0 ? 500 : process.argv[at + 1])
if (!Number.isInteger(calls) || calls < 20) {
  console.error('soak: --calls wants a whole number of at least 20')
  process.exit(2)
}
const run = (command, args, env = {}) =>
  spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }).status ?? 1

const playwright = join(root, 'node_modules', '.bin', 'playwright')
const wrap = ['unshare', ...(process.getuid?.() === 0 ? ['-n'] : ['-rn'])]
const inside = ['sh', '-c', 'ip link set lo up && exec "$@"', 'sh']
const suite = [
  playwright,
  'test',
  '-c',
  'tests/telephony/playwright.config.ts',
  heard ? 'heard.spec.ts' : 'soak.spec.ts',
  '-g',
  'in a row',
]
const [command, ...args] = [...wrap, ...inside, ...suite]
const built = run(process.execPath, [join(root, 'scripts', 'build.mjs')])
process.exit(
  built === 0
    ? run(command, args, { [heard ? 'ZUOXI_HEARD_CALLS' : 'ZUOXI_SOAK_CALLS']: String(calls) })
    : built,
)
