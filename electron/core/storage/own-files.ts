/**
 * The data folder and all that is in it belong to this user alone: folders 0700, files 0600, whatever an older program or an unpacked
 * backup has left. Links are never followed. On Windows there are no modes: the folder inherits the rights of the user's profile.
 */
import { chmodSync, lstatSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { chmod, lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { StorageFailure } from './failure.ts'

/** What is not the owner's to do. */
const othersBits = 0o077

/**
 * The folder and what lies directly in it, before any of it is opened. Throws StorageFailure FOREIGN when something there belongs to
 * another user: a file or link that was put there while the folder was open to others. Returns false where modes have no effect.
 */
export function takeFolder(folder: string, uid: number | undefined = process.getuid?.()): boolean {
  if (uid === undefined) return true
  const real = realpathSync(folder)
  if (statSync(real).uid !== uid) throw new StorageFailure('FOREIGN', folder)
  // First the folder itself: nobody else gets at the rest after that.
  tighten(real)
  for (const name of readdirSync(real)) {
    const path = join(real, name)
    const found = lstatSync(path, { throwIfNoEntry: false })
    if (found === undefined) continue
    if (found.uid !== uid && found.uid !== 0) throw new StorageFailure('FOREIGN', path)
    if (!found.isSymbolicLink()) tighten(path)
  }
  return (statSync(real).mode & othersBits) === 0
}

function tighten(path: string): void {
  try {
    const { mode } = statSync(path)
    if ((mode & othersBits) !== 0) chmodSync(path, mode & 0o700)
  } catch {
    // Gone meanwhile, or on a disk that cannot be written: opening it tells what is wrong.
  }
}

/** What lies deeper, meanwhile: nobody else reaches it any more, this is for the day on which it is copied elsewhere. */
export async function tightenBelow(folder: string): Promise<void> {
  if (process.getuid === undefined) return
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    if (entry.isSymbolicLink()) continue
    const path = join(folder, entry.name)
    try {
      const { mode } = await lstat(path)
      if ((mode & othersBits) !== 0) await chmod(path, mode & 0o700)
    } catch {
      // Gone meanwhile: the browser's profile changes all the time.
    }
    if (entry.isDirectory()) await tightenBelow(path)
  }
}
