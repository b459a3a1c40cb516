/**
 * What the core is made of lies outside the archive that the program's own integrity check covers. The build writes the digest of each
 * file into the archive, and the shell compares them before it starts a core: a byte that was changed, or a file that was added, runs
 * nowhere.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/** By the path below the folder, with `/`. */
export type CoreDigests = Record<string, string>

export const bindingFolder = 'node_modules/better-sqlite3-multiple-ciphers'
const coreFolder = 'out/core'

/** A packager takes scripts and notes out of a package.json: what counts is what Node reads of it. */
function digestOf(file: string): string {
  const content = readFileSync(file)
  const sum = createHash('sha256')
  if (basename(file) !== 'package.json') return sum.update(content).digest('base64')
  const { name, type, main, exports, imports } = JSON.parse(content.toString('utf8')) as Record<
    string,
    unknown
  >
  return sum.update(JSON.stringify([name, type, main, exports, imports])).digest('base64')
}

function filesBelow(folder: string, path = ''): string[] {
  return readdirSync(join(folder, path), { withFileTypes: true }).flatMap(entry => {
    const below = path === '' ? entry.name : `${path}/${entry.name}`
    return entry.isDirectory() ? filesBelow(folder, below) : [below]
  })
}

/** Of a built program: `root` holds out/ and node_modules/. What the binding was compiled from is not shipped. */
export function digestCore(root: string): CoreDigests {
  const shipped = [coreFolder, bindingFolder].flatMap(folder => filesBelow(root, folder))
  return Object.fromEntries(
    shipped
      .filter(path => !/^[^/]+\/[^/]+\/(deps|src)\//.test(path))
      .map(path => [path, digestOf(join(root, path))]),
  )
}

/**
 * What is wrong with the unpacked core in `folder`, as a sentence, or null. On macOS signing writes into the binding itself, which the
 * system checks instead.
 */
export function coreFault(folder: string, digests: CoreDigests, platform: NodeJS.Platform): string | null {
  for (const path of filesBelow(folder)) {
    const expected = digests[path]
    if (expected === undefined) return `${path} does not belong to this program`
    if (platform === 'darwin' && path.endsWith('.node')) continue
    let actual: string | null = null
    try {
      actual = digestOf(join(folder, path))
    } catch {
      // It cannot be read, or is no JSON any more.
    }
    if (actual !== expected) return `${path} was changed`
  }
  const missing = Object.keys(digests).find(
    path => path.startsWith(`${coreFolder}/`) && !existsSync(join(folder, path)),
  )
  return missing === undefined ? null : `${missing} is missing`
}
