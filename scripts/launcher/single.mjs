// One seat per data folder: the second start asks the first to show itself, and ends.
import { createHash, randomBytes } from 'node:crypto'
import { lstatSync, mkdirSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

/**
 * A socket that only this user reaches; its name is short, since socket paths have a limit of about 100 bytes. The system's temporary
 * folder is everybody's: a folder there that somebody else has made is not used. Throws an Error with a sentence.
 */
function address(dataDir) {
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 16)
  if (process.platform === 'win32') return `\\\\.\\pipe\\zuoxi-${userInfo().username}-${name}`
  const folder = join(process.env.XDG_RUNTIME_DIR ?? tmpdir(), `zuoxi-${userInfo().uid}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const found = lstatSync(folder)
  if (!found.isDirectory() || found.uid !== userInfo().uid || (found.mode & 0o077) !== 0)
    throw new Error(`${folder} is not a folder of this user alone: remove it, and start again`)
  return join(folder, name)
}

/** Null when this is the first; otherwise the sentence with which the first answered. */
export function askFirst(dataDir) {
  return new Promise(resolve => {
    const socket = connect(address(dataDir))
    let answer = ''
    socket.setTimeout(5_000, () => socket.destroy())
    socket.on('connect', () => socket.write(`show ${randomBytes(4).toString('hex')}\n`))
    socket.on('data', chunk => {
      answer += chunk
    })
    socket.on('error', () => resolve(null))
    socket.on('close', () => resolve(answer === '' ? null : answer.trim()))
  })
}

/** Listens for later starts. `show` brings the seat to the front and returns a sentence. */
export function beFirst(dataDir, show) {
  const path = address(dataDir)
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', () => {
      Promise.resolve(show()).then(
        sentence => socket.end(`${sentence}\n`),
        () => socket.end('already open\n'),
      )
    })
  })
  if (process.platform !== 'win32') rmSync(path, { force: true })
  server.on('error', () => {})
  server.listen(path)
  server.unref()
  return () => server.close()
}
