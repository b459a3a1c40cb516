import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newEpoch } from '../../central/changes/epoch.ts'
import type { Change } from '../../shared/contract/central.ts'
import { hasPostgres, type Postgres, postgresProgram, startPostgres } from '../support/postgres.ts'
import {
  addPeople,
  casesIn,
  type DatabaseKind,
  databaseFor,
  databaseKinds,
  enrol,
  otherBranch,
  people,
  pushLive,
  type Seat,
  startCentre,
  strangers,
  type TestCentre,
} from './centre.ts'

let postgres: Postgres | null = null
beforeAll(async () => {
  if (hasPostgres) postgres = await startPostgres()
})
afterAll(async () => {
  await postgres?.stop()
})

const versions = (changes: readonly Change[]) =>
  new Map(casesIn(changes).map(({ caseId, version }) => [caseId, version]))

describe.each<DatabaseKind>(databaseKinds)('the feed on %s', kind => {
  let centre: TestCentre
  let seat: Seat
  let neighbour: Seat
  let far: Seat
  beforeAll(async () => {
    centre = await startCentre(await databaseFor(kind, postgres))
    await addPeople(centre)
    seat = await enrol(centre)
    neighbour = await enrol(centre)
    far = await enrol(centre, otherBranch)
  })
  afterAll(() => centre.end())

  it('gives every seat of the branch what others did, once a change, with its whole history', async () => {
    const caseId = randomUUID()
    const before = await neighbour.pull()
    await centre.push(seat.device, [seat.create(caseId), seat.remark(caseId, '第一条')])
    await centre.stamper.stamp()
    const first = await neighbour.pull(before.cursor)
    expect(casesIn(first.changes)).toEqual([
      expect.objectContaining({
        caseId,
        version: 2,
        status: 'accepted',
        history: [
          expect.objectContaining({ kind: 'created', operatorName: people.agent.name }),
          expect.objectContaining({ kind: 'remark', detail: '第一条' }),
        ],
      }),
    ])
    expect((await neighbour.pull(first.cursor)).changes).toEqual([])
    await centre.push(seat.device, [seat.remark(caseId, '第二条')])
    await centre.stamper.stamp()
    expect([...versions((await neighbour.pull(first.cursor)).changes)]).toEqual([[caseId, 3]])
  })

  it('tells of people and publications too', async () => {
    const { cursor } = await seat.pull()
    await centre.operators.save({ ...people.agent, name: '改名' }, undefined, null)
    await centre.publications.publish(
      { name: 'catalogue', version: '2026-11', effectiveAt: '2026-11-24T00:00:00.000Z', content: { a: [1] } },
      people.admin.operatorId,
    )
    await centre.stamper.stamp()
    expect((await seat.pull(cursor)).changes).toEqual([
      { kind: 'operator', operator: { ...people.agent, name: '改名' } },
      {
        kind: 'publication',
        publication: expect.objectContaining({ name: 'catalogue', version: '2026-11' }),
      },
    ])
  })

  it('cuts pages by count and by bytes, and skips nothing in between', async () => {
    const { cursor } = await seat.pull()
    const caseIds = Array.from({ length: 150 }, () => randomUUID())
    await centre.push(
      seat.device,
      caseIds.map(caseId => seat.create(caseId, { content: '长'.repeat(19_000) })),
    )
    await centre.stamper.stamp()
    const counted = await neighbour.pull(cursor, 7)
    expect(counted.pages).toHaveLength(Math.ceil(150 / 7))
    expect(counted.pages.map(({ remaining }) => remaining)).toEqual(
      Array.from({ length: 22 }, (_, page) => Math.max(0, 150 - 7 * (page + 1))),
    )
    expect(new Set(casesIn(counted.changes).map(({ caseId }) => caseId))).toEqual(new Set(caseIds))
    const sized = await neighbour.pull(cursor)
    expect(sized.pages.length).toBeGreaterThan(1)
    expect(casesIn(sized.changes)).toHaveLength(150)
  })

  it('shows a case of another branch only when it was handed on there', async () => {
    const caseId = randomUUID()
    const { cursor } = await far.pull()
    await centre.push(seat.device, [seat.create(caseId, { callerKind: 'enterprise' })])
    await centre.stamper.stamp()
    expect((await far.pull(cursor)).changes).toEqual([])
    const { operatorId, name } = strangers.agent
    const remark = () => far.remark(caseId, '外区来电催办', { operatorId })
    expect(await centre.push(far.device, [remark()])).toMatchObject([
      { code: 'CASE_NOT_FOUND', version: null },
    ])
    await centre.stamper.stamp()
    expect((await far.pull(cursor)).changes).toEqual([])
    const handOver = seat.command(
      'case.move',
      { entryId: randomUUID(), move: 'handTo', reason: '迁址', owner: { operatorId, name } },
      { caseId, operatorId: people.lead.operatorId },
    )
    expect(await pushLive(centre, seat, [handOver])).toMatchObject([{ outcome: 'applied' }])
    await centre.stamper.stamp()
    const after = await far.pull(cursor)
    expect([...versions(after.changes)]).toEqual([[caseId, 2]])
    await centre.push(far.device, [remark()])
    await centre.push(seat.device, [seat.remark(caseId, '本区处理')])
    await centre.stamper.stamp()
    expect([...versions((await far.pull(after.cursor)).changes)]).toEqual([[caseId, 4]])
  })

  it('keeps a confidential case at its own seat, and takes back one that becomes confidential', async () => {
    const secret = randomUUID()
    const later = randomUUID()
    await centre.push(seat.device, [seat.create(secret, { confidential: true }), seat.create(later)])
    await centre.stamper.stamp()
    const own = await seat.pull()
    const theirs = await neighbour.pull()
    // As an earlier program left it: a seat of another branch that had touched the case.
    await centre.sql.query('INSERT INTO case_seat VALUES ($1, $2)', [later, far.device.seatId])
    const others = await far.pull()
    expect(versions(own.changes).has(secret)).toBe(true)
    expect(versions(theirs.changes).has(secret)).toBe(false)
    expect(JSON.stringify(others.changes)).not.toContain(secret)
    expect(others.changes).toContainEqual({ kind: 'case-removed', caseId: later })
    expect(casesIn(others.changes).some(({ caseId }) => caseId === later)).toBe(false)

    await centre.push(seat.device, [seat.edit(later, [{ field: 'confidential', from: false, to: true }])])
    await centre.stamper.stamp()
    const removed = { kind: 'case-removed', caseId: later }
    expect((await neighbour.pull(theirs.cursor)).changes).toEqual([removed])
    expect((await far.pull(others.cursor)).changes).toEqual([removed])
    expect([...versions((await seat.pull(own.cursor)).changes)]).toEqual([[later, 2]])

    // Another seat's person may not work on it either.
    const remark = neighbour.remark(later, '不该看见', { operatorId: people.colleague.operatorId })
    expect(await centre.push(neighbour.device, [remark])).toMatchObject([
      { code: 'CASE_NOT_FOUND', version: null },
    ])
  })

  it('refuses a cursor that it did not give, and one of another history', async () => {
    const { cursor } = await seat.pull()
    await expect(seat.pull('nonsense')).rejects.toThrow('CURSOR_INVALID')
    await expect(seat.pull(`${cursor}0`)).rejects.toThrow('CURSOR_EXPIRED')
    await newEpoch(centre.context)
    await expect(seat.pull(cursor)).rejects.toThrow('CURSOR_EXPIRED')
    expect((await seat.pull()).changes.length).toBeGreaterThan(0)
  })

  it('wakes the seats that it concerns', async () => {
    const woken: string[] = []
    const offs = [
      centre.wake.on(neighbour.device, () => woken.push('neighbour')),
      centre.wake.on(far.device, () => woken.push('far')),
    ]
    await centre.push(seat.device, [seat.create(randomUUID())])
    await centre.stamper.stamp()
    await expect.poll(() => woken, { timeout: 5_000 }).toEqual(['neighbour'])
    await centre.operators.save(people.agent, undefined, null)
    await centre.stamper.stamp()
    await expect.poll(() => woken, { timeout: 5_000 }).toEqual(['neighbour', 'neighbour', 'far'])
    for (const off of offs) off()
  })
})

