import { afterEach, beforeEach, expect, it } from 'vitest'
import { addBlock } from '../../electron/core/cases/case-number.ts'
import { appliedTogether, applyChange } from '../../electron/core/sync/apply-changes.ts'
import { noCaseFilter } from '../../shared/contract/seat.ts'
import { textTokens } from '../../shared/domain/case-search-text.ts'
import { documentOf, filled, refusalOf, type SeatParts, seatParts } from '../support/seat-parts.ts'

let seat: SeatParts
beforeEach(() => {
  seat = seatParts()
})
afterEach(() => seat.close())

const find = (text: string, by: string) =>
  seat.cases
    .list(seat.db, seat.person(by), { filter: { ...noCaseFilter, text }, limit: 50, cursor: null })
    .cases.map(({ caseId }) => caseId)

it('an edit is one transaction: fields, search, number keys, history, audit and outbox; and done once for a request', () => {
  const anna = seat.person('anna')
  const { caseId } = seat.file(anna, { title: '路灯不亮' })
  const edit = () =>
    seat.write(db =>
      seat.cases.edit(db, anna, {
        caseId,
        requestId: 'r1',
        changes: [
          { field: 'title', from: '路灯不亮', to: '井盖破损' },
          { field: 'contactNumber', from: '19900000001', to: '19900000002' },
        ],
      }),
    )
  seat.sent()
  const after = edit()
  expect(edit()).toEqual(after)
  expect(after).toMatchObject({ title: '井盖破损', version: 2, contactNumber: '19900000002' })
  expect(after.history.at(-1)).toMatchObject({
    entryId: 'r1',
    kind: 'edited',
    operatorId: 'anna',
    detail: 'title contactNumber',
  })
  expect(seat.waiting()).toMatchObject([{ caseId, name: 'case.edit', args: { entryId: 'r1' } }])
  expect(seat.audited().filter(action => action === 'case.edit')).toHaveLength(1)
  expect(find('井盖', 'anna')).toEqual([caseId])
  expect(find('0000001', 'anna')).toEqual([])
  expect(seat.cases.ofNumber(seat.db, anna, '19900000002', 5).caseCount).toBe(1)
  expect(seat.cases.ofNumber(seat.db, anna, '19900000001', 5).caseCount).toBe(0)
})

it('a save answers with what opening the case shows', () => {
  const anna = seat.person('anna')
  const filed = seat.file(anna, { title: '路灯不亮', callingNumber: '19900000003' })
  expect(filed).toEqual(seat.cases.get(seat.db, anna, filed.caseId))
  expect(filed.history).toMatchObject([{ entryId: filed.caseId, kind: 'created', operatorName: anna.name }])
})

it('refuses what no form could hold, what a case needs, and unknown codes; nothing is left of it', () => {
  const anna = seat.person('anna')
  const { caseId } = seat.file(anna)
  seat.sent()
  const edit = (field: string, from: unknown, to: unknown) =>
    refusalOf(() =>
      seat.write(db => seat.cases.edit(db, anna, { caseId, requestId: 'r', changes: [{ field, from, to }] })),
    )
  expect(edit('disposition', 'accept', 'refer')).toBe('FIELD_INVALID')
  expect(edit('urgency', 'normal', 'whatever')).toBe('FIELD_INVALID')
  expect(edit('secret', '', 'x')).toBe('FIELD_INVALID')
  expect(edit('content', '路灯不亮', '')).toBe('CASE_INCOMPLETE')
  expect(edit('categoryCode', '', '99')).toBe('CATALOGUE_UNKNOWN_CODE')
  expect(seat.waiting()).toEqual([])
  expect(seat.cases.get(seat.db, anna, caseId)).toMatchObject({ version: 1 })
  expect(edit('categoryCode', '', '0101')).toBe('none')
  expect(edit('title', '', '同一个请求不会再做')).toBe('none')
  expect(seat.waiting()).toHaveLength(1)
})

