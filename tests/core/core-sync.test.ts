/** The procedures of a filed case and of 同步 over the real wire, at a seat without a centre. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { noCaseFilter } from '../../shared/contract/seat.ts'
import { type CoreProcess, startCore } from '../support/core-process.ts'
import { filled } from '../support/seat-parts.ts'

let folder: string
const running: CoreProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zuoxi-core-sync-'))
})
afterEach(async () => {
  for (const core of running.splice(0)) await core.kill()
  rmSync(folder, { recursive: true, force: true })
})
async function signedIn(name: string, workNumber: string) {
  const core = await startCore(join(folder, name))
  running.push(core)
  await core.opened()
  const people = await core.seat.identity.list({})
  const { operatorId } = people.find(one => one.workNumber === workNumber) ?? { operatorId: '' }
  await core.seat.identity.signIn({ operatorId })
  return core
}
async function file(core: CoreProcess, change: Parameters<typeof filled>[0]) {
  const { draftId } = await core.seat.drafts.open({ callId: null, callingNumber: '', contactNumber: '' })
  return core.seat.cases.submit({ draftId, fields: filled(change) })
}
const codeOf = async (run: Promise<unknown>) => {
  try {
    await run
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : String(error)
  }
  return 'none'
}
const passphrase = '换机导出用的很长的一个口令二〇二六'

it('a case is changed, moved, revealed, kept from others, listed as unsent, and taken to another seat', async () => {
  const one = await signedIn('one', '1001')
  const { caseId, caseNumber } = await file(one, { title: '原', confidential: true })
  const changes = [{ field: 'title', from: '原', to: '改' }]
  const edited = await one.seat.cases.edit({ caseId, requestId: 'r1', changes })
  expect(edited.fields.title).toBe('改')
  expect(await one.seat.cases.edit({ caseId, requestId: 'r1', changes })).toEqual(edited)
  await one.seat.cases.move({ caseId, requestId: 'r2', move: 'close', reason: '' })
  const revealed = await one.seat.cases.reveal({ caseId, what: 'contactNumber', reason: '回访' })
  expect(revealed.value).toBe('19900000001')
  const bad = [{ field: 'disposition', from: 'accept', to: 'refer' }]
  expect(await codeOf(one.seat.cases.edit({ caseId, requestId: 'r3', changes: bad }))).toBe('FIELD_INVALID')

  const items = (await one.seat.sync.items({ limit: 100 })).filter(item => item.caseId === caseId)
  expect(items.map(({ name, caseNumber: of }) => [name, of])).toEqual(
    ['case.create', 'case.edit', 'case.move', 'case.reveal'].map(name => [name, caseNumber]),
  )
  expect(await codeOf(one.seat.sync.retry({ commandId: items[0]?.commandId ?? '' }))).toBe(
    'COMMAND_NOT_FOUND',
  )
  expect(await codeOf(one.seat.sync.exportUnsent({ passphrase }))).toBe('FORBIDDEN')
  await one.seat.identity.signIn({ operatorId: 'demo-1002' })
  expect(await codeOf(one.seat.sync.exportUnsent({ passphrase: '短' }))).toBe('PASSPHRASE_WEAK')
  const { file: exported } = await one.seat.sync.exportUnsent({ passphrase })

  await one.seat.identity.signIn({ operatorId: 'demo-2001' })
  const list = async (core: CoreProcess) =>
    (await core.seat.cases.list({ filter: noCaseFilter, limit: 5, cursor: null })).cases
  expect(await list(one)).toEqual([])
  expect(await codeOf(one.seat.cases.get({ caseId }))).toBe('CASE_NOT_FOUND')

  const two = await signedIn('two', '1002')
  expect(
    await codeOf(two.seat.sync.importUnsent({ file: exported, passphrase: '错误的口令也很长很长' })),
  ).toBe('PASSPHRASE_WRONG')
  const taken = await two.seat.sync.importUnsent({ file: exported, passphrase })
  expect(taken.taken).toBeGreaterThanOrEqual(4)
  expect((await list(two)).map(of => [of.caseNumber, of.status, of.contactNumber])).toEqual([
    [caseNumber, 'closed', '199****0001'],
  ])
})

it('without a centre nobody is asked for a password, and what needs a centre says so', async () => {
  const core = await signedIn('one', '1001')
  expect(await core.seat.sync.status({})).toMatchObject({ centre: 'none', numbersLeft: null })
  expect(await core.seat.callers.atCentre({ number: '19900000001' })).toBeNull()
  expect(await codeOf(core.seat.identity.signInByNumber({ workNumber: '9', password: 'x' }))).toBe(
    'CENTRE_UNREACHABLE',
  )
  expect(await codeOf(core.seat.identity.signIn({ operatorId: 'nobody' }))).toBe('OPERATOR_NOT_FOUND')
})
