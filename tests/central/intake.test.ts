/** Internet channels: what is kept of a post, who gets it, what a robot comes to, and what the progress page tells. */
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createServer, type Server } from '../../central/http/server.ts'
import { publicChannel } from '../../central/intake/intake.ts'
import * as doors from '../../central/storage/migrations/66-doors.ts'
import { type IntakeContent, maxIntakePerMinute } from '../../shared/contract/central-intake.ts'
import { plainText } from '../../shared/domain/plain-text.ts'
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts'
import {
  addPeople,
  casesIn,
  type DatabaseKind,
  databaseFor,
  databaseKinds,
  enrol,
  password,
  people,
  type Seat,
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

const content = (part: Partial<IntakeContent> = {}): IntakeContent => ({
  name: '王女士',
  phone: '19900000001',
  kind: null,
  title: '路灯不亮',
  content: '河东路 12 号门前路灯三天不亮。',
  place: '',
  confidential: false,
  replyWanted: true,
  ...part,
})

it('no mark-up is kept, however it was nested, and text that only looks like it stays', () => {
  expect(plainText('3<5 且 7>2\u0000\u202e')).toBe('3<5 且 7>2')
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('<', '>', '/', 'script', 'p', ' ', '"', '!--', '--', '路'), { maxLength: 30 }),
      parts => {
        expect(plainText(parts.join(''))).not.toMatch(/<\/?(?:script|p) *\/?>/i)
      },
    ),
  )
})

