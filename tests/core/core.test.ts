import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { noCaseFilter } from '../../shared/contract/seat.ts'
import { containsText } from '../../shared/domain/bigram.ts'
import type { CallEvent } from '../../shared/domain/call.ts'
import { type CaseFields, emptyCaseFields } from '../../shared/domain/case.ts'
import { type CoreProcess, startCore } from '../support/core-process.ts'

let folder: string
const running: CoreProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zuoxi-core-'))
})
afterEach(async () => {
  for (const core of running.splice(0)) await core.kill()
  rmSync(folder, { recursive: true, force: true })
})

async function start(...args: Parameters<typeof startCore> extends [string, ...infer Rest] ? Rest : never) {
  const core = await startCore(folder, ...args)
  running.push(core)
  await core.opened()
  return core
}
async function signedIn(given: Parameters<typeof start>[0] = {}, operatorId = 'demo-1001') {
  const core = await start(given)
  await core.seat.identity.signIn({ operatorId })
  return core
}
const administrator = 'demo-9001'
const filled = (change: Partial<CaseFields> = {}): CaseFields => ({
  ...emptyCaseFields,
  contactNumber: '19900000001',
  content: '路灯不亮，请尽快维修',
  disposition: 'accept',
  ...change,
})
async function file(core: CoreProcess, change: Partial<CaseFields> = {}) {
  const draft = await core.seat.drafts.open({ callId: null, callingNumber: '', contactNumber: '' })
  return core.seat.cases.submit({ draftId: draft.draftId, fields: filled(change) })
}
const codeOf = async (run: Promise<unknown>) => {
  try {
    await run
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : String(error)
  }
  return 'none'
}
const facts = (callerNumber: string | null) => ({
  originalCallId: 'o',
  callerNumber,
  calledNumber: '8001',
  displayName: null,
  queue: null,
  skill: null,
  dialect: null,
  recordingId: null,
})
const at = '2026-11-23T01:00:00.000Z'

describe('help while the caller talks', () => {
  it('offers an earlier case of the same matter, and drafts of the form, over the contract', async () => {
    const core = await signedIn()
    const filed = await file(core, { title: '青石巷百味夜宵摊油烟扰民', contactNumber: '19900000007' })
    const typed = { title: '', content: '楼下百味夜宵摊油烟太大，昨天停水了', place: '' }
    const found = await core.seat.assist.repeats({
      ...typed,
      callingNumber: '',
      contactNumber: '19900000007',
      categoryCode: '',
      divisionCode: '',
      ownCaseId: null,
      limit: 10,
    })
    expect(found?.map(({ summary }) => summary.caseId)).toEqual([filed.caseId])
    expect(found?.[0]?.reasons.map(({ kind }) => kind)).toEqual(['number', 'words'])
    const drafts = await core.seat.assist.drafts(typed)
    expect(drafts).toMatchObject({ modelVersion: null, urgency: { urgency: 'urgent', words: ['停水'] } })
  })
})

