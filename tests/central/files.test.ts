import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DetailedError, Upload, type UploadOptions } from 'tus-js-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createServer, type Server } from '../../central/http/server.ts'
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts'
import { addPeople, enrol, password, people, type Seat, startCentre, type TestCentre } from './centre.ts'
import { clientOf } from './processes.ts'

const maxBytes = 6 * 1024 * 1024
let postgres: Postgres
let folder: string
let one: { centre: TestCentre; server: Server; url: string }
let two: typeof one
let seat: Seat
let headers: Record<string, string>

async function start(url: string): Promise<typeof one> {
  const centre = await startCentre(url)
  const server = await createServer(centre, folder, { fileBytes: maxBytes })
  return { centre, server, url: await server.listen({ host: '127.0.0.1', port: 0 }) }
}
const headersOf = async (of: Seat) => ({
  authorization: `Bearer ${(await one.centre.devices.token(of.credential)).accessToken}`,
})

beforeAll(async () => {
  if (!hasPostgres) return
  postgres = await startPostgres()
  folder = mkdtempSync(join(tmpdir(), 'zuoxi-files-'))
  const database = await postgres.database()
  one = await start(database)
  two = await start(database)
  await addPeople(one.centre)
  seat = await enrol(one.centre)
  headers = await headersOf(seat)
})
afterAll(async () => {
  if (!hasPostgres) return
  for (const each of [one, two]) {
    await each.server.close()
    await each.centre.end()
  }
  await postgres.stop()
  rmSync(folder, { recursive: true, force: true })
})

const digest = (content: Buffer) => createHash('sha256').update(content).digest('hex')

/** Resolves with the upload's address, or with the status and code of its refusal. */
function upload(content: Buffer, options: UploadOptions & { stopAfter?: number }): Promise<string> {
  return new Promise((resolve, reject) => {
    const { stopAfter = Number.POSITIVE_INFINITY, ...rest } = options
    const sending = new Upload(content, {
      chunkSize: 512 * 1024,
      headers,
      retryDelays: [],
      onSuccess: () => resolve(new URL(sending.url ?? '').pathname),
      onError: error => {
        const response = error instanceof DetailedError ? error.originalResponse : null
        if (response === null) reject(error)
        else
          resolve(
            `${response?.getStatus()} ${(JSON.parse(response?.getBody() ?? '{}') as { code?: string }).code}`,
          )
      },
      onChunkComplete: (_chunk, sent) => {
        if (sent >= stopAfter) void sending.abort().then(() => resolve(new URL(sending.url ?? '').pathname))
      },
      ...rest,
    })
    sending.start()
  })
}
const metadataOf = (content: Buffer, attachmentId = randomUUID()) => ({
  attachmentId,
  sha256: digest(content),
})

