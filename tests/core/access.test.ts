import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGate } from '../../electron/core/rpc/gate.ts'
import { openDatabase } from '../../electron/core/storage/database.ts'
import { createVault } from '../../electron/core/vault/vault.ts'
import { noCaseFilter } from '../../shared/contract/seat.ts'
import type { CallEvent } from '../../shared/domain/call.ts'
import { type CaseFields, emptyCaseFields } from '../../shared/domain/case.ts'
import { type SeatPerson, seatAnswerBy, seatMatrix, seatPaths, walkSeat } from '../attack/seat-matrix.ts'
import { type CoreProcess, startCore } from '../support/core-process.ts'
import { refusalOf, seatParts } from '../support/seat-parts.ts'

let folder: string
const running: CoreProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zuoxi-access-'))
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

/** One of each role, all of one branch. */
const people = {
  agent: 'm-agent',
  other: 'm-other',
  contractor: 'm-contractor',
  lead: 'm-lead',
  admin: 'm-admin',
}
async function withPeople() {
  await (await start()).kill()
  const database = join(folder, 'seat.db')
  const vault = createVault({
    folder,
    database,
    mode: 'demo',
    keyring: { wrap: () => Promise.resolve(null), unwrap: () => Promise.resolve(null) },
    randomBytes: () => new Uint8Array(32),
  })
  const opened = await vault.open()
  if (opened.state !== 'key') throw new Error(`the key is ${opened.state}`)
  const db = openDatabase({ file: database, key: opened.key, now: Date.now() })
  const add = db.prepare(
    `INSERT INTO operator (operator_id, work_number, name, branch, role, created_at) VALUES (?, ?, ?, '一分中心', ?, '')`,
  )
  for (const [name, operatorId] of Object.entries(people))
    add.run(operatorId, operatorId, name, name === 'other' ? 'agent' : name)
  add.run('m-elsewhere', 'm-elsewhere', 'elsewhere', 'lead')
  db.prepare("UPDATE operator SET branch = '二分中心' WHERE operator_id = 'm-elsewhere'").run()
  db.close()
  return start()
}
const codeOf = async (run: Promise<unknown>) => {
  try {
    await run
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : String(error)
  }
  return 'none'
}
const filled = (change: Partial<CaseFields> = {}): CaseFields => ({
  ...emptyCaseFields,
  contactNumber: '19900000001',
  content: '路灯不亮',
  disposition: 'accept',
  ...change,
})
const sit = (core: CoreProcess, operatorId: string) => core.seat.identity.signIn({ operatorId })
const newForm = { callId: null, callingNumber: '', contactNumber: '' }
async function file(core: CoreProcess, change: Partial<CaseFields> = {}) {
  const { draftId } = await core.seat.drafts.open(newForm)
  return core.seat.cases.submit({ draftId, fields: filled(change) })
}
const facts = (callerNumber: string) => ({
  originalCallId: null,
  callerNumber,
  calledNumber: '8001',
  displayName: null,
  queue: null,
  skill: null,
  dialect: null,
  recordingId: null,
})
const now = () => new Date().toISOString()
const offered = (number: string): CallEvent => ({ type: 'offered', at: now(), facts: facts(number) })
const ended = (): CallEvent => ({
  type: 'ended',
  at: now(),
  side: 'caller',
  cause: 'hang-up',
  sipStatus: null,
})