describe('the core', () => {
  it('files a case once, however often its draft is submitted, with one audit and one outbox row', async () => {
    const core = await signedIn()
    const before = (await core.seat.seat.status({})).outboxWaiting
    const draft = await core.seat.drafts.open({
      callId: 'c1',
      callingNumber: '19900000001',
      contactNumber: '',
    })
    const first = await core.seat.cases.submit({ draftId: draft.draftId, fields: filled() })
    const again = await core.seat.cases.submit({
      draftId: draft.draftId,
      fields: filled({ title: '另一个标题' }),
    })
    expect(again).toEqual(first)
    expect((await core.seat.seat.status({})).outboxWaiting).toBe(before + 1)
    expect(await core.seat.drafts.list({})).toEqual([])
    expect(first.history.map(({ kind }) => kind)).toEqual(['created'])
  })

  it('refuses with codes, and the draft is still there', async () => {
    const core = await signedIn()
    const draft = await core.seat.drafts.open({ callId: null, callingNumber: '', contactNumber: '' })
    const submit = (fields: CaseFields) => codeOf(core.seat.cases.submit({ draftId: draft.draftId, fields }))
    await core.seat.identity.signOut({})
    expect(await submit(filled())).toBe('NOT_SIGNED_IN')
    const [operator] = await core.seat.identity.list({})
    await core.seat.identity.signIn({ operatorId: operator?.operatorId ?? '' })
    expect(await submit(emptyCaseFields)).toBe('CASE_INCOMPLETE')
    expect(await submit(filled({ categoryCode: '999999' }))).toBe('CATALOGUE_UNKNOWN_CODE')
    expect(await submit({ ...filled(), content: 'x'.repeat(20_001) })).toBe('BAD_REQUEST')
    expect(await codeOf(core.seat.drafts.discard({ draftId: 'none' }))).toBe('DRAFT_NOT_FOUND')
    expect(await codeOf(core.seat.cases.get({ caseId: 'none' }))).toBe('CASE_NOT_FOUND')
    expect(await core.seat.drafts.list({})).toHaveLength(1)
  })

  it('tells a page that another page has saved since, and keeps what that one saved', async () => {
    const core = await signedIn()
    const draft = await core.seat.drafts.open({ callId: null, callingNumber: '', contactNumber: '' })
    const save = (revision: number, base: number, title: string) =>
      core.seat.drafts.save({ draftId: draft.draftId, revision, base, fields: filled({ title }) })
    expect(await save(1, 0, '甲页')).toEqual({ revision: 1, elsewhere: null })
    // The same again, after an answer that was lost.
    expect(await save(1, 0, '甲页')).toEqual({ revision: 1, elsewhere: null })
    const other = await save(7, 0, '乙页')
    expect(other).toMatchObject({ revision: 1, elsewhere: { revision: 1, fields: { title: '甲页' } } })
    expect(await save(7, 1, '乙页')).toEqual({ revision: 7, elsewhere: null })
    await core.seat.drafts.discard({ draftId: draft.draftId })
  })

  it('keeps one draft a call, and the newest revision of it', async () => {
    const core = await signedIn()
    const open = () => core.seat.drafts.open({ callId: 'same', callingNumber: '1', contactNumber: '' })
    const draft = await open()
    expect((await open()).draftId).toBe(draft.draftId)
    const save = (revision: number, title: string) =>
      core.seat.drafts.save({ draftId: draft.draftId, revision, fields: filled({ title }) })
    expect(await save(5, '新')).toEqual({ revision: 5, elsewhere: null })
    expect(await save(4, '旧')).toEqual({ revision: 5, elsewhere: null })
    expect((await core.seat.drafts.list({}))[0]?.fields.title).toBe('新')
  })

  it('shows the caller: open cases first, counts, name; numbers in any form are one', async () => {
    const core = await signedIn()
    await file(core, { title: '未办结', callerName: '模拟甲' })
    await file(core, { title: '已办结', handling: 'direct', callerName: '模拟乙' })
    const card = await core.seat.callers.lookup({ number: '+86 199-0000-0001', excludeCallId: null })
    expect(card.cases.map(({ title }) => title)).toEqual(['未办结', '已办结'])
    expect(card).toMatchObject({ caseCount: 2, openCaseCount: 1, knownName: '模拟乙', localOnly: true })
    const hidden = await core.seat.callers.lookup({ number: null, excludeCallId: null })
    expect(hidden).toMatchObject({ caseCount: 0, cases: [], number: { kind: 'withheld' } })
  })

  it('records a call from its events, and replays change nothing', async () => {
    const core = await signedIn()
    const events: CallEvent[] = [
      { type: 'offered', at, facts: facts('19900000009') },
      { type: 'answered', at },
      { type: 'ended', at, side: 'caller', cause: 'hang-up', sipStatus: null },
    ]
    const first = await core.seat.calls.report({ callId: 'x', events })
    const waiting = (await core.seat.seat.status({})).outboxWaiting
    expect(await core.seat.calls.report({ callId: 'x', events })).toEqual(first)
    expect((await core.seat.seat.status({})).outboxWaiting).toBe(waiting)
    expect(first).toMatchObject({ outcome: 'answered', numberKey: '19900000009', state: 'ended' })
    expect(await core.seat.calls.report({ callId: 'y', events: [{ type: 'answered', at }] })).toBeNull()
  })

  it('a call that is made about a case belongs to it from the beginning; of a case that is not here it knows nothing', async () => {
    const core = await signedIn()
    const { caseId } = await file(core, { content: '路灯不亮' })
    const dialled: CallEvent = { type: 'dialled', at, facts: facts('19900000009') }
    const { report } = core.seat.calls
    expect(await report({ callId: 'x', events: [dialled], caseId })).toMatchObject({ caseId })
    // What is told again, or without it, takes it away no more.
    const ended: CallEvent = { type: 'ended', at, side: 'seat', cause: 'cancelled', sipStatus: null }
    expect(await report({ callId: 'x', events: [dialled, ended] })).toMatchObject({
      caseId,
      outcome: 'cancelled',
    })
    expect(await report({ callId: 'y', events: [dialled], caseId: 'no-such-case' })).toMatchObject({
      caseId: null,
    })
  })

  it('finds exactly the cases that contain what was asked, two characters and more', async () => {
    const core = await signedIn()
    const texts = [
      '路灯不亮',
      '社保卡补办',
      '补办社保的地点',
      '噪声扰民 夜间施工',
      '保社 ABC123',
      '不亮的路灯',
    ]
    for (const content of texts) await file(core, { content, contactNumber: '19900000002' })
    const pieces = fc.constantFrom(
      '路灯',
      '社保',
      '保卡',
      '补办',
      '不亮',
      '夜间施工',
      'abc1',
      'ABC',
      '没有',
      '灯不亮',
    )
    await fc.assert(
      fc.asyncProperty(pieces, async text => {
        const found = await core.seat.cases.list({
          filter: { ...noCaseFilter, text },
          limit: 50,
          cursor: null,
        })
        const contents = await Promise.all(
          found.cases.map(async one => (await core.seat.cases.get(one)).fields.content),
        )
        expect(contents.sort()).toEqual(texts.filter(content => containsText(content, text)).sort())
      }),
      { numRuns: 30 },
    )
    const one = await core.seat.cases.list({
      filter: { ...noCaseFilter, text: '路' },
      limit: 50,
      cursor: null,
    })
    expect(one.cases).toEqual([])
  })

  it('lists by pages, latest first, and by filters together with text', async () => {
    const core = await signedIn()
    for (let index = 0; index < 7; index += 1) {
      await file(core, {
        title: `第${index}件`,
        urgency: index % 2 === 0 ? 'urgent' : 'normal',
        categoryCode: '010101',
      })
    }
    const titles: string[] = []
    let cursor: string | null = null
    do {
      const page = await core.seat.cases.list({ filter: noCaseFilter, limit: 3, cursor })
      titles.push(...page.cases.map(({ title }) => title))
      cursor = page.nextCursor
    } while (cursor !== null)
    expect(titles).toEqual([6, 5, 4, 3, 2, 1, 0].map(index => `第${index}件`))
    const filter = {
      ...noCaseFilter,
      text: '路灯',
      urgency: ['urgent' as const],
      categoryCode: '01',
      mineOnly: true,
    }
    expect((await core.seat.cases.list({ filter, limit: 50, cursor: null })).cases).toHaveLength(4)
  })

  it('adds a remark once for one request id', async () => {
    const core = await signedIn()
    const { caseId } = await file(core)
    const remark = { caseId, requestId: '7d1f6d0e-8d2f-4f3e-9c39-0f5a5f0e9a01', text: '来电人补充' }
    const once = await core.seat.cases.addRemark(remark)
    expect(await core.seat.cases.addRemark(remark)).toEqual(once)
    expect(once).toMatchObject({ version: 2 })
    expect(once.history.map(({ kind }) => kind)).toEqual(['created', 'remark'])
  })

  it('refuses malformed and unknown requests and goes on', async () => {
    const core = await signedIn()
    expect(await core.rawFrame('rubbish')).toContain('BAD_REQUEST')
    expect(await core.rawFrame('{"i":"1","p":{"u":7}}')).toContain('BAD_REQUEST')
    expect(await core.rawFrame('{"i":"1","p":{"u":"/no/such","b":{}}}')).toContain('404')
    expect(await core.rawFrame('{"i":"1","p":{"u":"/cases/get","b":{"json":{"caseId":5}}}}')).toContain(
      'BAD_REQUEST',
    )
    // A request that was given up: nothing is answered, least of all that it was malformed. The next one is answered first.
    const given = core.rawFrame('{"i":"9","t":4}')
    expect((await core.seat.seat.status({})).storage.state).toBe('open')
    expect(await Promise.race([given, Promise.resolve('nothing')])).toBe('nothing')
  })

  it('keeps every acknowledged draft and case through SIGKILL at any moment', async () => {
    const rounds = 4
    const seed = Number(process.env['ZUOXI_SEED'] ?? Date.now() % 100_000)
    console.log(`seed ${seed}`)
    const moments = fc.sample(fc.integer({ min: 3, max: 22 }), { numRuns: rounds, seed })
    const kept = new Map<string, string>()
    const filed = new Set<string>()
    for (let round = 0; round < rounds; round += 1) {
      const core = await signedIn()
      const work = (async () => {
        for (let index = 0; ; index += 1) {
          const draft = await core.seat.drafts.open({
            callId: `r${round}-${index}`,
            callingNumber: '',
            contactNumber: '',
          })
          const title = `第${round}轮第${index}件`
          await core.seat.drafts.save({ draftId: draft.draftId, revision: 1, fields: filled({ title }) })
          kept.set(draft.draftId, title)
          if (index % 2 === 1) continue
          const done = await core.seat.cases.submit({ draftId: draft.draftId, fields: filled({ title }) })
          filed.add(done.caseId)
          kept.delete(draft.draftId)
        }
      })()
      // Killed after so many acknowledged cases, in the middle of whatever comes next.
      const target = filed.size + (moments[round] ?? 3)
      while (filed.size < target) await new Promise(resolve => setImmediate(resolve))
      core.child.kill('SIGKILL')
      await work.catch(() => {})
    }
    const core = await signedIn()
    const drafts = new Map(
      (await core.seat.drafts.list({})).map(draft => [draft.draftId, draft.fields.title]),
    )
    for (const [draftId, title] of kept) {
      // The last one of a round may have been filed without its answer having arrived.
      if (drafts.has(draftId)) expect(drafts.get(draftId)).toBe(title)
      else
        expect(
          (await core.seat.cases.list({ filter: { ...noCaseFilter, text: title }, limit: 1, cursor: null }))
            .cases,
        ).toHaveLength(1)
    }
    for (const caseId of filed) expect((await core.seat.cases.get({ caseId })).caseId).toBe(caseId)
  })

  it('writes nothing of people in the clear: data folder, temporary folder, log', async () => {
    const planted = ['欧阳测试甲', '19900004321', '秘密内容丙丁']
    const temporary = mkdtempSync(join(tmpdir(), 'zuoxi-tmp-'))
    const before = process.env['TMPDIR']
    process.env['TMPDIR'] = temporary
    try {
      const core = await signedIn()
      for (let index = 0; index < 40; index += 1) {
        await file(core, {
          callerName: planted[0] ?? '',
          contactNumber: planted[1] ?? '',
          content: `${planted[2]} ${index}`,
        })
      }
      await core.seat.calls.report({
        callId: 'p',
        events: [{ type: 'offered', at, facts: facts(planted[1] ?? '') }],
      })
      await core.seat.cases.list({ filter: { ...noCaseFilter, text: '秘密' }, limit: 50, cursor: null })
      core.child.kill('SIGKILL')
      const log = core.stderr()
      const bytes = [folder, temporary].flatMap(top =>
        readdirSync(top, { recursive: true, encoding: 'utf8' })
          .map(name => join(top, name))
          .filter(path => statSync(path).isFile())
          .map(path => ({ path, content: readFileSync(path) })),
      )
      expect(bytes.length).toBeGreaterThan(2)
      for (const text of planted) {
        expect(log).not.toContain(text)
        for (const { path, content } of bytes) {
          expect(content.includes(Buffer.from(text, 'utf8')), path).toBe(false)
          expect(content.includes(Buffer.from(text, 'utf16le')), path).toBe(false)
        }
      }
    } finally {
      if (before === undefined) delete process.env['TMPDIR']
      else process.env['TMPDIR'] = before
      rmSync(temporary, { recursive: true, force: true })
    }
  })
})

