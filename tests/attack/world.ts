/**
 * The hotline that is attacked: a centre of two processes on one PostgreSQL, two branches with their seats and people, all
 * invented. Everything goes over HTTP, as an attacker would send it.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { type Central, createCentral } from '../../central/central.ts'
import { openPostgres } from '../../central/storage/postgres.ts'
import type { Sql } from '../../central/storage/sql.ts'
import type {
  CentralOperator,
  CommandResult,
  DeviceCredential,
  OperatorSession,
} from '../../shared/contract/central.ts'
import { type CaseFields, emptyCaseFields } from '../../shared/domain/case.ts'
import type { Command, CommandArgs, CommandName } from '../../shared/domain/command.ts'
import type { KeyScope } from '../../shared/domain/permission.ts'
import { type CentralProcess, startCentralProcess } from '../central/processes.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { signCommand } from '../support/sign-command.ts'

export const ownBranch = '云澜中心'
export const otherBranch = '河东分中心'
export const password = 'Kouling-Gongji-1'

export type PersonName =
  | 'agent'
  | 'colleague'
  | 'contractor'
  | 'lead'
  | 'admin'
  | 'cityAdmin'
  | 'otherAgent'
  | 'otherLead'
  | 'otherAdmin'
  | 'unit'

const person = (
  operatorId: string,
  workNumber: string,
  role: CentralOperator['role'],
  branch = ownBranch,
  part: Partial<CentralOperator> = {},
): CentralOperator => ({
  operatorId,
  workNumber,
  name: `坐席${workNumber}`,
  branch,
  role,
  skills: [],
  disabled: false,
  employer: role === 'contractor' ? '云帆外包服务' : '',
  ...part,
})

export const people: Record<PersonName, CentralOperator> = {
  agent: person('a-agent', '3001', 'agent'),
  colleague: person('a-colleague', '3002', 'agent'),
  contractor: person('a-contractor', '3003', 'contractor'),
  lead: person('a-lead', '3004', 'lead'),
  admin: person('a-admin', '3005', 'admin'),
  cityAdmin: person('a-city', '3006', 'admin', ownBranch, { allBranches: true }),
  otherAgent: person('b-agent', '4001', 'agent', otherBranch),
  otherLead: person('b-lead', '4002', 'lead', otherBranch),
  otherAdmin: person('b-admin', '4003', 'admin', otherBranch),
  unit: person('u-unit', '5900', 'unit', ownBranch, { unitCode: 'C07' }),
}

export type Answer = { status: number; code: string; body: unknown; text: string; headers: Headers }

/** Whose credentials a request carries. */
export type As = { seat?: AttackSeat; session?: OperatorSession | null; key?: string; bearer?: string }

export type AttackSeat = {
  credential: DeviceCredential
  branch: string
  token: string
  /** Signs in at this seat and keeps what the centre gave. */
  signIn(who: PersonName): Promise<OperatorSession>
  /** A command as the seat writes it; signed when `session` is given. */
  command<N extends CommandName>(name: N, args: CommandArgs<N>, about: About): Command
  push(commands: readonly unknown[], live?: OperatorSession | null): Promise<CommandResult[]>
  file(by: OperatorSession, fields?: Partial<CaseFields>): Promise<string>
}
export type About = Partial<Command> & { session?: OperatorSession | null }

