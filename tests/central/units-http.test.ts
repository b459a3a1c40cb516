/** The page of the handling units, as its forms are sent: what it shows, whom it lets in, and what it lets nobody do. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createServer, type Server } from '../../central/http/server.ts'
import type { MoveInput } from '../../shared/domain/case-moves.ts'
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts'
import {
  addPeople,
  type DatabaseKind,
  databaseFor,
  databaseKinds,
  enrol,
  password,
  people,
  pushLive,
  type Seat,
  startCentre,
  type TestCentre,
} from './centre.ts'

let postgres: Postgres | null = null
beforeAll(async () => {
  if (hasPostgres) postgres = await startPostgres()
})
afterAll(async () => {
  await postgres?.stop()
})

const order = {
  catalogueVersion: '2026-11',
  categoryCode: '020301',
  lead: { code: 'C07', name: '城市照明中心' },
  assist: [{ code: 'S03', name: '河东街道' }],
  signBy: '2026-11-24T03:00:00.000Z',
  replyBy: '2026-12-01T02:00:00.000Z',
  opinion: '',
}

/** A browser, as far as its cookie and its forms go. */
function browser(url: string) {
  let cookie = ''
  const answer = async (response: Response) => {
    const set = response.headers.get('set-cookie')
    if (set !== null) cookie = set.split(';')[0] ?? ''
    return { status: response.status, text: await response.text(), headers: response.headers }
  }
  const get = async (path: string) =>
    answer(await fetch(`${url}${path}`, { headers: { cookie }, redirect: 'manual' }))
  const post = async (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    answer(
      await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { cookie, origin: url, ...headers },
        body: new URLSearchParams(fields),
        redirect: 'manual',
      }),
    )
  const signIn = (workNumber: string, secret = password) =>
    post('/units/sign-in', { workNumber, password: secret })
  /** The hidden fields of the form that goes to `path`. */
  const hidden = (page: string, path: string): Record<string, string> => {
    const form = page.slice(page.indexOf(`action="${path}"`)).split('</form>')[0] ?? ''
    return Object.fromEntries(
      [...form.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
        name,
        value,
      ]),
    )
  }
  return { get, post, signIn, hidden, cookie: () => cookie }
}

