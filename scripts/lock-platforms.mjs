// After a change of dependencies on a registry that does not carry every platform's build of a tool: names the missing builds in
// package-lock.json, so that `npm ci` accepts it everywhere. They get a version and a platform but no integrity; a machine of
// such a platform fetches them by exact version.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const file = join(import.meta.dirname, '..', 'package-lock.json')
const lock = JSON.parse(readFileSync(file, 'utf8'))
const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32']
const processors = ['arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64']

let added = 0
for (const [path, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  if (path === '') continue
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const place = `node_modules/${name}`
    const words = name.split('/').at(-1).split('-')
    const os = systems.find(system => words.includes(system))
    const cpu = processors.find(processor => words.includes(processor))
    if (place in lock.packages || os === undefined || cpu === undefined || !/^\d/.test(version)) continue
    lock.packages[place] = { version, cpu: [cpu], ...(dev ? { dev } : {}), optional: true, os: [os] }
    added += 1
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`${added} builds of other platforms named`)
