/** Attachments on the page of the units: which a unit sees, and those that it adds to its reply. And the pages' second language. */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createFiles } from '../../central/files/files.ts'
import { createServer, type Server } from '../../central/http/server.ts'
import type { Attachment } from '../../shared/domain/command.ts'
import {
  addPeople,
  casesIn,
  enrol,
  password,
  people,
  type Seat,
  startCentre,
  type TestCentre,
} from './centre.ts'

const fileBytes = 100_000
const jpeg = (bytes = 2_000) => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), randomBytes(bytes)])
const digest = (content: Buffer) => createHash('sha256').update(content).digest('hex')

describe('the page of the units', () => {
  let centre: TestCentre
  let folder: string
  let server: Server
  let url: string
  let seat: Seat
  const unit = (operatorId: string, workNumber: string, unitCode: string) =>
    centre.operators.save(
      { ...people.agent, operatorId, workNumber, name: `经办${workNumber}`, role: 'unit', unitCode },
      password,
      null,
    )
  beforeAll(async () => {
    centre = await startCentre(null)
    folder = mkdtempSync(join(tmpdir(), 'zuoxi-unit-files-'))
    await addPeople(centre)
    await unit('u-lighting', '5001', 'C07')
    await unit('u-street', '5002', 'S03')
    await unit('u-other', '5003', 'C01')
    server = await createServer(centre, folder, { fileBytes, anonymousPerMinute: 100_000 })
    url = await server.listen({ host: '127.0.0.1', port: 0 })
    seat = await enrol(centre)
  })
  afterAll(async () => {
    await server.close()
    await centre.end()
    rmSync(folder, { recursive: true, force: true })
  })

  /** With its content at the centre. */
  const attachment = async (name: string): Promise<Attachment & { content: Buffer }> => {
    const content = jpeg()
    const files = createFiles(centre.context, folder, fileBytes)
    const spooled = await files.spool(Readable.from([content]), new AbortController().signal)
    const attachmentId = randomUUID()
    await files.add(centre.sql, spooled, attachmentId, { seatId: seat.device.seatId })
    return {
      attachmentId,
      name,
      mediaType: 'image/jpeg',
      bytes: content.length,
      sha256: digest(content),
      content,
    }
  }
  const order = (attachments?: string[]) => ({
    catalogueVersion: '2026-11',
    categoryCode: '020301',
    lead: { code: 'C07', name: '城市照明中心' },
    assist: [{ code: 'S03', name: '河东街道' }],
    signBy: '2026-11-24T03:00:00.000Z',
    replyBy: '2026-12-01T02:00:00.000Z',
    opinion: '',
    ...(attachments === undefined ? {} : { attachments }),
  })
  const dispatched = async (all: readonly Attachment[], given?: string[], fields = {}) => {
    const caseId = randomUUID()
    const about = { caseId, schemaVersion: 3 }
    const results = await centre.push(seat.device, [
      seat.create(caseId, { callerName: '王小明', ...fields }),
      ...all.map(({ attachmentId, name, mediaType, bytes, sha256 }) =>
        seat.command(
          'case.attach',
          { entryId: attachmentId, attachment: { attachmentId, name, mediaType, bytes, sha256 } },
          about,
        ),
      ),
      seat.command(
        'case.move',
        { entryId: randomUUID(), move: 'dispatch', reason: '', order: order(given) },
        about,
      ),
    ])
    expect(results.every(({ outcome }) => outcome === 'applied')).toBe(true)
    return caseId
  }

  async function browser(workNumber: string) {
    const signedIn = await fetch(`${url}/units/sign-in`, {
      method: 'POST',
      headers: { origin: url },
      body: new URLSearchParams({ workNumber, password }),
      redirect: 'manual',
    })
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
    const get = (path: string, headers: Record<string, string> = {}) =>
      fetch(`${url}${path}`, { headers: { cookie, ...headers }, redirect: 'manual' })
    const page = async (path: string, headers: Record<string, string> = {}) =>
      (await get(path, headers)).text()
    const hidden = (text: string, path: string) => {
      const form = text.slice(text.indexOf(`action="${path}"`)).split('</form>')[0] ?? ''
      return [...form.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(
        ([, name = '', value = '']) => [name, value] as const,
      )
    }
    const send = async (
      path: string,
      fields: readonly (readonly [string, string])[],
      files: readonly (readonly [string, Buffer])[] = [],
      headers: Record<string, string> = {},
    ) => {
      const form = new FormData()
      for (const [name, value] of fields) form.append(name, value)
      for (const [name, content] of files) form.append('files', new Blob([new Uint8Array(content)]), name)
      const response = await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { cookie, origin: url, ...headers },
        body: form,
        redirect: 'manual',
      })
      return { status: response.status, text: await response.text() }
    }
    return { get, page, hidden, send }
  }

  it('shows a unit the files that the dispatch names and no others, and none of a confidential caller', async () => {
    const [marked, unmarked] = [
      await attachment('王　小明_１９９ ００００—０００１_拍的路灯.jpg'),
      await attachment('身份证.jpg'),
    ]
    const open = await dispatched([marked, unmarked], [marked.attachmentId])
    // A file is of one case.
    const [ofSecret, ofNothing] = [await attachment('路灯二.jpg'), await attachment('路灯三.jpg')]
    const secret = await dispatched([ofSecret], [ofSecret.attachmentId], { confidential: true })
    const nothing = await dispatched([ofNothing])
    const pathOf = (caseId: string, { attachmentId }: Attachment) =>
      `/units/cases/${caseId}/files/${attachmentId}`
    for (const workNumber of ['5001', '5002']) {
      const one = await browser(workNumber)
      const text = await one.page(`/units/cases/${open}`)
      expect(text).toContain('拍的路灯.jpg')
      expect(text).not.toMatch(/小明|１９９|００００|身份证/)
      const response = await one.get(pathOf(open, marked))
      expect(response.headers.get('content-type')).toBe('application/octet-stream')
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      const called = response.headers.get('content-disposition') ?? ''
      expect(called).toMatch(/^attachment; filename\*=UTF-8''/)
      expect(decodeURIComponent(called)).not.toMatch(/小明|１９９|００００/)
      expect(digest(Buffer.from(await response.arrayBuffer()))).toBe(marked.sha256)
      for (const [caseId, file] of [
        [open, unmarked],
        [secret, ofSecret],
        [nothing, ofNothing],
        [nothing, marked],
      ] as const)
        expect((await one.get(pathOf(caseId, file))).status).toBe(404)
      expect(await one.page(`/units/cases/${secret}`)).not.toContain('.jpg')
      expect(await one.page(`/units/cases/${nothing}`)).not.toContain('.jpg')
    }
    expect((await (await browser('5003')).get(pathOf(open, marked))).status).toBe(404)
    expect((await fetch(`${url}${pathOf(open, marked)}`)).status).toBe(401)
    const audited = await centre.sql.query<{ result: string }>(
      `SELECT result FROM audit WHERE action = 'unit.file' AND operator_id = 'u-other'`,
    )
    expect(audited).toEqual([{ result: 'NOT_FOUND' }])
  })

  it('takes files with a reply: they are the case’s with who added them, once, and not without the reply', async () => {
    const caseId = await dispatched([])
    const lighting = await browser('5001')
    const path = `/units/cases/${caseId}/reply`
    const sign = `/units/cases/${caseId}/sign`
    const signing = lighting.hidden(await lighting.page(`/units/cases/${caseId}`), sign)
    expect((await lighting.send(sign, signing)).status).toBe(303)
    const text = await lighting.page(`/units/cases/${caseId}`)
    expect(text).toContain('enctype="multipart/form-data"')
    const form = [...lighting.hidden(text, path), ['reason', '路灯已修复'] as const]
    const [before, after] = [jpeg(), jpeg()]
    const files = [
      ['修前.jpg', before],
      ['修后.jpg', after],
    ] as const
    const stored = () => readdirSync(folder).length
    const was = stored()

    // A page that is no picture, another site, no token, another unit: nothing is sent, and nothing stays.
    const wrong = await lighting.send(path, form, [...files, ['说明.html', Buffer.from('<script>')]])
    expect(wrong.status).toBe(400)
    expect(wrong.text).toContain('“说明.html”不是可用的文件类型')
    expect(wrong.text).toContain('附件请重新选择')
    expect(wrong.text).toContain('路灯已修复')
    expect((await lighting.send(path, form, files, { origin: 'https://evil.example' })).status).toBe(403)
    const untold = form.filter(([name]) => name !== 'formToken')
    expect((await lighting.send(path, untold, files)).status).toBe(403)
    expect((await lighting.send(path, [...untold, ['formToken', 'x']], files)).status).toBe(403)
    expect((await (await browser('5003')).send(path, form, files)).status).toBe(403)
    const empty = await lighting.send(
      path,
      form.map(([name, value]) => [name, name === 'reason' ? ' ' : value] as const),
      files,
    )
    expect(empty.status).toBe(409)
    await vi.waitFor(() => expect(stored()).toBe(was), { timeout: 20_000 })

    expect((await lighting.send(path, form, files)).status).toBe(303)
    expect((await lighting.send(path, form, files)).status).toBe(303)
    await vi.waitFor(() => expect(stored()).toBe(was + 4), { timeout: 20_000 })
    await centre.stamper.stamp()
    const found = casesIn((await seat.pull()).changes).findLast(each => each.caseId === caseId)
    expect(found?.attachments).toMatchObject([
      {
        name: '修前.jpg',
        sha256: digest(before),
        addedBy: { name: '城市照明中心 经办5001', unitCode: 'C07' },
      },
      { name: '修后.jpg', sha256: digest(after) },
    ])
    expect(found?.history.slice(-3).map(({ kind, operatorName }) => [kind, operatorName])).toEqual([
      ['attached', '经办5001'],
      ['attached', '经办5001'],
      ['moved', '经办5001'],
    ])
    expect(found?.version).toBe(found?.history.length)
    expect(found?.status).toBe('replied')
    // Its own it sees still, and another unit does not.
    const own = await lighting.page(`/units/cases/${caseId}`)
    expect(own).toMatch(/修后\.jpg<\/a>（本单位添加）/)
    expect(await (await browser('5002')).page(`/units/cases/${caseId}`)).not.toContain('修后.jpg')
  })

  it('speaks English to those who ask for it, by header or by the link, and Chinese to all others', async () => {
    const page = async (path: string, headers: Record<string, string> = {}) => {
      const response = await fetch(`${url}${path}`, { headers })
      return { text: await response.text(), cookie: response.headers.get('set-cookie') }
    }
    for (const [accepts, english] of [
      ['en-GB,en;q=0.9', true],
      ['en', true],
      ['zh-CN,zh;q=0.9,en;q=0.8', false],
      ['fr,en;q=0.5,zh;q=0.2', true],
      ['fr', false],
      ['en;q=0', false],
      ['*', false],
      ['q=;;,,en;q=x', false],
    ] as const) {
      const headers = { 'accept-language': accepts }
      for (const [path, words] of [
        ['/public', ['我要反映', 'Tell the hotline']],
        ['/public/progress', ['查进度', 'Look up']],
        ['/units', ['承办单位工作台', 'Desk of the handling unit']],
      ] as const) {
        const { text } = await page(path, headers)
        expect(text, `${path} ${accepts}`).toContain(words[english ? 1 : 0])
        expect(text).toContain(english ? '<html lang="en">' : '<html lang="zh-CN">')
      }
    }
    const chosen = await page('/public?language=en', { 'accept-language': 'zh-CN' })
    expect(chosen.text).toContain('Telephone (needed)')
    expect(chosen.cookie).toMatch(/^zuoxi_language=en; Path=\/public; SameSite=Lax/)
    const cookie = chosen.cookie?.split(';')[0] ?? ''
    expect((await page('/public/progress', { cookie, 'accept-language': 'zh-CN' })).text).toContain('Look up')
    // What is refused is refused in that language, too.
    const refused = await fetch(`${url}/public`, {
      method: 'POST',
      headers: { origin: url, 'accept-language': 'en' },
      body: new URLSearchParams({ phone: '', content: '' }),
    })
    expect(await refused.text()).toContain('Please fill in your telephone number')
    const long = await fetch(`${url}/public`, {
      method: 'POST',
      headers: { origin: url, 'accept-language': 'en' },
      body: new URLSearchParams({ content: 'x'.repeat(200_000) }),
    })
    expect(await long.text()).toContain('Too long: nothing was sent')

    const caseId = await dispatched([])
    const lighting = await browser('5001')
    const english = { 'accept-language': 'en' }
    const one = await lighting.page(`/units/cases/${caseId}`, english)
    for (const words of ['What it is about', 'Sign for it', 'Dispatched', 'Sign out'])
      expect(one).toContain(words)
    // Apart from what people wrote, and the link to the other language, nothing is left in Chinese.
    const { text } = await page('/public', english)
    expect(text.replace(/>中文</, '')).not.toMatch(/[\u4e00-\u9fff]/)
    expect(await lighting.page('/units/cases/none', english)).toContain('There is no such case')
  })
})
