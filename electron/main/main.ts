/** Electron's main process: windows, permissions, notifications, the database key, and the watch over the core. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  app,
  BrowserWindow,
  dialog,
  globalShortcut,
  ipcMain,
  Menu,
  MessageChannelMain,
  Notification,
  powerMonitor,
  protocol,
  safeStorage,
  session,
  utilityProcess,
} from 'electron'
import { type CoreDigests, coreFault } from '../core-host/core-digests.ts'
import { createCoreHost, type Keyring } from '../core-host/core-host.ts'
import { withoutCoreDumps } from '../core-host/no-core-dumps.ts'
import { spawnNodeCore } from '../core-host/node-core.ts'
import { pageFile } from '../core-host/page-files.ts'
import { vouchedFor } from './certificates.ts'
import { numberInArguments, numberOfLink } from './dial-link.ts'
import { guardEverything } from './guards.ts'
import { type ReceivedLaunch, receiveLaunch } from './launch.ts'
import { isInstalled, refusedArgument, undoingVariables } from './packaged-start.ts'
import { isOwnPage, isTrustedSender, pageOrigin } from './rules.ts'
import { utilityCore } from './utility-core.ts'

const installed = isInstalled(app.isPackaged, process.defaultApp)
if (installed) {
  const refused = refusedArgument(process.argv.slice(1), process.platform)
  if (refused !== null) {
    refuseToStart(
      `坐席台不接受启动参数 ${refused}，没有启动。`,
      `an installed seat does not take ${refused}: not started`,
    )
  }
  for (const name of undoingVariables(process.env)) delete process.env[name]
}
process.umask(0o077)
withoutCoreDumps()

const out = join(__dirname, '..')
const resourcesDir = installed ? process.resourcesPath : join(out, '..', 'resources')
/** The archive has no place in which another process could run: the core lies beside it. */
const unpacked = join(out, '..').replace(/app\.asar$/, 'app.asar.unpacked')
const coreEntry = join(unpacked, 'out', 'core', 'main.mjs')
/** Names a Node to run the core in, for runtimes whose own cannot load the SQLite binding. */
const outsideNode = process.env['ZUOXI_CORE_NODE']

protocol.registerSchemesAsPrivileged([
  {
    scheme: 'zuoxi',
    privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true },
  },
])
// As root the sandbox cannot work, and asking for it ends in a loop of crashes. A seat never runs as root; tests do.
if (process.getuid?.() !== 0) app.enableSandbox()
Menu.setApplicationMenu(null)
guardEverything(!installed)

const osKeyring: Keyring = {
  wrap: key => (keyringUsable() ? safeStorage.encryptString(Buffer.from(key).toString('base64')) : null),
  unwrap: wrapped =>
    keyringUsable()
      ? new Uint8Array(Buffer.from(safeStorage.decryptString(Buffer.from(wrapped)), 'base64'))
      : null,
}

/** On Linux without a keyring Electron would "encrypt" with a fixed password: that is no protection and is not used. */
function keyringUsable(): boolean {
  if (!safeStorage.isEncryptionAvailable()) return false
  return process.platform !== 'linux' || safeStorage.getSelectedStorageBackend() !== 'basic_text'
}