describe('the whole contract', () => {
  it('answers each person as the table says', async () => {
    const core = await withPeople()
    const answers = new Map<SeatPerson, Awaited<ReturnType<typeof walkSeat>>>()
    answers.set('nobody', await walkSeat(core.seat))
    for (const person of ['agent', 'contractor', 'lead', 'admin'] as const) {
      await sit(core, people[person])
      answers.set(person, await walkSeat(core.seat))
    }
    console.log(seatMatrix(answers))
    for (const [person, found] of answers)
      expect(Object.fromEntries(found), person).toEqual(
        Object.fromEntries(seatPaths.map(path => [path, seatAnswerBy(path, person)])),
      )
  })

  it('answers a locked seat as the table says, and refuses a path without a row', () => {
    const seat = seatParts()
    try {
      seat.write(db => seat.identity.signIn(db, seat.person('admin', 'admin').operatorId))
      const status = () => ({ state: 'open', protection: 'keyring' }) as const
      const store = { db: seat.read, write: seat.write, status }
      const at = (access: 'locked' | 'open') =>
        createGate({ ...seat, store, identity: { ...seat.identity, access: () => access } })
      const locked = Object.fromEntries(
        seatPaths.map(path => [path, refusalOf(() => at('locked').ask(path, {}))]),
      )
      expect(locked).toEqual(
        Object.fromEntries(
          seatPaths.map(path => {
            const answer = seatAnswerBy(path, 'locked')
            return [path, answer === 'allowed' ? 'none' : answer]
          }),
        ),
      )
      expect(refusalOf(() => at('open').ask('cases.everything', {}))).toBe('FORBIDDEN')
      expect(refusalOf(() => at('open').ask('toString', {}))).toBe('FORBIDDEN')
    } finally {
      seat.close()
    }
  })

  it('writes down whom it refused for their role', () => {
    const seat = seatParts()
    try {
      seat.write(db => seat.identity.signIn(db, seat.person('agent').operatorId))
      const status = () => ({ state: 'open', protection: 'keyring' }) as const
      const gate = createGate({ ...seat, store: { db: seat.read, write: seat.write, status } })
      expect(refusalOf(() => gate.ask('sync.exportUnsent', {}))).toBe('FORBIDDEN')
      expect(seat.audited().at(-1)).toBe('seat.refused')
    } finally {
      seat.close()
    }
  })

  it('opens nothing while the database is not open but what opens it', async () => {
    const core = await start({ keyMode: 'keyring' }, () => null)
    const answers = await walkSeat(core.seat)
    const let_in = [...answers].filter(([, answer]) => answer === 'allowed').map(([path]) => path)
    expect(let_in).toEqual(seatPaths.filter(path => seatAnswerBy(path, 'nobody') === 'allowed'))
    for (const path of seatPaths.filter(each => !let_in.includes(each)))
      expect(answers.get(path), path).toBe('STORAGE_LOCKED')
  })
})

