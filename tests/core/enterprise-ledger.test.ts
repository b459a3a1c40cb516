/** 涉企台账: who follows which case, who sees and exports it, and that nothing in the file runs or names whom it must not. */
import { parseCsv } from 'hucre/csv'
import { readXlsx } from 'hucre/xlsx'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createEnterpriseLedger } from '../../electron/core/enterprise/enterprise-ledger.ts'
import { Refusal } from '../../electron/core/refusal.ts'
import { type LedgerFilter, ledgerHeader, noLedgerFilter } from '../../shared/domain/enterprise.ts'
import type { Operator } from '../../shared/domain/operator.ts'
import { refusalOf, refusalOfAsync, type SeatParts, seatParts } from '../support/seat-parts.ts'

let seat: SeatParts
let ledger: ReturnType<typeof createEnterpriseLedger>
let permit: Parameters<typeof createEnterpriseLedger>[0]['permit']
let people: Record<'agent' | 'colleague' | 'contractor' | 'lead' | 'unit', Operator>
beforeEach(() => {
  seat = seatParts('ledger')
  permit = async () => {}
  ledger = createEnterpriseLedger({ ...seat, permit: asked => permit(asked) })
  people = {
    agent: seat.person('agent'),
    colleague: seat.person('colleague'),
    contractor: seat.person('contractor', 'contractor'),
    lead: seat.person('lead', 'lead'),
    unit: seat.person('unit', 'unit'),
  }
})
afterEach(() => seat.close())

const everything: LedgerFilter = { ...noLedgerFilter, state: 'all', mineOnly: false }
const list = (reader: Operator, filter: Partial<LedgerFilter> = {}) =>
  ledger
    .list(seat.db, reader, { filter: { ...everything, ...filter }, limit: 50, cursor: null })
    .rows.map(({ company, owner }) => `${company} ${owner.operatorId}`)
const enterprise = (by: Operator, company: string, more: object = {}) =>
  seat.file(by, { callerKind: 'enterprise', company, title: `${company}的诉求`, ...more })
let requests = 0
const hand = (by: Operator, caseId: string, to: string, reason = '转岗') => {
  requests += 1
  const owner = { operatorId: to, name: '页面所说' }
  const input = { move: 'handTo' as const, reason, owner, caseId, requestId: `r${requests}` }
  return seat.write(db => seat.cases.move(db, by, input))
}

describe('the ledger', () => {
  it('has enterprises’ cases alone; whoever filed one follows it until a supervisor hands it on', () => {
    const one = enterprise(people.agent, '甲公司')
    seat.file(people.agent, { company: '写了单位的个人' })
    enterprise(people.colleague, '乙公司')
    expect(list(people.agent)).toEqual(['甲公司 agent'])
    expect(list(people.lead)).toEqual(['乙公司 colleague', '甲公司 agent'])
    expect(list(people.lead, { mineOnly: true })).toEqual([])
    const handed = hand(people.lead, one.caseId, 'colleague')
    expect(handed.history.at(-1)).toMatchObject({
      kind: 'moved',
      detail: 'handTo 改由 colleague的姓名 跟办；转岗',
    })
    expect(list(people.agent)).toEqual([])
    expect(list(people.colleague)).toEqual(['乙公司 colleague', '甲公司 colleague'])
    expect(seat.waiting().at(-1)).toMatchObject({
      name: 'case.move',
      args: { move: 'handTo', owner: { operatorId: 'colleague', name: 'colleague的姓名' } },
    })
  })

  it('is handed on by a supervisor, with a reason, to somebody who works at a seat and may read it', () => {
    const one = enterprise(people.agent, '甲公司')
    const person = seat.file(people.agent)
    const secret = enterprise(people.agent, '丙公司', { confidential: true })
    const refused = (by: Operator, caseId: string, to: string, reason?: string) =>
      refusalOf(() => hand(by, caseId, to, reason))
    expect(refused(people.agent, one.caseId, 'colleague')).toBe('FORBIDDEN')
    expect(refused(people.lead, one.caseId, 'colleague', ' ')).toBe('MOVE_INCOMPLETE')
    expect(refused(people.lead, one.caseId, 'nobody')).toBe('OPERATOR_NOT_FOUND')
    expect(refused(people.lead, one.caseId, 'unit')).toBe('FORBIDDEN')
    expect(refused(people.lead, person.caseId, 'colleague')).toBe('MOVE_NOT_POSSIBLE')
    expect(refused(people.lead, secret.caseId, 'colleague')).toBe('FORBIDDEN')
    expect(list(people.lead)).toEqual(['丙公司 agent', '甲公司 agent'])
  })

  it('is filtered by what is over, by days of China and by words; others’ confidential cases are not in it', () => {
    seat.time.now = Date.parse('2026-11-20T15:59:00.000Z')
    enterprise(people.agent, '旧公司')
    seat.time.now = Date.parse('2026-11-20T16:01:00.000Z')
    const next = enterprise(people.agent, '新公司')
    enterprise(people.colleague, '密公司', { confidential: true })
    expect(list(people.lead, { from: '2026-11-21', text: '新' })).toEqual(['新公司 agent'])
    expect(list(people.lead, { to: '2026-11-20' })).toEqual(['旧公司 agent'])
    seat.write(db =>
      seat.cases.move(db, people.agent, { move: 'close', reason: '', caseId: next.caseId, requestId: 'c' }),
    )
    expect(list(people.agent, { state: 'open' })).toEqual(['旧公司 agent'])
    expect(list(people.agent, { state: 'closed' })).toEqual(['新公司 agent'])
    hand(people.lead, next.caseId, 'colleague')
    expect(list(people.agent)).toEqual(['旧公司 agent'])
    expect(list(people.lead).length).toBe(3)
  })

  it('gives every row once, page by page', () => {
    for (let each = 0; each < 7; each += 1) enterprise(people.agent, `公司${each}`)
    const found: string[] = []
    for (let cursor: string | null = null; ; ) {
      const page: ReturnType<typeof ledger.list> = ledger.list(seat.db, people.agent, {
        filter: everything,
        limit: 3,
        cursor,
      })
      found.push(...page.rows.map(({ company }) => company))
      cursor = page.nextCursor
      if (cursor === null) break
    }
    expect(found).toEqual(['公司6', '公司5', '公司4', '公司3', '公司2', '公司1', '公司0'])
  })

  it('reads its own index alone', () => {
    const plan = seat.db
      .prepare(
        `EXPLAIN QUERY PLAN SELECT * FROM cases WHERE json_extract(fields, '$.callerKind') = 'enterprise'
         AND case_key < 9 AND case_key >= 0
         AND coalesce(json_extract(loop, '$.owner.operatorId'), operator_id) = 'agent' ORDER BY case_key DESC`,
      )
      .all() as { detail: string }[]
    expect(plan.map(({ detail }) => detail).join('\n')).toMatch(/USING INDEX cases_of_enterprises_by_owner/)
    expect(plan.map(({ detail }) => detail).join('\n')).not.toContain('TEMP B-TREE')
  })
})

