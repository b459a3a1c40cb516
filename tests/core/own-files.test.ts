import {
  chmodSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { StorageFailure } from '../../electron/core/storage/failure.ts'
import { takeFolder, tightenBelow } from '../../electron/core/storage/own-files.ts'
import { type CoreProcess, startCore } from '../support/core-process.ts'
import { until } from '../support/seat-process.ts'

let top: string
let core: CoreProcess | null = null
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'zuoxi-own-files-'))
})
afterEach(async () => {
  await core?.kill()
  core = null
  rmSync(top, { recursive: true, force: true })
})
const make = (path: string, mode: number) => {
  writeFileSync(join(top, path), '')
  chmodSync(join(top, path), mode)
}
const folder = (path: string, mode: number) => {
  mkdirSync(join(top, path))
  chmodSync(join(top, path), mode)
}
const modes = () =>
  Object.fromEntries(
    ['', ...readdirSync(top, { recursive: true, encoding: 'utf8' })].map(name => [
      name,
      (lstatSync(join(top, name)).mode & 0o777).toString(8),
    ]),
  )
const openToOthers = (folder: string) =>
  ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })].filter(name => {
    const found = lstatSync(join(folder, name), { throwIfNoEntry: false })
    return found !== undefined && !found.isSymbolicLink() && (found.mode & 0o077) !== 0
  })
const refusedAt = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof StorageFailure && error.code === 'FOREIGN') return error.file
    throw error
  }
  return 'none'
}
const ownUid = process.getuid?.() ?? 0

describe('the data folder', () => {
  it('is closed to others with all that an older program left open, and stays unwritable where it was', async () => {
    chmodSync(top, 0o777)
    make('seat.db', 0o644)
    make('seat.key.json', 0o444)
    folder('attachments', 0o755)
    make('attachments/one', 0o664)
    folder('attachments/deeper', 0o777)
    make('attachments/deeper/two', 0o666)
    expect(takeFolder(top)).toBe(true)
    await tightenBelow(top)
    expect(modes()).toEqual({
      '': '700',
      'seat.db': '600',
      'seat.key.json': '400',
      attachments: '700',
      'attachments/one': '600',
      'attachments/deeper': '700',
      'attachments/deeper/two': '600',
    })
  })

  it('follows no link: what it points at stays as it is', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'zuoxi-elsewhere-'))
    writeFileSync(join(elsewhere, 'theirs'), '')
    chmodSync(elsewhere, 0o755)
    chmodSync(join(elsewhere, 'theirs'), 0o644)
    symlinkSync(elsewhere, join(top, 'exports'))
    folder('backups', 0o700)
    symlinkSync(join(elsewhere, 'theirs'), join(top, 'backups', 'linked'))
    takeFolder(top)
    await tightenBelow(top)
    expect(lstatSync(elsewhere).mode & 0o777).toBe(0o755)
    expect(lstatSync(join(elsewhere, 'theirs')).mode & 0o777).toBe(0o644)
    rmSync(elsewhere, { recursive: true })
  })

  it("is refused, and named, when it or something in it is another user's", () => {
    make('seat.db', 0o600)
    expect(refusedAt(() => takeFolder(top, ownUid))).toBe('none')
    expect(refusedAt(() => takeFolder(top, ownUid + 1))).toBe(top)
  })

  it.runIf(ownUid === 0)('is refused with a file or link in it that another user has put there', () => {
    const name = join(top, 'exchange-origin')
    const puts = [() => writeFileSync(name, ''), () => symlinkSync('/etc/passwd', name)]
    for (const put of puts) {
      put()
      lchownSync(name, 4_321, 4_321)
      expect(refusedAt(() => takeFolder(top))).toBe(name)
      rmSync(name)
    }
  })

  it('has nothing that others may read after the core has opened it and worked in it', async () => {
    const data = join(top, 'data')
    mkdirSync(data)
    chmodSync(data, 0o755)
    writeFileSync(join(data, 'left-open'), '')
    chmodSync(join(data, 'left-open'), 0o644)
    core = await startCore(data)
    await core.opened()
    // Only a lead or an administrator copies a database that opens.
    await core.seat.identity.signIn({ operatorId: 'demo-1002' })
    await core.seat.vault.copyFiles({})
    await until(() => openToOthers(data).length === 0, 5_000, 'all of it to be closed')
    expect(readdirSync(data)).toEqual(expect.arrayContaining(['seat.db', 'seat.db-wal', 'seat.db-shm']))
    expect(openToOthers(data)).toEqual([])
  })
})
