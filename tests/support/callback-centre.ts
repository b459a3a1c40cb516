/** A centre of its own process to which missed calls are posted, under a policy that the test publishes. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { MissedCallResult } from '../../shared/contract/central-callbacks.ts'
import {
  type CallbackPolicy,
  callbackPolicyName,
  sampleCallbackPolicy,
} from '../../shared/domain/callback-policy.ts'
import { type CentralProcess, startCentralProcess } from '../central/processes.ts'
import { root } from './seat-process.ts'

export type CallbackCentre = CentralProcess & {
  enrolmentCodes: string[]
  miss(
    ...calls: { originalCallId: string; number: string | null; [more: string]: unknown }[]
  ): Promise<MissedCallResult[]>
  /** The callback policy, unless another publication is named. */
  publish(version: string, content: unknown, name?: string): Promise<void>
  /** The same data at the same address again, as after a power cut. */
  again(): Promise<CentralProcess>
}

/** No quiet hours, whatever the time of day; nothing waits for other seats. */
export const testPolicy: CallbackPolicy = {
  ...sampleCallbackPolicy,
  sample: false,
  quiet: { from: 0, to: 0 },
  settleSeconds: 0,
  skillFirstSeconds: 0,
}

/** `further`: arguments of the centre's own. Without a database's address it has an embedded one. */
export async function startCallbackCentre(
  folder: string,
  codes = 2,
  further: readonly string[] = [],
  databaseUrl?: string,
): Promise<CallbackCentre> {
  const { DATABASE_URL: _none, ...own } = process.env
  const env = databaseUrl === undefined ? own : { ...own, DATABASE_URL: databaseUrl }
  const cli = (...args: string[]) =>
    execFileSync(
      process.execPath,
      [join(root, 'central', 'main.ts'), ...args, '--data-dir', folder, '--log-level', 'warn'],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], env },
    ).trim()
  const missedKey = cli('api-key', '--name', 'exchange', '--scope', 'missed-call.post')
  const policyKey = cli('api-key', '--name', 'city', '--scope', 'publication.publish')
  const enrolmentCodes = Array.from(
    { length: codes },
    () => cli('enrolment-code', '--branch', '云澜中心').split(' ')[0] ?? '',
  )
  const centre = await startCentralProcess(['--data-dir', folder, '--port', '0', ...further], databaseUrl)
  const send = async <T>(method: string, path: string, key: string, body: unknown): Promise<T> => {
    const response = await fetch(new URL(path, centre.url), {
      method,
      headers: { 'content-type': 'application/json', 'x-api-key': key },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as T
  }
  return {
    ...centre,
    enrolmentCodes,
    miss: async (...calls) => {
      const missedAt = new Date(Date.now() - 60_000).toISOString()
      const body = { calls: calls.map(call => ({ missedAt, ...call })) }
      const { results } = await send<{ results: MissedCallResult[] }>(
        'POST',
        '/v1/missed-calls',
        missedKey,
        body,
      )
      return results
    },
    publish: async (version, content, name = callbackPolicyName) => {
      const effectiveAt = new Date(Date.now() - 1_000).toISOString()
      const path = `/v1/publications/${name}/${version}`
      await send('PUT', path, policyKey, { effectiveAt, content })
    },
    again: () =>
      startCentralProcess(
        ['--data-dir', folder, '--port', new URL(centre.url).port, ...further],
        databaseUrl,
      ),
  }
}
