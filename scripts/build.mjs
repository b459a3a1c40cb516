// Builds page, preload, main, core and loopback shell into out/. What has not changed since the last build is left alone.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const stampFile = join(root, 'out', '.build.json')

const common = ['shared', 'package-lock.json', 'package.json', 'scripts/build.mjs']
const parts = {
  page: ['renderer', 'vite.page.config.ts', ...common],
  core: ['electron', 'vite.node.config.ts', ...common],
  loopback: ['electron', 'vite.node.config.ts', ...common],
  main: ['electron', 'vite.node.config.ts', ...common],
  preload: ['electron', 'vite.node.config.ts', ...common],
}

function hash(paths) {
  const sum = createHash('sha256')
  const add = path => {
    const full = join(root, path)
    if (!existsSync(full)) return
    const entries = path.includes('.') ? null : readdirSync(full, { withFileTypes: true })
    if (entries === null) return void sum.update(path).update(readFileSync(full))
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.isDirectory()) add(`${path}/${entry.name}`)
      else sum.update(`${path}/${entry.name}`).update(readFileSync(join(full, entry.name)))
    }
  }
  for (const path of paths) add(path)
  return sum.digest('hex')
}

// The page's libraries are made for work, or several times slower, by this and not by the build's mode. Whoever starts a seat may have
// set it: a test runner does.
const environment = process.env.NODE_ENV
process.env.NODE_ENV = 'production'
const before = existsSync(stampFile) ? JSON.parse(readFileSync(stampFile, 'utf8')) : {}
const now = {}
for (const [name, inputs] of Object.entries(parts)) {
  now[name] = hash(inputs)
  if (before[name] === now[name] && existsSync(join(root, 'out', name))) continue
  console.error(`build: ${name}`)
  // Loaded only when there is something to build: a start with nothing to build should not wait for it.
  const { build } = await import('vite')
  const configFile = join(root, name === 'page' ? 'vite.page.config.ts' : 'vite.node.config.ts')
  await build({ configFile, mode: name === 'page' ? 'production' : name, logLevel: 'error' })
}
if (environment === undefined) delete process.env.NODE_ENV
else process.env.NODE_ENV = environment
mkdirSync(join(root, 'out'), { recursive: true })
// Others may be reading it: seats that start beside this one.
if (JSON.stringify(now) !== JSON.stringify(before))
  writeFileSync(stampFile, `${JSON.stringify(now, null, 2)}\n`)
