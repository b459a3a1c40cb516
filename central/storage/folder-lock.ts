/** One process in a data folder: PGlite has no lock of its own, and two of them destroy the data. */
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

export function lockFolder(folder: string): () => void {
  const file = join(folder, 'central.lock')
  for (const attempt of [1, 2]) {
    try {
      const handle = openSync(file, 'wx', 0o600)
      writeSync(handle, String(process.pid))
      closeSync(handle)
      return () => rmSync(file, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const holder = Number(readFileSync(file, 'utf8'))
      const mine = holder === process.pid
      if (attempt === 2 || mine || (holder > 0 && isAlive(holder)))
        throw new Error(`central: the data folder is in use by process ${holder}: ${folder}`, {
          cause: error,
        })
      rmSync(file, { force: true })
    }
  }
  throw new Error('central: the data folder cannot be locked')
}