export type World = {
  central: Central
  sql: Sql
  centres: readonly CentralProcess[]
  seats: { own: AttackSeat; second: AttackSeat; other: AttackSeat }
  /** Asks one of the two centres in turn. */
  ask(
    method: string,
    path: string,
    as?: As,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>
  enrol(branch: string): Promise<AttackSeat>
  key(scope: KeyScope): Promise<string>
  end(): Promise<void>
}

export async function openWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'zuoxi-attack-'))
  const postgres: Postgres = await startPostgres()
  const url = await postgres.database()
  const log = pino({ level: 'silent' })
  const sql = await openPostgres(url, { log, connections: 4 })
  const clock = {
    now: () => Date.now(),
    after: (ms: number, run: () => void) => {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
  }
  const random = { bytes: (count: number) => randomBytes(count), uuid: () => randomUUID() }
  const central = await createCentral({ sql, clock, random, log })
  const centres = [
    await startCentralProcess(['--data-dir', folder, '--files-dir', join(folder, 'files')], url),
    await startCentralProcess(['--data-dir', folder, '--files-dir', join(folder, 'files')], url),
  ]
  for (const each of Object.values(people)) await central.operators.save(each, password, null)
  await sql.query('UPDATE operator SET must_change_password = false')

  let turn = 0
  const ask: World['ask'] = async (method, path, as = {}, body, headers = {}) => {
    turn += 1
    const base = centres[turn % centres.length]?.url ?? ''
    const bearer = as.bearer ?? as.seat?.token
    const sent: Record<string, string> = { ...headers }
    if (bearer !== undefined) sent['authorization'] = `Bearer ${bearer}`
    if (as.session != null) sent['x-operator-session'] = as.session.accessToken
    if (as.key !== undefined) sent['x-api-key'] = as.key
    if (body !== undefined) sent['content-type'] ??= 'application/json'
    const response = await fetch(new URL(path, base), {
      method,
      headers: sent,
      redirect: 'manual',
      signal: AbortSignal.timeout(30_000),
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    let read: unknown
    try {
      read = JSON.parse(text)
    } catch {
      read = undefined
    }
    const code = typeof read === 'object' && read !== null && 'code' in read ? String(read.code) : ''
    return { status: response.status, code, body: read, text, headers: response.headers }
  }

  let numbers = 0
  const enrol = async (branch: string): Promise<AttackSeat> => {
    const { code } = await central.devices.enrolmentCode(branch, null)
    const credential = (await ask('POST', '/v1/enrolments', {}, { code, seatName: '9 号坐席' }))
      .body as DeviceCredential
    const granted = await ask('POST', '/v1/device-tokens', {}, credential)
    const { accessToken: token } = granted.body as { accessToken: string }
    let seq = 0
    const seat: AttackSeat = {
      credential,
      branch,
      token,
      signIn: async who => {
        const { workNumber } = people[who]
        const answer = await ask('POST', '/v1/sessions', { seat }, { workNumber, password })
        if (answer.status !== 200)
          throw new Error(`${who} cannot sign in: ${answer.status} ${answer.text.slice(0, 200)}`)
        return answer.body as OperatorSession
      },
      command: (name, args, { session = null, ...about }) => {
        seq += 1
        const plain: Command = {
          clientId: credential.clientId,
          seq,
          id: randomUUID(),
          operatorId: session?.operator.operatorId ?? null,
          caseId: null,
          schemaVersion: 4,
          name,
          args,
          baseVersion: null,
          issuedAt: new Date().toISOString(),
          ...about,
        }
        return session?.proof === undefined ? plain : signCommand(plain, session.proof)
      },
      push: async (commands, live = null) => {
        const answer = await ask('POST', '/v1/commands', { seat, session: live }, { commands })
        if (answer.status !== 200) throw new Error(`push: ${answer.status} ${answer.text.slice(0, 200)}`)
        return (answer.body as { results: CommandResult[] }).results
      },
      file: async (by, fields = {}) => {
        const caseId = randomUUID()
        numbers += 1
        const [result] = await seat.push([
          seat.command(
            'case.create',
            {
              caseNumber: `A-${numbers}-${caseId}`.slice(0, 40),
              callId: null,
              catalogueVersion: '2026-11',
              createdAt: new Date().toISOString(),
              fields: fieldsOf(fields),
            },
            { caseId, session: by },
          ),
        ])
        if (result?.outcome !== 'applied') throw new Error(`not filed: ${JSON.stringify(result)}`)
        return caseId
      },
    }
    return seat
  }

  return {
    central,
    sql,
    centres,
    seats: { own: await enrol(ownBranch), second: await enrol(ownBranch), other: await enrol(otherBranch) },
    ask,
    enrol,
    key: scope => central.apiKeys.create('示例系统', [scope]),
    end: async () => {
      for (const centre of centres) await centre.end()
      await central.close()
      await sql.close()
      await postgres.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
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
