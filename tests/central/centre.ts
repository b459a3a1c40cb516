/** A centre in this process on either database, with a clock that the test turns, and seats that push to it. */
import { randomBytes, randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { type Central, type CentralOptions, createCentral } from '../../central/central.ts'
import type { Device } from '../../central/identity/devices.ts'
import { openPglite } from '../../central/storage/pglite.ts'
import { openPostgres } from '../../central/storage/postgres.ts'
import type { Sql } from '../../central/storage/sql.ts'
import type { Change, ChangePage, CommandResult, DeviceCredential } from '../../shared/contract/central.ts'
import { type CaseFields, emptyCaseFields } from '../../shared/domain/case.ts'
import type { Command, CommandArgs, CommandName } from '../../shared/domain/command.ts'
import { clusterInMemory } from '../support/clusters.ts'
import { hasPostgres, type Postgres } from '../support/postgres.ts'
import { signEverybodyIn, signed } from '../support/proving.ts'

export type DatabaseKind = 'pglite' | 'postgres'
export const databaseKinds: readonly DatabaseKind[] = hasPostgres ? ['pglite', 'postgres'] : ['pglite']
export const log = pino({ level: 'silent' })
export const branch = '云澜中心'
export const otherBranch = '河东分中心'

export type TestCentre = Central & { sql: Sql; now: { ms: number }; end(): Promise<void> }

/** `url` null: PGlite in memory. Timers never fire by themselves: the test stamps. */
export async function startCentre(
  url: string | null,
  options: Partial<CentralOptions> = {},
): Promise<TestCentre> {
  const sql =
    url === null
      ? await openPglite(null, await clusterInMemory())
      : await openPostgres(url, { log, connections: 24 })
  const now = { ms: Date.parse('2026-11-24T02:00:00.000Z') }
  const clock = { now: () => now.ms, after: () => () => {} }
  const random = { bytes: (count: number) => randomBytes(count), uuid: () => randomUUID() }
  const central = await createCentral({ sql, clock, random, log }, options)
  await signEverybodyIn(sql)
  return {
    ...central,
    sql,
    now,
    end: async () => {
      await central.close()
      await sql.close()
    },
  }
}

export const databaseFor = async (kind: DatabaseKind, postgres: Postgres | null): Promise<string | null> => {
  if (kind === 'pglite') return null
  if (postgres === null) throw new Error('PostgreSQL was not started')
  return postgres.database()
}

const person = (
  operatorId: string,
  workNumber: string,
  role: 'agent' | 'contractor' | 'lead' | 'admin',
  where = branch,
) => ({
  operatorId,
  workNumber,
  name: `坐席${workNumber}`,
  branch: where,
  role,
  skills: [],
  disabled: false,
  employer: role === 'contractor' ? '云帆外包服务' : '',
})
export const people = {
  agent: person('p-agent', '1001', 'agent'),
  colleague: person('p-colleague', '1003', 'agent'),
  lead: person('p-lead', '1002', 'lead'),
  contractor: person('p-contractor', '2001', 'contractor'),
  admin: { ...person('p-admin', '9001', 'admin'), allBranches: true },
  branchAdmin: person('p-branch-admin', '9002', 'admin'),
}
/** Of another branch. */
export const strangers = {
  agent: person('p-far-agent', '3001', 'agent', otherBranch),
  lead: person('p-far-lead', '3002', 'lead', otherBranch),
  admin: person('p-far-admin', '9003', 'admin', otherBranch),
}
export const password = '口令-Kouling-1'

export async function addPeople(central: Central): Promise<void> {
  for (const each of [...Object.values(people), ...Object.values(strangers)])
    await central.operators.save(each, password, null)
}

export const fieldsOf = (part: Partial<CaseFields> = {}): CaseFields => ({
  ...emptyCaseFields,
  callerName: '王女士',
  callingNumber: '19900000001',
  contactNumber: '19900000001',
  title: '路灯不亮',
  content: '河东路 12 号门前路灯三天不亮。',
  kind: 'help',
  disposition: 'accept',
  ...part,
})

export type Seat = {
  device: Device
  credential: DeviceCredential
  /** Proved by whoever it names, unless `about` says otherwise. */
  command<N extends CommandName>(name: N, args: CommandArgs<N>, about?: Partial<Command>): Command
  /** As it is now, whatever was changed of it. */
  sign(command: Command): Command
  create(caseId: string, fields?: Partial<CaseFields>, about?: Partial<Command>): Command
  remark(caseId: string, text: string, about?: Partial<Command>): Command
  edit(
    caseId: string,
    changes: { field: string; from: unknown; to: unknown }[],
    about?: Partial<Command>,
  ): Command
  /** Everything from `cursor` on, page by page. */
  pull(cursor?: string, limit?: number): Promise<{ changes: Change[]; cursor: string; pages: ChangePage[] }>
}

export async function enrol(central: Central, where = branch): Promise<Seat> {
  const { code } = await central.devices.enrolmentCode(where, null)
  const credential = await central.devices.enrol({ code, seatName: '3 号坐席' })
  return seatWith(central, credential)
}

let numbers = 0

export async function seatWith(central: Central, credential: DeviceCredential): Promise<Seat> {
  // It was here yesterday: what it says of the time since counts.
  await central.context.sql.query(
    "UPDATE device SET contact_at = contact_at - interval '1 day' WHERE client_id = $1",
    [credential.clientId],
  )
  const { accessToken } = await central.devices.token(credential)
  const device = await central.devices.of(accessToken)
  let seq = 0
  const sign = (of: Command) => signed(central.actorProofs, device.seatId, of)
  const command: Seat['command'] = (name, args, about = {}) => {
    seq += 1
    const given: Command = {
      clientId: device.clientId,
      seq,
      id: randomUUID(),
      operatorId: people.agent.operatorId,
      caseId: null,
      schemaVersion: 4,
      name,
      args,
      baseVersion: null,
      issuedAt: '2026-11-24T01:59:00.000Z',
      ...about,
    }
    return 'proof' in about ? given : sign(given)
  }
  return {
    device,
    credential,
    command,
    sign,
    create: (caseId, fields = {}, about = {}) => {
      numbers += 1
      const args = {
        caseNumber: `T-${numbers}-${caseId}`.slice(0, 40),
        callId: null,
        catalogueVersion: '2026-11',
        createdAt: '2026-11-24T01:58:00.000Z',
        fields: fieldsOf(fields),
      }
      return command('case.create', args, { caseId, ...about })
    },
    remark: (caseId, text, about = {}) =>
      command('case.addRemark', { entryId: randomUUID(), text }, { caseId, ...about }),
    edit: (caseId, changes, about = {}) =>
      command('case.edit', { entryId: randomUUID(), changes }, { caseId, ...about }),
    pull: async (cursor, limit = 2_000) => {
      const pages: ChangePage[] = []
      let at = cursor
      for (;;) {
        const page = await central.changes(device, at, limit)
        pages.push(page)
        at = page.cursor
        if (!page.more) return { changes: pages.flatMap(({ changes }) => changes), cursor: at, pages }
      }
    },
  }
}

/** One by one, each under its operator's live session. */
export async function pushLive(
  central: Pick<Central, 'push'>,
  { device }: Pick<Seat, 'device'>,
  commands: readonly unknown[],
): Promise<CommandResult[]> {
  const results: CommandResult[] = []
  for (const each of commands) {
    const operatorId = (each as Partial<Command>).operatorId ?? null
    const live = operatorId === null ? null : { operatorId, sessionId: 'live' }
    results.push(...(await central.push(device, [each], { live })))
  }
  return results
}

export const casesIn = (changes: readonly Change[]) =>
  changes.flatMap(change => (change.kind === 'case' ? [change.case] : []))
