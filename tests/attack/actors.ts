/** One of each kind of caller at the attacked centre, for the matrix. */
import { apiKeyScopes } from '../../central/identity/api-keys.ts'
import type { MatrixActor } from './central-matrix.ts'
import { type AttackSeat, otherBranch, ownBranch, type PersonName, people, type World } from './world.ts'

export async function worldActors(world: World): Promise<MatrixActor[]> {
  const home = await world.enrol(ownBranch)
  const away = await world.enrol(otherBranch)
  const device = (seat: AttackSeat) => ({ authorization: `Bearer ${seat.token}` })
  const person = async (name: string, who: PersonName, seat = home): Promise<MatrixActor> => ({
    name,
    headers: { ...device(seat), 'x-operator-session': (await seat.signIn(who)).accessToken },
    is: {
      kind: 'person',
      role: people[who].role,
      atHome: true,
      allBranches: people[who].allBranches === true,
    },
  })
  return [
    { name: 'nobody', headers: {}, is: { kind: 'nobody' } },
    { name: 'device', headers: device(home), is: { kind: 'device' } },
    await person('agent', 'agent'),
    await person('contractor', 'contractor'),
    await person('lead', 'lead'),
    await person('admin', 'admin'),
    await person('city', 'cityAdmin'),
    await person('far lead', 'otherLead', away),
    ...(await Promise.all(
      apiKeyScopes.map(
        async (scope): Promise<MatrixActor> => ({
          name: `key ${scope}`,
          headers: { 'x-api-key': await world.key(scope) },
          is: { kind: 'key', scope },
        }),
      ),
    )),
  ]
}