it('an edit whose field got another value meanwhile is kept as a conflict with both, and changes nothing', () => {
  const anna = seat.person('anna')
  seat.write(db => seat.identity.signIn(db, 'anna'))
  const { caseId } = seat.file(anna, { title: '原' })
  const edit = (requestId: string, from: string, to: string) =>
    seat.write(db =>
      seat.cases.edit(db, anna, { caseId, requestId, changes: [{ field: 'title', from, to }] }),
    )
  edit('r1', '原', '甲')
  expect(edit('r2', '原', '乙').title).toBe('甲')
  const [conflicting] = seat.unsent.list(seat.db, 50).filter(({ state }) => state === 'parked')
  expect(conflicting?.parked).toMatchObject({
    code: 'EDIT_CONFLICT',
    conflict: {
      clashes: [{ field: 'title', from: '原', mine: '乙', theirs: '甲' }],
      by: { operatorId: 'anna' },
    },
  })
})

it('moves a case as far as role and status allow, and words the history as the centre does', () => {
  const [anna, lead, contractor] = [
    seat.person('anna'),
    seat.person('lead', 'lead'),
    seat.person('contractor', 'contractor'),
  ]
  const { caseId } = seat.file(anna)
  const move = (by: typeof anna, requestId: string, how: 'close' | 'reopen', reason = '') =>
    refusalOf(() => seat.write(db => seat.cases.move(db, by, { caseId, requestId, move: how, reason })))
  expect(move(contractor, 'r1', 'close')).toBe('FORBIDDEN')
  expect(move(lead, 'r2', 'reopen')).toBe('MOVE_NOT_POSSIBLE')
  seat.sent()
  expect(move(anna, 'r3', 'close', '已修好')).toBe('none')
  expect(move(anna, 'r3', 'close', '已修好')).toBe('none')
  const after = seat.cases.get(seat.db, anna, caseId)
  expect(after.status).toBe('closed')
  expect(after.history.at(-1)).toMatchObject({ entryId: 'r3', kind: 'moved', detail: 'close 已修好' })
  expect(seat.waiting()).toMatchObject([{ name: 'case.move', args: { entryId: 'r3', move: 'close' } }])
  const filter = { ...noCaseFilter, status: ['closed' as const] }
  expect(seat.cases.list(seat.db, anna, { filter, limit: 5, cursor: null }).cases).toHaveLength(1)
})

it('lists mask numbers; the whole one is revealed, audited and told to the centre; editing knows it', () => {
  const anna = seat.person('anna')
  const { caseId } = seat.file(anna, { partyPhone: '19900000077' })
  const listed = seat.cases.list(seat.db, anna, { filter: noCaseFilter, limit: 5, cursor: null })
  expect(listed.cases[0]?.contactNumber).toBe('199****0001')
  expect(seat.cases.ofNumber(seat.db, anna, '19900000001', 5).cases[0]?.contactNumber).toBe('199****0001')
  expect(seat.cases.get(seat.db, anna, caseId)).toMatchObject({
    contactNumber: '19900000001',
    fields: { contactNumber: '19900000001' },
  })
  seat.sent()
  const reveal = (what: 'contactNumber' | 'partyPhone') =>
    seat.write(db => seat.cases.reveal(db, anna, { caseId, what, reason: '回访' })).value
  expect([reveal('contactNumber'), reveal('partyPhone')]).toEqual(['19900000001', '19900000077'])
  expect(seat.waiting()).toMatchObject([
    { name: 'case.reveal', args: { what: 'contactNumber', reason: '回访' } },
    { name: 'case.reveal' },
  ])
  expect(seat.audited().filter(action => action === 'case.reveal')).toHaveLength(2)
})

