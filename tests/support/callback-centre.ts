/** A centre of its own process to which missed calls are posted, under a policy that the test publishes. */
import { pino } from 'pino'
import { type Central, createCentral } from '../../central/central.ts'
import { openPglite } from '../../central/storage/pglite.ts'
import { openPostgres } from '../../central/storage/postgres.ts'
import { systemClock, systemRandom } from '../../central/system.ts'
import type { MissedCallResult } from '../../shared/contract/central-callbacks.ts'
import {
  type CallbackPolicy,
  callbackPolicyName,
  sampleCallbackPolicy,
} from '../../shared/domain/callback-policy.ts'
import { type CentralProcess, startCentralProcess } from '../central/processes.ts'
import { clusterIn } from './clusters.ts'

export type CallbackCentre = CentralProcess & {
  enrolmentCodes: string[]
  /** What the city publishes with. */
  publicationKey: string
  miss(
    ...calls: { originalCallId: string; number: string | null; [more: string]: unknown }[]
  ): Promise<MissedCallResult[]>
  /** The callback policy, unless another publication is named. */
  publish(version: string, content: unknown, name?: string): Promise<void>
  /** The same data at the same address again, as after a power cut. */
  again(): Promise<CentralProcess>
}

/** What `central/main.ts` does before a centre serves, without a process for each. */
export async function beforeItServes<T>(
  folder: string,
  databaseUrl: string | undefined,
  work: (central: Central) => Promise<T>,
): Promise<T> {
  const log = pino({ level: 'silent' })
  if (databaseUrl === undefined) await clusterIn(folder)
  const sql = databaseUrl === undefined ? await openPglite(folder) : await openPostgres(databaseUrl, { log })
  const central = await createCentral({ sql, clock: systemClock, random: systemRandom, log })
  try {
    return await work(central)
  } finally {
    await central.close()
    await sql.close()
  }
}

export async function codesOf(central: Central, count: number): Promise<string[]> {
  const codes: string[] = []
  while (codes.length < count) codes.push((await central.devices.enrolmentCode('云澜中心', null)).code)
  return codes
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
  const { missedKey, publicationKey, enrolmentCodes } = await beforeItServes(
    folder,
    databaseUrl,
    async central => ({
      missedKey: await central.apiKeys.create('exchange', ['missed-call.post']),
      publicationKey: await central.apiKeys.create('city', ['publication.publish']),
      enrolmentCodes: await codesOf(central, codes),
    }),
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
    publicationKey,
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
      await send('PUT', path, publicationKey, { effectiveAt, content })
    },
    again: () =>
      startCentralProcess(
        ['--data-dir', folder, '--port', new URL(centre.url).port, ...further],
        databaseUrl,
      ),
  }
}
