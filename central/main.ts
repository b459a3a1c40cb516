/**
 * The reference centre as a process: `node central/main.ts [serve | new-epoch | admin | enrolment-code | api-key |
 * accept-unproved-until] [options]`.
 * docs/central.md says what each is for. Forked with an IPC channel it tells its parent where it is, and ends with it.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createCentral } from './central.ts'
import { newEpoch } from './changes/epoch.ts'
import { seedDemo } from './demo.ts'
import { createServer } from './http/server.ts'
import { acceptUnprovedUntil, setAcceptUnprovedUntil } from './identity/actor-proofs.ts'
import { type ApiKeyScope, apiKeyScopes } from './identity/api-keys.ts'
import { createLog } from './log.ts'
import { openPglite } from './storage/pglite.ts'
import { openPostgres } from './storage/postgres.ts'
import { systemClock as clock, systemRandom as random } from './system.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    port: { type: 'string', default: '0' },
    host: { type: 'string', default: '127.0.0.1' },
    'data-dir': { type: 'string', default: 'central-data' },
    'files-dir': { type: 'string' },
    demo: { type: 'boolean', default: false },
    'area-code': { type: 'string', default: '' },
    'offline-days': { type: 'string', default: '7' },
    'requests-per-minute': { type: 'string', default: '3000' },
    branch: { type: 'string', default: '市中心' },
    'work-number': { type: 'string' },
    name: { type: 'string' },
    scope: { type: 'string', default: 'publication.publish' },
    'log-level': { type: 'string', default: 'info' },
  },
})
const command = positionals[0] ?? 'serve'
/** Under load a change is told so much later at most, and every seat is woken that much less often. */
const stampPauseMs = 20
const forked = process.send !== undefined
const log = createLog(values['log-level'])
const url = process.env['DATABASE_URL']

const sql = url ? await openPostgres(url, { log }) : await openPglite(values['data-dir'])
if (sql.kind === 'pglite')
  console.error(
    'central: without DATABASE_URL this is the embedded database, for demonstration and tests only',
  )
const central = await createCentral(
  { sql, clock, random, log },
  { areaCode: values['area-code'], offlineDays: Number(values['offline-days']), stampPauseMs },
)

async function once(work: () => Promise<string>): Promise<void> {
  try {
    console.log(await work())
  } finally {
    await central.close()
    await sql.close()
  }
}

const needed = (value: string | undefined, what: string): string => {
  if (value === undefined || value === '') throw new Error(`central: ${what} is missing`)
  return value
}

const scopeIn = (text: string): ApiKeyScope => {
  const scope = apiKeyScopes.find(known => known === text)
  if (scope === undefined) throw new Error(`central: --scope is one of ${apiKeyScopes.join(', ')}`)
  return scope
}

const dateIn = (text: string): string => {
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw new Error('central: a date is needed, for example 2027-02-01, or never')
  return new Date(time).toISOString()
}

switch (command) {
  case 'serve':
    await serve()
    break
  case 'new-epoch':
    await once(
      async () => `new epoch ${await newEpoch({ sql, random })}: every seat reads from the beginning`,
    )
    break
  case 'enrolment-code':
    await once(async () => {
      const { code, expiresAt } = await central.devices.enrolmentCode(values.branch, null)
      return `${code}  (${values.branch}, until ${expiresAt})`
    })
    break
  case 'accept-unproved-until':
    await once(async () => {
      const [, asked] = positionals
      if (asked !== undefined) await setAcceptUnprovedUntil(sql, asked === 'never' ? null : dateIn(asked))
      const until = await acceptUnprovedUntil(sql)
      return until === null
        ? 'commands without a proof are not accepted'
        : `commands without a proof are accepted from seats that were enrolled before, until ${until}`
    })
    break
  case 'api-key':
    await once(() => central.apiKeys.create(needed(values.name, '--name'), [scopeIn(values.scope)]))
    break
  case 'admin':
    await once(async () => {
      const workNumber = needed(values['work-number'], '--work-number')
      const operator = {
        operatorId: random.uuid(),
        workNumber,
        name: needed(values.name, '--name'),
        branch: values.branch,
        role: 'admin' as const,
        skills: [],
        disabled: false,
        employer: '',
      }
      await central.operators.save(
        operator,
        needed(process.env['ZUOXI_ADMIN_PASSWORD'], 'ZUOXI_ADMIN_PASSWORD in the environment'),
        null,
      )
      return `administrator ${workNumber} may sign in`
    })
    break
  default:
    console.error(`central: no such command: ${command}`)
    process.exitCode = 2
    await central.close()
    await sql.close()
}

async function serve(): Promise<void> {
  const filesFolder = values['files-dir'] ?? join(values['data-dir'], 'files')
  mkdirSync(filesFolder, { recursive: true, mode: 0o700 })
  const server = await createServer(central, filesFolder, {
    requestsPerMinute: Number(values['requests-per-minute']),
  })
  const address = await server.listen({ host: values.host, port: Number(values.port) })
  const demo = values.demo
    ? await seedDemo(central)
    : { enrolmentCode: null, missedCallsKey: null, intakeKey: null }
  const ready = { type: 'central-ready', url: address, pid: process.pid, ...demo }

  let ending = false
  const end = () => {
    if (ending) return
    ending = true
    setTimeout(() => process.exit(1), 15_000).unref()
    void server
      .close()
      .then(() => central.close())
      .then(() => sql.close())
      .then(
        () => process.exit(0),
        () => process.exit(1),
      )
  }
  process.on('SIGTERM', end)
  if (!forked) {
    process.on('SIGINT', end)
    console.log(JSON.stringify(ready))
  } else {
    // The launcher decides when Ctrl-C ends the centre: the seat sends what it has before.
    process.on('SIGINT', () => {})
    process.on('disconnect', end)
    if (process.connected) process.send?.(ready)
    else end()
  }
}
