// Builds page, preload, main, core and loopback shell into out/. What has not changed since the last build is left alone.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const stampFile = join(root, 'out', '.build.json')

const common = [
  'shared',
  'package-lock.json',
  'package.json',
  'scripts/build.mjs',
  'scripts/phone-metadata.ts',
]
const parts = {
  page: ['renderer', 'vite.page.config.ts', 'scripts/library-css.mjs', ...common],
  core: ['electron', 'vite.node.config.ts', ...common],
  loopback: ['electron', 'vite.node.config.ts', ...common],
  main: ['electron', 'vite.node.config.ts', ...common],
  preload: ['electron', 'vite.node.config.ts', ...common],
}

const digests = new Map()
/** Of a file, or of a folder and all that is in it; null: there is no such thing. Read once, whatever it is a part of. */
function digestOf(path) {
  const known = digests.get(path)
  if (known !== undefined) return known
  const full = join(root, path)
  const sum = createHash('sha256')
  const isThere = existsSync(full)
  if (isThere && path.includes('.')) sum.update(readFileSync(full))
  else if (isThere)
    for (const entry of readdirSync(full, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1)))
      sum.update(`${entry.name}\n${digestOf(`${path}/${entry.name}`)}\n`)
  const digest = isThere ? sum.digest('hex') : null
  digests.set(path, digest)
  return digest
}
const hash = paths =>
  createHash('sha256')
    .update(JSON.stringify(paths.map(path => [path, digestOf(path)])))
    .digest('hex')

// The page's libraries are made for work, or several times slower, by this and not by the build's mode. Whoever starts a seat may have
// set it: a test runner does.
const environment = process.env.NODE_ENV
process.env.NODE_ENV = 'production'
let built = false
const before = existsSync(stampFile) ? JSON.parse(readFileSync(stampFile, 'utf8')) : {}
const now = {}
for (const [name, inputs] of Object.entries(parts)) {
  now[name] = hash(inputs)
  if (before[name] === now[name] && existsSync(join(root, 'out', name))) continue
  console.error(`build: ${name}`)
  built = true
  // Loaded only when there is something to build: a start with nothing to build should not wait for it.
  const { build } = await import('vite')
  const configFile = join(root, name === 'page' ? 'vite.page.config.ts' : 'vite.node.config.ts')
  await build({ configFile, mode: name === 'page' ? 'production' : name, logLevel: 'error' })
}
if (environment === undefined) delete process.env.NODE_ENV
else process.env.NODE_ENV = environment
// What lies outside the installed program's archive is checked against these, which lie in it.
const digestFile = join(root, 'out', 'main', 'core-digests.json')
if (built || !existsSync(digestFile)) {
  const { digestCore } = await import('../electron/core-host/core-digests.ts')
  writeFileSync(digestFile, `${JSON.stringify(digestCore(root), null, 2)}\n`)
}
mkdirSync(join(root, 'out'), { recursive: true })
// Others may be reading it: seats that start beside this one.
if (JSON.stringify(now) !== JSON.stringify(before))
  writeFileSync(stampFile, `${JSON.stringify(now, null, 2)}\n`)