async function run({ launch, centre, ready, onShow }: ReceivedLaunch) {
  app.setPath('userData', join(launch.core.dataDir, 'electron'))
  if (!app.requestSingleInstanceLock()) {
    console.error('zuoxi: already open; the open window was brought to the front')
    return app.exit(0)
  }
  await app.whenReady()

  const fault = installed ? faultOfCore() : null
  if (fault !== null) {
    refuseToStart(
      `坐席台的程序文件被改动过（${fault}），没有启动。请管理员重新安装。`,
      `the core was not started: ${fault}; install the program again`,
    )
  }
  const host = createCoreHost({
    start: {
      ...launch.core,
      resourcesDir,
      version: __APP_VERSION__,
      keyMode: launch.demo ? 'demo' : keyringUsable() ? 'keyring' : 'passphrase',
    },
    keyring: osKeyring,
    spawn: () => {
      const fault = installed ? faultOfCore() : null
      if (fault !== null) throw new Error(`${fault}; install the program again`)
      return outsideNode === undefined
        ? utilityCore(() =>
            utilityProcess.fork(coreEntry, [], { serviceName: 'zuoxi-core', stdio: 'inherit' }),
          )
        : spawnNodeCore(outsideNode, coreEntry)
    },
    log: line => console.error(`zuoxi: ${line}`),
  })
  if (launch.core.central === 'expected') void centre.then(found => host.centreFound(found))

  // Kept in memory only: no cache, cookie or page state of a seat is ever written by the browser.
  const ownSession = session.fromPartition('seat')
  ownSession.protocol.handle('zuoxi', async request => {
    const file = isOwnPage(request.url)
      ? await pageFile(join(out, 'page'), new URL(request.url).pathname, host.connectSources)
      : { status: 404, headers: {}, body: '' }
    return new Response(typeof file.body === 'string' ? file.body : new Uint8Array(file.body), {
      status: file.status,
      headers: file.headers,
    })
  })
  ownSession.setCertificateVerifyProc((request, decide) => {
    const chain: string[] = []
    for (let link = request.certificate; link !== undefined && chain.length < 8; link = link.issuerCert) {
      if (chain.at(-1) === link.data) break
      chain.push(link.data)
    }
    // Only what fails for its authority alone is looked at again; −3 leaves it as the system has judged it.
    const unknown = request.verificationResult === 'net::ERR_CERT_AUTHORITY_INVALID'
    decide(unknown && vouchedFor(chain, request.hostname, host.authorities(), Date.now()) ? 0 : -3)
  })

  const window = new BrowserWindow({
    width: 1366,
    height: 820,
    minWidth: 1024,
    minHeight: 640,
    show: false,
    title: '坐席台',
    backgroundColor: '#f5f6f7',
    webPreferences: {
      session: ownSession,
      preload: join(out, 'preload', 'preload.cjs'),
      sandbox: process.getuid?.() !== 0,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      backgroundThrottling: false,
      autoplayPolicy: 'no-user-gesture-required',
      devTools: !installed,
    },
  })
  window.once('ready-to-show', () => window.show())
  const dial = dialLinks(window)
  app.on('second-instance', (_, args) => {
    toFront(window)
    dial(numberInArguments(args.slice(1)))
  })
  app.on('open-url', (event, url) => {
    event.preventDefault()
    toFront(window)
    dial(numberOfLink(url))
  })
  dial(numberInArguments(process.argv.slice(1)))
  onShow(() => toFront(window))

  connectPages(window, host)
  announceCalls(window)
  announceDue(window)
  openAgain(window)
  const resumed = () => tell(window, 'seat:resumed')
  powerMonitor.on('resume', resumed)
  powerMonitor.on('unlock-screen', resumed)
  app.on('window-all-closed', () => app.quit())
  app.on('will-quit', () => host.stop())

  // The window opens while the core does: the page's policy, and with it the page, waits for the core.
  await window.loadURL(`${pageOrigin}/`)
  ready({ type: 'shell-ready', url: `${pageOrigin}/`, pid: process.pid, corePid: host.pid() ?? 0 })
}

/** Before each start of the core: one that was changed on the disk meanwhile does not run either, and the call goes on. */
function faultOfCore(): string | null {
  const digests = JSON.parse(readFileSync(join(__dirname, 'core-digests.json'), 'utf8')) as CoreDigests
  return coreFault(unpacked, digests, process.platform)
}

/** Says so where there is a window to say it in, and on standard error; then this process ends, before anything else is done. */
function refuseToStart(chinese: string, english: string): never {
  console.error(`zuoxi: ${english}`)
  if (process.platform !== 'linux' || app.isReady()) dialog.showErrorBox('坐席台', `${chinese}\n\n${english}`)
  return process.exit(1)
}

/** Each page gets a port to the core that runs now; when that core dies the page is told and asks again. */
function connectPages(window: BrowserWindow, host: ReturnType<typeof createCoreHost>) {
  let waiting = false
  const connect = () => {
    if (window.isDestroyed()) return
    const { port1, port2 } = new MessageChannelMain()
    if (!host.handOver(port2)) {
      const line = host.relay({
        send: frame => port2.postMessage(frame),
        close: () => {
          port2.close()
          if (!window.isDestroyed()) window.webContents.send('core:gone')
        },
      })
      // No core yet: the page's request waits for the next one.
      if (line === null) return connectLater()
      port2.on('message', ({ data }) => {
        if (typeof data === 'string') line.received(data)
      })
      port2.on('close', () => line.closed())
      port2.start()
    }
    window.webContents.postMessage('core:port', null, [port1])
  }
  const connectLater = () => {
    if (waiting) return
    waiting = true
    void host.whenReady().then(() => {
      waiting = false
      connect()
    })
  }
  trusted('core:connect', connect)
  host.onGone(() => {
    if (!window.isDestroyed()) window.webContents.send('core:gone')
  })
}