describe('the key', () => {
  it('is wrapped by the keyring when there is one, and asked for nowhere else', async () => {
    const flip = (_: unknown, data: Uint8Array) => data.map(byte => byte ^ 0x55)
    const core = await start({ keyMode: 'keyring' }, flip)
    expect((await core.seat.seat.status({})).storage).toEqual({ state: 'open', protection: 'keyring' })
    await core.kill()
    const again = await start({ keyMode: 'keyring' }, flip)
    expect((await again.seat.seat.status({})).storage.state).toBe('open')
    await again.kill()
    const without = await start({ keyMode: 'keyring' }, () => null)
    expect((await without.seat.seat.status({})).storage).toMatchObject({
      state: 'failed',
      code: 'KEY_UNAVAILABLE',
    })
  })

  it('without a keyring is behind a passphrase: weak ones and wrong ones are refused', async () => {
    const core = await start({ keyMode: 'keyring' }, () => null)
    expect((await core.seat.seat.status({})).storage.state).toBe('new-passphrase')
    expect(await codeOf(core.seat.identity.list({}))).toBe('STORAGE_LOCKED')
    expect(await codeOf(core.seat.vault.create({ passphrase: '太短了' }))).toBe('PASSPHRASE_WEAK')
    await core.seat.vault.create({ passphrase: '一个足够长的口令共有十六个字符以上' })
    expect((await core.seat.seat.status({})).storage).toEqual({ state: 'open', protection: 'passphrase' })
    await core.kill()
    const again = await start({ keyMode: 'passphrase' })
    expect((await again.seat.seat.status({})).storage.state).toBe('locked')
    expect(await codeOf(again.seat.vault.unlock({ passphrase: '不是这个口令不是这个口令' }))).toBe(
      'PASSPHRASE_WRONG',
    )
    await again.seat.vault.unlock({ passphrase: '一个足够长的口令共有十六个字符以上' })
    expect((await again.seat.seat.status({})).storage.state).toBe('open')
  })

  it('that is lost never lets a new one cover the database, and the files can be copied', async () => {
    const core = await start()
    await core.kill()
    rmSync(join(folder, 'seat.key.json'))
    const before = readFileSync(join(folder, 'seat.db'))
    const again = await start()
    expect((await again.seat.seat.status({})).storage).toMatchObject({
      state: 'failed',
      code: 'KEY_UNAVAILABLE',
    })
    expect(await codeOf(again.seat.identity.list({}))).toBe('STORAGE_FAILED')
    const { folder: copy } = await again.seat.vault.copyFiles({})
    expect(readFileSync(join(copy, 'seat.db')).equals(before)).toBe(true)
  })

  it('of a demonstration opens nothing that is protected, nor the other way round', async () => {
    const core = await start({ keyMode: 'demo' })
    await core.kill()
    const real = await start({ keyMode: 'keyring' }, () => null)
    expect((await real.seat.seat.status({})).storage).toMatchObject({
      state: 'failed',
      code: 'KEY_UNAVAILABLE',
    })
  })
})

