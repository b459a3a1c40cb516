/** Attachments from seat to seat over a real centre: cut lines, killed cores, another process, and what must not be unpacked. */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { CaseFile } from '../../shared/domain/attachment.ts'
import { type CentralProcess, startCentralProcess } from '../central/processes.ts'
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts'
import { until } from '../support/seat-process.ts'
import { startTcpLine, type TcpLine } from '../support/tcp-line.ts'
import { enrolmentCodes, TestSeat } from './seats.ts'

const password = 'yanshi-12345'
const arriveMs = 120_000
const pieceBytes = 1024 * 1024

const folders: string[] = []
const ends: (() => Promise<unknown>)[] = []
const folder = () => {
  const made = mkdtempSync(join(tmpdir(), 'zuoxi-attach-'))
  folders.push(made)
  return made
}
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})
afterAll(() => {
  for (const each of folders) rmSync(each, { recursive: true, force: true })
})

const digest = (content: Uint8Array) => createHash('sha256').update(content).digest('hex')
const portOf = ({ url }: CentralProcess) => ({ port: Number(new URL(url).port) })
const urlOf = ({ port }: { port: number }) => `http://127.0.0.1:${port}`

async function centreAt(files: string, databaseUrl?: string): Promise<CentralProcess> {
  const centre = await startCentralProcess(
    ['--data-dir', databaseUrl === undefined ? files : folder(), '--files-dir', join(files, 'files')],
    databaseUrl,
  )
  ends.push(() => centre.end())
  return centre
}
async function lineTo(centre: CentralProcess, delayMs = 0): Promise<TcpLine> {
  const line = await startTcpLine(portOf(centre), delayMs)
  ends.push(() => line.close())
  return line
}
/** Enrolled, and its operator signed in at the centre too. */
async function seatAt(url: string, code: string, operatorId = 'demo-1001'): Promise<TestSeat> {
  const seat = new TestSeat()
  ends.push(() => seat.remove())
  await seat.start()
  await seat.enrol(url, code, operatorId)
  await seat.settled(arriveMs)
  await seat.core.seat.identity.signIn({ operatorId, password })
  return seat
}

async function attach(seat: TestSeat, caseId: string, content: Buffer, name: string, mediaType = '') {
  const { attachments } = seat.core.seat
  const attachmentId = randomUUID()
  let { received } = await attachments.begin({
    caseId,
    attachmentId,
    name,
    mediaType,
    bytes: content.length,
  })
  while (received < content.length) {
    const piece = content.subarray(received, received + pieceBytes)
    ;({ received } = await attachments.append({
      attachmentId,
      offset: received,
      content: piece.toString('base64'),
    }))
  }
  return attachments.finish({ attachmentId })
}
async function fileOf(seat: TestSeat, caseId: string, attachmentId: string): Promise<CaseFile | undefined> {
  const files = await seat.core.seat.attachments.list({ caseId })
  return files.find(file => file.attachmentId === attachmentId)
}
const arrived = (seat: TestSeat, caseId: string, attachmentId: string) =>
  until(
    async () => (await fileOf(seat, caseId, attachmentId))?.state === 'uploaded',
    arriveMs,
    'the file to arrive',
  )
async function contentAt(seat: TestSeat, caseId: string, attachmentId: string): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const { offset, content } of await seat.core.seat.attachments.read({ caseId, attachmentId })) {
    expect(offset).toBe(parts.reduce((sum, part) => sum + part.length, 0))
    parts.push(Buffer.from(content, 'base64'))
  }
  return Buffer.concat(parts)
}
const hasCase = (seat: TestSeat, caseId: string) =>
  until(
    async () => {
      await seat.core.seat.sync.now({})
      return seat.core.seat.attachments.list({ caseId }).then(
        files => files.length > 0,
        () => false,
      )
    },
    arriveMs,
    'the case to come to the other seat',
  )

