/**
 * Who this seat is to the centre: its credential, and whether this database is still the only one of its kind.
 *
 * A token in the database and the same in a file beside it change together at every start. Where they disagree, the database was
 * copied to another machine, or an older one was put back; then the seat asks for another identity before it sends anything, and
 * gives up its leased numbers at once, since its twin may give out the same.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { type DeviceCredential, deviceCredential } from '../../../shared/contract/central.ts'
import type { Random } from '../context.ts'
import type { Database } from '../storage/database.ts'
import { readState, writeState } from '../storage/local-state.ts'

const credentialState = 'centre-credential'
const renewalState = 'identity-renewal'
const renewalRequestState = 'identity-renewal-request'
const tokenState = 'rotation-token'
const nextTokenState = 'rotation-next'
const renewalReason = z.enum(['restored', 'copied', 'seq-taken'])
export type RenewalReason = z.infer<typeof renewalReason>

export function readCredential(db: Database): DeviceCredential | null {
  const kept = readState(db, credentialState)
  return kept === null ? null : deviceCredential.parse(JSON.parse(kept))
}

/** The new identity counts from here; what is not sent keeps its command ids. */
export function keepCredential(db: Database, credential: DeviceCredential): void {
  writeState(db, credentialState, JSON.stringify(credential))
  writeState(db, 'client-id', credential.clientId)
  writeState(db, renewalState, null)
  writeState(db, renewalRequestState, null)
}

export const forgetCredential = (db: Database): void => {
  writeState(db, credentialState, null)
  writeState(db, renewalState, null)
}

export function renewalNeeded(db: Database): RenewalReason | null {
  const kept = renewalReason.safeParse(readState(db, renewalState))
  return kept.success ? kept.data : null
}

/** The same request until it is answered: the centre answers it the same, so a lost answer costs nothing. */
export function renewalRequest(db: Database, random: Random): string {
  const begun = readState(db, renewalRequestState)
  if (begun !== null) return begun
  const made = random.uuid()
  writeState(db, renewalRequestState, made)
  return made
}

export const needRenewal = (db: Database, reason: RenewalReason): void => writeState(db, renewalState, reason)

/** The highest number that any command of this database had, sent or not. */
export const highestSeq = (db: Database): number =>
  Number(db.prepare("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'outbox'").pluck().get())

export type TokenFile = { read(): string | null; write(token: string): void }

/** Written whole or not at all, and on the disk before it counts. */
export const tokenFileIn = (folder: string): TokenFile => {
  const file = join(folder, 'seat.token')
  return {
    read: () => {
      try {
        return readFileSync(file, 'utf8').trim()
      } catch {
        return null
      }
    },
    write: token => {
      const handle = openSync(`${file}.part`, 'w', 0o600)
      try {
        writeSync(handle, token)
        fsyncSync(handle)
      } finally {
        closeSync(handle)
      }
      renameSync(`${file}.part`, file)
    },
  }
}

/**
 * At the start. The database learns the next token before the file does, and both old and new count until the next start, so that
 * a crash in between is no copy. True: another identity is needed from here on.
 */
export function rotateToken(
  write: <T>(work: (db: Database) => T) => T,
  file: TokenFile,
  random: Random,
  discardNumbers: (db: Database) => void,
): boolean {
  const present = file.read()
  const next = random.uuid()
  const copied = write(db => {
    const known = [readState(db, tokenState), readState(db, nextTokenState)]
    const first = known.every(token => token === null)
    const differs = !first && !known.includes(present)
    writeState(db, tokenState, differs || first ? next : present)
    writeState(db, nextTokenState, next)
    if (!differs) return false
    discardNumbers(db)
    if (readCredential(db) !== null && renewalNeeded(db) === null) needRenewal(db, 'copied')
    return true
  })
  file.write(next)
  return copied
}
