import { randomBytes, randomUUID } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createAudit } from '../../electron/core/audit/audit.ts'
import { createDrafts } from '../../electron/core/cases/drafts.ts'
import { Refusal } from '../../electron/core/refusal.ts'
import { createStore, type Store } from '../../electron/core/storage/store.ts'
import { createOutbox } from '../../electron/core/sync/outbox.ts'
import { emptyCaseFields } from '../../shared/domain/case.ts'

let folder: string
let store: Store
const clock = { now: () => 1_795_000_000_000, after: () => () => {} }
const random = { bytes: (count: number) => new Uint8Array(randomBytes(count)), uuid: () => randomUUID() }
const key = new Uint8Array(randomBytes(32))
const newStore = () =>
  createStore({
    folder,
    vault: {
      open: () => Promise.resolve({ state: 'key', key, protection: 'demo-file' }),
      create: async () => ({ state: 'locked' }),
      unlock: () => ({ state: 'locked' }),
    },
    context: { clock, random, log: pino({ level: 'silent' }), publish: () => {} },
    prepare: () => {},
  })
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zuoxi-store-'))
  store = newStore()
  await store.open()
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true, force: true })
})
const codeOf = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    return error instanceof Refusal ? error.code : String(error)
  }
  return 'none'
}

it('a full disk refuses the save with a code, keeps what was there, and takes saves again when there is room', () => {
  const drafts = createDrafts({
    clock,
    random,
    audit: createAudit({ clock }),
    outbox: createOutbox({ clock, random, clientId: () => 'c', sign: () => null }),
  })
  const open = () =>
    store.write(db =>
      drafts.open(db, 'one', { callId: null, callingNumber: '', contactNumber: '', divisionCode: '' }),
    )
  const draft = open()
  store.write(db =>
    drafts.save(db, 'one', {
      draftId: draft.draftId,
      revision: 1,
      fields: { ...emptyCaseFields, title: '在磁盘满之前' },
    }),
  )
  // SQLite itself says "full" at this number of pages, as it does when the file system has no room.
  store.db().pragma(`max_page_count = ${String(store.db().pragma('page_count', { simple: true }))}`)
  const long = { ...emptyCaseFields, title: '写不下', content: '长'.repeat(20_000) }
  expect(
    codeOf(() =>
      store.write(db => drafts.save(db, 'one', { draftId: draft.draftId, revision: 2, fields: long })),
    ),
  ).toBe('DISK_FULL')
  expect(drafts.list(store.db(), 'one')[0]?.fields.title).toBe('在磁盘满之前')
  expect(store.status().state).toBe('open')
  store.db().pragma('max_page_count = 1000000')
  store.write(db => drafts.save(db, 'one', { draftId: draft.draftId, revision: 3, fields: long }))
  expect(drafts.list(store.db(), 'one')[0]?.fields.title).toBe('写不下')
})

it('a transaction that fails in the middle leaves nothing of itself', () => {
  const count = () => store.db().prepare('SELECT count(*) FROM audit').pluck().get()
  const before = count()
  expect(
    codeOf(() =>
      store.write(db => {
        createAudit({ clock }).append(db, {
          operatorId: null,
          action: 'a',
          subjectKind: 'seat',
          subjectId: 's',
          result: 'done',
        })
        throw new Refusal('CASE_NOT_FOUND')
      }),
    ),
  ).toBe('CASE_NOT_FOUND')
  expect(count()).toBe(before)
})

it('a second store on the same folder is told that it is in use', async () => {
  const second = newStore()
  await second.open()
  expect(second.status()).toMatchObject({ state: 'failed', code: 'IN_USE' })
  second.close()
})

/** As a user who may read but not write: permissions mean nothing to root. */
async function asSomebodyElse<T>(run: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return run()
  process.seteuid?.(65_534)
  try {
    return await run()
  } finally {
    process.seteuid?.(0)
  }
}

it.runIf(process.platform !== 'win32')(
  'a folder that became read-only is said to be, is left as it was, and is used again when it may be written',
  async () => {
    store.write(db => db.exec("INSERT INTO setting (name, value) VALUES ('kept', '1')"))
    store.close()
    const file = join(folder, 'seat.db')
    const before = readFileSync(file)
    for (const name of ['seat.db', 'seat.db.keymark', 'core.lock']) chmodSync(join(folder, name), 0o444)
    chmodSync(folder, 0o555)
    store = newStore()
    const status = await asSomebodyElse(async () => {
      await store.open()
      return store.status()
    })
    expect(status).toMatchObject({ state: 'failed', code: 'READ_ONLY' })
    expect(codeOf(() => store.write(() => {}))).toBe('STORAGE_FAILED')
    expect(readFileSync(file).equals(before)).toBe(true)
    chmodSync(folder, 0o700)
    for (const name of ['seat.db', 'seat.db.keymark', 'core.lock']) chmodSync(join(folder, name), 0o600)
    await store.open()
    expect(store.db().prepare("SELECT value FROM setting WHERE name = 'kept'").pluck().get()).toBe('1')
  },
)

it('after many writes the log is moved and cut: a save does not move it again and again', () => {
  const log = () => statSync(join(folder, 'seat.db-wal')).size
  store.write(db => db.exec('CREATE TABLE filler (text TEXT)'))
  for (let round = 0; round < 24; round += 1)
    store.writeSoon(db => db.prepare('INSERT INTO filler VALUES (?)').run('x'.repeat(1024 * 1024)))
  store.write(db => db.prepare('INSERT INTO filler VALUES (?)').run('y'))
  expect(log()).toBeLessThan(10 * 1024 * 1024)
  expect(store.db().pragma('synchronous', { simple: true })).toBe(2)
})

it('is durable again after a write that was not, whether it succeeded or failed', () => {
  const durable = () => store.db().pragma('synchronous', { simple: true })
  expect(store.writeSoon(db => db.pragma('synchronous', { simple: true }))).toBe(1)
  expect(durable()).toBe(2)
  expect(codeOf(() => store.writeSoon(db => db.exec('nonsense')))).not.toBe('none')
  expect(durable()).toBe(2)
})