it("others' confidential cases are in no list, search, count or card, and cannot be read, changed or revealed", () => {
  const [anna, bert, lead] = [seat.person('anna'), seat.person('bert'), seat.person('lead', 'lead')]
  const { caseId } = seat.file(anna, { confidential: true, title: '保密内容', callerName: '某人' })
  seat.sent()
  for (const [reader, sees] of [
    [anna, true],
    [lead, true],
    [bert, false],
    [null, false],
  ] as const) {
    const filter = { ...noCaseFilter, text: '保密内容' }
    expect(seat.cases.list(seat.db, reader, { filter, limit: 5, cursor: null }).cases).toHaveLength(
      sees ? 1 : 0,
    )
    expect(seat.cases.ofNumber(seat.db, reader, '19900000001', 5)).toMatchObject(
      sees
        ? { caseCount: 1, knownName: '某人' }
        : { caseCount: 0, openCaseCount: 0, knownName: '', cases: [] },
    )
    expect(refusalOf(() => seat.cases.get(seat.db, reader, caseId))).toBe(sees ? 'none' : 'CASE_NOT_FOUND')
  }
  const changes = [{ field: 'title', from: '保密内容', to: 'x' }]
  expect([
    refusalOf(() => seat.write(db => seat.cases.edit(db, bert, { caseId, requestId: 'r', changes }))),
    refusalOf(() => seat.write(db => seat.cases.addRemark(db, bert, { caseId, requestId: 'r', text: 'x' }))),
    refusalOf(() =>
      seat.write(db => seat.cases.move(db, bert, { caseId, requestId: 'r', move: 'close', reason: '' })),
    ),
    refusalOf(() =>
      seat.write(db => seat.cases.reveal(db, bert, { caseId, what: 'contactNumber', reason: 'x' })),
    ),
  ]).toEqual(Array.from({ length: 4 }, () => 'CASE_NOT_FOUND'))
  expect(seat.waiting()).toEqual([])
})

it('lays unsent moves and edits on top of what the centre tells, but not moves that it refused', () => {
  const anna = seat.person('anna')
  const { caseId, caseNumber, createdAt, history } = seat.file(anna, { title: '原' })
  seat.write(db => {
    seat.cases.move(db, anna, { caseId, requestId: 'm', move: 'close', reason: '' })
    seat.cases.edit(db, anna, {
      caseId,
      requestId: 'e',
      changes: [{ field: 'title', from: '原', to: '本机' }],
    })
    seat.cases.addRemark(db, anna, { caseId, requestId: 'r', text: '未上传的备注' })
  })
  const told = (version: number) =>
    seat.write(db => {
      const fields = filled({ title: '原', place: '中心的地点' })
      const doc = documentOf({ caseId, caseNumber, createdAt, history, operatorId: 'anna', version, fields })
      applyChange(db, { kind: 'case', case: doc }, false, seat.apply)
    })
  told(2)
  const one = seat.cases.get(seat.db, anna, caseId)
  expect(one).toMatchObject({ status: 'closed', fields: { title: '本机', place: '中心的地点' } })
  expect(one.history.map(({ entryId }) => entryId).sort()).toEqual([caseId, 'e', 'm', 'r'].sort())
  const closed = { ...noCaseFilter, status: ['closed' as const] }
  expect(seat.cases.list(seat.db, anna, { filter: closed, limit: 5, cursor: null }).cases).toHaveLength(1)

  const move = seat.waiting().find(({ name }) => name === 'case.move')
  seat.db
    .prepare("INSERT INTO parked (command_id, code, sentence, at) VALUES (?, 'FORBIDDEN', '', '')")
    .run(move?.id)
  told(3)
  expect(seat.cases.get(seat.db, anna, caseId).status).toBe('accepted')
})

it('finds what came by the tokens that came with it, and what is unsent on top of it by its own', () => {
  const anna = seat.person('anna')
  const { caseId, caseNumber, createdAt, history } = seat.file(anna, { title: '原标题' })
  seat.sent()
  const told = (version: number, title: string) => {
    const fields = filled({ title })
    const doc = documentOf({ caseId, caseNumber, createdAt, history, operatorId: 'anna', version, fields })
    seat.write(db =>
      applyChange(db, { kind: 'case', case: doc }, false, seat.apply, {
        together: appliedTogether(db),
        textTokens: textTokens(doc),
      }),
    )
  }
  told(2, '中心的标题')
  expect([find('中心的', 'anna'), find('原标题', 'anna')]).toEqual([[caseId], []])
  seat.write(db =>
    seat.cases.edit(db, anna, {
      caseId,
      requestId: 'e',
      changes: [{ field: 'title', from: '中心的标题', to: '本机写的' }],
    }),
  )
  told(3, '中心的标题')
  expect(seat.cases.get(seat.db, anna, caseId).fields.title).toBe('本机写的')
  expect([find('本机写的', 'anna'), find('中心的', 'anna')]).toEqual([[caseId], []])
})

