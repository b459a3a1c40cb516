// Whether Electron can be started here: a display, and its binary, which Electron's own installer fetches when it is missing.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
const folder = join(root, 'node_modules', 'electron')
const probeMs = 5_000

export function hasDisplay() {
  if (process.platform === 'win32' || process.platform === 'darwin') return true
  return Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)
}

/** The binary if it is there. `ELECTRON_OVERRIDE_DIST_PATH` names a folder that has one. */
export function installedElectron() {
  const name =
    { win32: 'electron.exe', darwin: 'Electron.app/Contents/MacOS/Electron' }[process.platform] ?? 'electron'
  const own = process.env.ELECTRON_OVERRIDE_DIST_PATH
  if (own) return existsSync(join(own, name)) ? join(own, name) : null
  try {
    const path = join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8'))
    return existsSync(path) ? path : null
  } catch {
    return null
  }
}

/** Whether the place that Electron is fetched from answers within 5 s. */
function canReachDownload() {
  const proxy = process.env.HTTPS_PROXY ?? process.env.https_proxy
  const mirror = process.env.ELECTRON_MIRROR ?? process.env.npm_config_electron_mirror ?? 'https://github.com'
  let target
  try {
    target = new URL(proxy ?? mirror)
  } catch {
    return Promise.resolve(false)
  }
  const port = Number(target.port) || (target.protocol === 'http:' ? 80 : 443)
  return new Promise(resolve => {
    const socket = connect({ host: target.hostname, port })
    const end = reached => {
      clearTimeout(timer)
      socket.destroy()
      resolve(reached)
    }
    const timer = setTimeout(() => end(false), probeMs)
    socket.on('connect', () => end(true))
    socket.on('error', () => end(false))
  })
}

/** Runs Electron's own installer, with its progress shown, for as long as it needs. */
function install() {
  return new Promise(resolve => {
    const child = spawn(process.execPath, [join(folder, 'install.js')], { stdio: ['ignore', 2, 2] })
    child.on('exit', code => resolve(code === 0))
    child.on('error', () => resolve(false))
  })
}

/** `{path}`, or `{why}`: one sentence that says why there is none. */
export async function findElectron() {
  if (!hasDisplay()) return { why: 'there is no display' }
  const installed = installedElectron()
  if (installed !== null) return { path: installed }
  if (process.env.ELECTRON_OVERRIDE_DIST_PATH) return { why: 'ELECTRON_OVERRIDE_DIST_PATH has no Electron' }
  if (!(await canReachDownload())) {
    return {
      why: 'Electron is not installed and its download cannot be reached (ELECTRON_MIRROR names another place)',
    }
  }
  console.error('zuoxi: downloading Electron once')
  if (!(await install())) return { why: 'the download of Electron failed' }
  const path = installedElectron()
  return path === null ? { why: 'the download of Electron failed' } : { path }
}
