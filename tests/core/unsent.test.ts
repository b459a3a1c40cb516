import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { applyChange } from '../../electron/core/sync/apply-changes.ts'
import { createUnsentFile } from '../../electron/core/sync/unsent-file.ts'
import {
  documentOf,
  filled,
  refusalOf,
  refusalOfAsync,
  type SeatParts,
  seatParts,
} from '../support/seat-parts.ts'

const passphrase = '换机导出用的很长的一个口令二〇二六'
let seat: SeatParts
let other: SeatParts
beforeEach(() => {
  seat = seatParts('one')
  other = seatParts('two')
})
afterEach(() => {
  seat.close()
  other.close()
})

const park = (of: SeatParts, id: string | undefined, code: string, conflict: unknown = null) =>
  of.db
    .prepare('INSERT INTO parked (command_id, code, sentence, at, conflict) VALUES (?, ?, ?, ?, ?)')
    .run(id, code, '中心的一句话', '2026-11-23T02:00:00.000Z', conflict && JSON.stringify(conflict))
const tell = (of: SeatParts, doc: ReturnType<typeof documentOf>) =>
  of.write(db => applyChange(db, { kind: 'case', case: doc }, false, of.apply))

/** A case at the centre whose title and place this operator changed, and the centre has another title. */
function conflicting() {
  const anna = seat.person('anna')
  seat.write(db => seat.identity.signIn(db, 'anna'))
  const doc = documentOf({ caseId: 'k', fields: filled({ title: '原', place: '甲' }) })
  tell(seat, doc)
  const edit = (requestId: string, field: string, from: string, to: string, more: unknown[] = []) =>
    seat.write(db =>
      seat.cases.edit(db, anna, {
        caseId: 'k',
        requestId,
        changes: [{ field, from, to }, ...(more as { field: string; from: string; to: string }[])],
      }),
    )
  seat.sent()
  edit('e1', 'title', '原', '我的', [{ field: 'place', from: '甲', to: '乙' }])
  edit('e2', 'title', '我的', '我的，更好')
  const [first] = seat.waiting()
  const by = { operatorId: 'bert', operatorName: '周伯安', at: '2026-11-23T01:30:00.000Z' }
  park(seat, first?.id, 'EDIT_CONFLICT', {
    clashes: [{ field: 'title', from: '原', mine: '我的', theirs: '他的' }],
    by,
  })
  tell(seat, { ...doc, version: 2, fields: { ...doc.fields, title: '他的' } })
  return { anna, id: first?.id ?? '' }
}

it('lists what waits in plain words, what is parked and what waits behind it, without a name or number of a case', () => {
  const anna = seat.person('anna')
  const a = seat.file(anna, { title: '秘密标题', callerName: '秘密人' })
  const b = seat.file(anna)
  seat.write(db => {
    seat.cases.move(db, anna, { caseId: a.caseId, requestId: 'm', move: 'close', reason: '' })
    seat.cases.reveal(db, anna, { caseId: b.caseId, what: 'contactNumber', reason: '回访' })
  })
  const [create] = seat.waiting()
  park(seat, create?.id, 'FORBIDDEN')
  const items = seat.unsent.list(seat.db, 50)
  expect(items.map(({ sentence, state, caseNumber }) => [sentence, state, caseNumber])).toEqual([
    ['提交新工单', 'parked', a.caseNumber],
    ['提交新工单', 'waiting', b.caseNumber],
    ['办结工单', 'behind-parked', a.caseNumber],
    ['查看完整号码：联系电话', 'waiting', b.caseNumber],
  ])
  expect(items[0]).toMatchObject({
    operatorName: 'anna的姓名',
    parked: { code: 'FORBIDDEN', sentence: '中心的一句话', handedOver: false, conflict: null },
  })
  expect(JSON.stringify(items)).not.toContain('秘密')
  expect(seat.unsent.list(seat.db, 2)).toHaveLength(2)
})

it('retry lets a parked command go again, hand-over marks it, and what is not parked cannot be either', () => {
  const anna = seat.person('anna')
  seat.file(anna)
  const [create] = seat.waiting()
  const id = create?.id ?? ''
  expect(refusalOf(() => seat.unsent.retry(seat.db, 'anna', id))).toBe('COMMAND_NOT_FOUND')
  park(seat, id, 'FORBIDDEN')
  seat.write(db => seat.unsent.handOver(db, 'anna', id))
  expect(seat.unsent.list(seat.db, 9)[0]?.parked?.handedOver).toBe(true)
  seat.write(db => seat.unsent.retry(db, 'anna', id))
  expect(seat.unsent.list(seat.db, 9)[0]?.state).toBe('waiting')
  expect(refusalOf(() => seat.unsent.handOver(seat.db, 'anna', 'none'))).toBe('COMMAND_NOT_FOUND')
  expect(seat.audited().slice(-2)).toEqual(['sync.handOver', 'sync.retry'])
})

