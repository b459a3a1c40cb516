/** Another catalogue at a seat: it comes into force when it holds, those whom it concerns are told, unsent dispatches come back. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createCatalogue } from '../../electron/core/catalogue/catalogue.ts'
import { createCatalogueParts } from '../../electron/core/catalogue/catalogue-parts.ts'
import { calendarName } from '../../shared/domain/calendar.ts'
import { type DispatchCatalogue, dispatchCatalogueName } from '../../shared/domain/catalogue.ts'
import { asProposed } from '../../shared/domain/make-dispatch.ts'
import { sampleCalendar, sampleCatalogue, smallCatalogue } from '../domain/some-catalogue.ts'
import { filled, refusalOf, type SeatParts, seatParts } from '../support/seat-parts.ts'
import { root } from '../support/seat-process.ts'

let seat: SeatParts
let timers: { at: number; run: () => void }[]
let published: string[]
let faults: string[]
beforeEach(() => {
  seat = seatParts()
  timers = []
  published = []
  faults = []
})
afterEach(() => seat.close())

/** The seat's catalogue as the core puts it together; another call is the seat started again. */
const begin = () => {
  const clock = {
    now: () => seat.time.now,
    after: (ms: number, run: () => void) => {
      const timer = { at: seat.time.now + ms, run }
      timers.push(timer)
      return () => void (timers = timers.filter(other => other !== timer))
    },
  }
  const catalogue = createCatalogue({
    resourcesDir: join(root, 'resources'),
    now: clock.now,
    onFault: what => void faults.push(what),
  })
  const parts = createCatalogueParts({
    context: {
      clock,
      random: seat.random,
      log: pino({ level: 'silent' }),
      publish: ({ type }) => void published.push(type),
    },
    catalogue,
    audit: seat.audit,
    outbox: seat.outbox,
    read: seat.read,
    write: seat.write,
    cameBack: () => void published.push('came-back'),
  })
  parts.look()
  return { catalogue, ...parts }
}
const publish = (
  content: unknown,
  version: string,
  fromNowMs = -1_000,
  name: string = dispatchCatalogueName,
) => {
  const text = JSON.stringify(content)
  seat.db
    .prepare(
      `INSERT INTO publication (name, version, effective_at, sha256, content, told)
       VALUES (?, ?, ?, ?, ?, (SELECT coalesce(max(told), 0) + 1 FROM publication))`,
    )
    .run(
      name,
      version,
      new Date(seat.time.now + fromNowMs).toISOString(),
      createHash('sha256').update(text).digest('hex'),
      text,
    )
}
const without = (code: string, version: string): DispatchCatalogue => ({
  ...sampleCatalogue,
  version,
  categories: sampleCatalogue.categories.filter(one => one.code !== code),
})
const parkedIds = () => seat.db.prepare('SELECT command_id FROM parked ORDER BY command_id').pluck().all()

it('the sample holds until the centre publishes; a later one holds from its moment, and is looked at then', () => {
  const { catalogue } = begin()
  expect([catalogue.version(), catalogue.published()]).toEqual([sampleCatalogue.version, null])
  publish({ ...smallCatalogue, version: 'A' }, 'A')
  publish({ ...smallCatalogue, version: 'B' }, 'B', 3_600_000)
  const again = begin()
  expect(again.catalogue.version()).toBe('A')
  expect(published).toEqual(['catalogue-changed'])
  const [timer] = timers
  if (timer === undefined) throw new Error('nobody looks again')
  seat.time.now = timer.at
  timer.run()
  expect(again.catalogue.version()).toBe('B')
  expect(again.catalogue.knowsCategory('010102')).toBe(true)
  expect(again.catalogue.category('010102')).toEqual(['010102', '0101', '01'])
})

it('one that is not sound never holds: the one before it stays, and it is told of once', () => {
  publish({ ...smallCatalogue, version: 'A' }, 'A', -2_000)
  publish({ ...smallCatalogue, version: 'B', categories: [{ code: '1', name: '甲', parentCode: '1' }] }, 'B')
  publish({ periods: [] }, 'X', -1_000, calendarName)
  const { catalogue, look } = begin()
  look()
  expect(catalogue.version()).toBe('A')
  expect(catalogue.calendar()?.version).toBe(sampleCalendar.version)
  expect(faults).toEqual(['calendar X', 'dispatch-catalogue B'])
})

