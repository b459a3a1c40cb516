/** The centre as real processes, spoken to over HTTP. */
import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { createORPCClient } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import { OpenAPILink } from '@orpc/openapi-client/fetch'
import { centralContract, type DeviceCredential } from '../../shared/contract/central.ts'
import { commandSchemaVersion } from '../../shared/domain/command.ts'
import type { SessionProof } from '../../shared/domain/command-proof.ts'
import { clusterIn } from '../support/clusters.ts'
import { signCommand } from '../support/sign-command.ts'
import { fieldsOf } from './centre.ts'

export type CentralClient = ContractRouterClient<typeof centralContract>

type Ready = {
  url: string
  metricsUrl: string
  enrolmentCode: string
  missedCallsKey: string
  intakeKey: string
}

export type CentralProcess = Ready & {
  child: ChildProcess
  stderr(): string
  /** Resolves with the exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>
}

/** `further`: of its environment. */
export async function startCentralProcess(
  args: string[],
  databaseUrl?: string,
  further: NodeJS.ProcessEnv = {},
): Promise<CentralProcess> {
  const { DATABASE_URL: _none, ...inherited } = process.env
  const env = { ...inherited, ...further }
  const dataDir = args[args.indexOf('--data-dir') + 1]
  if (databaseUrl === undefined && args.includes('--data-dir') && dataDir !== undefined)
    await clusterIn(dataDir)
  const child = fork(
    join(import.meta.dirname, '..', '..', 'central', 'main.ts'),
    ['serve', '--demo', '--log-level', 'warn', '--metrics-port', '0', ...args],
    {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: databaseUrl === undefined ? env : { ...env, DATABASE_URL: databaseUrl },
    },
  )
  let stderr = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8')
  })
  const ended = new Promise<number | null>(resolve => child.once('exit', code => resolve(code)))
  const ready = await Promise.race([
    new Promise<Ready>(resolve => child.once('message', message => resolve(message as Ready))),
    ended.then(code => {
      throw new Error(`the centre ended with ${code}: ${stderr}`)
    }),
  ])
  return {
    child,
    ...ready,
    stderr: () => stderr,
    end: (signal = 'SIGTERM') => {
      if (child.exitCode === null) child.kill(signal)
      return ended
    },
  }
}

export const clientOf = (url: string, headers: () => Record<string, string> = () => ({})): CentralClient =>
  createORPCClient(new OpenAPILink(centralContract, { url, headers }))

/** A seat that is enrolled and holds a token. */
export async function seatAt(url: string, code: string) {
  const credential: DeviceCredential = await clientOf(url).enrolments.create({ code, seatName: '3 号坐席' })
  const { accessToken } = await clientOf(url).devices.token(credential)
  const headers: Record<string, string> = { authorization: `Bearer ${accessToken}` }
  return { credential, headers, client: clientOf(url, () => headers) }
}

/** What the demonstration's agent proves commands with at this seat. */
export async function proofAt(client: CentralClient, workNumber = '1001'): Promise<SessionProof> {
  const { proof } = await client.sessions.create({ workNumber, password: 'yanshi-12345' })
  if (proof === undefined) throw new Error('the sign-in gave no secret')
  return proof
}

/** A case that the demonstration's agent files at this seat. */
export const filing = (clientId: string, seq: number, proof: SessionProof) => {
  const caseId = randomUUID()
  const plain = {
    clientId,
    seq,
    id: randomUUID(),
    operatorId: 'demo-1001',
    caseId,
    schemaVersion: commandSchemaVersion,
    name: 'case.create',
    args: {
      caseNumber: `P-${caseId}`.slice(0, 40),
      callId: null,
      catalogueVersion: '2026-11',
      createdAt: '2026-11-24T01:00:00.000Z',
      fields: fieldsOf(),
    },
    baseVersion: null,
    issuedAt: '2026-11-24T01:00:00.000Z',
  }
  return signCommand(plain, proof)
}

/** What a stream of events says, until it is closed. */
export function listen(url: string, headers: Record<string, string>) {
  const said: string[] = []
  let closed = false
  const outgoing = request(`${url}/v1/events`, { headers, agent: new Agent() }, response => {
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => said.push(chunk))
    response.on('close', () => {
      closed = true
    })
  })
  outgoing.on('error', () => {})
  outgoing.end()
  return { text: () => said.join(''), closed: () => closed, close: () => void outgoing.destroy() }
}
