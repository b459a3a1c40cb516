/**
 * Who gets through at which route of the centre: every route is asked as every kind of caller, and the answers are held against the
 * tables of access. A body is empty and an id is of nothing, so that whoever gets through changes nothing.
 */

import { routesOf } from '../../central/http/access.ts'
import { centralProcedureAccess } from '../../shared/contract/access.ts'
import { centralContract } from '../../shared/contract/central.ts'
import type { OperatorRole } from '../../shared/domain/operator.ts'
import { type PageAccess, pageAccess } from '../../shared/domain/page-access.ts'
import { type CentralAccess, type KeyScope, may } from '../../shared/domain/permission.ts'

/** `in`, or the code of the refusal. */
export type Answer = 'in' | 'UNAUTHENTICATED' | 'SESSION_ENDED' | 'FORBIDDEN' | 'SEAT_OTHER_BRANCH'
export type MatrixActor = {
  name: string
  headers: Record<string, string>
  is:
    | { kind: 'nobody' }
    | { kind: 'device' }
    /** `atHome`: the seat is of this person's branch. */
    | { kind: 'person'; role: OperatorRole; atHome: boolean; allBranches: boolean }
    /** Whose session ended when an administrator gave them another role or branch. */
    | { kind: 'ended' }
    | { kind: 'key'; scope: KeyScope }
    /** The cookie of the units' page. */
    | { kind: 'unit' }
}
export type MatrixRow = { route: string; answers: Record<string, string> }
export type Matrix = { rows: MatrixRow[]; unexpected: string[]; text: string }

/** What the row promises this caller. */
export function promised(row: PageAccess, { is }: MatrixActor): Answer {
  if (row.who === 'public') return 'in'
  if (row.who === 'unit') return is.kind === 'unit' ? 'in' : 'UNAUTHENTICATED'
  if (is.kind === 'key')
    return row.scope === undefined ? 'UNAUTHENTICATED' : row.scope === is.scope ? 'in' : 'FORBIDDEN'
  if (row.who === 'key' || is.kind === 'nobody' || is.kind === 'unit') return 'UNAUTHENTICATED'
  if (row.who === 'device') return 'in'
  if (is.kind === 'ended') return 'SESSION_ENDED'
  if (is.kind === 'device') return 'UNAUTHENTICATED'
  if (!is.atHome) return 'SEAT_OTHER_BRANCH'
  const allowed = is.role !== 'unit' && (row.action === undefined || may(is.role, row.action))
  return allowed && (row.branch !== 'city' || is.allBranches) ? 'in' : 'FORBIDDEN'
}

const rows: Record<string, CentralAccess> = centralProcedureAccess

/** Every route that the centre has, with its row. */
export function matrixRoutes(): { name: string; method: string; path: string; row: PageAccess }[] {
  const contracted = routesOf(centralContract).flatMap(({ procedure, method, path }) => {
    const row = rows[procedure]
    return row === undefined ? [] : [{ name: procedure, method, path: path.replace(/\{\w+\}/g, 'none'), row }]
  })
  const pages = Object.entries<PageAccess>(pageAccess).map(([name, row]) => {
    const [method = '', url = ''] = name.split(' ')
    return { name, method, path: url.replace(/:\w+/g, 'none'), row }
  })
  return [...contracted, ...pages]
}

async function ask(
  url: string,
  { method, path, row }: { method: string; path: string; row: PageAccess },
  headers: Record<string, string>,
): Promise<string> {
  const stop = new AbortController()
  const sends = !['GET', 'HEAD', 'OPTIONS'].includes(method)
  const isPage = path.startsWith('/units') || path.startsWith('/public')
  const isUpload = path.startsWith('/v1/files')
  const response = await fetch(new URL(path, url), {
    method,
    redirect: 'manual',
    signal: stop.signal,
    headers: {
      ...headers,
      ...(isUpload ? { 'tus-resumable': '1.0.0', 'upload-offset': '0' } : {}),
      ...(isUpload && method === 'PATCH' ? { 'content-type': 'application/offset+octet-stream' } : {}),
      ...(sends && !isUpload && !isPage ? { 'content-type': 'application/json' } : {}),
      ...(isPage ? { origin: new URL(url).origin } : {}),
    },
    ...(sends && !isUpload ? { body: isPage ? new URLSearchParams() : '{}' } : {}),
  })
  if (response.headers.get('content-type')?.startsWith('text/event-stream') === true) {
    stop.abort()
    return 'in'
  }
  const text = await response.text()
  // The page of the units answers whoever is not signed in with its sign-in form. A form without its token is not taken either.
  if (row.who === 'unit') return text.includes('action="/units/sign-in"') ? 'UNAUTHENTICATED' : 'in'
  if (isPage) return 'in'
  const code = /"code":"([A-Z_]+)"/.exec(text)?.[1]
  // Where a ticket may stand for a session, the device alone is let in.
  if (code === 'SESSION_ENDED') return row.who === 'person' ? code : 'in'
  // A limit answers before the row does: `RATE_LIMITED` says nothing of who may come, and passes for nothing.
  if (code !== undefined)
    return ['UNAUTHENTICATED', 'FORBIDDEN', 'SEAT_OTHER_BRANCH', 'RATE_LIMITED'].includes(code) ? code : 'in'
  return response.status === 401 ? 'UNAUTHENTICATED' : response.status === 403 ? 'FORBIDDEN' : 'in'
}

/** Asks `url` for everything as everybody. `unexpected` is empty when the centre does what its tables say. */
export async function centralMatrix(url: string, actors: readonly MatrixActor[]): Promise<Matrix> {
  const all: MatrixRow[] = []
  const unexpected: string[] = []
  for (const route of matrixRoutes()) {
    const answers: Record<string, string> = {}
    for (const actor of actors) {
      const answer = await ask(url, route, actor.headers)
      answers[actor.name] = answer
      const wanted = promised(route.row, actor)
      if (answer !== wanted) unexpected.push(`${route.name} as ${actor.name}: ${answer} instead of ${wanted}`)
    }
    all.push({ route: route.name, answers })
  }
  return { rows: all, unexpected, text: print(all, actors) }
}

const short: Record<string, string> = {
  in: 'yes',
  UNAUTHENTICATED: '401',
  FORBIDDEN: '403',
  SEAT_OTHER_BRANCH: 'branch',
  SESSION_ENDED: 'ended',
}

function print(all: readonly MatrixRow[], actors: readonly MatrixActor[]): string {
  const width = Math.max(...all.map(({ route }) => route.length))
  const line = (first: string, cells: readonly string[]) =>
    `${first.padEnd(width)}  ${cells.map((cell, place) => cell.padEnd(Math.max(6, actors[place]?.name.length ?? 0))).join('  ')}`
  return [
    line(
      '',
      actors.map(({ name }) => name),
    ),
    ...all.map(({ route, answers }) =>
      line(
        route,
        actors.map(({ name }) => short[answers[name] ?? ''] ?? answers[name] ?? ''),
      ),
    ),
  ].join('\n')
}
