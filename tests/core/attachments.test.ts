import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAttachments } from '../../electron/core/attachments/attachments.ts'
import { localFiles } from '../../electron/core/attachments/local-files.ts'
import { chunkBytes, type WriteAt } from '../../electron/core/attachments/sealed-file.ts'
import { applyChange } from '../../electron/core/sync/apply-changes.ts'
import { attachmentName, mediaTypeOf } from '../../shared/domain/attachment.ts'
import type { Operator } from '../../shared/domain/operator.ts'
import { documentOf, refusalOf, refusalOfAsync, type SeatParts, seatParts } from '../support/seat-parts.ts'

const log = pino({ level: 'silent' })
const digest = (content: Uint8Array) => createHash('sha256').update(content).digest('hex')
const megabyte = 1024 * 1024
const day = 24 * 3_600_000

let seat: SeatParts
let anna: Operator
let caseId: string
let attachments: ReturnType<typeof start>
let centre: Map<string, Buffer>
let diskLeft: number
const folder = () => join(seat.folder, 'attachments')
const names = () => (existsSync(folder()) ? readdirSync(folder()) : [])

/** As after a start of the core: nothing is remembered but what is on the disk. */
function start() {
  const writeAt: WriteAt = async (handle, content, position) => {
    if (diskLeft < content.length) throw Object.assign(new Error('full'), { code: 'ENOSPC' })
    diskLeft -= content.length
    return (await handle.write(content, 0, content.length, position)).bytesWritten
  }
  return createAttachments({
    folder: folder(),
    context: { clock: seat.clock, random: seat.random, log },
    audit: seat.audit,
    read: seat.read,
    write: seat.write,
    cases: seat.cases,
    current: () => null,
    fromCentre: async function* ({ attachmentId }) {
      const content = centre.get(attachmentId) ?? Buffer.alloc(0)
      for (let at = 0; at < content.length; at += 10_000) yield content.subarray(at, at + 10_000)
    },
    writeAt,
  })
}
beforeEach(() => {
  seat = seatParts()
  anna = seat.person('anna')
  caseId = seat.file(anna).caseId
  seat.sent()
  centre = new Map()
  diskLeft = Number.POSITIVE_INFINITY
  attachments = start()
})
afterEach(() => seat.close())

const begin = (attachmentId: string, bytes: number, more: { name?: string; by?: Operator } = {}) =>
  attachments.begin(more.by ?? anna, {
    caseId,
    attachmentId,
    name: more.name ?? '现场.jpg',
    mediaType: 'image/jpeg',
    bytes,
  })
async function add(content: Buffer, more: { name?: string; piece?: number } = {}) {
  const attachmentId = randomUUID()
  seat.time.now += 1_000
  await begin(attachmentId, content.length, more)
  const piece = more.piece ?? megabyte
  for (let offset = 0; offset < content.length; offset += piece)
    await attachments.append(anna, {
      attachmentId,
      offset,
      content: content.subarray(offset, offset + piece),
    })
  return attachments.finish(anna, attachmentId)
}
async function read(attachmentId: string, by = anna): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const { content } of attachments.read(by, { caseId, attachmentId })) parts.push(content)
  return Buffer.concat(parts)
}

