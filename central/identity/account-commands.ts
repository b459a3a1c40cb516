/** The commands by which whoever keeps the centre's machine manages people, devices and keys. Each returns what it prints. */
import type { Central } from '../central.ts'
import { Refusal } from '../refusal.ts'
import { type ApiKeyScope, apiKeyScopes } from './api-keys.ts'

/** What the command line gives; functions throw where something is missing. */
type Given = {
  id(): string
  branch: string
  allBranches: boolean
  name(): string
  workNumber(): string
  password(): string
  scope: string
  days: string | undefined
}

const scopeIn = (text: string): ApiKeyScope => {
  const scope = apiKeyScopes.find(known => known === text)
  if (scope === undefined) throw new Error(`--scope is one of ${apiKeyScopes.join(', ')}`)
  return scope
}

const table = (rows: readonly (readonly (string | null)[])[], none: string): string =>
  rows.length === 0 ? none : rows.map(row => row.map(cell => cell ?? '-').join('  ')).join('\n')

/** A refusal in words for a terminal. */
async function inWords<T>(id: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    if (error.code === 'OPERATOR_EXISTS')
      throw new Error('somebody has this work number already; nothing was changed', { cause: error })
    const why = error.data === undefined ? error.code : `${error.code} ${JSON.stringify(error.data)}`
    const sentence = error.code === 'NOT_FOUND' ? `there is no ${id}` : why
    throw new Error(sentence, { cause: error })
  }
}

export function createAccountCommands(
  central: Central,
  given: Given,
): Record<string, (() => Promise<string>) | undefined> {
  const { devices, apiKeys, operators, secondFactors } = central
  const { sql, clock, random } = central.context

  const expiresAt = (): string | null => {
    if (given.days === undefined) return null
    const days = Number(given.days)
    if (!Number.isInteger(days) || days < 1) throw new Error('--days is a number of days')
    return new Date(clock.now() + days * 86_400_000).toISOString()
  }
  const operatorId = async (): Promise<string> => {
    const [row] = await sql.query<{ operator_id: string }>(
      'SELECT operator_id FROM operator WHERE work_number = $1 AND password_hash IS NOT NULL',
      [given.workNumber()],
    )
    if (row === undefined) throw new Error(`nobody signs in as ${given.workNumber()}`)
    return row.operator_id
  }

  return {
    'enrolment-code': async () => {
      const { code, expiresAt: until } = await devices.enrolmentCode(given.branch, null)
      return `${code}  (${given.branch}, until ${until})`
    },
    devices: async () =>
      table(
        (await devices.list(null)).map(each => [
          each.clientId,
          each.revokedAt !== null ? 'revoked' : each.supersededAt !== null ? 'superseded' : 'in use',
          each.branch,
          each.seatName,
          `enrolled ${each.enrolledAt}`,
          `last token ${each.lastTokenAt ?? '-'}`,
          ...(each.formerClientId === null ? [] : [`formerly ${each.formerClientId}`]),
        ]),
        'no seat is enrolled',
      ),
    'revoke-device': async () => {
      const { clientId } = await inWords('such device', devices.revoke(given.id(), null))
      return `${clientId} is revoked`
    },
    'api-key': async () => apiKeys.create(given.name(), [scopeIn(given.scope)], expiresAt()),
    'api-keys': async () =>
      table(
        (await apiKeys.list()).map(each => [
          each.keyId,
          each.revokedAt !== null ? 'revoked' : 'given out',
          each.name,
          each.scopes.join(','),
          `until ${each.expiresAt ?? 'revoked'}`,
          `last used ${each.usedAt ?? '-'}`,
        ]),
        'no key was given out',
      ),
    'revoke-api-key': async () => {
      const { keyId } = await inWords('such key', apiKeys.revoke(given.id(), null))
      return `${keyId} is revoked`
    },
    'second-factor': async () => {
      const { until } = await secondFactors.open(await operatorId(), null)
      return `${given.workNumber()} may set up a second factor until ${until}`
    },
    'reset-second-factor': async () => {
      await secondFactors.reset(await operatorId(), null)
      return `${given.workNumber()} has no second factor any more`
    },
    admin: async () => {
      const operator = {
        operatorId: random.uuid(),
        workNumber: given.workNumber(),
        name: given.name(),
        branch: given.branch,
        ...(given.allBranches ? { allBranches: true } : {}),
        role: 'admin' as const,
        skills: [],
        disabled: false,
        employer: '',
      }
      await inWords('such branch', operators.save(operator, given.password(), null, 'temporary'))
      const where = given.allBranches ? 'of all branches' : `of ${given.branch} alone`
      return `administrator ${operator.workNumber}, ${where}, may sign in, and replaces this password then`
    },
  }
}