it('those who file by what changed are told, once, also when it came while the seat was off; others are not', () => {
  const one = seat.person('one')
  const other = seat.person('other')
  const first = begin()
  seat.write(db => {
    first.notices.used(db, one.operatorId, '110102')
    first.notices.used(db, other.operatorId, '040101')
  })
  publish(without('110102', '新版'), '新版')
  const { notices } = begin()
  const told = notices.unseen(seat.db, one.operatorId)
  expect(told).toMatchObject({
    version: '新版',
    previous: sampleCatalogue.version,
    mine: ['110102'],
    changeCount: 1,
    changes: [{ table: 'categories', change: 'removed', code: '110102', name: '水压不足' }],
  })
  expect(notices.unseen(seat.db, other.operatorId)).toBeNull()
  seat.write(db => notices.seen(db, one.operatorId, told?.key ?? 0))
  expect(notices.unseen(seat.db, one.operatorId)).toBeNull()
  expect(begin().notices.unseen(seat.db, one.operatorId)).toBeNull()
})

it('what is being typed counts as used: an open form under a removed entry is told of', () => {
  const one = seat.person('one')
  begin()
  seat.write(db => {
    const { draftId } = seat.drafts.open(db, one.operatorId, {
      callId: null,
      callingNumber: '',
      contactNumber: '',
      divisionCode: '',
    })
    seat.drafts.save(db, one.operatorId, { draftId, revision: 1, fields: filled({ categoryCode: '110102' }) })
  })
  publish(without('110102', '新版'), '新版')
  expect(begin().notices.unseen(seat.db, one.operatorId)?.mine).toEqual(['110102'])
})

it('unsent dispatches whose entry is gone come back, go again under another entry, and no others are held', () => {
  const one = seat.person('one')
  seat.sent()
  begin()
  const gone = seat.file(one, { categoryCode: '010101', place: '青石路' })
  const direct = seat.file(one, { categoryCode: '010101', handling: 'direct' })
  const explained = seat.file(one, { categoryCode: '010101', disposition: 'explain' })
  const kept = seat.file(one, { categoryCode: '010102', place: '青石路' })
  const changed = seat.file(one, { categoryCode: '010101', place: '青石路' })
  seat.write(db =>
    seat.cases.edit(db, one, {
      caseId: changed.caseId,
      requestId: 'edit',
      changes: [{ field: 'categoryCode', from: '010101', to: '010102' }],
    }),
  )
  const order = {
    catalogueVersion: sampleCatalogue.version,
    categoryCode: '010101',
    lead: { code: 'D01', name: '云澜市住房和城乡建设局' },
    assist: [],
    signBy: null,
    replyBy: null,
    opinion: '请尽快',
  }
  seat.write(db =>
    seat.outbox.append(db, {
      name: 'case.move',
      operatorId: one.operatorId,
      caseId: gone.caseId,
      args: { order },
      baseVersion: 1,
    }),
  )
  const of = (caseId: string) => seat.waiting().filter(row => row.caseId === caseId)
  const goneIds = of(gone.caseId).map(({ id }) => id)
  expect(goneIds).toHaveLength(2)

  publish(without('010101', '新版'), '新版')
  const { dispatches } = begin()
  expect(parkedIds()).toEqual([...goneIds].sort())
  expect(published).toContain('came-back')
  const [item] = seat.unsent.list(seat.db, 10).filter(({ state }) => state === 'parked')
  expect(item?.parked).toMatchObject({ code: 'CATALOGUE_ENTRY_GONE' })
  expect(item?.parked?.sentence).toContain('新版')
  expect(item?.parked?.sentence).toContain('路面坑洼破损')
  const [filing = ''] = goneIds
  expect(refusalOf(() => seat.unsent.retry(seat.db, null, filing))).toBe('CATALOGUE_ENTRY_GONE')
  for (const { caseId } of [direct, explained, kept, changed])
    for (const { id } of of(caseId)) expect(parkedIds()).not.toContain(id)

  const again = (commandId: string, code: string) =>
    seat.write(db => dispatches.recategorise(db, one.operatorId, commandId, code))
  expect(refusalOf(() => again(filing, '0101'))).toBe('CATALOGUE_UNKNOWN_CODE')
  expect(refusalOf(() => again('no such', '010102'))).toBe('COMMAND_NOT_FOUND')
  // The entry asks for a party that the case has none of: nothing is changed by half.
  expect(refusalOf(() => again(filing, '090101'))).toBe('DISPATCH_NOT_POSSIBLE')
  expect(parkedIds()).toHaveLength(2)
  again(filing, '020301')
  expect(parkedIds()).toEqual([])
  const [create, move] = of(gone.caseId)
  expect(create?.args).toMatchObject({
    catalogueVersion: '新版',
    fields: { categoryCode: '020301', place: '青石路' },
  })
  expect(move?.args).toMatchObject({
    order: { catalogueVersion: '新版', categoryCode: '020301', lead: { code: 'C07' }, opinion: '请尽快' },
  })
  expect(seat.cases.get(seat.db, one, gone.caseId)).toMatchObject({
    catalogueVersion: '新版',
    categoryCode: '020301',
  })
  expect(seat.audited()).toContain('case.recategorise')
})