describe('one centre on its embedded database', () => {
  it('a file gets through a line that is cut again and again, byte for byte, and commands pass it by', {
    timeout: 200_000,
  }, async () => {
    const files = folder()
    const [code, other] = await enrolmentCodes(2, files)
    const centre = await centreAt(files)
    const line = await lineTo(centre, 2)
    const seat = await seatAt(urlOf(line), code ?? '')
    const { caseId } = await seat.file('有附件')
    const content = randomBytes(3 * 1024 * 1024 + 17)
    const before = line.passed()
    line.cutEvery(300_000)
    const { attachmentId } = await attach(seat, caseId, content, '现场照片.zip')
    // While the file is under way, what is saved arrives all the same.
    await seat.remark(caseId, '附件上传期间的备注')
    await seat.settled(arriveMs)
    await arrived(seat, caseId, attachmentId)
    const passed = line.passed() - before
    console.log(
      `attachments: ${content.length} bytes through cuts every 300,000: ${passed} bytes on the line`,
    )
    expect(passed).toBeLessThan(2 * content.length)
    line.cutEvery(null)
    const history = (await seat.core.seat.cases.get({ caseId })).history
    expect(history.map(({ kind }) => kind)).toEqual(['created', 'attached', 'remark'])
    expect((await seat.core.seat.sync.status({})).filesWaiting).toBeNull()

    const reader = await seatAt(urlOf(line), other ?? '', 'demo-1002')
    await hasCase(reader, caseId)
    expect(await fileOf(reader, caseId, attachmentId)).toMatchObject({
      name: '现场照片.zip',
      bytes: content.length,
      sha256: digest(content),
      state: 'central',
    })
    expect((await contentAt(reader, caseId, attachmentId)).equals(content)).toBe(true)
    line.cut()
    await expect(contentAt(reader, caseId, attachmentId)).rejects.toMatchObject({
      code: 'CENTRE_UNREACHABLE',
    })
    // Where it was added it is read without the centre.
    expect((await contentAt(seat, caseId, attachmentId)).equals(content)).toBe(true)
  })

  it('a core that is killed in the middle goes on where the centre is', {
    timeout: 200_000,
  }, async () => {
    const files = folder()
    const centre = await centreAt(files)
    const line = await lineTo(centre, 15)
    const seat = await seatAt(urlOf(line), centre.enrolmentCode)
    const { caseId } = await seat.file('有附件')
    await seat.settled(arriveMs)
    const content = randomBytes(24 * 1024 * 1024)
    const { attachmentId } = await attach(seat, caseId, content, '录像.mp4', 'video/mp4')
    await until(
      async () => ((await fileOf(seat, caseId, attachmentId))?.sentBytes ?? 0) > 4 * 1024 * 1024,
      arriveMs,
      'a part to arrive',
    )
    await seat.kill()
    const stored = readdirSync(join(files, 'files')).find(name => !name.endsWith('.json')) ?? ''
    const half = statSync(join(files, 'files', stored)).size
    expect(half).toBeGreaterThanOrEqual(4 * 1024 * 1024)
    expect(half).toBeLessThan(content.length)
    const before = line.passed()
    await seat.start()
    await arrived(seat, caseId, attachmentId)
    const again = line.passed() - before
    console.log(`attachments: killed with ${half} of ${content.length} there; ${again} bytes passed after it`)
    expect(again).toBeLessThan(content.length - half + 2 * 1024 * 1024)
    expect(readFileSync(join(files, 'files', stored)).equals(content)).toBe(true)
    // Nothing of it lies readable at the seat.
    const local = readFileSync(join(seat.folder, 'attachments', attachmentId))
    expect(local.includes(content.subarray(0, 64))).toBe(false)
  })

  it('stores what is packed or large as it is', { timeout: 200_000 }, async () => {
    const files = folder()
    const centre = await centreAt(files)
    const seat = await seatAt(urlOf(portOf(centre)), centre.enrolmentCode)
    const { caseId } = await seat.file('有附件')
    const zeros = Buffer.alloc(100 * 1024 * 1024)
    const bomb = gzipSync(zeros)
    const small = await attach(seat, caseId, bomb, 'bomb.gz', 'application/gzip')
    const large = await attach(seat, caseId, zeros, '全零.bin')
    // What is saved meanwhile does not wait for the file.
    const saves: number[] = []
    while ((await fileOf(seat, caseId, large.attachmentId))?.state !== 'uploaded' && saves.length < 200) {
      const begun = performance.now()
      await seat.remark(caseId, `备注 ${saves.length}`)
      saves.push(performance.now() - begun)
    }
    saves.sort((a, b) => a - b)
    console.log(
      `attachments: ${saves.length} saves during 100 MB: median ${saves[Math.floor(saves.length / 2)]?.toFixed(1)} ms, slowest ${saves.at(-1)?.toFixed(1)} ms`,
    )
    expect(saves.length).toBeGreaterThan(5)
    expect(saves[Math.floor(saves.length / 2)]).toBeLessThan(250)
    await arrived(seat, caseId, small.attachmentId)
    await arrived(seat, caseId, large.attachmentId)
    const sizes = readdirSync(join(files, 'files'))
      .filter(name => !name.endsWith('.json'))
      .map(name => statSync(join(files, 'files', name)).size)
    expect(sizes.sort((a, b) => a - b)).toEqual([bomb.length, zeros.length])
    expect((await contentAt(seat, caseId, small.attachmentId)).equals(bomb)).toBe(true)
    await expect(
      seat.core.seat.attachments.begin({
        caseId,
        attachmentId: randomUUID(),
        name: '过大.bin',
        mediaType: '',
        bytes: 200 * 1024 * 1024 + 1,
      }),
    ).rejects.toMatchObject({ code: 'ATTACHMENT_TOO_LARGE' })
  })
})

describe.runIf(hasPostgres)('two central processes on PostgreSQL', () => {
  let postgres: Postgres | null = null
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres?.stop())

  it('an upload goes on at the other process after the first was killed', {
    timeout: 200_000,
  }, async () => {
    const database = await postgres?.database()
    const files = folder()
    const one = await centreAt(files, database)
    const two = await centreAt(files, database)
    const lines = [await lineTo(one, 15), await lineTo(two)] as const
    const seat = await seatAt(urlOf(lines[0]), one.enrolmentCode)
    const { caseId } = await seat.file('有附件')
    await seat.settled(arriveMs)
    const content = randomBytes(16 * 1024 * 1024)
    const { attachmentId } = await attach(seat, caseId, content, '录像.mp4', 'video/mp4')
    await until(
      async () => ((await fileOf(seat, caseId, attachmentId))?.sentBytes ?? 0) > 4 * 1024 * 1024,
      arriveMs,
      'a part to arrive',
    )
    await seat.signInAtCentre('9001')
    await one.end('SIGKILL')
    await seat.core.seat.settings.save({ settings: { centreUrl: urlOf(lines[1]) } })
    await arrived(seat, caseId, attachmentId)
    console.log(`attachments: the other process took ${lines[1].passed()} of ${content.length} bytes`)
    expect(lines[1].passed()).toBeLessThan(content.length - 3 * 1024 * 1024)
    const stored = readdirSync(join(files, 'files')).filter(name => !name.endsWith('.json'))
    expect(stored).toHaveLength(1)
    expect(readFileSync(join(files, 'files', stored[0] ?? '')).equals(content)).toBe(true)
    expect(existsSync(join(seat.folder, 'attachments', `${attachmentId}.part`))).toBe(false)
  })
})