describe('adding', () => {
  it('names the file in its case, in the history, audit and outbox in one transaction, as the centre does', async () => {
    const content = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), randomBytes(3 * megabyte)])
    const added = await add(content, { piece: 700_001 })
    const attachment = {
      attachmentId: added.attachmentId,
      name: '现场.jpg',
      mediaType: 'image/jpeg',
      bytes: content.length,
      sha256: digest(content),
    }
    expect(added).toEqual({ ...attachment, state: 'waiting', sentBytes: 0, problem: null })
    expect(attachments.list(anna, caseId)).toEqual([added])
    expect(seat.waiting()).toMatchObject([
      { name: 'case.attach', caseId, args: { entryId: added.attachmentId, attachment } },
    ])
    const { history, version } = seat.cases.get(seat.db, anna, caseId)
    expect(version).toBe(2)
    expect(history.at(-1)).toMatchObject({ kind: 'attached', detail: '现场.jpg', operatorId: 'anna' })
    expect(seat.audited().at(-1)).toBe('case.attach')
    expect(names()).toEqual([added.attachmentId])
    expect(statSync(join(folder(), added.attachmentId)).mode & 0o777).toBe(0o600)
    expect((await read(added.attachmentId)).equals(content)).toBe(true)
    expect(seat.audited().at(-1)).toBe('attachment.read')
  })

  it('takes every request again without harm, and pieces in order only', async () => {
    const content = randomBytes(150_000)
    const attachmentId = randomUUID()
    const append = (offset: number, end: number) =>
      attachments.append(anna, { attachmentId, offset, content: content.subarray(offset, end) })
    expect(await begin(attachmentId, content.length)).toEqual({ received: 0 })
    expect(await append(0, 100_000)).toEqual({ received: 100_000 })
    expect(await append(0, 100_000)).toEqual({ received: 100_000 })
    expect(await begin(attachmentId, content.length)).toEqual({ received: 100_000 })
    expect(await refusalOfAsync(begin(attachmentId, 5))).toBe('ATTACHMENT_EXISTS')
    expect(await refusalOfAsync(append(120_000, 150_000))).toBe('ATTACHMENT_OUT_OF_ORDER')
    await Promise.all([append(100_000, 120_000), append(120_000, 150_000)])
    const [one, two] = await Promise.all([
      attachments.finish(anna, attachmentId),
      attachments.finish(anna, attachmentId),
    ])
    expect(two).toEqual(one)
    expect(await attachments.finish(anna, attachmentId)).toEqual(one)
    expect(await begin(attachmentId, content.length)).toEqual({ received: content.length })
    expect(seat.waiting()).toHaveLength(1)
    expect((await read(attachmentId)).equals(content)).toBe(true)
  })

  it('keeps nothing of a file that is incomplete, too long, given up or left alone', async () => {
    const half = randomUUID()
    await begin(half, 100)
    await attachments.append(anna, { attachmentId: half, offset: 0, content: randomBytes(50) })
    expect(await refusalOfAsync(attachments.finish(anna, half))).toBe('ATTACHMENT_INCOMPLETE')
    const long = randomUUID()
    await begin(long, 100)
    const tooMuch = { attachmentId: long, offset: 0, content: randomBytes(101) }
    expect(await refusalOfAsync(attachments.append(anna, tooMuch))).toBe('ATTACHMENT_INCOMPLETE')
    const given = randomUUID()
    await begin(given, 100)
    await attachments.cancel(anna, given)
    expect(await refusalOfAsync(attachments.finish(anna, given))).toBe('ATTACHMENT_NOT_FOUND')
    expect(names()).toEqual([])
    const alone = randomUUID()
    await begin(alone, 100)
    seat.time.now += 2 * 3_600_000
    const another = randomUUID()
    await begin(another, 100)
    expect(names()).toEqual([`${another}.part`])
    expect(seat.waiting()).toEqual([])
    expect(attachments.list(anna, caseId)).toEqual([])
  })

  it('says so when the disk is full, and nothing half is kept; it works again when there is room', async () => {
    diskLeft = 2 * chunkBytes
    const content = randomBytes(megabyte)
    expect(await refusalOfAsync(add(content))).toBe('DISK_FULL')
    // Full only at the last chunk, which is written by finish.
    diskLeft = 100
    expect(await refusalOfAsync(add(randomBytes(200)))).toBe('DISK_FULL')
    expect(names()).toEqual([])
    expect(attachments.list(anna, caseId)).toEqual([])
    expect(seat.waiting()).toEqual([])
    diskLeft = Number.POSITIVE_INFINITY
    expect((await read((await add(content)).attachmentId)).equals(content)).toBe(true)
  })

  it('keeps no file when the database takes no row of it', async () => {
    seat.db.exec("CREATE TRIGGER no BEFORE INSERT ON local_file BEGIN SELECT raise(ABORT, 'no'); END")
    await expect(add(randomBytes(100))).rejects.toThrow('no')
    expect(names()).toEqual([])
    expect(seat.waiting()).toEqual([])
    expect(attachments.list(anna, caseId)).toEqual([])
  })

  it('refuses names that are paths or show as others, empty and too large files, and who may not write', async () => {
    const refusal = (bytes: number, more: { name?: string; by?: Operator } = {}) =>
      refusalOfAsync(begin(randomUUID(), bytes, more))
    for (const name of [
      '',
      ' ',
      '.',
      '..',
      '../a.jpg',
      'a/b',
      'C:\\a',
      'a\u0000.jpg',
      'a\n.jpg',
      '\u202egpj.exe',
    ])
      expect(await refusal(1, { name }), JSON.stringify(name)).toBe('ATTACHMENT_NAME_INVALID')
    expect(await refusal(1, { name: '长'.repeat(201) })).toBe('ATTACHMENT_NAME_INVALID')
    expect(await refusal(0)).toBe('ATTACHMENT_EMPTY')
    expect(await refusal(200 * megabyte + 1)).toBe('ATTACHMENT_TOO_LARGE')
    const bert = seat.person('bert')
    caseId = seat.file(anna, { confidential: true }).caseId
    expect(await refusal(1, { by: bert })).toBe('CASE_NOT_FOUND')
    expect(refusalOf(() => attachments.list(bert, caseId))).toBe('CASE_NOT_FOUND')
    const { attachmentId } = await add(randomBytes(10))
    expect(await refusalOfAsync(read(attachmentId, bert))).toBe('CASE_NOT_FOUND')
    expect(refusalOf(() => attachments.retry(bert, { caseId, attachmentId }))).toBe('CASE_NOT_FOUND')
    caseId = 'none'
    expect(await refusal(1)).toBe('CASE_NOT_FOUND')
    // What one operator began, another does not go on with.
    caseId = seat.file(anna).caseId
    const own = randomUUID()
    await begin(own, 10)
    const piece = { attachmentId: own, offset: 0, content: randomBytes(10) }
    expect(await refusalOfAsync(attachments.append(bert, piece))).toBe('ATTACHMENT_NOT_FOUND')
  })

  it('takes a file for a picture only when it begins like one', () => {
    const png = Buffer.from('89504e470d0a1a0a00', 'hex')
    expect(mediaTypeOf('text/html', png)).toBe('image/png')
    expect(mediaTypeOf('image/png', Buffer.from('<svg>'))).toBe('application/octet-stream')
    expect(mediaTypeOf('image/svg+xml; charset=utf-8', Buffer.from('<svg>'))).toBe('image/svg+xml')
    expect(mediaTypeOf('a"b', Buffer.alloc(0))).toBe('application/octet-stream')
    expect(attachmentName(' 关于“路灯”的说明 (1).docx ')).toBe('关于“路灯”的说明 (1).docx')
  })
})

