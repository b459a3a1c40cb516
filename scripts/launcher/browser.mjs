// A Chromium or Chrome of this machine, opened as a window of its own that leaves nothing behind.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { hasDisplay } from './electron-runtime.mjs'
import { withChineseNames } from './locale.mjs'

const openerMs = 2 * 60_000

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

/** Whoever is on this machine reads the arguments of all its processes: the address goes by a file that only its owner reads. */
function writeOpener(profile, url) {
  const file = join(profile, 'open.html')
  const target = JSON.stringify(url).replaceAll('<', '\\u003c')
  writeFileSync(
    file,
    `<!doctype html><meta charset="utf-8"><title>坐席台</title><script>location.replace(${target})</script>\n`,
    { mode: 0o600, flag: 'wx' },
  )
  return file
}

/**
 * The keeper process, the browser's pid, and `opened` to call once the address was used; or null when there is no browser or no
 * display.
 */
export async function openBrowser(url, dataDir, switches) {
  const browser = findBrowser()
  if (browser === undefined || !hasDisplay()) return null
  const profile = join(dataDir, 'browser')
  rmSync(profile, { recursive: true, force: true })
  mkdirSync(profile, { recursive: true, mode: 0o700 })
  const opener = writeOpener(profile, url)
  const opened = () => rmSync(opener, { force: true })
  // By then the address is of no use to anybody.
  setTimeout(opened, openerMs).unref()
  const root = process.getuid?.() === 0
  if (root)
    console.error(
      'zuoxi: running as root, so the browser runs without its sandbox; do not do this with real work',
    )
  const args = [
    `--app=${pathToFileURL(opener).href}`,
    `--user-data-dir=${profile}`,
    '--incognito',
    '--no-first-run',
    '--no-default-browser-check',
    '--disable-sync',
    '--disable-background-networking',
    '--disable-component-update',
    // What a page had in its memory is not written down when it crashes.
    '--disable-breakpad',
    '--disable-crash-reporter',
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
  if (pid !== 0) return { keeper, pid, opened }
  opened()
  return null
}