describe.runIf(hasPostgres)('attachments', () => {
  it('go on at the other process where they stopped, and can be read by whoever may read the case', async () => {
    const content = randomBytes(3 * 1024 * 1024)
    const metadata = metadataOf(content)
    const begun = await upload(content, {
      endpoint: `${one.url}/v1/files`,
      metadata,
      stopAfter: 1024 * 1024,
    })
    const progress: number[] = []
    const done = await upload(content, {
      uploadUrl: `${two.url}${begun}`,
      metadata,
      onChunkComplete: (_chunk, sent) => progress.push(sent),
    })
    expect(done).toBe(begun)
    expect(progress[0]).toBeGreaterThanOrEqual(1024 * 1024)
    expect(
      await one.centre.sql.query('SELECT attachment_id, bytes FROM file WHERE sha256 = $1', [
        metadata.sha256,
      ]),
    ).toEqual([{ attachment_id: metadata.attachmentId, bytes: content.length }])

    const caseId = randomUUID()
    const attachment = {
      attachmentId: metadata.attachmentId,
      name: '现场.jpg',
      mediaType: 'image/jpeg',
      bytes: content.length,
      sha256: metadata.sha256,
    }
    const create = seat.create(caseId, { confidential: true })
    const attach = seat.command('case.attach', { entryId: randomUUID(), attachment }, { caseId })
    expect(await one.centre.push(seat.device, [create, attach])).toMatchObject([
      { outcome: 'applied' },
      { outcome: 'applied', version: 2 },
    ])
    const read = async (workNumber: string, attachmentId = metadata.attachmentId) => {
      const { accessToken } = await clientOf(two.url, () => headers).sessions.create({ workNumber, password })
      return fetch(`${two.url}/v1/cases/${caseId}/attachments/${attachmentId}`, {
        headers: { ...headers, 'x-operator-session': accessToken },
      })
    }
    const response = await read(people.agent.workNumber)
    expect(response.headers.get('content-type')).toBe('application/octet-stream')
    expect(digest(Buffer.from(await response.arrayBuffer()))).toBe(metadata.sha256)
    expect((await read(people.colleague.workNumber)).status).toBe(404)
    expect((await read(people.agent.workNumber, randomUUID())).status).toBe(404)
  })

  it('are refused when they are not what they promised, and nothing of them stays', async () => {
    const content = randomBytes(700_000)
    const before = readdirSync(folder)
    const wrong = { ...metadataOf(content), sha256: digest(randomBytes(1)) }
    expect(await upload(content, { endpoint: `${one.url}/v1/files`, metadata: wrong })).toBe(
      '460 BAD_REQUEST',
    )
    expect(await upload(content, { endpoint: `${one.url}/v1/files`, metadata: {} })).toBe('400 BAD_REQUEST')
    expect(
      await upload(content, {
        endpoint: `${one.url}/v1/files`,
        metadata: { ...metadataOf(content), attachmentId: '../../etc/passwd' },
      }),
    ).toBe('400 BAD_REQUEST')
    const large = Buffer.alloc(maxBytes + 1)
    expect(await upload(large, { endpoint: `${one.url}/v1/files`, metadata: metadataOf(large) })).toBe(
      '413 BODY_TOO_LARGE',
    )
    expect(readdirSync(folder)).toEqual(before)
  })

  it('that are whole but wrong when they are asked after are forgotten, not taken for arrived', async () => {
    const content = randomBytes(1024 * 1024)
    const metadata = metadataOf(content)
    const begun = await upload(content, { endpoint: `${one.url}/v1/files`, metadata, stopAfter: 512 * 1024 })
    // As if the process had ended after the last piece, and the disk had lost something.
    appendFileSync(join(folder, begun.split('/').at(-1) ?? ''), randomBytes(512 * 1024))
    const asked = await fetch(`${two.url}${begun}`, {
      method: 'HEAD',
      headers: { ...headers, 'tus-resumable': '1.0.0' },
    })
    expect(asked.status).toBe(404)
    const again = await upload(content, {
      endpoint: `${one.url}/v1/files`,
      uploadUrl: `${two.url}${begun}`,
      metadata,
    })
    expect(again).not.toBe(begun)
    expect(await one.centre.sql.query('SELECT bytes FROM file WHERE sha256 = $1', [metadata.sha256])).toEqual(
      [{ bytes: content.length }],
    )
  })

  it('belong to the seat that began them', async () => {
    const content = randomBytes(1024 * 1024)
    const metadata = metadataOf(content)
    const begun = await upload(content, { endpoint: `${one.url}/v1/files`, metadata, stopAfter: 512 * 1024 })
    const stranger = await headersOf(await enrol(one.centre))
    const asked = await fetch(`${two.url}${begun}`, {
      method: 'HEAD',
      headers: { ...stranger, 'tus-resumable': '1.0.0' },
    })
    expect(asked.status).toBe(404)
    const nobody = await fetch(`${two.url}${begun}`, {
      method: 'HEAD',
      headers: { 'tus-resumable': '1.0.0' },
    })
    expect(nobody.status).toBe(401)
    expect((await fetch(`${two.url}${begun}`, { headers })).status).toBe(404)
    const elsewhere = await fetch(`${two.url}/v1/files/..%2f..%2fetc%2fpasswd`, {
      method: 'HEAD',
      headers: { ...headers, 'tus-resumable': '1.0.0' },
    })
    expect(elsewhere.status).toBe(404)
    expect(await upload(content, { uploadUrl: `${two.url}${begun}`, metadata })).toBe(begun)
  })

  it('stay whole when two processes are sent the same upload at once', async () => {
    const content = randomBytes(4 * 1024 * 1024)
    const metadata = metadataOf(content)
    const begun = await upload(content, { endpoint: `${one.url}/v1/files`, metadata, stopAfter: 512 * 1024 })
    const again = { metadata, retryDelays: [50, 100, 200, 400, 800, 1_600] }
    const both = await Promise.all([
      upload(content, { uploadUrl: `${one.url}${begun}`, ...again }),
      upload(content, { uploadUrl: `${two.url}${begun}`, ...again }),
    ])
    expect(both).toContain(begun)
    const [kept] = await one.centre.sql.query<{ bytes: number }>('SELECT bytes FROM file WHERE sha256 = $1', [
      metadata.sha256,
    ])
    expect(kept?.bytes).toBe(content.length)
  })
})