describe('reading', () => {
  it('takes from the centre what is not here, and gives nothing out as whole that is not what the case names', async () => {
    const content = randomBytes(300_000)
    const file = {
      attachmentId: 'a1',
      name: '说明.pdf',
      mediaType: 'application/pdf',
      bytes: content.length,
      sha256: digest(content),
    }
    const doc = documentOf({ caseId: 'k', attachments: [file] })
    seat.write(db => applyChange(db, { kind: 'case', case: doc }, false, seat.apply))
    caseId = 'k'
    expect(attachments.list(anna, caseId)).toEqual([
      { ...file, state: 'central', sentBytes: 0, problem: null },
    ])
    centre.set('a1', content)
    expect((await read('a1')).equals(content)).toBe(true)
    centre.set('a1', content.subarray(0, 200_000))
    expect(await refusalOfAsync(read('a1'))).toBe('ATTACHMENT_DAMAGED')
    centre.set('a1', randomBytes(300_000))
    expect(await refusalOfAsync(read('a1'))).toBe('ATTACHMENT_DAMAGED')
    centre.set('a1', Buffer.concat([content, content]))
    expect(await refusalOfAsync(read('a1'))).toBe('ATTACHMENT_DAMAGED')
    expect(await refusalOfAsync(read('a2'))).toBe('ATTACHMENT_NOT_FOUND')
  })

  it('finds a local file that was changed, and takes it from the centre where that has it', async () => {
    const content = randomBytes(200_000)
    const { attachmentId } = await add(content)
    const sealed = readFileSync(join(folder(), attachmentId))
    sealed[70_000] = (sealed[70_000] ?? 0) ^ 1
    writeFileSync(join(folder(), attachmentId), sealed)
    expect(await refusalOfAsync(read(attachmentId))).toBe('ATTACHMENT_DAMAGED')
    writeFileSync(join(folder(), attachmentId), sealed.subarray(0, 1_000))
    expect(await refusalOfAsync(read(attachmentId))).toBe('ATTACHMENT_DAMAGED')
    centre.set(attachmentId, content)
    seat.write(db => localFiles.uploaded(db, attachmentId, '2026-11-23T02:00:00.000Z'))
    expect((await read(attachmentId)).equals(content)).toBe(true)
  })
})

describe('the next start', () => {
  it('removes what was never finished, and what need not be here any more', async () => {
    const unfinished = randomUUID()
    await begin(unfinished, 100)
    const waiting = await add(randomBytes(10))
    const sent = await add(randomBytes(10))
    const old = await add(randomBytes(10))
    seat.sent()
    const at = (ms: number) => new Date(seat.time.now + ms).toISOString()
    seat.write(db => {
      localFiles.uploaded(db, sent.attachmentId, at(0))
      localFiles.uploaded(db, old.attachmentId, at(-8 * day))
    })
    const unsent = await add(randomBytes(10))
    seat.write(db => localFiles.uploaded(db, unsent.attachmentId, at(-8 * day)))
    attachments = start()
    await attachments.tidy()
    expect(names().sort()).toEqual([waiting, sent, unsent].map(each => each.attachmentId).sort())
    expect(attachments.list(anna, caseId).map(({ state }) => state)).toEqual([
      'waiting',
      'uploaded',
      'central',
      'uploaded',
    ])

    // The case is gone: what the centre has not got yet goes there all the same.
    seat.sent()
    seat.write(db => applyChange(db, { kind: 'case-removed', caseId }, false, seat.apply))
    await start().tidy()
    expect(names()).toEqual([waiting.attachmentId])
    seat.write(db => localFiles.uploaded(db, waiting.attachmentId, at(0)))
    await start().tidy()
    expect(names()).toEqual([])
    expect(seat.db.prepare('SELECT count(*) FROM local_file').pluck().get()).toBe(0)
  })

  it('leaves a whole file that another state of the database may know, for a week', async () => {
    const { attachmentId } = await add(randomBytes(10))
    seat.db.prepare('DELETE FROM local_file').run()
    await start().tidy()
    expect(names()).toEqual([attachmentId])
    seat.time.now = Date.now() + 8 * day
    await start().tidy()
    expect(names()).toEqual([])
  })
})