describe.runIf(hasPostgres)('the feed while others write', () => {
  let url: string
  let centre: TestCentre
  let second: TestCentre
  let seat: Seat
  let slow: Seat
  let reader: Seat
  beforeAll(async () => {
    url = (await databaseFor('postgres', postgres)) ?? ''
    centre = await startCentre(url)
    second = await startCentre(url)
    await addPeople(centre)
    seat = await enrol(centre)
    slow = await enrol(centre)
    reader = await enrol(centre)
  })
  afterAll(async () => {
    await centre.end()
    await second.end()
  })

  it('skips no change of a writer that commits long after it wrote', async () => {
    const late = randomUUID()
    const early = randomUUID()
    // Whoever holds the device's row holds up the writer at its last statement, when its change is written already.
    const holder = await centre.sql.session()
    await holder.query('BEGIN')
    await holder.query('SELECT 1 FROM device WHERE client_id = $1 FOR UPDATE', [slow.device.clientId])
    const waiting = centre.push(slow.device, [slow.create(late)])
    const drawn = async () =>
      (
        await centre.sql.query<{ count: number }>(
          "SELECT count(*) AS count FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'UPDATE device%'",
        )
      )[0]?.count
    await expect.poll(drawn, { timeout: 10_000 }).toBe(1)

    await centre.push(seat.device, [seat.create(early)])
    await second.stamper.stamp()
    await centre.stamper.stamp()
    const first = await reader.pull()
    expect(versions(first.changes).has(early)).toBe(true)
    expect(versions(first.changes).has(late)).toBe(false)

    await holder.query('COMMIT')
    holder.release()
    await waiting
    await second.stamper.stamp()
    expect([...versions((await reader.pull(first.cursor)).changes)]).toEqual([[late, 1]])
  })

  it('is not held up by a transaction that is open elsewhere', async () => {
    const other = await centre.sql.session()
    await other.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
    await other.query("INSERT INTO meta (name, value) VALUES ('unrelated', 'x')")
    const { cursor } = await reader.pull()
    const caseId = randomUUID()
    await centre.push(seat.device, [seat.create(caseId)])
    await centre.stamper.stamp()
    expect([...versions((await reader.pull(cursor)).changes)]).toEqual([[caseId, 1]])
    await other.query('ROLLBACK')
    other.release()
  })

  it('gives a reader that follows all along the last version of everything, each case in order', async () => {
    const seats = await Promise.all(Array.from({ length: 4 }, () => enrol(centre)))
    const caseIds = Array.from({ length: 25 }, () => randomUUID())
    let { cursor } = await reader.pull()
    await centre.push(
      seat.device,
      caseIds.map(caseId => seat.create(caseId)),
    )
    const seen = new Map<string, number>()
    let done = false
    const follow = async () => {
      const page = await centre.changes(reader.device, cursor, 5)
      cursor = page.cursor
      for (const { caseId, version } of casesIn(page.changes)) {
        expect(version).toBeGreaterThanOrEqual(seen.get(caseId) ?? 0)
        seen.set(caseId, version)
      }
      return page.more
    }
    const reading = (async () => {
      while (!done) await follow()
    })()
    const stamping = (async () => {
      while (!done) await Promise.all([centre.stamper.stamp(), second.stamper.stamp()])
    })()
    await Promise.all(
      seats.flatMap((from, place) =>
        Array.from({ length: 12 }, (_, round) =>
          (place % 2 === 0 ? centre : second).push(
            from.device,
            caseIds
              .filter((_each, at) => (at + round) % 3 === place % 3)
              .map(caseId => from.remark(caseId, `${place}.${round}`)),
          ),
        ),
      ),
    )
    done = true
    await Promise.all([reading, stamping])
    await centre.stamper.stamp()
    while (await follow());
    const rows = await centre.sql.query<{ case_id: string; version: number }>(
      'SELECT case_id, version FROM cases WHERE case_id = ANY($1::text[])',
      [caseIds],
    )
    expect(seen).toEqual(new Map(rows.map(row => [row.case_id, row.version])))
    expect([...seen.values()].reduce((sum, version) => sum + version, 0)).toBeGreaterThan(25 * 10)
  })

  it('expires every cursor when a backup is restored', async () => {
    const { cursor } = await reader.pull()
    const dump = spawnSync(postgresProgram('pg_dump'), ['--dbname', url], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    })
    expect(dump.stderr).toBe('')
    const target = (await postgres?.database()) ?? ''
    const restored = spawnSync(
      postgresProgram('psql'),
      ['--quiet', '-v', 'ON_ERROR_STOP=1', '--dbname', target],
      { input: dump.stdout, encoding: 'utf8' },
    )
    expect(restored.stderr).toBe('')
    const after = await startCentre(target)
    const { accessToken } = await after.devices.token(reader.credential)
    const device = await after.devices.of(accessToken)
    await expect(after.changes(device, cursor, 10)).rejects.toThrow('CURSOR_EXPIRED')
    expect((await after.changes(device, undefined, 10)).changes.length).toBeGreaterThan(0)
    await after.end()
    // Starting again on the same database changes nothing.
    const again = await startCentre(target)
    const page = await again.changes(device, undefined, 10)
    await again.end()
    const once = await startCentre(target)
    expect((await once.changes(device, page.cursor, 10)).cursor.split('.')[0]).toBe(page.cursor.split('.')[0])
    await once.end()
  })
})