describe.each<DatabaseKind>(databaseKinds)('intake on %s', kind => {
  let centre: TestCentre
  let server: Server
  let url: string
  let one: Seat
  let two: Seat
  beforeAll(async () => {
    centre = await startCentre(await databaseFor(kind, postgres))
    await addPeople(centre)
    one = await enrol(centre)
    two = await enrol(centre)
    server = await createServer(centre, null, { requestsPerMinute: 100_000, anonymousPerMinute: 100_000 })
    url = await server.listen({ host: '127.0.0.1', port: 0 })
  })
  afterAll(async () => {
    await server.close()
    await centre.end()
  })
  const posted = async (part: Partial<IntakeContent> = {}) =>
    (await centre.intake.post('市民小程序', randomUUID(), content(part))).intakeId
  const agent = { ...people.agent }
  const colleague = { ...people.colleague }

  it('takes one post once, whatever comes twice and at once, and refuses another under its id', async () => {
    const channelId = randomUUID()
    const all = await Promise.all(
      Array.from({ length: 8 }, () => centre.intake.post('市民小程序', channelId, content())),
    )
    expect(new Set(all.map(({ intakeId }) => intakeId)).size).toBe(1)
    expect(all.filter(({ duplicate }) => !duplicate)).toHaveLength(1)
    await expect(
      centre.intake.post('市民小程序', channelId, content({ content: '另一件' })),
    ).rejects.toMatchObject({ code: 'INTAKE_DIFFERS' })
    expect((await centre.intake.post('另一渠道', channelId, content())).duplicate).toBe(false)
  })

  it('loses no word of a post for looking like mark-up, and no line end', async () => {
    const intakeId = await posted({
      title: '<Qinghe餐饮>欠薪\r\n第二次反映',
      content:
        '<p>一、<Qinghe餐饮>欠薪</p><p>二、回复到 <li.si@example.org></p>三<br>四\r五\u2028六，水压x<b时b>3',
      place: '河东路\u00855号',
    })
    const claimed = await centre.intake.claim({ device: one.device, operator: agent }, intakeId)
    expect(claimed.content).toMatchObject({
      title: '<Qinghe餐饮>欠薪 第二次反映',
      content: '一、<Qinghe餐饮>欠薪\n二、回复到 <li.si@example.org>\n三\n四\n五\n六，水压x<b时b>3',
      place: '河东路 5号',
    })
  })

  it('of seats that claim at once one gets it; a lease that ended lets another in, and the first can not file', async () => {
    for (let round = 0; round < 20; round += 1) {
      const intakeId = await posted()
      const told = await Promise.allSettled(
        [
          { device: one.device, operator: agent },
          { device: two.device, operator: colleague },
          { device: one.device, operator: people.lead },
          { device: two.device, operator: people.contractor },
        ].map(who => centre.intake.claim(who, intakeId)),
      )
      expect(told.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      for (const each of told)
        if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'INTAKE_HELD' })
    }
    const intakeId = await posted()
    const mine = { device: one.device, operator: agent }
    const theirs = { device: two.device, operator: colleague }
    const first = await centre.intake.claim(mine, intakeId)
    expect((await centre.intake.claim(mine, intakeId)).fence).toBe(first.fence)
    expect((await centre.intake.list(theirs)).find(item => item.intakeId === intakeId)).toMatchObject({
      phone: '199****0001',
      heldBy: { operatorId: agent.operatorId },
    })
    centre.now.ms += 601_000
    const second = await centre.intake.claim(theirs, intakeId)
    await expect(centre.intake.filed(mine, intakeId, first.fence, 'c')).rejects.toMatchObject({
      code: 'LEASE_NOT_YOURS',
    })
    await centre.intake.release(theirs, intakeId, second.fence)
    const third = await centre.intake.claim(mine, intakeId)
    const caseId = randomUUID()
    await centre.intake.filed(mine, intakeId, third.fence, caseId)
    await centre.intake.filed(mine, intakeId, third.fence, caseId)
    await expect(centre.intake.claim(theirs, intakeId)).rejects.toMatchObject({ code: 'INTAKE_CLOSED' })
    await expect(centre.intake.claim(theirs, '没有')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect((await centre.intake.list(theirs)).some(item => item.intakeId === intakeId)).toBe(false)
  })

  it('is posted with a key of its own and claimed by people of the hotline only', async () => {
    const key = await centre.apiKeys.create('市民小程序', ['intake.post'])
    const other = await centre.apiKeys.create('交换机', ['missed-call.post'])
    const post = (headers: Record<string, string>, body: unknown) =>
      fetch(`${url}/v1/intake`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      })
    const body = { channelId: randomUUID(), ...content({ content: '<b>小区</b>停水' }) }
    expect(await codeOf(await post({}, body))).toBe('UNAUTHENTICATED')
    expect(await codeOf(await post({ 'x-api-key': other }, body))).toBe('FORBIDDEN')
    expect((await post({ 'x-api-key': key }, body)).status).toBe(200)
    for (const wrong of [
      { ...body, content: '字'.repeat(5_001) },
      { ...body, channelId: '' },
      { ...body, phone: '不是号码' },
      { ...body, content: '<br>', channelId: 'x' },
      { ...body, channelId: 'a\u0000b' },
    ])
      expect(await codeOf(await post({ 'x-api-key': key }, wrong))).toBe('BAD_REQUEST')
    const bearer = { authorization: `Bearer ${(await centre.devices.token(one.credential)).accessToken}` }
    const { accessToken } = await clientOf(url, () => bearer).sessions.create({
      workNumber: people.agent.workNumber,
      password,
    })
    const seat = clientOf(url, () => ({ ...bearer, 'x-operator-session': accessToken }))
    const item = (await seat.intake.list({})).items.find(
      each => each.title === '路灯不亮' && each.heldBy === null,
    )
    const claim = await seat.intake.claim({ intakeId: item?.intakeId ?? '' })
    expect(claim.content.content).not.toContain('<')
    await seat.intake.drop({ intakeId: claim.intakeId, fence: claim.fence, reason: '重复' })
  })

  it('a channel that posts too much is stopped, and goes on a minute later', async () => {
    await centre.sql.query(
      `INSERT INTO intake (intake_id, channel, channel_id, digest, received_at, content, state)
       SELECT 'flood-' || n, '洪水', n::text, '', $1, '{}', 'dropped' FROM generate_series(1, ${maxIntakePerMinute}) AS n`,
      [new Date(centre.now.ms).toISOString()],
    )
    const post = () => centre.intake.post('洪水', randomUUID(), content())
    await expect(post()).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    centre.now.ms += 61_000
    expect((await post()).duplicate).toBe(false)
  })

  it('a robot at the public form: slowed down by address and number, its trap and its mark-up come to nothing', async () => {
    const form = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
      fetch(`${url}/public`, {
        method: 'POST',
        headers: { origin: url, ...headers },
        body: new URLSearchParams(fields),
      })
    const fields = (part: Record<string, string> = {}) => ({
      channelId: randomUUID(),
      phone: '19900000077',
      content: '<script>alert(1)</script>路灯不亮',
      ...part,
    })
    const count = async () =>
      (
        await centre.sql.query<{ count: number }>(
          'SELECT count(*)::int AS count FROM intake WHERE channel = $1',
          [publicChannel],
        )
      )[0]?.count
    expect((await form(fields(), { origin: 'https://evil.example' })).status).toBe(403)
    const trapped = await form(fields({ website: 'https://spam.example' }))
    expect(trapped.status).toBe(200)
    expect(await count()).toBe(0)
    const huge = await form(fields({ content: 'x'.repeat(200_000) }))
    expect(huge.status).toBe(413)
    const long = await form(fields({ content: '字'.repeat(5_001) }))
    expect(long.status).toBe(400)
    const real = await form(fields())
    const page = await real.text()
    expect(real.status).toBe(200)
    const receipt = /W\d{8}-[0-9A-F]{10}/.exec(page)?.[0] ?? ''
    const [kept] = await centre.sql.query<{ content: string }>(
      'SELECT content FROM intake WHERE intake_id = $1',
      [receipt],
    )
    expect(JSON.parse(kept?.content ?? '{}')).toMatchObject({ content: 'alert(1)路灯不亮' })
    const statuses = await Promise.all(Array.from({ length: 30 }, async () => (await form(fields())).status))
    expect(statuses.filter(status => status === 429).length).toBeGreaterThanOrEqual(29)
    for (let time = 0; time < 6; time += 1)
      await centre.intake.post(publicChannel, randomUUID(), content({ phone: '19900000077' })).catch(() => {})
    expect(await count()).toBeLessThanOrEqual(5)
  })

  describe('progress', () => {
    const look = async (number: string, code: string) => {
      const response = await fetch(`${url}/public/progress`, {
        method: 'POST',
        headers: { origin: url },
        body: new URLSearchParams({ number, code }),
      })
      return { status: response.status, text: await response.text() }
    }
    const told = (text: string) => /<p class="problem"[^>]*>([^<]*)</.exec(text)?.[1]
    const filed = async (fields = {}) => {
      const create = one.create(randomUUID(), { callerName: '王小明', ...fields })
      await centre.push(one.device, [create])
      await centre.stamper.stamp()
      const [document] = casesIn((await one.pull()).changes).filter(each => each.caseId === create.caseId)
      const [row] = await centre.sql.query<{ progress_code: string }>(
        'SELECT progress_code FROM cases WHERE case_id = $1',
        [create.caseId],
      )
      return {
        number: (create.args as { caseNumber: string }).caseNumber,
        code: row?.progress_code ?? '',
        document,
      }
    }
    const wrongFor = (code: string) => String((Number(code) + 1) % 1e8).padStart(8, '0')

    it('is told by number and code together; the code comes to the seat with the case', async () => {
      const { number, code, document } = await filed()
      expect(code).toMatch(/^\d{8}$/)
      expect(document?.progressCode).toBe(code)
      const right = await look(number, `${code.slice(0, 4)} ${code.slice(4)}`)
      expect(right.text).toContain('已受理')
      expect(right.text).not.toMatch(/王小明|路灯|19900000001/)
      const wrong = await look(number, wrongFor(code))
      const none = await look('T-没有', code)
      expect(told(wrong.text)).toContain('没有找到：请核对编号和查询码')
      expect(told(none.text)).toBe(told(wrong.text))
      expect((await filed()).code).not.toBe(code)
    })

    it('of a confidential caller is told to nobody, with the right code too', async () => {
      const { number, code, document } = await filed({ confidential: true })
      expect(document?.progressCode).toBeNull()
      expect(await centre.intake.progress(number, code)).toBeNull()
      const steps: string[][] = []
      const { query } = centre.sql
      for (const [asked, given] of [
        [number, code],
        ['T-没有', code],
        [(await filed()).number, wrongFor(code)],
      ] as const) {
        const texts: string[] = []
        centre.sql.query = (text, params) => {
          texts.push(text)
          return query(text, params)
        }
        expect(await centre.intake.progress(asked, given)).toBeNull()
        await centre.intake.progress(asked, given)
        centre.sql.query = query
        steps.push(texts.slice(-2))
      }
      expect(new Set(steps.map(texts => texts.join('\n'))).size).toBe(1)
      const item = await centre.intake.post('小程序', randomUUID(), content({ confidential: true }))
      expect(item.progressCode).toBeNull()
    })

    it('of a web form comes with its receipt, the same for the same post, until a case has it', async () => {
      const channelId = randomUUID()
      const first = await centre.intake.post('小程序', channelId, content())
      expect(await centre.intake.post('小程序', channelId, content())).toEqual({ ...first, duplicate: true })
      const { intakeId, progressCode } = first
      expect(await centre.intake.progress(intakeId, progressCode ?? '')).toMatchObject({ status: 'waiting' })
      expect(await centre.intake.progress(intakeId, wrongFor(progressCode ?? ''))).toBeNull()
      expect(await centre.intake.progress(intakeId, '')).toBeNull()
    })

    it('is guessed twenty times an hour for one number, at once or one by one, and then by nobody', async () => {
      const { number, code } = await filed()
      for (let times = 0; times < 30; times += 1)
        expect(await centre.intake.progress(number, code)).not.toBeNull()
      const guesses = await Promise.allSettled(
        Array.from({ length: 40 }, () => centre.intake.progress(number, wrongFor(code))),
      )
      expect(guesses.filter(({ status }) => status === 'fulfilled')).toHaveLength(20)
      await expect(centre.intake.progress(number, code)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
      centre.now.ms += 3_600_000 + 1
      expect(await centre.intake.progress(number, code)).not.toBeNull()
    })

    it('is drawn by the update for cases and items of before', async () => {
      const { number, document } = await filed()
      const { intakeId } = await centre.intake.post('小程序', randomUUID(), content())
      await centre.sql.script(`
        ALTER TABLE cases DROP COLUMN progress_code; ALTER TABLE intake DROP COLUMN progress_code;
        DROP TABLE upload; DROP TABLE progress_guess; DELETE FROM migration WHERE id = 66`)
      const before = await centre.sql.query<{ id: number }>(
        'DELETE FROM migration WHERE id > 66 RETURNING id',
      )
      await centre.sql.script(doors.sql)
      for (const id of [66, ...before.map(each => each.id)])
        await centre.sql.query('INSERT INTO migration (id) VALUES ($1)', [id])
      const codes = await centre.sql.query<{ code: string }>(
        `SELECT progress_code AS code FROM cases WHERE case_id = $1
         UNION ALL SELECT progress_code FROM intake WHERE intake_id = $2`,
        [document?.caseId, intakeId],
      )
      expect(codes).toHaveLength(2)
      for (const { code } of codes) expect(code).toMatch(/^\d{8}$/)
      expect(await centre.intake.progress(number, codes[0]?.code ?? '')).not.toBeNull()
    })

    it('is looked up ten times a minute from one address', async () => {
      centre.now.ms += 60_001
      const guesses = await Promise.all(Array.from({ length: 20 }, (_, n) => look(`2026-${n}`, '12345678')))
      expect(guesses.filter(({ status }) => status === 429)).toHaveLength(10)
    })
  })
})