describe.each<DatabaseKind>(databaseKinds)('the page of the units on %s', kind => {
  let centre: TestCentre
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
    centre = await startCentre(await databaseFor(kind, postgres))
    await addPeople(centre)
    await unit('u-lighting', '5001', 'C07')
    await unit('u-street', '5002', 'S03')
    await unit('u-other', '5003', 'C01')
    await unit('u-locked', '5004', 'C07')
    server = await createServer(centre, null, { requestsPerMinute: 100_000, anonymousPerMinute: 100_000 })
    url = await server.listen({ host: '127.0.0.1', port: 0 })
    seat = await enrol(centre)
  })
  afterAll(async () => {
    await server.close()
    await centre.end()
  })

  const move = (caseId: string, by: string, input: MoveInput) =>
    pushLive(centre, seat, [
      seat.command('case.move', { entryId: randomUUID(), ...input }, { caseId, operatorId: by }),
    ])
  const dispatched = async (fields = {}, opinion = '') => {
    const caseId = randomUUID()
    await centre.push(seat.device, [seat.create(caseId, fields)])
    await move(caseId, people.agent.operatorId, {
      move: 'dispatch',
      reason: '',
      order: { ...order, opinion },
    })
    return caseId
  }
  const statusOf = async (caseId: string) =>
    (await centre.sql.query<{ status: string }>('SELECT status FROM cases WHERE case_id = $1', [caseId]))[0]
      ?.status

  it('has no script, nothing from elsewhere, and escapes what people wrote', async () => {
    const caseId = await dispatched({
      title: '<img src=x onerror=alert(1)>',
      content: '"><script>alert(1)</script>',
    })
    const unitBrowser = browser(url)
    await unitBrowser.signIn('5001')
    for (const path of ['/units', `/units/cases/${caseId}`]) {
      const { text, headers } = await unitBrowser.get(path)
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      )
      expect(headers.get('cache-control')).toBe('no-store')
      expect(text).not.toMatch(/<script|<img|style="|onerror="|javascript:/)
      expect(text).toContain('&lt;img src=x onerror=alert(1)&gt;')
    }
  })

  it('names nobody who called by another spelling, in no field of a page', async () => {
    const spoken =
      '１９９ ００００−０１０１，幺九九零零零零零幺零幺，诸葛女士、老诸葛、諸葛 小月，Li.Si@Example.ORG，身份证 990101 19900101 0012'
    const caller = {
      callerName: '诸葛 小月',
      contactNumber: '19900000101',
      email: 'li.si@example.org',
      title: `路灯${spoken}`,
      content: `12号楼301室，${spoken}`,
      place: `文昌路5号，${spoken}`,
      partyName: `诸葛小月的邻居，${spoken}`,
    }
    for (const confidential of [true, false]) {
      const caseId = await dispatched({ ...caller, confidential }, `请联系${spoken}`)
      const lighting = browser(url)
      await lighting.signIn('5001')
      const { status, text } = await lighting.get(`/units/cases/${caseId}`)
      expect(status).toBe(200)
      const parted = text.replaceAll(/诸葛\*\*/g, '')
      expect(parted).not.toMatch(/１９９|００００|九九零零|诸葛|諸葛|小月|example|1990\s?0101|0012(?!<)/i)
      expect(text).toContain('12号楼301室')
      expect(text).toContain('文昌路5号')
      expect((await lighting.get('/units')).text).not.toMatch(/１９９|诸葛|諸葛|小月/)
    }
  })

  it('shows a unit what is its own, without who called, and tells it nothing of anything else', async () => {
    const open = await dispatched({ callerName: '王小明', content: '王小明 19900000001 反映路灯不亮' })
    const secret = await dispatched({ callerName: '王小明', confidential: true })
    const [lighting, street, other] = [browser(url), browser(url), browser(url)]
    await lighting.signIn('5001')
    await street.signIn('5002')
    await other.signIn('5003')
    for (const caseId of [open, secret]) {
      for (const one of [lighting, street]) {
        const { status, text } = await one.get(`/units/cases/${caseId}`)
        expect(status).toBe(200)
        expect(text).not.toMatch(/王小明|19900000001/)
      }
      expect((await other.get(`/units/cases/${caseId}`)).status).toBe(404)
    }
    expect((await lighting.get(`/units/cases/${open}`)).text).toContain('199****0001')
    expect((await lighting.get(`/units/cases/${secret}`)).text).toContain('要求保密')
    expect((await street.get(`/units/cases/${open}`)).text).not.toContain('aria-label="签收"')
    expect((await other.get('/units')).text).toContain('现在没有派给本单位的工单')
    expect((await browser(url).get(`/units/cases/${open}`)).status).toBe(401)
    const audited = await centre.sql.query(
      `SELECT 1 FROM audit WHERE action = 'unit.read' AND operator_id = 'u-other' AND subject_id = $1 AND result = 'NOT_FOUND'`,
      [open],
    )
    expect(audited).toHaveLength(1)
  })

  it('signs, asks for an extension, replies; the same form sent twice does it once', async () => {
    const caseId = await dispatched()
    const page = browser(url)
    await page.signIn('5001')
    const path = (name: string) => `/units/cases/${caseId}/${name}`
    const fieldsFor = async (name: string) =>
      page.hidden((await page.get(`/units/cases/${caseId}`)).text, path(name))
    const signing = await fieldsFor('sign')
    const both = await Promise.all([page.post(path('sign'), signing), page.post(path('sign'), signing)])
    expect(both.map(({ status }) => status)).toEqual([303, 303])
    expect(await statusOf(caseId)).toBe('handling')
    const early = await page.post(path('extend'), {
      ...(await fieldsFor('extend')),
      reason: '等备件',
      replyBy: '2026-11-30T10:00',
    })
    expect(early.status).toBe(409)
    expect(early.text).toContain('>等备件</textarea>')
    expect(early.text).toContain('value="2026-11-30T10:00"')
    const later = { ...(await fieldsFor('extend')), reason: '等备件', replyBy: '2026-12-04T10:00' }
    expect((await page.post(path('extend'), later)).status).toBe(303)
    await move(caseId, people.lead.operatorId, { move: 'approveExtension', reason: '' })
    expect((await page.get(`/units/cases/${caseId}`)).text).toContain('2026-12-04 10:00')
    const empty = await page.post(path('reply'), { ...(await fieldsFor('reply')), reason: '  ' })
    expect(empty.status).toBe(409)
    expect(
      (await page.post(path('reply'), { ...(await fieldsFor('reply')), reason: '路灯已修复' })).status,
    ).toBe(303)
    expect(await statusOf(caseId)).toBe('replied')
    const [entries] = await centre.sql.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM case_history WHERE case_id = $1',
      [caseId],
    )
    expect(entries?.count).toBe(6)
    await centre.stamper.stamp()
    expect(
      (await seat.pull()).changes.find(change => change.kind === 'case' && change.case.caseId === caseId),
    ).toMatchObject({ case: { status: 'replied', loop: { reply: '路灯已修复', extensions: 1 } } })
  })

  it('a unit and a supervisor who move it at once: one is heard, the other told', async () => {
    const page = browser(url)
    await page.signIn('5001')
    for (let round = 0; round < 10; round += 1) {
      const caseId = await dispatched()
      const path = `/units/cases/${caseId}/return`
      const fields = page.hidden((await page.get(`/units/cases/${caseId}`)).text, path)
      const [ofUnit, [ofLead]] = await Promise.all([
        page.post(path, { ...fields, reason: '不属本单位' }),
        move(caseId, people.lead.operatorId, {
          move: 'redispatch',
          reason: '改',
          round: 1,
          order: { ...order, lead: { code: 'C01', name: '住建局' } },
        }),
      ])
      // A return that came first is answered by the re-dispatch; the other way round the case is not the unit's any more.
      expect(ofLead?.outcome).toBe('applied')
      expect([303, 404]).toContain(ofUnit.status)
      expect(await statusOf(caseId)).toBe('dispatched')
    }
  })

  it('refuses forms of other sites, without a token, of a round that is over, and moves that are no unit’s', async () => {
    const caseId = await dispatched()
    const page = browser(url)
    await page.signIn('5001')
    const path = `/units/cases/${caseId}/sign`
    const fields = page.hidden((await page.get(`/units/cases/${caseId}`)).text, path)
    expect((await page.post(path, fields, { origin: 'https://evil.example' })).status).toBe(403)
    expect((await page.post(path, fields, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await page.post(path, { ...fields, formToken: 'x' })).status).toBe(403)
    expect((await page.post(path, { ...fields, round: '7' })).status).toBe(409)
    expect((await page.post(path, { ...fields, requestId: 'x'.repeat(100) })).status).toBe(409)
    for (const name of ['close', 'approveReturn', 'constructor', 'dispatch'])
      expect((await page.post(`/units/cases/${caseId}/${name}`, fields)).status).toBe(404)
    expect((await page.post(path, { ...fields, reason: 'x'.repeat(100_000) })).status).toBe(413)
    expect(await statusOf(caseId)).toBe('dispatched')
  })

  it('knows no seat’s people, makes whoever fails wait, and ends by sign-out, idling and disabling', async () => {
    const page = browser(url)
    expect((await page.signIn('1001')).status).toBe(401)
    expect((await page.signIn('没有')).status).toBe(401)
    for (let time = 0; time < 4; time += 1) expect((await page.signIn('5004', '不是')).status).toBe(401)
    const waits = await page.signIn('5004')
    expect(waits.status).toBe(401)
    expect(waits.text).toContain('请 1 秒后再试')
    centre.now.ms += 1_000
    expect((await page.signIn('5004')).status).toBe(303)
    const done = await page.signIn('5001')
    expect(done.status).toBe(303)
    expect(done.headers.getSetCookie()[0]).toMatch(
      /^zuoxi_units=[\w-]{16,}; Path=\/units; HttpOnly; SameSite=Strict; Max-Age=43200$/,
    )
    const list = await page.get('/units')
    expect(list.text).toContain('派给本单位的工单')
    await page.post('/units/sign-out', page.hidden(list.text, '/units/sign-out'))
    expect((await page.get('/units')).text).toContain('>登录</h2>')
    await page.signIn('5001')
    const stolen = page.cookie()
    centre.now.ms += 31 * 60_000
    expect((await page.get('/units')).text).toContain('>登录</h2>')
    expect((await fetch(`${url}/units`, { headers: { cookie: stolen } })).status).toBe(200)
    await page.signIn('5003')
    await centre.operators.save(
      {
        ...people.agent,
        operatorId: 'u-other',
        workNumber: '5003',
        role: 'unit',
        unitCode: 'C01',
        disabled: true,
      },
      undefined,
      null,
    )
    expect((await page.get('/units')).text).toContain('>登录</h2>')
  })
})