describe('with nobody signed in', () => {
  it('nothing of cases, callers, forms, calls, files, settings or people is answered', async () => {
    const core = await withPeople()
    const { seat } = core
    await sit(core, people.agent)
    const { caseId } = await file(core)
    const { draftId } = await seat.drafts.open({ ...newForm, callingNumber: '19900000002' })
    await seat.identity.signOut({})
    const asks: Record<string, Promise<unknown>> = {
      'cases.get': seat.cases.get({ caseId }),
      'cases.list': seat.cases.list({ filter: noCaseFilter, limit: 10, cursor: null }),
      'callers.lookup': seat.callers.lookup({ number: '19900000001', excludeCallId: null }),
      'drafts.list': seat.drafts.list({}),
      'drafts.open': seat.drafts.open(newForm),
      'drafts.save': seat.drafts.save({ draftId, revision: 9, fields: filled() }),
      'calls.list': seat.calls.list({ limit: 10, before: null }),
      'attachments.list': seat.attachments.list({ caseId }),
      'settings.save': seat.settings.save({ settings: { centreUrl: 'https://stranger.example' } }),
      'settings.phoneCredentials': seat.settings.phoneCredentials({}),
      'identity.create': seat.identity.create({
        workNumber: '666',
        name: '陌生人',
        branch: '一分中心',
        role: 'admin',
        skills: [],
      }),
      'sync.exportUnsent': seat.sync.exportUnsent({ passphrase: '一个足够长的口令十二字符以上' }),
      'sync.importUnsent': seat.sync.importUnsent({ file: '/etc/passwd', passphrase: 'x' }),
      'vault.copyFiles': seat.vault.copyFiles({}),
    }
    for (const [path, ask] of Object.entries(asks)) expect(await codeOf(ask), path).toBe('NOT_SIGNED_IN')
  })

  it('the settings say no more than the gate needs', async () => {
    const core = await start({
      training: {
        sipUrl: 'ws://127.0.0.1:5066/sip',
        sipDomain: 'training.example',
        extension: '8001',
        secret: 'x',
        controlUrl: 'http://127.0.0.1:5067',
      },
    })
    const [operator] = await core.seat.identity.list({})
    await sit(core, operator?.operatorId ?? '')
    await core.seat.settings.save({ settings: { language: 'en-US', textSize: 'large', ringtoneVolume: 0.1 } })
    expect((await core.seat.settings.get({})).settings.exchangeUrl).toContain('ws://')
    await core.seat.identity.signOut({})
    const view = await core.seat.settings.get({})
    expect(view.settings).toMatchObject({
      language: 'en-US',
      textSize: 'large',
      exchangeUrl: '',
      extension: '',
    })
    expect(view.settings.ringtoneVolume).not.toBe(0.1)
    expect(view).toMatchObject({ fixed: [], hasExtensionSecret: false, policy: { file: null } })
  })

  it('a page hears nothing of cases, forms and calls, and of the rest when somebody sits down', async () => {
    const core = await withPeople()
    const heard: string[] = []
    const stop = new AbortController()
    const events = await core.seat.seat.events({}, { signal: stop.signal })
    const listening = (async () => {
      for await (const event of events) heard.push(event.type)
    })().catch(() => {})
    await core.seat.calls.report({ callId: 'unattended', events: [offered('19900000003')] })
    await new Promise(resolve => setTimeout(resolve, 200))
    expect(heard).not.toContain('calls-changed')
    await sit(core, people.agent)
    await file(core)
    await new Promise(resolve => setTimeout(resolve, 200))
    expect(heard).toContain('cases-changed')
    stop.abort()
    await listening
  })

  it('a call that was in hand is recorded to its end, and nothing of it is answered', async () => {
    const core = await withPeople()
    const { seat } = core
    await sit(core, people.agent)
    const report = (callId: string, events: CallEvent[]) => seat.calls.report({ callId, events })
    await report('c1', [offered('19900000001'), { type: 'answered', at: now() }])
    await seat.identity.signOut({})
    expect(await report('c1', [{ type: 'held', at: now() }])).toBeNull()
    await seat.calls.keepDialog({ callId: 'c1', dialog: null })
    expect(await report('c1', [ended()])).toBeNull()
    await sit(core, people.agent)
    const [record] = await seat.calls.list({ limit: 1, before: null })
    expect(record).toMatchObject({
      callId: 'c1',
      state: 'ended',
      operatorId: people.agent,
      outcome: 'answered',
    })
  })

  it('a call that rings in vain is recorded as missed; nobody answers or dials', async () => {
    const core = await withPeople()
    const { seat } = core
    const report = (callId: string, events: CallEvent[]) => seat.calls.report({ callId, events })
    expect(await report('m1', [offered('19900000004')])).toBeNull()
    expect(await codeOf(report('m1', [{ type: 'answered', at: now() }]))).toBe('NOT_SIGNED_IN')
    expect(await report('m1', [ended()])).toBeNull()
    const dialled: CallEvent = { type: 'dialled', at: now(), facts: facts('19900000004') }
    expect(await codeOf(report('d1', [dialled]))).toBe('NOT_SIGNED_IN')
    expect(await codeOf(report('u1', [ended()]))).toBe('NOT_SIGNED_IN')
    expect(await codeOf(seat.calls.keepDialog({ callId: 'u1', dialog: null }))).toBe('NOT_SIGNED_IN')
    await sit(core, people.agent)
    expect(await seat.calls.list({ limit: 5, before: null })).toMatchObject([
      { callId: 'm1', outcome: 'missed', operatorId: null },
    ])
  })
})

