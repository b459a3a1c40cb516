/**
 * The reference centre as a process: `node central/main.ts [COMMAND] [options]`; without a command it serves. docs/central.md says
 * what each command is for. Forked with an IPC channel it tells its parent where it is, and ends with it.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { normalizeNumber } from '../shared/domain/phone-number.ts'
import { createCentral } from './central.ts'
import { newEpoch } from './changes/epoch.ts'
import { seedDemo } from './demo.ts'
import { createServer } from './http/server.ts'
import { createAccountCommands } from './identity/account-commands.ts'
import { acceptUnprovedUntil, setAcceptUnprovedUntil } from './identity/actor-proofs.ts'
import { secretsKeyFrom } from './identity/secret-box.ts'
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
    'trust-proxy': { type: 'string' },
    'behind-tls': { type: 'boolean', default: false },
    'max-connections': { type: 'string', default: '4000' },
    'statement-seconds': { type: 'string', default: '30' },
    'lock-seconds': { type: 'string', default: '15' },
    'idle-in-transaction-seconds': { type: 'string', default: '10' },
    'metrics-port': { type: 'string' },
    'metrics-host': { type: 'string', default: '127.0.0.1' },
    'no-docs': { type: 'boolean', default: false },
    branch: { type: 'string', default: '市中心' },
    'all-branches': { type: 'boolean', default: false },
    'intake-branch': { type: 'string', multiple: true },
    number: { type: 'string' },
    'work-number': { type: 'string' },
    name: { type: 'string' },
    scope: { type: 'string', default: 'publication.publish' },
    days: { type: 'string' },
    'log-level': { type: 'string', default: 'info' },
  },
})
const command = positionals[0] ?? 'serve'
/** Under load a change is told so much later at most, and every seat is woken that much less often. */
const stampPauseMs = 20
const forked = process.send !== undefined
const log = createLog(values['log-level'])
const url = process.env['DATABASE_URL']

/** At least one: nought would mean no limit to the database. */
const secondsIn = (option: 'statement-seconds' | 'lock-seconds' | 'idle-in-transaction-seconds'): number => {
  const seconds = Number(values[option])
  if (!(seconds >= 1 && seconds <= 3_600)) throw new Error(`central: --${option} is from 1 to 3600`)
  return seconds * 1_000
}
const limits = {
  statementMs: secondsIn('statement-seconds'),
  lockMs: secondsIn('lock-seconds'),
  idleInTransactionMs: secondsIn('idle-in-transaction-seconds'),
}
const sql = url ? await openPostgres(url, { log, limits }) : await openPglite(values['data-dir'])
if (sql.kind === 'pglite')
  console.error(
    'central: without DATABASE_URL this is the embedded database, for demonstration and tests only',
  )
const central = await createCentral(
  { sql, clock, random, log },
  {
    areaCode: values['area-code'],
    offlineDays: Number(values['offline-days']),
    stampPauseMs,
    secretsKey: secretsKeyFrom(process.env['ZUOXI_SECRETS_KEY']),
    intakeBranches: values['intake-branch'] ?? null,
  },
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

const accountCommands = createAccountCommands(central, {
  id: () => needed(positionals[1], 'the ID'),
  branch: values.branch,
  allBranches: values['all-branches'],
  name: () => needed(values.name, '--name'),
  workNumber: () => needed(values['work-number'], '--work-number'),
  password: () => needed(process.env['ZUOXI_ADMIN_PASSWORD'], 'ZUOXI_ADMIN_PASSWORD in the environment'),
  scope: values.scope,
  days: values.days,
})
const accountCommand = accountCommands[command]

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
  case 'lookups':
    await once(async () => {
      const { key } = normalizeNumber(needed(values.number, '--number'), { areaCode: values['area-code'] })
      const found = key === null ? [] : await central.lookups.ofNumber(key)
      return found.map(each => `${each.at}  ${each.operatorId}  ${each.kind}  ${each.result}`).join('\n')
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
  default:
    if (accountCommand !== undefined) await once(accountCommand)
    else {
      console.error(`central: no such command: ${command}`)
      process.exitCode = 2
      await central.close()
      await sql.close()
    }
}

async function serve(): Promise<void> {
  const filesFolder = values['files-dir'] ?? join(values['data-dir'], 'files')
  mkdirSync(filesFolder, { recursive: true, mode: 0o700 })
  const server = await createServer(central, filesFolder, {
    requestsPerMinute: Number(values['requests-per-minute']),
    connections: Number(values['max-connections']),
    trustProxy: values['trust-proxy'] ?? null,
    behindTls: values['behind-tls'],
    docs: !values['no-docs'],
  })
  const metricsPort = values['metrics-port']
  const metricsUrl =
    metricsPort === undefined
      ? null
      : await server.metrics.listen({ host: values['metrics-host'], port: Number(metricsPort) })
  const address = await server.listen({ host: values.host, port: Number(values.port) })
  const demo = values.demo
    ? await seedDemo(central)
    : { enrolmentCode: null, missedCallsKey: null, intakeKey: null }
  const ready = { type: 'central-ready', url: address, metricsUrl, pid: process.pid, ...demo }

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
