/** 关联、并单 at the centre: two seats at cross purposes, who may, and what every seat is told. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Relation } from '../../shared/domain/case-relations.ts'
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts'
import {
  addPeople,
  casesIn,
  type DatabaseKind,
  databaseFor,
  databaseKinds,
  enrol,
  people,
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

describe.each<DatabaseKind>(databaseKinds)('relations on %s', kind => {
  let centre: TestCentre
  let one: Seat
  let two: Seat
  beforeAll(async () => {
    centre = await startCentre(await databaseFor(kind, postgres))
    await addPeople(centre)
    one = await enrol(centre)
    two = await enrol(centre)
  })
  afterAll(() => centre.end())

  const relate = (
    seat: Seat,
    caseId: string,
    relation: Relation,
    otherId: string,
    by = people.agent.operatorId,
  ) => seat.command('case.relate', { entryId: randomUUID(), relation, otherId }, { caseId, operatorId: by })
  const told = async (seat: Seat, ...commands: unknown[]) =>
    (await centre.push(seat.device, commands)).map(result =>
      'code' in result ? `${result.outcome} ${result.code}` : result.outcome,
    )
  const filed = async (fields = {}) => {
    const caseId = randomUUID()
    expect(await told(one, one.create(caseId, fields))).toEqual(['applied'])
    return caseId
  }
  const caseOf = async (caseId: string) => {
    await centre.stamper.stamp()
    return casesIn((await two.pull()).changes).find(each => each.caseId === caseId)
  }
  const details = async (caseId: string) =>
    (await caseOf(caseId))?.history.map(({ detail }) => detail.split(' ')[0])

  it('a merge is told by both cases, each in its history, and changes nothing else of either', async () => {
    const [a, b] = [await filed(), await filed()]
    expect(await told(one, relate(one, a, 'merge', b))).toEqual(['applied'])
    expect(await caseOf(a)).toMatchObject({
      status: 'accepted',
      relations: { mergedInto: { caseId: b, operatorId: people.agent.operatorId } },
    })
    expect(await details(a)).toEqual(['accept', 'merge'])
    expect((await caseOf(b))?.relations).toBeNull()
    expect(await details(b)).toEqual(['accept', 'mergedHere'])
    expect(await told(two, relate(two, a, 'unmerge', b))).toEqual(['applied'])
    expect((await caseOf(a))?.relations).toBeNull()
    expect(await details(b)).toEqual(['accept', 'mergedHere', 'unmergedHere'])
  })

  it('of two seats that merge the other way round the first holds; the second is in the history and no circle', async () => {
    const [a, b] = [await filed(), await filed()]
    const outcomes = await Promise.all([
      told(one, relate(one, a, 'merge', b)),
      told(two, relate(two, b, 'merge', a)),
    ])
    expect(outcomes).toEqual([['applied'], ['applied']])
    const merged = [await caseOf(a), await caseOf(b)].map(each => each?.relations?.mergedInto ?? null)
    expect(merged.filter(each => each !== null)).toHaveLength(1)
  })

  it('of merges that would close a circle over several cases, at once from many seats, one is kept back', async () => {
    const ids = [await filed(), await filed(), await filed(), await filed()]
    await Promise.all(
      ids.map((from, place) => {
        const seat = place % 2 === 0 ? one : two
        return told(seat, relate(seat, from, 'merge', ids[(place + 1) % ids.length] ?? ''))
      }),
    )
    const into = new Map<string, string | undefined>()
    for (const each of ids) into.set(each, (await caseOf(each))?.relations?.mergedInto?.caseId)
    expect([...into.values()].filter(each => each === undefined)).toHaveLength(1)
    for (const start of ids) {
      let at: string | undefined = start
      for (let steps = 0; at !== undefined; steps += 1) {
        expect(steps).toBeLessThan(ids.length)
        at = into.get(at)
      }
    }
  })

  it('into two different cases: the second is refused with its reason, and the first stands', async () => {
    const [a, b, c] = [await filed(), await filed(), await filed()]
    expect(await told(one, relate(one, a, 'merge', b))).toEqual(['applied'])
    expect(await told(two, relate(two, a, 'merge', c))).toEqual(['rejected MERGED_ELSEWHERE'])
    expect((await caseOf(a))?.relations?.mergedInto?.caseId).toBe(b)
  })

  it('into a closed case, of a dispatched one, into none that is known: refused', async () => {
    const [a, b] = [await filed(), await filed()]
    const close = two.command(
      'case.move',
      { entryId: randomUUID(), move: 'close', reason: '' },
      { caseId: b, operatorId: people.agent.operatorId },
    )
    expect(await told(two, close)).toEqual(['applied'])
    expect(await told(one, relate(one, a, 'merge', b), relate(one, a, 'merge', randomUUID()))).toEqual([
      'rejected MERGE_MAIN_CLOSED',
      'rejected RELATED_CASE_NOT_FOUND',
    ])
    expect(await told(one, relate(one, b, 'merge', a))).toEqual(['rejected MERGE_NOT_POSSIBLE'])
    expect(await told(one, relate(one, a, 'link', b))).toEqual(['applied'])
  })

  it('a merged case is not dispatched, and its own follow-up is due when it is closed', async () => {
    const [a, b] = [await filed(), await filed()]
    const move = (name: 'dispatch' | 'close') =>
      one.command(
        'case.move',
        { entryId: randomUUID(), move: name, reason: '' },
        { caseId: a, operatorId: people.agent.operatorId },
      )
    expect(await told(one, relate(one, a, 'merge', b), move('dispatch'), move('close'))).toEqual([
      'applied',
      'rejected MOVE_NOT_POSSIBLE',
      'applied',
    ])
    expect(await caseOf(a)).toMatchObject({ status: 'closed', loop: { followUp: 'due' } })
    expect(await told(two, relate(two, a, 'unmerge', b))).toEqual(['rejected MERGE_NOT_POSSIBLE'])
  })

  it('nobody relates what they may not read; a confidential case is not named in the other’s history', async () => {
    const [secret, open] = [await filed({ confidential: true }), await filed()]
    const stranger = people.contractor.operatorId
    expect(await told(two, relate(two, open, 'link', secret, stranger))).toEqual([
      'rejected RELATED_CASE_NOT_FOUND',
    ])
    expect(await told(two, relate(two, secret, 'link', open, stranger))).toEqual(['rejected CASE_NOT_FOUND'])
    expect(await told(one, relate(one, secret, 'link', open))).toEqual(['applied'])
    expect((await caseOf(open))?.history.at(-1)?.detail).toBe('linked')
  })
})
