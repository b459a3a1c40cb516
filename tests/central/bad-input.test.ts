/**
 * Bad input is refused as the sender's fault: a 503 says "try again later", and clients do, for ever. Every route is asked with the
 * request of its documentation in which one value after another is what a database cannot hold.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { routesOf } from '../../central/http/access.ts'
import { examples } from '../../central/http/examples.ts'
import { createServer, type Server } from '../../central/http/server.ts'
import { centralProcedureAccess } from '../../shared/contract/access.ts'
import { centralContract } from '../../shared/contract/central.ts'
import type { CentralAccess } from '../../shared/domain/permission.ts'
import { centralActors } from '../attack/central-actors.ts'
import type { MatrixActor } from '../attack/central-matrix.ts'
import { addPeople, startCentre, type TestCentre } from './centre.ts'

let centre: TestCentre
let server: Server
let actors: MatrixActor[]
beforeAll(async () => {
  centre = await startCentre(null)
  await addPeople(centre)
  server = await createServer(centre, null, { requestsPerMinute: 1e9, anonymousPerMinute: 1e9 })
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  actors = await centralActors(centre, server, url)
}, 120_000)
afterAll(async () => {
  await server.close()
  await centre.end()
})

const texts = ['a\u0000b', '\ud800', '\udfff\ud800', '\u0000']
const numbers = [2 ** 31, 2 ** 53, -1, 0.5, 1e308]

/** The request with one of its values replaced, for each value and each replacement. */
function* spoilt(request: unknown): Generator {
  if (typeof request === 'string') yield* texts
  else if (typeof request === 'number') yield* numbers
  else if (Array.isArray(request))
    for (const [at, part] of request.entries()) for (const bad of spoilt(part)) yield request.with(at, bad)
  else if (typeof request === 'object' && request !== null)
    for (const [name, part] of Object.entries(request))
      for (const bad of spoilt(part)) yield { ...request, [name]: bad }
}

const rows: Record<string, CentralAccess> = centralProcedureAccess
/** Ending a session or changing a password would take away who asks the next. */
const left = ['sessions.end', 'account.changePassword', 'sessions.refresh']

/** Somebody who is let in; the administrator of the city may most. */
const actorFor = ({ who, scope }: CentralAccess): MatrixActor | undefined =>
  who === 'key'
    ? actors.find(({ is }) => is.kind === 'key' && is.scope === scope)
    : actors.find(({ is }) => is.kind === 'person' && is.role === 'admin' && is.allBranches)

const routes = routesOf(centralContract).filter(({ procedure }) => !left.includes(procedure))

it.each(routes)('$procedure', async ({ procedure, method, path }) => {
  const actor = actorFor(rows[procedure] ?? { who: 'public', branch: 'none' })
  const faults: string[] = []
  const ask = async (url: string, body: unknown) => {
    const answer = await server.app.inject({
      method: method as 'POST',
      url,
      headers: { ...actor?.headers, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    })
    if (answer.statusCode >= 500)
      faults.push(
        `${url} ${JSON.stringify(body)?.slice(0, 300)}: ${answer.statusCode} ${answer.body.slice(0, 120)}`,
      )
  }
  const { request } = examples[procedure] ?? {}
  const sends = method !== 'GET'
  const plain = path.replace(/\{\w+\}/g, 'none')
  for (const bad of spoilt(request)) {
    if (sends) await ask(plain, bad)
    else {
      const asked = Object.entries(bad as Record<string, unknown>).map(([name, part]) => [name, String(part)])
      await ask(
        `${plain}?${new URLSearchParams(Object.fromEntries(asked) as Record<string, string>)}`,
        undefined,
      )
    }
  }
  for (const bad of ['a%00b', '%ED%A0%80', '%00'])
    if (path.includes('{')) await ask(path.replace(/\{\w+\}/g, bad), sends ? (request ?? {}) : undefined)
  expect(faults).toEqual([])
})
