/**
 * The reference centre as a process: `node central/main.ts [COMMAND] [options]`; without a command it serves. docs/central.md says
 * what each command is for. Forked with an IPC channel it tells its parent where it is, and ends with it.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { normalizeNumber } from '../shared/domain/phone-number.ts'
import { createCentral } from './central.ts'
import { newEpoch } from './changes/epoch.ts'
import { readCommandLine, usage } from './command-line.ts'
import { seedDemo } from './demo.ts'
import { createServer } from './http/server.ts'
import { createAccountCommands } from './identity/account-commands.ts'
import { acceptUnprovedUntil, setAcceptUnprovedUntil } from './identity/actor-proofs.ts'
import { secretsKeyFrom } from './identity/secret-box.ts'
import { createLog } from './log.ts'
import { openPglite } from './storage/pglite.ts'
import { openPostgres } from './storage/postgres.ts'
import { systemClock as clock, systemRandom as random } from './system.ts'

/** A sentence on stderr instead of a stack, and `code`. */
function refuse(error: unknown, code: number): never {
  const sentence = error instanceof Error ? error.message : String(error)
  console.error(`central: ${sentence.replace(/^central: /, '')}`)
  process.exit(code)
}

const options = (() => {
  try {
    return readCommandLine(process.argv.slice(2))
  } catch (error) {
    console.error(usage)
    return refuse(error, 2)
  }
})()
if (options.help) {
  console.log(usage)
  process.exit(0)
}
const { command } = options
/** Under load a change is told so much later at most, and every seat is woken that much less often. */
const stampPauseMs = 20
const forked = process.send !== undefined
const log = createLog(options['log-level'])
const url = process.env['DATABASE_URL']

const sql = await (url
  ? openPostgres(url, { log, limits: options.limits })
  : openPglite(options['data-dir'])
).catch((error: unknown) => refuse(error, 1))
if (sql.kind === 'pglite')
  console.error(
    'central: without DATABASE_URL this is the embedded database, for demonstration and tests only',
  )
const central = await createCentral(
  { sql, clock, random, log },
  {
    areaCode: options['area-code'],
    offlineDays: options.offlineDays,
    stampPauseMs,
    secretsKey: secretsKeyFrom(process.env['ZUOXI_SECRETS_KEY']),
    intakeBranches: options['intake-branch'] ?? null,
  },
)

/** Prints what a command answers; what it refuses is a sentence and an exit code of 1. */
async function once(work: () => Promise<string>): Promise<void> {
  const outcome = await work().then(
    printed => ({ printed }),
    (error: unknown) => ({ error }),
  )
  await central.close()
  await sql.close()
  if ('error' in outcome) refuse(outcome.error, 1)
  console.log(outcome.printed)
}

const needed = (value: string | undefined, what: string): string => {
  if (value === undefined || value === '') throw new Error(`${what} is missing`)
  return value
}

const accountCommands = createAccountCommands(central, {
  id: () => needed(options.rest[0], 'the ID'),
  branch: options.branch,
  allBranches: options['all-branches'],
  name: () => needed(options.name, '--name'),
  workNumber: () => needed(options['work-number'], '--work-number'),
  password: () => needed(process.env['ZUOXI_ADMIN_PASSWORD'], 'ZUOXI_ADMIN_PASSWORD in the environment'),
  scope: options.scope,
  days: options.days,
})

const dateIn = (text: string): string => {
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw new Error('a date is needed, for example 2027-02-01, or never')
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
      const { key } = normalizeNumber(needed(options.number, '--number'), {
        areaCode: options['area-code'],
      })
      const found = key === null ? [] : await central.lookups.ofNumber(key)
      return found.map(each => `${each.at}  ${each.operatorId}  ${each.kind}  ${each.result}`).join('\n')
    })
    break
  case 'accept-unproved-until':
    await once(async () => {
      const [asked] = options.rest
      if (asked !== undefined) await setAcceptUnprovedUntil(sql, asked === 'never' ? null : dateIn(asked))
      const until = await acceptUnprovedUntil(sql)
      return until === null
        ? 'commands without a proof are not accepted'
        : `commands without a proof are accepted from seats that were enrolled before, until ${until}`
    })
    break
  default:
    await once(accountCommands[command] ?? (() => Promise.reject(new Error(`no such command: ${command}`))))
}

async function serve(): Promise<void> {
  const filesFolder = options['files-dir'] ?? join(options['data-dir'], 'files')
  mkdirSync(filesFolder, { recursive: true, mode: 0o700 })
  const server = await createServer(central, filesFolder, {
    requestsPerMinute: options.requestsPerMinute,
    connections: options.maxConnections,
    trustProxy: options['trust-proxy'] ?? null,
    behindTls: options['behind-tls'],
    docs: !options['no-docs'],
  })
  const { metricsPort } = options
  const metricsUrl =
    metricsPort === null
      ? null
      : await server.metrics.listen({ host: options['metrics-host'], port: metricsPort })
  const address = await server.listen({ host: options.host, port: options.port })
  const demo = options.demo
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
