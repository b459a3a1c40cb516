// `npm run bench`: each figure beside the bare limit measured in the same run, as a ratio. Figures of one machine; ratios count.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { ownNetwork } from './own-network.mjs'

const root = join(import.meta.dirname, '..')
const folder = join(root, 'tests', 'bench')
const asked = process.argv.slice(2)
const run = (args, wrap = []) => {
  const [command, ...rest] = [...wrap, process.execPath, ...args]
  return spawnSync(command, rest, { cwd: root, stdio: 'inherit' }).status ?? 1
}
const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin']
const lacking = names => names.filter(name => !folders.some(at => existsSync(join(at, name))))
/** Benches that want a real exchange and a network of their own. */
const onExchange = ['kamailio', 'rtpengine', 'baresip', 'unshare', 'ip']

let failed = run([join(root, 'scripts', 'build.mjs')]) !== 0
console.log(`${'what'.padEnd(46)} ${'ours'.padStart(10)} ${'limit'.padStart(10)} ${'ratio'.padStart(7)}  aim`)
for (const name of readdirSync(folder).filter(file => file.endsWith('.bench.ts'))) {
  if (asked.length > 0 && !asked.some(part => name.startsWith(part))) continue
  const wantsExchange = name === 'phone.bench.ts'
  const missing = wantsExchange ? lacking(onExchange) : []
  if (missing.length > 0) console.log(`${name}: skipped: needs ${missing.join(', ')}`)
  else if (run([join(folder, name)], wantsExchange ? ownNetwork : []) !== 0) failed = true
}
process.exit(failed ? 1 : 0)