it('says what the page may connect to before it says that it is ready: the page is loaded on that word', async () => {
  const training = {
    sipUrl: 'ws://127.0.0.1:5',
    controlUrl: 'http://127.0.0.1:6',
    sipDomain: 'training.invalid',
    extension: '8001',
    secret: 's',
  }
  const core = await start({ training })
  const kinds = core.messages
    .map(({ type }) => type)
    .filter(type => type === 'ready' || type === 'connect-sources')
  expect(kinds.slice(0, 2)).toEqual(['connect-sources', 'ready'])
})

describe("the administrator's policy", () => {
  it('wins over what is saved, and what it fixes cannot be saved', async () => {
    const policyFile = join(folder, 'policy.json')
    writeFileSync(policyFile, JSON.stringify({ extension: '8888', exchangeUrl: 'wss://pbx.example.cn' }))
    const core = await signedIn({ policyFile }, administrator)
    const view = await core.seat.settings.get({})
    expect(view).toMatchObject({ settings: { extension: '8888' }, fixed: ['exchangeUrl', 'extension'] })
    expect(await codeOf(core.seat.settings.save({ settings: { extension: '1' } }))).toBe(
      'SETTING_FIXED_BY_POLICY',
    )
    expect(
      (await core.seat.settings.save({ settings: { areaCode: '0512' }, extensionSecret: 's' }))
        .hasExtensionSecret,
    ).toBe(true)
    expect(await core.seat.settings.phoneCredentials({})).toMatchObject({
      extension: '8888',
      authUser: '8888',
      secret: 's',
    })
    expect(
      core.messages.some(
        message => message.type === 'connect-sources' && message.sources.includes('wss://pbx.example.cn'),
      ),
    ).toBe(true)
  })

  it('with any error has no effect at all, and says where it is wrong', async () => {
    const policyFile = join(folder, 'policy.json')
    writeFileSync(policyFile, JSON.stringify({ extension: '8888', exchangeUrl: 'ws://10.0.0.1', unknown: 1 }))
    const core = await signedIn({ policyFile }, administrator)
    const view = await core.seat.settings.get({})
    expect(view.settings.extension).toBe('')
    expect(view.fixed).toEqual([])
    expect(view.policy.errors.map(({ path }) => path)).toContain('exchangeUrl')
  })
})
