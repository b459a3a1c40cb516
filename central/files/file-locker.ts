/**
 * One request at a time writes to an upload, over all processes: within a process by a list, between them by advisory locks
 * that one connection of the process holds. Whoever wants an upload asks its holder to stop, wherever that is.
 */
import { ERRORS, type Locker } from '@tus/server'
import type { Session, Sql } from '../storage/sql.ts'

const channel = 'zuoxi_file_wanted'
const lockSpace = 12_345
const longestWaitMs = 20_000
const retryMs = 100

type Holder = { stop: () => void; freed: Promise<void>; free: () => void }
export type FileLocker = Locker & { close(): Promise<void> }

export async function createFileLocker(sql: Sql): Promise<FileLocker> {
  const held = new Map<string, Holder>()
  let session: Promise<Session> | null = null
  // A lost connection has lost its locks: nobody here may go on writing.
  const lost = () => {
    session = null
    for (const { stop } of held.values()) stop()
  }
  const connection = () => {
    session ??= sql.session(lost).catch((error: unknown) => {
      session = null
      throw error
    })
    return session
  }
  const stopListening = await sql.listen(channel, id => held.get(id)?.stop())

  const tryLock = async (id: string) => {
    const [row] = await (await connection()).query<{ locked: boolean }>(
      'SELECT pg_try_advisory_lock($1, hashtext($2)) AS locked',
      [lockSpace, id],
    )
    return row?.locked === true
  }
  const pause = (until: number, signal: AbortSignal) => {
    if (signal.aborted) throw ERRORS.ABORTED
    if (Date.now() > until) throw ERRORS.ERR_LOCK_TIMEOUT
    return new Promise<void>(resolve => setTimeout(resolve, retryMs))
  }

  return {
    newLock: id => ({
      lock: async (signal, stop) => {
        const until = Date.now() + longestWaitMs
        for (let other = held.get(id); other !== undefined; other = held.get(id)) {
          other.stop()
          await Promise.race([other.freed, pause(until, signal)])
        }
        const { promise: freed, resolve: free } = Promise.withResolvers<void>()
        held.set(id, { stop: () => void stop(), freed, free })
        try {
          while (!(await tryLock(id))) {
            await sql.query('SELECT pg_notify($1, $2)', [channel, id])
            await pause(until, signal)
          }
        } catch (error) {
          held.delete(id)
          free()
          throw error
        }
      },
      unlock: async () => {
        try {
          await (await connection()).query('SELECT pg_advisory_unlock($1, hashtext($2))', [lockSpace, id])
        } finally {
          held.get(id)?.free()
          held.delete(id)
        }
      },
    }),
    close: async () => {
      await stopListening()
      const open = await session
      open?.release()
    },
  }
}
