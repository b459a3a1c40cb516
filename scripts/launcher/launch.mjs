// Starts everything, prints the ready line, and ends everything that it started.
import { fork, spawn, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { openBrowser } from './browser.mjs'
import { findElectron } from './electron-runtime.mjs'
import { withChineseNames } from './locale.mjs'
import { readOptions, usage } from './options.mjs'
import { askFirst, beFirst } from './single.mjs'

/** Node cannot set its own limit. Whatever is started from here on has it, too. */
function withoutCoreDumps() {
  if (process.platform === 'linux')
    spawnSync('/usr/bin/prlimit', ['--pid', String(process.pid), '--core=0:0'])
}

const root = join(import.meta.dirname, '..', '..')
/** Keepers of browser windows. One that the operator closes ends nothing else: it can be opened again. */
const windows = []
/** Children whose end is told by whoever waits for them to be ready. */
const awaited = new Set()
const centreReadySeconds = 60
const say = line => console.error(`zuoxi: ${line}`)

export async function launch(argv) {
  let options
  try {
    options = readOptions(argv)
  } catch (error) {
    say(error.message)
    console.error(usage)
    process.exit(2)
  }
  if (options === null) {
    console.log(usage)
    process.exit(0)
  }
  let answer
  try {
    answer = await askFirst(options.dataDir)
  } catch (error) {
    say(error.message)
    process.exit(1)
  }
  if (answer !== null) {
    say(answer)
    process.exit(0)
  }
  try {
    mkdirSync(options.dataDir, { recursive: true, mode: 0o700 })
  } catch (error) {
    say(`the data folder cannot be made: ${error.message}`)
    process.exit(1)
  }

  const children = []
  let ending = false
  const end = code => {
    if (ending) return
    ending = true
    for (const keeper of windows) keeper.stdin.end()
    // The shell first: it ends the core; then the exchange and the centre.
    for (const child of children.toReversed()) {
      if (child.connected) child.disconnect()
      child.stdin?.end()
    }
    const late = setTimeout(() => {
      for (const child of children)
        if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    }, 4_000)
    void Promise.all(
      children.map(
        child =>
          new Promise(resolve =>
            child.exitCode !== null || child.signalCode !== null ? resolve() : child.on('exit', resolve),
          ),
      ),
    ).then(() => {
      clearTimeout(late)
      process.exit(code)
    })
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end(0))
  if (process.env.ZUOXI_OUTER_NODE === '1') {
    process.stdin.on('end', () => end(0))
    process.stdin.resume()
  }
  const keep = (child, name) => {
    children.push(child)
    child.on('error', error => say(`${name}: ${error.message}`))
    child.on('exit', code => {
      if (!ending && !awaited.has(child)) say(`${name} has ended`)
      // The seat works without them, which is what it is for.
      if (name !== 'exchange' && name !== 'the centre') end(code ?? 1)
    })
    child.stdin?.on('error', () => {})
    return child
  }

  // Whatever the seat's processes write is this user's alone, and none leaves its memory on the disk when it crashes. What is built and
  // fetched into the program's own folder is as it was.
  const usual = process.umask(0o077)
  withoutCoreDumps()
  // Begun first: it opens its database while the page is built, the exchange starts and Electron is looked for.
  const starting = options.central ? startCentre(keep, options.dataDir) : Promise.resolve(null)
  process.umask(usual)
  await import('../build.mjs')
  const training = options.training ? await startExchange(keep) : null
  const electron = options.shell === 'loopback' ? { why: null } : await findElectron()
  process.umask(0o077)
  if (electron.path === undefined && electron.why !== null)
    say(`${electron.why}; using the loopback shell instead`)
  const launchMessage = {
    demo: options.demo,
    port: options.port,
    plainAddress: options.plainAddress,
    core: {
      dataDir: options.dataDir,
      policyFile: options.policyFile,
      training: training?.training ?? null,
      central: options.central ? 'expected' : 'none',
    },
  }
  const shell =
    electron.path === undefined
      ? startLoopback(keep, launchMessage, options)
      : startElectron(keep, electron.path, launchMessage, options)
  // The seat opens meanwhile: it is told where the centre is when that is known.
  if (options.central)
    void starting.then(centre =>
      shell.tell({
        type: 'central',
        centre: centre === null ? null : { url: centre.url, enrolmentCode: centre.enrolmentCode },
      }),
    )
  const started = await shell.ready
  const stopListening = beFirst(options.dataDir, started.show)
  process.on('exit', stopListening)
  const centre = await starting
  const line = {
    event: 'ready',
    shell: electron.path === undefined ? 'loopback' : 'electron',
    url: started.url,
    exchange: training?.training.controlUrl ?? null,
    central: centre?.url ?? null,
    pids: {
      launcher: process.pid,
      ...started.pids,
      ...(training === null ? {} : { exchange: training.pid }),
      ...(centre === null ? {} : { central: centre.pid }),
    },
  }
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

function startExchange(keep) {
  const child = keep(
    fork(join(root, 'exchange', 'main.ts'), [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
    'exchange',
  )
  return new Promise(resolve => {
    const failed = () => {
      say('the training exchange did not start; going on without it')
      resolve(null)
    }
    child.once('exit', failed)
    child.once('message', message => {
      child.off('exit', failed)
      resolve({ training: message.training, pid: child.pid })
    })
  })
}

/** Null when it does not start, or is not ready in time: the seat does not wait for a centre for ever. */
function startCentre(keep, dataDir) {
  const folder = join(dataDir, 'central')
  const args = ['--demo', '--data-dir', folder, '--port', '0', '--log-level', 'warn']
  const child = keep(
    fork(join(root, 'central', 'main.ts'), args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
    'the centre',
  )
  awaited.add(child)
  return new Promise(resolve => {
    const settle = answer => {
      clearTimeout(late)
      awaited.delete(child)
      child.off('exit', failed)
      child.off('message', received)
      resolve(answer)
    }
    const failed = () => {
      say('the centre did not start; going on without it')
      settle(null)
    }
    const received = message => {
      if (message?.type !== 'central-ready') return
      settle({ url: message.url, pid: message.pid, enrolmentCode: message.enrolmentCode ?? null })
    }
    const late = setTimeout(() => {
      say(`the centre was not ready within ${centreReadySeconds} s; going on without it`)
      // Not left behind: its pid is in no ready line.
      if (child.connected) child.disconnect()
      settle(null)
    }, centreReadySeconds * 1_000)
    child.once('exit', failed)
    child.on('message', received)
  })
}

function startLoopback(keep, launch, options) {
  const child = keep(
    fork(join(root, 'out', 'loopback', 'main.mjs'), [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
    'the shell',
  )
  const tell = message => child.connected && child.send(message)
  tell(launch)
  /** What is to be done once an address was used. */
  const files = new Map()
  child.on('message', reply => {
    if (reply.type === 'opened') files.get(reply.url)?.()
  })
  const open = async (url, folder) => {
    const browser = options.open ? await openBrowser(url, folder, options.switches) : null
    if (browser === null) return null
    files.set(url, browser.opened)
    windows.push(browser.keeper)
    return browser
  }
  const show = async () => {
    const url = await new Promise(resolve => {
      const got = reply => {
        if (reply.type !== 'opener') return
        child.off('message', got)
        resolve(reply.url)
      }
      child.on('message', got)
      tell({ type: 'opener' })
    })
    const opened = await open(url, join(options.dataDir, 'again'))
    return opened === null ? `already running; open ${url}` : 'already running; a window was opened'
  }
  const ready = new Promise(resolve => {
    child.on('message', async reply => {
      if (reply.type !== 'shell-ready') return
      const pids = { shell: reply.pid, core: reply.corePid }
      const browser = await open(reply.url, options.dataDir)
      if (browser === null) {
        say(`open ${reply.url}`)
        if (!options.plainAddress)
          say('a browser that does not find this address needs a start with --plain-address')
        return resolve({ url: reply.url, pids, show })
      }
      // The browser has the token, and nobody else needs it.
      resolve({ url: new URL('/', reply.url).href, pids: { ...pids, browser: browser.pid }, show })
    })
  })
  return { ready, tell }
}

function startElectron(keep, path, launch, options) {
  const asRoot = process.getuid?.() === 0
  if (asRoot) say('running as root, so Electron runs without its sandbox; do not do this with real work')
  const args = [...(asRoot ? ['--no-sandbox'] : []), ...options.switches, root]
  const child = keep(
    spawn(path, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...withChineseNames(process.env), ZUOXI_LAUNCHED: '1' },
    }),
    'the shell',
  )
  const tell = message => child.stdin.write(`${JSON.stringify(message)}\n`)
  tell(launch)
  const ready = new Promise(resolve => {
    createInterface({ input: child.stdout }).on('line', text => {
      let reply
      try {
        reply = JSON.parse(text)
      } catch {
        return console.error(text)
      }
      if (reply.type !== 'shell-ready') return
      const show = () => {
        tell({ type: 'show' })
        return 'already open; the open window was brought to the front'
      }
      resolve({ url: reply.url, pids: { shell: reply.pid, core: reply.corePid }, show })
    })
  })
  return { ready, tell }
}