/** A page whose process died is opened again: it takes its call back. One that dies at each start is left to be seen. */
function openAgain(window: BrowserWindow) {
  const storm = { deaths: 5, withinMs: 60_000 }
  let deaths: number[] = []
  window.webContents.on('render-process-gone', (_, { reason }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return
    deaths = [...deaths, Date.now()].filter(at => at > Date.now() - storm.withinMs)
    console.error(`zuoxi: the page's process ended (${reason})`)
    if (deaths.length < storm.deaths) window.webContents.reload()
  })
}

function tell(window: BrowserWindow, channel: string, argument?: string) {
  if (!window.isDestroyed()) window.webContents.send(channel, argument)
}

/** A number from a link waits until the page listens; it is asked about there, and never dialled from here. */
function dialLinks(window: BrowserWindow) {
  let waiting: string | null = null
  let listens = false
  window.webContents.on('did-start-navigation', details => {
    if (details.isMainFrame && !details.isSameDocument) listens = false
  })
  trusted('page:listens', () => {
    listens = true
    if (waiting !== null) tell(window, 'seat:dial', waiting)
    waiting = null
  })
  return (number: string | null) => {
    if (number === null) return
    if (listens) tell(window, 'seat:dial', number)
    else waiting = number
  }
}

/** Everywhere on the machine, but only while a call rings: they are other programs' keys otherwise. */
const callShortcuts = [
  ['Control+Shift+F2', 'seat:answer'],
  ['Control+Shift+F4', 'seat:decline'],
] as const

function announceCalls(window: BrowserWindow) {
  let shown: Notification | null = null
  const clear = () => {
    shown?.close()
    shown = null
    for (const [key] of callShortcuts) globalShortcut.unregister(key)
    if (!window.isDestroyed()) window.flashFrame(false)
  }
  trusted('call:announce', text => {
    clear()
    for (const [key, channel] of callShortcuts) {
      globalShortcut.register(key, () => {
        toFront(window)
        tell(window, channel)
      })
    }
    if (window.isFocused()) return
    window.flashFrame(true)
    const { title, body, answer, decline } = text as Record<string, unknown>
    if (!Notification.isSupported()) return
    shown = new Notification({
      title: String(title).slice(0, 100),
      body: String(body).slice(0, 200),
      urgency: 'critical',
      // Buttons where the system has them (Windows, macOS); elsewhere a click brings the window to the front.
      actions: [answer, decline].map(label => ({ type: 'button', text: String(label).slice(0, 40) })),
    })
    shown.on('action', (_, index) => {
      if (index === 0) toFront(window)
      tell(window, index === 0 ? 'seat:answer' : 'seat:decline')
    })
    shown.on('click', () => toFront(window))
    shown.show()
  })
  trusted('call:announced', clear)
  window.on('focus', () => {
    shown?.close()
    shown = null
    window.flashFrame(false)
  })
}

/** Callbacks that have come due. One at a time: the newest says how many there are. */
function announceDue(window: BrowserWindow) {
  let shown: Notification | null = null
  const clear = () => {
    shown?.close()
    shown = null
  }
  trusted('due:announce', text => {
    if (window.isFocused() || !Notification.isSupported()) return
    clear()
    const { title, body } = text as Record<string, unknown>
    shown = new Notification({ title: String(title).slice(0, 100), body: String(body).slice(0, 200) })
    shown.on('click', () => toFront(window))
    shown.show()
  })
  window.on('focus', clear)
}

/** Every message to this process is from our own page, or it is refused aloud. */
function trusted(channel: string, handle: (argument: unknown) => void) {
  ipcMain.on(channel, (event, argument: unknown) => {
    if (isTrustedSender(event.senderFrame)) handle(argument)
    else console.error(`zuoxi: refused ${channel} from a frame that is not the seat's page`)
  })
}

function toFront(window: BrowserWindow) {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}

receiveLaunch()
  .then(run)
  .catch((error: unknown) => {
    console.error(`zuoxi: ${error instanceof Error ? error.message : String(error)}`)
    app.exit(1)
  })
