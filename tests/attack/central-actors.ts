/** One of each kind of caller at a centre in this process. */
import type { Server } from '../../central/http/server.ts'
import { type ApiKeyScope, apiKeyScopes } from '../../central/identity/api-keys.ts'
import type { CentralOperator } from '../../shared/contract/central.ts'
import { enrol, otherBranch, password, people, strangers, type TestCentre } from '../central/centre.ts'
import type { MatrixActor } from './central-matrix.ts'

/** `addPeople` was called before. */
export async function centralActors(centre: TestCentre, server: Server, url: string): Promise<MatrixActor[]> {
  const home = await enrol(centre)
  const away = await enrol(centre, otherBranch)
  const headersOf = async (seat: typeof home) => ({
    authorization: `Bearer ${(await centre.devices.token(seat.credential)).accessToken}`,
  })
  const at = { home: await headersOf(home), away: await headersOf(away) }
  const person = async (
    name: string,
    operator: CentralOperator,
    where: 'home' | 'away' = 'home',
  ): Promise<MatrixActor> => {
    const seat = where === 'home' ? home : away
    const { workNumber } = operator
    const session = await centre.sessions.signIn(seat.device, { workNumber, password })
    return {
      name,
      headers: { ...at[where], 'x-operator-session': session.accessToken },
      is: {
        kind: 'person',
        role: operator.role,
        atHome: true,
        allBranches: operator.allBranches === true,
      },
    }
  }
  /** Signed in as an agent, and changed by an administrator since. */
  const changed = async (name: string, workNumber: string, to: Partial<CentralOperator>) => {
    const before: CentralOperator = { ...people.agent, operatorId: `p-${name}`, workNumber }
    await centre.operators.save(before, password, null)
    const actor = await person(name, before)
    await centre.operators.save({ ...before, ...to }, undefined, null)
    return { ...actor, is: { kind: 'ended' as const } }
  }
  const key = async (scope: ApiKeyScope): Promise<MatrixActor> => ({
    name: `key ${scope}`,
    headers: { 'x-api-key': await centre.apiKeys.create(scope, [scope]) },
    is: { kind: 'key', scope },
  })
  await centre.operators.save(
    { ...people.agent, operatorId: 'p-unit', workNumber: '5001', role: 'unit', unitCode: 'C07' },
    password,
    null,
  )
  const signedIn = await server.app.inject({
    method: 'POST',
    url: '/units/sign-in',
    headers: { origin: url, host: new URL(url).host, 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ workNumber: '5001', password }).toString(),
  })
  const cookie = String(signedIn.headers['set-cookie'] ?? '').split(';')[0] ?? ''
  return [
    { name: 'nobody', headers: {}, is: { kind: 'nobody' } },
    { name: 'device', headers: at.home, is: { kind: 'device' } },
    await person('agent', people.agent),
    await person('contractor', people.contractor),
    await person('lead', people.lead),
    await person('admin', people.branchAdmin),
    await person('city', people.admin),
    await person('far lead', strangers.lead, 'away'),
    await changed('moved', '1801', { branch: otherBranch }),
    await changed('now unit', '1802', { role: 'unit', unitCode: 'C07' }),
    { name: 'unit', headers: { cookie }, is: { kind: 'unit' } },
    ...(await Promise.all(apiKeyScopes.map(key))),
  ]
}