it('what came back goes on by itself when a later version has its entry again', () => {
  const one = seat.person('one')
  begin()
  seat.file(one, { categoryCode: '010101', place: '青石路' })
  publish(without('010101', '甲'), '甲')
  begin()
  expect(parkedIds()).toHaveLength(1)
  publish({ ...sampleCatalogue, version: '乙' }, '乙', -500)
  begin()
  expect(parkedIds()).toEqual([])
})

it('the choice for a dispatch is kept from the form to the dispatch of its case, and then forgotten', () => {
  const { dispatches } = begin()
  const one = seat.person('one')
  const { draftId } = seat.write(db =>
    seat.drafts.open(db, one.operatorId, {
      callId: null,
      callingNumber: '',
      contactNumber: '',
      divisionCode: '',
    }),
  )
  expect(dispatches.choiceOf(seat.db, draftId)).toEqual(asProposed)
  const choice = { leadUnit: 'D07', assistUnits: [], opinion: '请核实' }
  seat.write(db => dispatches.choose(db, 'one', draftId, choice))
  expect(dispatches.choiceOf(seat.db, draftId)).toEqual(choice)
  const fields = filled({ categoryCode: '010101', place: '青石路' })
  expect(dispatches.propose(seat.db, draftId, fields, seat.time.now).order).toMatchObject({
    catalogueVersion: sampleCatalogue.version,
    lead: { code: 'D07', name: '云澜市卫生健康委员会' },
    opinion: '请核实',
  })
  seat.write(db => seat.cases.submit(db, seat.person('one'), { draftId, fields }))
  expect(dispatches.propose(seat.db, draftId, fields, seat.time.now).order?.lead.code).toBe('D07')
  seat.write(db => dispatches.forget(db, draftId))
  expect(dispatches.choiceOf(seat.db, draftId)).toEqual(asProposed)
  expect(refusalOf(() => dispatches.choose(seat.db, 'one', draftId, choice))).toBe('DRAFT_NOT_FOUND')
})

it('every entry is found by its pinyin, 多音字 by each reading', async () => {
  const { readings, catalogue } = begin()
  const found = await readings(catalogue.get())
  expect(found.length).toBeGreaterThanOrEqual(150)
  expect(found.find(({ code }) => code === '110102')).toEqual({
    code: '110102',
    name: '水压不足',
    path: '公用事业 / 供水',
    pinyin: expect.stringMatching(/^shui ya bu zu/),
  })
  expect(found.find(({ name }) => name === '长途客运服务')?.pinyin).toMatch(/chang tu.*\|.*zhang tu/)
  for (const { pinyin, name } of found) expect(pinyin, name).toMatch(/^[a-z0-9 |]+$/)
})
