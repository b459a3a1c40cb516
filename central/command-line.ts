/** What the centre's program may be told on its command line, and what it says of itself. Reading it opens nothing. */
import { parseArgs } from 'node:util'
import { apiKeyScopes } from './identity/api-keys.ts'

/** As they are typed; what stands in capitals is to be filled in. */
const commands: readonly [call: string, does: string][] = [
  ['serve', 'answer seats, units, citizens and other systems'],
  [
    'admin',
    `make an administrator: --work-number, --name, --branch or --all-branches;
                               the first password comes from ZUOXI_ADMIN_PASSWORD in the environment`,
  ],
  ['enrolment-code', 'print a code for one seat of --branch'],
  ['devices', 'list the enrolled seats'],
  ['revoke-device ID', 'end a seat at once'],
  ['api-key', `print a new key: --name, --scope (${apiKeyScopes.join(', ')}), --days`],
  ['api-keys', 'list the keys that were given out'],
  ['revoke-api-key ID', 'end a key at once'],
  ['second-factor', 'let --work-number set up a second factor in the next ten minutes'],
  ['reset-second-factor', 'take the second factor of --work-number away'],
  ['lookups', 'who looked up --number'],
  [
    'accept-unproved-until [DATE]',
    'say until when commands of seats from before the update are taken, or set it (never: not at all)',
  ],
  ['new-epoch', 'after data files were put back: every seat reads from the beginning'],
]
const commandNames = commands.map(([call]) => call.split(' ')[0])

/** What is printed for `--help`: every command and every option. */
export const usage = `usage: node central/main.ts [COMMAND] [options]

Commands (without one it serves):
${commands.map(([call, does]) => `  ${call.padEnd(28)} ${does}`).join('\n')}

Options:
  --host ADDRESS, --port N     where it listens (127.0.0.1, any free port)
  --data-dir FOLDER            the embedded database without DATABASE_URL, and files/ unless --files-dir names another
  --files-dir FOLDER           attachments
  --area-code DIGITS           completes local landlines
  --offline-days N             how long a seat may sign people in without the centre (7)
  --intake-branch BRANCH       who sees requests of internet channels; may be given several times
  --requests-per-minute N      of one seat at one process (3000)
  --max-connections N          at once (4000)
  --statement-seconds N        the database ends a statement that takes longer (30)
  --lock-seconds N             … a wait for a lock (15)
  --idle-in-transaction-seconds N
                               … the transaction of a process that has frozen (10)
  --trust-proxy ADDRESSES      proxies whose X-Forwarded-For holds
  --behind-tls                 the proxy in front ends TLS
  --metrics-port N, --metrics-host ADDRESS
                               /metrics on a listener of its own (127.0.0.1)
  --no-docs                    no /docs and no /openapi.json
  --log-level LEVEL            JSON lines on stderr (info)
  --demo                       invented people, an enrolment code and keys
  --help                       this text

Environment: DATABASE_URL (PostgreSQL), ZUOXI_ADMIN_PASSWORD, ZUOXI_SECRETS_KEY. docs/central.md says more.`

/** In the words of `node:util`'s parseArgs. */
export const optionsOf = {
  help: { type: 'boolean', short: 'h', default: false },
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
} as const

/** Throws an Error with a sentence for whoever typed it. */
export function readCommandLine(argv: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: optionsOf,
  })
  const [command = 'serve', ...rest] = positionals
  if (!commandNames.includes(command)) throw new Error(`no such command: ${command}`)
  const numberIn = (option: keyof typeof optionsOf, least: number, most: number): number => {
    const number = Number(values[option])
    if (!Number.isInteger(number) || number < least || number > most)
      throw new Error(`--${option} is a whole number from ${least} to ${most}`)
    return number
  }
  const metricsPort = values['metrics-port'] === undefined ? null : numberIn('metrics-port', 0, 65_535)
  return {
    ...values,
    command,
    rest,
    port: numberIn('port', 0, 65_535),
    metricsPort,
    offlineDays: numberIn('offline-days', 0, 366),
    requestsPerMinute: numberIn('requests-per-minute', 1, 1e9),
    maxConnections: numberIn('max-connections', 1, 1e6),
    // At least one: nought would mean no limit to the database.
    limits: {
      statementMs: 1_000 * numberIn('statement-seconds', 1, 3_600),
      lockMs: 1_000 * numberIn('lock-seconds', 1, 3_600),
      idleInTransactionMs: 1_000 * numberIn('idle-in-transaction-seconds', 1, 3_600),
    },
  }
}
