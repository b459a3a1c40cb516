/** Attachments of internet channels: by tus with a key, and by the public form; what is taken, whose it becomes, and what is cleared away. */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createFiles } from '../../central/files/files.ts'
import { createServer, type Server } from '../../central/http/server.ts'
import { maxIntakeFileBytes, maxIntakeFiles } from '../../shared/contract/central-intake.ts'
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts'
import {
  addPeople,
  type DatabaseKind,
  databaseFor,
  databaseKinds,
  enrol,
  password,
  people,
  startCentre,
  type TestCentre,
} from './centre.ts'
import { clientOf } from './processes.ts'
import { codeOf } from './refusals.ts'

let postgres: Postgres | null = null
beforeAll(async () => {
  if (hasPostgres) postgres = await startPostgres()
})
afterAll(async () => {
  await postgres?.stop()
})

const jpeg = (bytes = 2_000) => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), randomBytes(bytes)])
const zip = Buffer.concat([Buffer.from('PK\u0003\u0004'), randomBytes(500)])
const digest = (content: Buffer) => createHash('sha256').update(content).digest('hex')
const fileBytes = 100_000

describe.each<DatabaseKind>(databaseKinds)('files of internet channels on %s', kind => {
  let centre: TestCentre
  let folder: string
  let server: Server
  let url: string
  let key: string
  beforeAll(async () => {
    centre = await startCentre(await databaseFor(kind, postgres))
    await addPeople(centre)
    key = await centre.apiKeys.create('市民小程序', ['intake.post'])
  })
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'zuoxi-intake-files-'))
    // Its own limits of an address, each time.
    server = await createServer(centre, folder, { fileBytes, anonymousPerMinute: 100_000 })
    url = await server.listen({ host: '127.0.0.1', port: 0 })
  })
  afterEach(async () => {
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  })
  afterAll(async () => {
    await centre.end()
  })

  const tus = (method: string, path: string, headers: Record<string, string>, body?: Buffer) =>
    fetch(`${url}${path}`, {
      method,
      headers: { 'tus-resumable': '1.0.0', ...headers },
      ...(body === undefined ? {} : { body: new Uint8Array(body) }),
    })
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const begin = (
    promised: { attachmentId: string; sha256: string },
    bytes: number,
    headers: Record<string, string>,
  ) =>
    tus('POST', '/v1/files', {
      ...headers,
      'upload-length': String(bytes),
      'upload-metadata': `attachmentId ${base64(promised.attachmentId)},sha256 ${base64(promised.sha256)}`,
    })
  const patch = (path: string, offset: number, body: Buffer, headers: Record<string, string>) =>
    tus(
      'PATCH',
      path,
      { ...headers, 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' },
      body,
    )
  /** In two pieces, as a line that is cut makes it. */
  const uploaded = async (content: Buffer, name = '现场.jpg', by = key) => {
    const file = { attachmentId: randomUUID(), name, sha256: digest(content) }
    const headers = { 'x-api-key': by }
    const path = (await begin(file, content.length, headers)).headers.get('location') ?? ''
    const half = Math.floor(content.length / 2)
    expect((await patch(path, 0, content.subarray(0, half), headers)).status).toBe(204)
    const asked = await tus('HEAD', path, headers)
    expect([asked.status, asked.headers.get('upload-offset')]).toEqual([200, String(half)])
    expect((await patch(path, half, content.subarray(half), headers)).status).toBe(204)
    return file
  }
  const post = (attachments: unknown[], part: object = {}, by = key) =>
    fetch(`${url}/v1/intake`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': by },
      body: JSON.stringify({
        channelId: randomUUID(),
        phone: '19900000001',
        content: '路灯不亮',
        attachments,
        ...part,
      }),
    })
  const desk = async (person: 'agent' | 'colleague') => {
    const seat = await enrol(centre)
    const bearer = { authorization: `Bearer ${(await centre.devices.token(seat.credential)).accessToken}` }
    const { accessToken } = await clientOf(url, () => bearer).sessions.create({
      workNumber: people[person].workNumber,
      password,
    })
    const headers = { ...bearer, 'x-operator-session': accessToken }
    return { seat, headers, client: clientOf(url, () => headers) }
  }

  it('an uploaded picture is of one item, once; its holder reads it, and nobody else', async () => {
    const content = jpeg(60_000)
    const file = await uploaded(content)
    const channelId = randomUUID()
    const first = (await (await post([file], { channelId })).json()) as { intakeId: string }
    expect(await (await post([file], { channelId })).json()).toEqual({ ...first, duplicate: true })
    expect(await codeOf(await post([], { channelId }))).toBe('INTAKE_DIFFERS')
    expect(await codeOf(await post([file]))).toBe('INTAKE_FILE_MISSING')

    const [one, two] = [await desk('agent'), await desk('colleague')]
    const item = (await one.client.intake.list({})).items.find(({ intakeId }) => intakeId === first.intakeId)
    expect(item?.attachments).toBe(1)
    const { intakeId } = first
    const claim = await one.client.intake.claim({ intakeId })
    expect(claim.attachments).toEqual([
      { ...file, mediaType: 'image/jpeg', bytes: content.length, addedBy: { name: '市民小程序' } },
    ])
    const read = (by: typeof one, fence: number | string, attachmentId = file.attachmentId) =>
      fetch(`${url}/v1/intake/${intakeId}/attachments/${attachmentId}?fence=${fence}`, {
        headers: by.headers,
      })
    const response = await read(one, claim.fence)
    expect(response.headers.get('content-type')).toBe('application/octet-stream')
    expect(response.headers.get('content-disposition')).toBe('attachment')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(digest(Buffer.from(await response.arrayBuffer()))).toBe(file.sha256)
    expect(await codeOf(await read(two, claim.fence))).toBe('LEASE_NOT_YOURS')
    expect(await codeOf(await read(one, claim.fence + 1))).toBe('LEASE_NOT_YOURS')
    expect(await codeOf(await read(one, 'x'))).toBe('BAD_REQUEST')
    expect(await codeOf(await read(one, claim.fence, randomUUID()))).toBe('NOT_FOUND')
    expect(
      (await fetch(`${url}/v1/intake/${intakeId}/attachments/${file.attachmentId}?fence=1`)).status,
    ).toBe(401)

    // Filed as a case, it is read as any other attachment of it.
    const caseId = randomUUID()
    await centre.push(one.seat.device, [
      one.seat.create(caseId),
      one.seat.command(
        'case.attach',
        { entryId: randomUUID(), attachment: claim.attachments[0] ?? never },
        { caseId },
      ),
    ])
    await one.client.intake.filed({ intakeId, fence: claim.fence, caseId })
    expect(await codeOf(await read(one, claim.fence))).toBe('LEASE_NOT_YOURS')
    const ofCase = await fetch(`${url}/v1/cases/${caseId}/attachments/${file.attachmentId}`, {
      headers: two.headers,
    })
    expect(digest(Buffer.from(await ofCase.arrayBuffer()))).toBe(file.sha256)
  })

  it('are refused with a code, and the item with them; what was right can be named again', async () => {
    const right = await uploaded(jpeg())
    const disguised = await uploaded(zip, '现场.jpg')
    const page = await uploaded(Buffer.from('<script>alert(1)</script>'), '说明.html')
    expect(await codeOf(await post([right, disguised]))).toBe('FILE_REFUSED')
    expect(await codeOf(await post([page]))).toBe('FILE_REFUSED')
    for (const name of ['../../etc/passwd.jpg', 'C:\\照片.jpg', '照片\u202egpj.jpg', '..', ''])
      expect(await codeOf(await post([{ ...right, name }])), name).toMatch(
        /^(FILE_NAME_INVALID|BAD_REQUEST)$/,
      )
    expect(await codeOf(await post([right, right]))).toBe('BAD_REQUEST')
    expect(await codeOf(await post([{ ...right, sha256: 'f'.repeat(64) }]))).toBe('INTAKE_FILE_MISSING')
    expect(await codeOf(await post([{ ...right, attachmentId: 'a\u0000b' }]))).toBe('BAD_REQUEST')
    const many = Array.from({ length: maxIntakeFiles + 1 }, () => ({ ...right, attachmentId: randomUUID() }))
    expect(await codeOf(await post(many))).toBe('FILES_TOO_MANY')
    const strange = await centre.apiKeys.create('另一渠道', ['intake.post'])
    expect(await codeOf(await post([right], {}, strange))).toBe('INTAKE_FILE_MISSING')
    expect((await post([right])).status).toBe(200)
  })

  it('are uploaded with the right key only, within the limit, each by its own channel', async () => {
    const content = jpeg()
    const promised = { attachmentId: randomUUID(), sha256: digest(content) }
    const exchange = await centre.apiKeys.create('交换机', ['missed-call.post'])
    expect(await codeOf(await begin(promised, 10, { 'x-api-key': exchange }))).toBe('FORBIDDEN')
    expect(await codeOf(await begin(promised, 10, { 'x-api-key': 'no-such-key-of-anybody' }))).toBe(
      'UNAUTHENTICATED',
    )
    expect((await begin(promised, fileBytes + 1, { 'x-api-key': key })).status).toBe(413)
    expect((await begin(promised, maxIntakeFileBytes + 1, { 'x-api-key': key })).status).toBe(413)
    const path = (await begin(promised, content.length, { 'x-api-key': key })).headers.get('location') ?? ''
    const strange = { 'x-api-key': await centre.apiKeys.create('另一渠道', ['intake.post']) }
    expect((await tus('HEAD', path, strange)).status).toBe(404)
    expect((await patch(path, 0, content, strange)).status).toBe(404)
    const { headers } = await desk('agent')
    expect((await tus('HEAD', path, headers)).status).toBe(404)
    // What comes is not what was promised.
    const wrong = await patch(path, 0, jpeg(content.length - 4), { 'x-api-key': key })
    expect(wrong.status).toBe(460)
    expect(readdirSync(folder)).toEqual([])
  })

  it('a channel that leaves too much lying about begins nothing more', async () => {
    const channel = `洪水-${kind}`
    const flood = await centre.apiKeys.create(channel, ['intake.post'])
    await centre.sql.query(
      `INSERT INTO file (file_id, attachment_id, sha256, bytes, channel, stored_at)
       VALUES ($1, 'x', 'x', $2, $3, $4)`,
      [randomUUID(), 4 * 1024 ** 3, channel, new Date(centre.now.ms).toISOString()],
    )
    const answer = await begin({ attachmentId: 'x', sha256: 'a'.repeat(64) }, 10, { 'x-api-key': flood })
    expect(answer.status).toBe(429)
  })

  it('what no item names is gone after a day, and what one has stays', async () => {
    const files = createFiles(centre.context, folder, fileBytes)
    const [named, unnamed] = [await uploaded(jpeg()), await uploaded(jpeg())]
    const { intakeId } = (await (await post([named])).json()) as { intakeId: string }
    const isThere = async (fileId: string) =>
      (await centre.sql.query('SELECT 1 FROM file WHERE attachment_id = $1', [fileId])).length > 0
    expect(readdirSync(folder)).toHaveLength(4)
    centre.now.ms += 23 * 3_600_000
    await files.removeForgotten()
    expect(await isThere(unnamed.attachmentId)).toBe(true)
    centre.now.ms += 2 * 3_600_000
    await files.removeForgotten()
    expect(await isThere(unnamed.attachmentId)).toBe(false)
    expect(await files.find(named.attachmentId, named.sha256, { intakeId })).not.toBeNull()
    expect(readdirSync(folder)).toHaveLength(2)
    expect(await codeOf(await post([unnamed]))).toBe('INTAKE_FILE_MISSING')
  })

  describe('of the public form', () => {
    type Given = [name: string, content: Buffer][]
    const send = async (
      fields: Record<string, string | string[]>,
      given: Given = [],
      headers: Record<string, string> = {},
    ) => {
      const form = new FormData()
      for (const [name, values] of Object.entries(fields))
        for (const value of [values].flat()) form.append(name, value)
      // A browser sends an empty one where none was chosen.
      if (given.length === 0) form.append('files', new Blob([]), '')
      for (const [name, content] of given) form.append('files', new Blob([new Uint8Array(content)]), name)
      const response = await fetch(`${url}/public`, {
        method: 'POST',
        headers: { origin: url, ...headers },
        body: form,
      })
      return { status: response.status, text: await response.text() }
    }
    const fields = (part: Record<string, string | string[]> = {}) => ({
      channelId: randomUUID(),
      phone: `199${String(Math.floor(Math.random() * 1e8)).padStart(8, '0')}`,
      content: '井盖松动',
      ...part,
    })
    const receiptOf = (text: string) => /W\d{8}-[0-9A-F]{10}/.exec(text)?.[0] ?? ''
    const attachmentsOf = async (intakeId: string) => {
      const [row] = await centre.sql.query<{ attachments: string }>(
        'SELECT attachments FROM intake WHERE intake_id = $1',
        [intakeId],
      )
      return JSON.parse(row?.attachments ?? 'null') as
        | { name: string; bytes: number; sha256: string }[]
        | null
    }

    it('come with it, and sent twice they are there once', async () => {
      const picture = jpeg(40_000)
      const form = fields()
      const one = await send(form, [['现场 照片.jpg', picture]])
      expect(one.status).toBe(200)
      expect(one.text).toContain('附件 1 个')
      const two = await send(form, [['现场 照片.jpg', picture]])
      expect(receiptOf(two.text)).toBe(receiptOf(one.text))
      expect(await attachmentsOf(receiptOf(one.text))).toMatchObject([
        { name: '现场 照片.jpg', bytes: picture.length, sha256: digest(picture) },
      ])
      expect(readdirSync(folder)).toHaveLength(2)
      expect((await send(fields())).status).toBe(200)
    })

    it('that are not taken are told by name, what was right is kept, and the form goes with it the next time', async () => {
      const picture = jpeg()
      const form = fields()
      const refused = await send(form, [
        ['现场.jpg', picture],
        ['压缩.jpg', zip],
        ['大.jpg', jpeg(fileBytes)],
        ['..\\..\\路径.jpg', jpeg()],
      ])
      expect(refused.status).toBe(400)
      for (const words of ['“压缩.jpg”不是可用的文件类型', '“大.jpg”超过', '名称不能使用'])
        expect(refused.text).toContain(words)
      expect(refused.text).toContain('井盖松动')
      const kept = /name="kept" type="checkbox" checked value="([^"]+)"/.exec(refused.text)?.[1] ?? ''
      expect(kept).toBe(`${digest(picture)} 现场.jpg`)
      expect(readdirSync(folder)).toHaveLength(2)
      // Another form has nothing of it.
      const stranger = await send(fields({ kept }))
      expect(stranger.status).toBe(400)
      expect(stranger.text).toContain('附件已失效')
      const second = jpeg()
      const sent = await send({ ...form, kept }, [['远处.jpg', second]])
      expect(sent.status).toBe(200)
      expect((await attachmentsOf(receiptOf(sent.text)))?.map(({ name }) => name)).toEqual([
        '现场.jpg',
        '远处.jpg',
      ])
    })

    it('are no more than there may be', async () => {
      const many: Given = Array.from({ length: 8 }, (_, n) => [`${n}.jpg`, jpeg()])
      const answer = await send(fields(), many)
      expect(answer.status).toBe(400)
      expect(answer.text).toContain('附件最多 4 个')
      expect(answer.text.match(/name="kept"/g)).toHaveLength(4)
    })

    it('of a robot, of another site, of no form and of a flood come to nothing', async () => {
      const picture: Given = [['现场.jpg', jpeg()]]
      expect((await send(fields({ website: 'https://spam.example' }), picture)).status).toBe(200)
      expect((await send(fields(), picture, { origin: 'https://evil.example' })).status).toBe(403)
      expect((await send(fields({ channelId: '../x' }), picture)).status).toBe(400)
      const flood = await send(fields(), [['大.jpg', jpeg(4 * fileBytes + 700_000)]])
      expect(flood.status).toBe(413)
      expect(flood.text).toContain('内容过长')
      const nothing = await fetch(`${url}/public`, {
        method: 'POST',
        headers: { origin: url, 'content-type': 'multipart/form-data' },
        body: 'x',
      })
      expect(nothing.status).toBe(400)
      await vi.waitFor(() => expect(readdirSync(folder)).toEqual([]), { timeout: 20_000 })
    })

    it('that break off in the middle, or lie about their parts, leave nothing', async () => {
      const { port } = new URL(url)
      const part = (text: string) => `--x\r\n${text}\r\n`
      const head = (bytes: number) =>
        `POST /public HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nOrigin: ${url}\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: ${bytes}\r\n\r\n`
      const file = part('Content-Disposition: form-data; name="files"; filename="现场.jpg"\r\n\r\n').slice(
        0,
        -2,
      )
      const cut = connect(Number(port), '127.0.0.1')
      cut.write(head(500_000) + file)
      cut.write(jpeg(20_000))
      await vi.waitFor(() => expect(readdirSync(folder).length).toBeGreaterThan(0), { timeout: 20_000 })
      cut.destroy()
      await vi.waitFor(() => expect(readdirSync(folder)).toEqual([]), { timeout: 20_000 })

      const unended = Buffer.concat([Buffer.from(file), jpeg(20_000)])
      const answer = await fetch(`${url}/public`, {
        method: 'POST',
        headers: { origin: url, 'content-type': 'multipart/form-data; boundary=x' },
        body: new Uint8Array(unended),
      })
      expect(answer.status).toBe(400)
      const fieldsOnly = Array.from({ length: 200 }, (_, n) =>
        part(`Content-Disposition: form-data; name="f${n}"\r\n\r\nx`),
      )
      const fieldFlood = await fetch(`${url}/public`, {
        method: 'POST',
        headers: { origin: url, 'content-type': 'multipart/form-data; boundary=x' },
        body: `${fieldsOnly.join('')}--x--\r\n`,
      })
      expect(fieldFlood.status).toBe(413)
      await vi.waitFor(() => expect(readdirSync(folder)).toEqual([]), { timeout: 20_000 })
      expect((await send(fields(), [['现场.jpg', jpeg()]])).status).toBe(200)
    })
  })
})
const never = { attachmentId: '', name: '', mediaType: '', bytes: 0, sha256: '' }