describe('a form', () => {
  it("is its opener's: nobody else lists, saves, files or gives it up", async () => {
    const core = await withPeople()
    const { seat } = core
    await sit(core, people.agent)
    await seat.calls.report({ callId: 'c1', events: [offered('19900000001')] })
    const { draftId } = await seat.drafts.open({ ...newForm, callId: 'c1' })
    await seat.drafts.save({ draftId, revision: 1, fields: filled({ title: '林的草稿' }) })
    await sit(core, people.lead)
    expect(await seat.drafts.list({})).toEqual([])
    expect(await seat.drafts.others({})).toEqual({ count: 1 })
    const asks = [
      seat.drafts.save({ draftId, revision: 2, fields: filled() }),
      seat.drafts.open({ ...newForm, callId: 'c1' }),
      seat.drafts.discard({ draftId }),
      seat.cases.submit({ draftId, fields: filled() }),
      seat.relations.chosen({ draftId }),
      seat.dispatch.choose({ draftId, choice: { leadUnit: null, assistUnits: null, opinion: '' } }),
    ]
    for (const ask of asks) expect(await codeOf(ask)).toBe('DRAFT_NOT_FOUND')
    expect(await codeOf(seat.dispatch.choice({ draftId }))).toBe('CASE_NOT_FOUND')
    await sit(core, people.agent)
    expect((await seat.drafts.list({})).map(({ fields }) => fields.title)).toEqual(['林的草稿'])
  })

  it("of a call that goes on is not taken back by another page's operator", async () => {
    const core = await withPeople()
    await sit(core, people.agent)
    await core.seat.calls.report({
      callId: 'c1',
      events: [offered('19900000001'), { type: 'answered', at: now() }],
    })
    await core.kill()
    const again = await start()
    await sit(again, people.other)
    expect(await again.seat.calls.lost({})).toEqual([])
    expect(await again.seat.calls.list({ limit: 5, before: null })).toEqual([])
    await sit(again, people.agent)
    expect(await again.seat.calls.lost({})).toHaveLength(1)
  })
})

describe('a case', () => {
  it('of another branch looks as if it did not exist, by whatever way it is asked', async () => {
    const core = await withPeople()
    const { seat } = core
    await sit(core, people.agent)
    const { caseId } = await file(core, { title: '一分中心的工单' })
    await sit(core, 'm-elsewhere')
    const mine = await file(core, { contactNumber: '19900000009' })
    const asks = [
      seat.cases.get({ caseId }),
      seat.attachments.list({ caseId }),
      seat.cases.addRemark({ caseId, requestId: crypto.randomUUID(), text: '补充' }),
      seat.cases.reveal({ caseId, what: 'contactNumber', reason: '核实' }),
      seat.cases.edit({
        caseId,
        requestId: 'r',
        changes: [{ field: 'title', from: '一分中心的工单', to: '改' }],
      }),
      seat.relations.relate({ caseId: mine.caseId, requestId: 'r2', relation: 'link', otherId: caseId }),
    ]
    for (const ask of asks) expect(await codeOf(ask)).toBe('CASE_NOT_FOUND')
    const listed = await seat.cases.list({ filter: noCaseFilter, limit: 10, cursor: null })
    expect(listed.cases.map(each => each.caseId)).toEqual([mine.caseId])
    expect(await seat.callers.lookup({ number: '19900000001', excludeCallId: null })).toMatchObject({
      caseCount: 0,
      cases: [],
      knownName: '',
    })
    const repeats = await seat.assist.repeats({
      title: '一分中心的工单',
      content: '路灯不亮',
      place: '',
      callingNumber: '19900000001',
      contactNumber: '',
      categoryCode: '',
      divisionCode: '',
      ownCaseId: null,
      limit: 10,
    })
    expect(repeats?.map(({ summary }) => summary.caseId)).not.toContain(caseId)
  })
})

describe('settings', () => {
  it("of the connection are the administrator's; one's own comforts are one's own", async () => {
    const core = await withPeople()
    const { seat } = core
    const centre = { settings: { centreUrl: 'https://stranger.example', language: 'en-US' as const } }
    for (const person of ['agent', 'contractor', 'lead'] as const) {
      await sit(core, people[person])
      expect(await codeOf(seat.settings.save(centre)), person).toBe('FORBIDDEN')
      expect(await codeOf(seat.settings.save({ settings: {}, extensionSecret: 'x' })), person).toBe(
        'FORBIDDEN',
      )
      await seat.settings.save({ settings: { textSize: 'large', wrapUpSeconds: 5 } })
      expect((await seat.settings.get({})).settings).toMatchObject({ centreUrl: '', language: 'zh-CN' })
    }
    await sit(core, people.admin)
    await seat.settings.save({ settings: { extension: '8002' }, extensionSecret: 'x' })
    expect((await seat.settings.get({})).settings.extension).toBe('8002')
  })
})

describe('the files of the database', () => {
  it('are copied out by whoever may take unsent data out, or while nothing opens', async () => {
    const core = await withPeople()
    await sit(core, people.agent)
    expect(await codeOf(core.seat.vault.copyFiles({}))).toBe('FORBIDDEN')
    await sit(core, people.lead)
    expect((await core.seat.vault.copyFiles({})).folder).toContain('copy-')
  })
})