it('a filing whose number is taken at the centre goes again with another number', () => {
  const anna = seat.person('anna')
  const one = seat.file(anna)
  const create = seat.waiting().find(({ name }) => name === 'case.create')
  park(seat, create?.id, 'CASE_NUMBER_TAKEN')
  seat.write(db => seat.unsent.retry(db, 'anna', create?.id ?? ''))
  const again = seat.waiting().find(({ name }) => name === 'case.create')
  expect(again?.id).toBe(create?.id)
  expect(again?.args['caseNumber']).toBe(seat.cases.get(seat.db, anna, one.caseId).caseNumber)
  expect(again?.args['caseNumber']).not.toBe(one.caseNumber)
})

it('a conflict decided for the own value: the edit goes again on top of theirs, in its place, and theirs is in the history', () => {
  const { anna, id } = conflicting()
  expect(seat.cases.get(seat.db, anna, 'k').fields).toMatchObject({ title: '他的', place: '甲' })
  seat.write(db => seat.unsent.resolve(db, 'anna', { commandId: id, mine: ['title'] }))
  const [edit, later, remark] = seat.waiting()
  expect(edit).toMatchObject({
    id,
    args: {
      entryId: 'e1',
      changes: [
        { field: 'title', from: '他的', to: '我的' },
        { field: 'place', from: '甲', to: '乙' },
      ],
    },
  })
  expect(later?.args).toMatchObject({ changes: [{ field: 'title', from: '我的', to: '我的，更好' }] })
  expect(remark?.name).toBe('case.addRemark')
  expect(String(remark?.args['text'])).toContain('标题：被替换的内容（周伯安）：他的')
  expect(seat.unsent.list(seat.db, 9).map(({ state }) => state)).toEqual(['waiting', 'waiting', 'waiting'])
  expect(seat.cases.get(seat.db, anna, 'k').fields.title).toBe('我的')
})

it('a conflict decided for theirs keeps what else was changed, and what was given up in the history', () => {
  const { anna, id } = conflicting()
  seat.write(db => seat.unsent.resolve(db, 'anna', { commandId: id, mine: [] }))
  const [edit] = seat.waiting()
  expect(edit).toMatchObject({ id, args: { changes: [{ field: 'place', from: '甲', to: '乙' }] } })
  const one = seat.cases.get(seat.db, anna, 'k')
  expect(one.fields.title).toBe('他的')
  expect(one.history.at(-1)?.detail).toContain('标题：未采用的修改：我的')
  expect(refusalOf(() => seat.unsent.resolve(seat.db, 'anna', { commandId: id, mine: [] }))).toBe(
    'COMMAND_NOT_FOUND',
  )
})

it('an edit that is given up whole is not sent and leaves the history, a long text of it stays whole in remarks', () => {
  const anna = seat.person('anna')
  const doc = documentOf({ caseId: 'k', fields: filled() })
  tell(seat, doc)
  seat.sent()
  seat.write(db => seat.identity.signIn(db, 'anna'))
  const long = '长'.repeat(5_000)
  seat.write(db =>
    seat.cases.edit(db, anna, {
      caseId: 'k',
      requestId: 'e1',
      changes: [{ field: 'content', from: '路灯不亮', to: long }],
    }),
  )
  const [edit] = seat.waiting()
  park(seat, edit?.id, 'EDIT_CONFLICT', {
    clashes: [{ field: 'content', from: '路灯不亮', mine: long, theirs: '他的' }],
    by: null,
  })
  seat.write(db => seat.unsent.resolve(db, 'anna', { commandId: edit?.id ?? '', mine: [] }))
  const one = seat.cases.get(seat.db, anna, 'k')
  expect(one.fields.content).toBe('他的')
  expect(one.history.map(({ kind }) => kind)).toEqual(['remark', 'remark', 'remark'])
  const remarks = seat.waiting()
  expect(remarks.every(({ name }) => name === 'case.addRemark')).toBe(true)
  expect(remarks.map(({ args }) => args['text']).join('')).toContain(long)
  expect(() => seat.db.prepare('DELETE FROM case_history').run()).toThrow('append-only')
})

it("another's confidential case is listed without its values, and not for others to decide", () => {
  const bert = seat.person('bert')
  seat.person('anna')
  tell(seat, documentOf({ caseId: 'k', operatorId: 'anna', fields: filled({ confidential: true }) }))
  seat.sent()
  const anna = seat.person('anna')
  const changes = [{ field: 'title', from: '', to: '我的' }]
  seat.write(db => seat.cases.edit(db, anna, { caseId: 'k', requestId: 'e', changes }))
  const [edit] = seat.waiting()
  const clashes = [{ field: 'title', from: '', mine: '我的', theirs: '他的' }]
  park(seat, edit?.id, 'EDIT_CONFLICT', { clashes, by: null })
  const conflict = () => seat.unsent.list(seat.db, 9)[0]?.parked?.conflict
  seat.write(db => seat.identity.signIn(db, bert.operatorId))
  expect(conflict()).toBeNull()
  const commandId = edit?.id ?? ''
  expect(refusalOf(() => seat.unsent.resolve(seat.db, 'bert', { commandId, mine: [] }))).toBe(
    'COMMAND_NOT_FOUND',
  )
  seat.write(db => seat.identity.signIn(db, 'anna'))
  expect(conflict()).toMatchObject({ clashes })
})

