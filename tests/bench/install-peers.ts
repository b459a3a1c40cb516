import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * The programs of a folder with a package and its lock, installed into the user's cache as the lock says and without install
 * scripts: nothing comes from anywhere but the registry. Where they are; null: they cannot be had.
 */
export function installFrom(sources: string, what: string): string | null {
  const lock = readFileSync(join(sources, 'package-lock.json'))
  const version = createHash('sha256').update(lock).digest('hex').slice(0, 16)
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  const folder = join(cache, 'zuoxi-bench-peers', version)
  mkdirSync(folder, { recursive: true })
  for (const name of readdirSync(sources))
    if (/\.(mjs|json)$/.test(name)) cpSync(join(sources, name), join(folder, name))
  const whole = join(folder, 'installed')
  if (existsSync(whole)) return folder
  console.error(`bench: installing ${what} from the registry`)
  const npm = process.env['npm_execpath']
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error']
  const [command, ...before] = npm === undefined ? ['npm'] : [process.execPath, npm]
  const done = spawnSync(command, [...before, ...args], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    timeout: 300_000,
  })
  if (done.status !== 0) {
    rmSync(join(folder, 'node_modules'), { recursive: true, force: true })
    return null
  }
  writeFileSync(whole, '')
  return folder
}