describe('its file', () => {
  it('neutralises what a spreadsheet would run, as CSV and as a workbook, and names nobody confidential', async () => {
    enterprise(people.agent, '=HYPERLINK("http://x","点")')
    enterprise(people.agent, '普通公司, "引号"', { title: '@SUM(1)\n第二行' })
    enterprise(people.agent, '要求保密的公司', { confidential: true })
    const csv = await ledger.export(people.lead, { filter: everything, format: 'csv' })
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(csv.content)
    expect(text.startsWith('\ufeff')).toBe(true)
    const rows = parseCsv(text.slice(1)).map(row => row.map(String))
    expect(rows[0]).toEqual([...ledgerHeader])
    expect(rows.slice(1).map(row => row[1])).toEqual([
      '保密',
      '普通公司, "引号"',
      `'=HYPERLINK("http://x","点")`,
    ])
    expect(rows[2]?.[2]).toMatch(/^'@SUM/)
    expect(text).not.toContain('要求保密')
    expect(text).not.toContain('19900000001')
    expect(csv.fileName).toBe('涉企台账-2026-11-23.csv')
    const xlsx = await ledger.export(people.lead, { filter: everything, format: 'xlsx' })
    const sheet = (await readXlsx(xlsx.content)).sheets[0]
    expect(sheet?.rows.map(row => row[1])).toEqual(rows.map(row => row[1]))
    expect(seat.audited().filter(action => action === 'ledger.export').length).toBe(2)
    expect(seat.waiting().at(-1)).toMatchObject({
      name: 'ledger.export',
      args: { ledger: 'enterprise', format: 'xlsx', rows: 3 },
    })
  })

  it('is made only after the centre let the person, and the audit has the try', async () => {
    enterprise(people.agent, '甲公司')
    const asked: unknown[] = []
    permit = async input => {
      asked.push(input)
      throw new Refusal('CENTRE_UNREACHABLE')
    }
    const refused = ledger.export(people.lead, { filter: everything, format: 'csv' })
    expect(await refusalOfAsync(refused)).toBe('CENTRE_UNREACHABLE')
    expect(asked).toMatchObject([{ ledger: 'enterprise', format: 'csv', rows: 1 }])
    const last = seat.db.prepare('SELECT operator_id, result FROM audit ORDER BY audit_id DESC').get()
    expect(last).toEqual({ operator_id: 'lead', result: 'refused' })
    expect(seat.waiting().filter(({ name }) => name === 'ledger.export')).toEqual([])
  })

  it.each(['agent', 'contractor'] as const)('is refused to an %s, which the audit has', async who => {
    const asked = ledger.export(people[who], { filter: everything, format: 'csv' })
    expect(await refusalOfAsync(asked)).toBe('FORBIDDEN')
    const last = seat.db.prepare('SELECT operator_id, result FROM audit ORDER BY audit_id DESC').get()
    expect(last).toEqual({ operator_id: who, result: 'refused' })
    expect(seat.waiting().filter(({ name }) => name === 'ledger.export')).toEqual([])
  })
})
