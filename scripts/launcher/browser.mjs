// A Chromium or Chrome of this machine, opened as a window of its own that leaves nothing behind.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { hasDisplay } from './electron-runtime.mjs'
import { withChineseNames } from './locale.mjs'

function findBrowser() {
  const { env, platform } = process
  if (env.ZUOXI_CHROMIUM) return env.ZUOXI_CHROMIUM
  if (platform === 'darwin') {
    return ['Google Chrome', 'Chromium', 'Microsoft Edge']
      .map(name => `/Applications/${name}.app/Contents/MacOS/${name}`)
      .find(existsSync)
  }
  if (platform === 'win32') {
    return [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA]
      .filter(Boolean)
      .flatMap(base => [
        join(base, 'Google/Chrome/Application/chrome.exe'),
        join(base, 'Microsoft/Edge/Application/msedge.exe'),
      ])
      .find(existsSync)
  }
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge']
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean)
  return names.flatMap(name => folders.map(folder => join(folder, name))).find(existsSync)
}

/** The keeper process and the browser's pid, or null when there is no browser or no display. */
export async function openBrowser(url, dataDir, switches) {
  const browser = findBrowser()
  if (browser === undefined || !hasDisplay()) return null
  const profile = join(dataDir, 'browser')
  rmSync(profile, { recursive: true, force: true })
  mkdirSync(profile, { recursive: true, mode: 0o700 })
  const root = process.getuid?.() === 0
  if (root)
    console.error(
      'zuoxi: running as root, so the browser runs without its sandbox; do not do this with real work',
    )
  const args = [
    `--app=${url}`,
    `--user-data-dir=${profile}`,
    '--incognito',
    '--no-first-run',
    '--no-default-browser-check',
    '--disable-sync',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-features=Translate',
    '--disable-background-timer-throttling',
    '--disable-backgrounding-occluded-windows',
    '--autoplay-policy=no-user-gesture-required',
    ...(root ? ['--no-sandbox'] : []),
    ...switches,
  ]
  const keeper = spawn(process.execPath, [join(import.meta.dirname, 'keeper.mjs'), browser, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: withChineseNames(process.env),
  })
  keeper.stdin.on('error', () => {})
  const pid = await new Promise(resolve => {
    keeper.stdout.once('data', chunk => resolve(Number(String(chunk).trim())))
    keeper.once('exit', () => resolve(0))
  })
  return pid === 0 ? null : { keeper, pid }
}
