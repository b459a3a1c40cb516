/**
 * Who is asking, and whether they may: one rule for all routes, by the tables of shared/domain/permission.ts and page-access.ts.
 * What has no row is refused; a page route without one stops the centre at its start.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { centralProcedureAccess } from '../../shared/contract/access.ts'
import { type CentralOperator, centralContract } from '../../shared/contract/central.ts'
import { type PageAccess, pageAccess } from '../../shared/domain/page-access.ts'
import { type CentralAccess, may, worksFor } from '../../shared/domain/permission.ts'
import type { Central } from '../central.ts'
import type { Device } from '../identity/devices.ts'
import { Refusal } from '../refusal.ts'

/** What a request brought along, as it came. */
export type Credentials = {
  bearer: string | undefined
  operatorSession: string | undefined
  apiKey: string | undefined
  /** Who that is, where the door has settled it already (gate.ts). */
  device?: Device
  keyName?: string
}

/** Who is asking, as far as the row of the route wants to know. */
export type Caller =
  | { kind: 'public' }
  | { kind: 'device'; device: Device }
  | { kind: 'person'; device: Device; operator: CentralOperator; sessionId: string }
  | { kind: 'key'; name: string }

export type Admit = (row: CentralAccess | undefined, credentials: Credentials) => Promise<Caller>

export function createAdmit({ devices, sessions, apiKeys }: Central): Admit {
  const deviceOf = async ({ bearer, device }: Credentials) => {
    if (device !== undefined) return device
    if (bearer === undefined) throw new Refusal('UNAUTHENTICATED')
    return devices.of(bearer)
  }
  return async (row, credentials) => {
    if (row === undefined) throw new Refusal('FORBIDDEN')
    const { who, action, branch, scope } = row
    if (who === 'public') return { kind: 'public' }
    if (scope !== undefined && (who === 'key' || credentials.apiKey !== undefined)) {
      if (credentials.apiKey === undefined) throw new Refusal('UNAUTHENTICATED')
      return { kind: 'key', name: credentials.keyName ?? (await apiKeys.check(credentials.apiKey, scope)) }
    }
    const device = await deviceOf(credentials)
    if (who === 'device') return { kind: 'device', device }
    if (credentials.operatorSession === undefined) throw new Refusal('UNAUTHENTICATED')
    const { operator, sessionId } = await sessions.of(credentials.operatorSession, device)
    // Judged by what they are now, whatever they were when they signed in.
    if (!worksFor(operator, device.branch)) throw new Refusal('SEAT_OTHER_BRANCH')
    const allowed = operator.role !== 'unit' && (action === undefined || may(operator.role, action))
    if (!allowed || (branch === 'city' && operator.allBranches !== true)) throw new Refusal('FORBIDDEN')
    return { kind: 'person', device, operator, sessionId }
  }
}

/** The table says who comes to a route, so that its handler need not look. */
function disagree(): never {
  throw new Error('central: a route expects somebody else than its row in the table of access')
}
export const deviceIn = (caller: Caller): Device => ('device' in caller ? caller.device : disagree())
export const personIn = (caller: Caller) => (caller.kind === 'person' ? caller : disagree())
export const keyIn = (caller: Caller): string => (caller.kind === 'key' ? caller.name : disagree())
/** A person, or an integration by the name of its key. `operator` null: an integration. */
export const authorIn = (caller: Caller) => {
  if (caller.kind === 'key') return { id: `key:${caller.name}`, name: caller.name, operator: null }
  const { operator } = personIn(caller)
  return { id: operator.operatorId, name: operator.name, operator }
}

// ── the contract's routes ───────────────────────────────────────────────────────────────────────────────────────────

const procedureRows: Record<string, CentralAccess> = centralProcedureAccess
export const procedureRow = (path: readonly string[]): CentralAccess | undefined => {
  const name = path.join('.')
  return Object.hasOwn(procedureRows, name) ? procedureRows[name] : undefined
}

export type ContractRoute = { procedure: string; method: string; path: string }

/** Every route of the contract, so that each is known by its own name (metrics, limits, access). */
export function routesOf(contract: unknown, at: readonly string[] = []): ContractRoute[] {
  if (typeof contract !== 'object' || contract === null) return []
  const definition = (contract as { '~orpc'?: { route?: { method?: string; path?: string } } })['~orpc']
  if (definition === undefined)
    return Object.entries(contract).flatMap(([name, part]) => routesOf(part, [...at, name]))
  const { method, path } = definition.route ?? {}
  return method === undefined || path === undefined ? [] : [{ procedure: at.join('.'), method, path }]
}

/** As Fastify writes a path. */
export const urlOf = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1')

// ── all other routes ────────────────────────────────────────────────────────────────────────────────────────────────

const pageRows: Record<string, PageAccess> = pageAccess
const pageRow = (name: string): PageAccess | undefined =>
  Object.hasOwn(pageRows, name) ? pageRows[name] : undefined

/** To be called before the first route is registered. Answers who is asking on a route of `pageAccess`. */
export function addPageAccess(
  app: FastifyInstance,
  central: Central,
  credentialsOf: (request: FastifyRequest) => Credentials,
): (request: FastifyRequest) => Caller {
  const admit = createAdmit(central)
  const callers = new WeakMap<FastifyRequest, Caller>()
  const contracted = new Set(routesOf(centralContract).map(({ method, path }) => `${method} ${urlOf(path)}`))
  app.addHook('onRoute', ({ method, url }) => {
    for (const each of Array.isArray(method) ? method : [method]) {
      // Fastify answers HEAD wherever it answers GET.
      const names = each === 'HEAD' ? [`HEAD ${url}`, `GET ${url}`] : [`${each} ${url}`]
      if (!names.some(name => contracted.has(name) || pageRow(name) !== undefined))
        throw new Error(`central: ${names[0]} has no row in the tables of access`)
    }
  })
  // After the limits on requests, before a body is read.
  app.addHook('preParsing', async request => {
    const { method } = request
    const url = request.routeOptions.url ?? ''
    const row = pageRow(`${method} ${url}`) ?? (method === 'HEAD' ? pageRow(`GET ${url}`) : undefined)
    if (row === undefined || row.who === 'unit') return
    callers.set(request, await admit(row, credentialsOf(request)))
  })
  return request => callers.get(request) ?? disagree()
}