it('a case that is not sent yields its number to the one that the centre gave it to, here and in its filing', () => {
  const anna = seat.person('anna')
  addBlock(seat.db, { blockId: 'b', prefix: '2026-', first: 7, last: 9, digits: 8 }, seat.clock)
  const mine = seat.file(anna)
  seat.write(db =>
    applyChange(
      db,
      { kind: 'case', case: documentOf({ caseId: 'theirs', caseNumber: mine.caseNumber }) },
      false,
      seat.apply,
    ),
  )
  const now = seat.cases.get(seat.db, anna, mine.caseId)
  expect([mine.caseNumber, now.caseNumber]).toEqual(['2026-00000007', '2026-00000008'])
  expect(seat.cases.get(seat.db, anna, 'theirs').caseNumber).toBe(mine.caseNumber)
  expect(now.history.at(-1)).toMatchObject({ kind: 'remark' })
  expect(now.history.at(-1)?.detail).toContain('2026-00000007 改为 2026-00000008')
  const own = seat.waiting().filter(({ caseId }) => caseId === mine.caseId)
  expect(own.map(({ name }) => name)).toEqual(['case.create', 'case.addRemark'])
  expect(own[0]?.args['caseNumber']).toBe('2026-00000008')
  expect(find('2026-00000008', 'anna')).toEqual([mine.caseId])
  expect(find('2026-00000007', 'anna')).toEqual(['theirs'])
})

it('a number of its own that another seat made too is changed together with the digits of this seat', () => {
  const anna = seat.person('anna')
  const mine = seat.file(anna)
  seat.write(db =>
    applyChange(
      db,
      { kind: 'case', case: documentOf({ caseId: 'theirs', caseNumber: mine.caseNumber }) },
      false,
      seat.apply,
    ),
  )
  const { caseNumber } = seat.cases.get(seat.db, anna, mine.caseId)
  expect(caseNumber).toMatch(/^20261123-\d{5}-00001$/)
  expect(caseNumber.slice(9, 14)).not.toBe(mine.caseNumber.slice(9, 14))
  expect(seat.file(anna).caseNumber.slice(0, 14)).toBe(caseNumber.slice(0, 14))
})

it('keeps what is published, lists of files, and forgets the verifier of somebody who was disabled', () => {
  const sha256 = 'a'.repeat(64)
  const publication = { name: 'catalogue', version: '2', effectiveAt: '2026-12-01T00:00:00.000Z', sha256 }
  const file = { attachmentId: 'f1', name: '照片.jpg', mediaType: 'image/jpeg', bytes: 5, sha256 }
  seat.person('anna')
  seat.db.exec(
    "INSERT INTO offline_verifier (operator_id, verifier, verified_at, offline_days) VALUES ('anna', 'v', '', 7)",
  )
  seat.write(db => {
    const doc = documentOf({ caseId: 'k', attachments: [file] })
    applyChange(db, { kind: 'publication', publication }, false, seat.apply)
    applyChange(db, { kind: 'publication', publication }, false, seat.apply)
    applyChange(db, { kind: 'case', case: doc }, false, seat.apply)
    applyChange(db, { kind: 'case', case: { ...doc, version: 2 } }, false, seat.apply)
    const anna = { ...seat.person('anna'), disabled: true, employer: '' }
    applyChange(db, { kind: 'operator', operator: anna }, false, seat.apply)
  })
  const count = (table: string) => seat.db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()
  expect(['publication', 'case_attachment', 'offline_verifier'].map(count)).toEqual([1, 1, 0])
  seat.write(db => applyChange(db, { kind: 'case-removed', caseId: 'k' }, false, seat.apply))
  expect(count('case_attachment')).toBe(0)
})