const fileOf = (of: SeatParts) => createUnsentFile({ ...of })

it('exports what is unsent, encrypted, and another seat takes it once, in order, under the same ids', async () => {
  const anna = seat.person('anna')
  const one = seat.file(anna, { title: '换机前的工单', callerName: '模拟甲' })
  seat.write(db => {
    seat.cases.addRemark(db, anna, { caseId: one.caseId, requestId: 'r', text: '备注' })
    seat.cases.edit(db, anna, {
      caseId: one.caseId,
      requestId: 'e',
      changes: [{ field: 'title', from: '换机前的工单', to: '换机前改过' }],
    })
    seat.cases.move(db, anna, { caseId: one.caseId, requestId: 'm', move: 'close', reason: '好' })
  })
  park(seat, seat.waiting().at(-1)?.id, 'FORBIDDEN')
  expect(await refusalOfAsync(fileOf(seat).save('anna', '太短的口令'))).toBe('PASSPHRASE_WEAK')
  const { file } = await fileOf(seat).save('anna', passphrase)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readFileSync(file, 'utf8')).not.toContain('模拟甲')
  expect(readdirSync(join(seat.folder, 'exports'))).toHaveLength(1)

  const bert = other.person('bert')
  other.sent()
  const take = () => fileOf(other).take('bert', { file, passphrase })
  expect(await take()).toEqual({ taken: 4, known: 0 })
  expect(await take()).toEqual({ taken: 0, known: 4 })
  expect(other.waiting()).toEqual(seat.waiting())
  const theirs = other.db.prepare('SELECT DISTINCT client_id FROM outbox').pluck().all()
  expect(theirs).toEqual([other.clientId(other.db)])
  expect(other.unsent.list(other.db, 9).every(({ state }) => state === 'waiting')).toBe(true)
  const { callIds, history, ...shown } = other.cases.get(other.db, bert, one.caseId)
  const original = seat.cases.get(seat.db, anna, one.caseId)
  expect(shown).toMatchObject({
    caseNumber: one.caseNumber,
    status: 'closed',
    title: '换机前改过',
    operatorId: 'anna',
    createdAt: one.createdAt,
  })
  expect([callIds, history]).toEqual([[], original.history])
  // Named in histories, not offered for sign-in here.
  expect(other.identity.list(other.db).map(({ operatorId }) => operatorId)).toEqual(['bert'])
})

it('a number that is another case here already gives way when a filing is taken in', async () => {
  const one = seat.file(seat.person('anna'))
  const { file } = await fileOf(seat).save(null, passphrase)
  tell(other, documentOf({ caseId: 'k', caseNumber: one.caseNumber }))
  await fileOf(other).take(null, { file, passphrase })
  const { caseNumber } = other.cases.get(other.db, other.person('bert'), one.caseId)
  expect(caseNumber).not.toContain(one.caseNumber)
  const create = other.waiting().find(({ name }) => name === 'case.create')
  expect(create?.args['caseNumber']).toBe(caseNumber)
})

it('a wrong passphrase and files that are damaged, cut off or something else are told apart, and change nothing', async () => {
  seat.file(seat.person('anna'))
  const { file } = await fileOf(seat).save(null, passphrase)
  const whole = readFileSync(file, 'utf8')
  const take = (path: string, given = passphrase) =>
    refusalOfAsync(fileOf(other).take(null, { file: path, passphrase: given }))
  expect(await take(file, '不是这个口令但是也很长很长')).toBe('PASSPHRASE_WRONG')
  const changed = join(other.folder, 'changed.json')
  const parsed = JSON.parse(whole) as { content: string; salt: string }
  for (const content of [
    whole.slice(0, -40),
    '',
    '{}',
    '<html>',
    JSON.stringify({ ...parsed, content: `${parsed.content.slice(0, -8)}AAAAAA==` }),
    JSON.stringify({ ...parsed, version: 3 }),
    JSON.stringify({ ...parsed, cost: 2 ** 30 }),
  ]) {
    writeFileSync(changed, content)
    expect(await take(changed)).toBe('FILE_UNREADABLE')
  }
  writeFileSync(changed, JSON.stringify({ ...parsed, salt: Buffer.alloc(16).toString('base64') }))
  expect(await take(changed)).toBe('PASSPHRASE_WRONG')
  expect(await take(join(other.folder, 'none'))).toBe('FILE_UNREADABLE')
  expect(await take(other.folder)).toBe('FILE_UNREADABLE')
  expect(other.waiting()).toEqual([])
})

it('an export that cannot be written leaves no part of itself', async () => {
  seat.file(seat.person('anna'))
  const folder = join(seat.folder, 'exports')
  // A folder stands where the file would go.
  const stamp = new Date(seat.time.now).toISOString().replace(/[:.]/g, '-')
  mkdirSync(join(folder, `unsent-${stamp}.json`), { recursive: true })
  await expect(fileOf(seat).save(null, passphrase)).rejects.toThrow('EISDIR')
  expect(readdirSync(folder)).toEqual([`unsent-${stamp}.json`])
})
