// The options of `npm start`, read and checked.
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

export const usage = `usage: npm start -- [options] [-- switches for Chromium or Electron]
  --shell electron|loopback   electron where it can be had, else loopback, unless one is named
  --data-dir FOLDER           where this seat keeps its data
  --port N                    the loopback shell's port (default: any free one)
  --no-open                   do not open a browser, only print the address
  --plain-address             127.0.0.1 instead of a name, for browsers that do not find *.localhost
  --policy FILE               an administrator's policy file
  --no-training               without the training exchange
  --no-central                without a centre of its own beside the seat
  --protected                 a real seat, not a demonstration: the key is in the keyring or behind a passphrase
  --help                      this text`

function defaultDataDir(demo) {
  const name = demo ? 'zuoxi-demo' : 'zuoxi'
  if (process.platform === 'win32')
    return join(process.env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), name)
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', name)
  return join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), name)
}

/** Null: only the usage is wanted. Throws an Error with a sentence for whoever typed the command. */
export function readOptions(argv) {
  const end = argv.indexOf('--')
  const { values } = parseArgs({
    args: end < 0 ? argv : argv.slice(0, end),
    options: {
      shell: { type: 'string' },
      'data-dir': { type: 'string' },
      port: { type: 'string', default: '0' },
      'no-open': { type: 'boolean', default: false },
      'plain-address': { type: 'boolean', default: false },
      policy: { type: 'string' },
      'no-training': { type: 'boolean', default: false },
      'no-central': { type: 'boolean', default: false },
      protected: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return null
  const { shell } = values
  if (shell !== undefined && shell !== 'electron' && shell !== 'loopback')
    throw new Error('--shell is electron or loopback')
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error('--port is a number from 0 to 65535')
  const demo = !values.protected
  return {
    shell: shell ?? null,
    dataDir: resolve(values['data-dir'] ?? defaultDataDir(demo)),
    port,
    open: !values['no-open'],
    plainAddress: values['plain-address'],
    policyFile: values.policy === undefined ? null : resolve(values.policy),
    training: demo && !values['no-training'],
    central: demo && !values['no-central'],
    demo,
    /** Handed on as they are to whichever Chromium or Electron is started. */
    switches: end < 0 ? [] : argv.slice(end + 1),
  }
}
