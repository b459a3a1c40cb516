/** The real centre, its HTTP server included, on one database for all schedules: each begins with the same content. */
import { gunzipSync } from 'node:zlib'
import { pino } from 'pino'
import { type Central, createCentral } from '../../central/central.ts'
import { createServer, type Server } from '../../central/http/server.ts'
import { setAcceptUnprovedUntil } from '../../central/identity/actor-proofs.ts'
import { openPglite } from '../../central/storage/pglite.ts'
import type { Sql } from '../../central/storage/sql.ts'
import type { CentreAnswer, CentreRequest } from '../../electron/core/sync/centre-client.ts'
import type { CentralOperator, DeviceCredential } from '../../shared/contract/central.ts'
import type { SessionProof } from '../../shared/domain/command-proof.ts'
import type { Tally } from './tally.ts'
import { beginning, type Chance, chanceOf, type Timeline } from './timeline.ts'

export const branch = '云澜中心'
const otherBranch = '河东分中心'

const person = (operatorId: string, workNumber: string, role: CentralOperator['role']): CentralOperator => ({
  operatorId,
  workNumber,
  name: `坐席${workNumber}`,
  branch,
  // They sit at the seats of both branches.
  allBranches: true,
  role,
  skills: [],
  disabled: false,
  employer: role === 'contractor' ? '云帆外包服务' : '',
})
export const people = [
  person('p-agent', '1001', 'agent'),
  person('p-colleague', '1003', 'agent'),
  person('p-lead', '1002', 'lead'),
  person('p-contractor', '2001', 'contractor'),
]
/** Somebody of the other branch alone. */
const farAgent: CentralOperator = {
  ...person('p-far', '2002', 'agent'),
  branch: otherBranch,
  allBranches: false,
}

/** The seats that are enrolled before a schedule begins: the last one belongs to another branch. */
export const enrolledSeats = 5
const password = '口令-Kouling-1'
/** A program of the version before is taken from a seat that was enrolled before, as far as schedules go. */
const acceptUntil = new Date(beginning + 365 * 24 * 3_600_000).toISOString()

/** By operator: what each may prove at one seat. */
export type SeatProofs = ReadonlyMap<string, SessionProof>

export type SimCentre = {
  central: Central
  sql: Sql
  credentials: DeviceCredential[]
  /** Of each of these seats, where everybody has signed in once. */
  proofs: SeatProofs[]
  /** A thief's device of another branch, at which one person may prove themselves. */
  thief: {
    credential: DeviceCredential
    proof: SessionProof
    operatorId: string
    /** Whoever belongs to that branch alone. */
    far: { proof: SessionProof; operatorId: string; branch: string }
  }
  /** A schedule begins: its time and chance, and what the database held at first. */
  begin(timeline: Timeline, chance: Chance): Promise<void>
  serve(request: CentreRequest): Promise<CentreAnswer>
  end(): Promise<void>
}

const written = [
  'cases',
  'case_history',
  'case_grant',
  'case_file',
  'call_record',
  'seat_state',
  'applied_command',
  'change_inbox',
  'number_block',
  'number_series',
  'audit',
  'enrolment_code',
]

export async function openCentre(tally: Tally): Promise<SimCentre> {
  const log = pino({ level: 'silent' })
  let timeline: Timeline | null = null
  let chance = chanceOf(1, () => beginning)
  const sql = await openPglite(null)
  const central = await createCentral({
    sql,
    log,
    clock: { now: () => timeline?.now ?? beginning, after: () => () => {} },
    random: { bytes: count => chance.bytes(count), uuid: () => chance.uuid() },
  })
  const server: Server = await createServer(central, null, {
    requestsPerMinute: 1e9,
    anonymousPerMinute: 1e9,
  })
  await server.app.ready()
  central.watch({
    pushed: results => results.forEach(({ outcome }) => tally.count(`answer ${outcome}`)),
    stamped: () => {},
    callbacks: { posted: () => {}, refused: () => {}, claimed: () => {}, worked: () => {} },
  })
  for (const each of [...people, farAgent]) await central.operators.save(each, password, null)
  const credentials: DeviceCredential[] = []
  for (let seat = 0; seat < enrolledSeats; seat += 1) {
    const where = seat === enrolledSeats - 1 ? otherBranch : branch
    const { code } = await central.devices.enrolmentCode(where, null)
    credentials.push(await central.devices.enrol({ code, seatName: `${seat} 号坐席` }))
  }
  const signIn = async (credential: DeviceCredential, workNumber: string) => {
    const { accessToken } = await central.devices.token(credential)
    const { proof } = await central.sessions.signIn(await central.devices.of(accessToken), {
      workNumber,
      password,
    })
    if (proof === undefined) throw new Error('the sign-in gave no secret')
    return proof
  }
  const proofs: SeatProofs[] = []
  for (const credential of credentials) {
    const ofSeat = new Map<string, SessionProof>()
    for (const { operatorId, workNumber } of people)
      ofSeat.set(operatorId, await signIn(credential, workNumber))
    proofs.push(ofSeat)
  }
  await sql.query('UPDATE device SET before_proofs = true')
  await setAcceptUnprovedUntil(sql, acceptUntil)
  const { code } = await central.devices.enrolmentCode(otherBranch, null)
  const stolen = await central.devices.enrol({ code, seatName: '被盗的坐席' })
  const thief = {
    credential: stolen,
    proof: await signIn(stolen, '2001'),
    operatorId: 'p-contractor',
    far: {
      proof: await signIn(stolen, farAgent.workNumber),
      operatorId: farAgent.operatorId,
      branch: otherBranch,
    },
  }
  await central.stamper.stamp()
  await sql.script(
    `CREATE TABLE first_device AS SELECT * FROM device; CREATE TABLE first_change AS SELECT * FROM change;
     ANALYZE;`,
  )

  return {
    central,
    sql,
    credentials,
    proofs,
    thief,
    begin: async (time, drawn) => {
      await central.stamper.settled()
      timeline = time
      chance = drawn
      await sql.script(
        `BEGIN; SET LOCAL session_replication_role = replica;
         ${written.map(table => `DELETE FROM ${table};`).join(' ')}
         DELETE FROM device; INSERT INTO device SELECT * FROM first_device;
         DELETE FROM change; INSERT INTO change SELECT * FROM first_change; COMMIT;`,
      )
    },
    serve: async ({ method, path, headers, body }) => {
      const answer = await server.app.inject({
        method,
        url: path,
        headers: { ...headers, 'accept-encoding': 'gzip' },
        ...(body === null ? {} : { payload: Buffer.from(body) }),
      })
      await central.stamper.settled()
      const told: Record<string, string> = {}
      for (const [name, value] of Object.entries(answer.headers)) told[name] = String(value)
      const raw = answer.rawPayload
      const text = (told['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString()
      return { status: answer.statusCode, headers: told, text }
    },
    end: async () => {
      await server.close()
      await central.close()
      await sql.close()
    },
  }
}
