/** Section D: accounts, devices and keys that should have ended, and guesses at them. */
import { randomUUID } from 'node:crypto'
import type { CentralOperator, DeviceCredential, OperatorSession } from '../../shared/contract/central.ts'
import { type Attack, createFindings } from './attack.ts'
import { type AttackSeat, ownBranch, password, people, type World } from './world.ts'

let added = 0
/** Somebody of one attack alone, whose account the attack may ruin. */
async function addPerson(world: World, role: 'agent' | 'lead' | 'admin' | 'unit' = 'agent') {
  added += 1
  const operator = {
    operatorId: `x-${added}`,
    workNumber: `8${String(added).padStart(3, '0')}`,
    name: '测试人员',
    branch: ownBranch,
    role,
    skills: [],
    disabled: false,
    employer: '',
    ...(role === 'unit' ? { unitCode: 'C07' } : {}),
  }
  await world.central.operators.save(operator, password, null)
  await world.sql.query('UPDATE operator SET must_change_password = false WHERE operator_id = $1', [
    operator.operatorId,
  ])
  return operator
}
const signIn = (world: World, seat: AttackSeat, workNumber: string, secret: string) =>
  world.ask('POST', '/v1/sessions', { seat }, { workNumber, password: secret })
const tokenFor = (world: World, credential: DeviceCredential) =>
  world.ask('POST', '/v1/device-tokens', {}, credential)

export const accountAttacks: Attack<World>[] = [
  {
    name: 'a revoked seat goes on',
    by: 'thief of a seat',
    run: async world => {
      const { findings, found } = createFindings()
      const seat = await world.enrol(ownBranch)
      const session = await seat.signIn('agent')
      const caseId = await seat.file(session)
      const admin = await world.seats.own.signIn('admin')
      const revoked = await world.ask(
        'POST',
        `/v1/devices/${seat.credential.clientId}/revoke`,
        { seat: world.seats.own, session: admin },
        {},
      )
      found(revoked.status !== 200, `an administrator could not revoke it: ${revoked.status} ${revoked.code}`)
      found(
        (await world.ask('GET', '/v1/changes', { seat })).status === 200,
        'its token still reads the feed',
      )
      found((await tokenFor(world, seat.credential)).status === 200, 'its secret still yields tokens')
      found(
        (await world.ask('GET', `/v1/cases/${caseId}`, { seat, session })).status === 200,
        'its session still reads',
      )
      const renewed = await world.ask(
        'POST',
        '/v1/enrolments/renew',
        { seat },
        { ...seat.credential, requestId: randomUUID(), reason: 'copied' },
      )
      found(renewed.status === 200, 'it renewed itself')
      const carried = seat.command(
        'case.addRemark',
        { entryId: randomUUID(), text: '吊销之后' },
        { caseId, session },
      )
      const [result] = await world.seats.own.push([
        { ...carried, clientId: world.seats.own.credential.clientId, seq: 70_001 },
      ])
      found(result?.outcome === 'applied', 'a command under its session was carried by another seat')
      return findings
    },
  },
  {
    name: 'a thief’s renewal outlives the victim’s',
    by: 'thief of a seat',
    run: async world => {
      const { findings, found } = createFindings()
      const seat = await world.enrol(ownBranch)
      const renew = (about: object) =>
        world.ask(
          'POST',
          '/v1/enrolments/renew',
          { seat },
          {
            clientId: seat.credential.clientId,
            deviceSecret: seat.credential.deviceSecret,
            requestId: randomUUID(),
            reason: 'copied',
            ...about,
          },
        )
      found(
        (await renew({ deviceSecret: 'x'.repeat(43) })).status === 200,
        'a token alone, without the secret, renewed',
      )
      const first = await renew({})
      found(first.status !== 200, `the first renewal was refused: ${first.code}`)
      const second = await renew({})
      found(second.status === 200, 'a superseded identity renewed itself')
      return findings
    },
  },
  {
    name: 'a disabled person, a new password, another role leave sessions alive',
    by: 'colleague',
    run: async world => {
      const { findings, found } = createFindings()
      const { own } = world.seats
      const { caseId } = { caseId: await own.file(await own.signIn('agent')) }
      const changes: [string, (who: Awaited<ReturnType<typeof addPerson>>) => Promise<unknown>][] = [
        ['disabled', who => world.central.operators.save({ ...who, disabled: true }, undefined, null)],
        ['new password', who => world.central.operators.save(who, `${password}-neu`, null)],
        [
          'another role',
          who => world.central.operators.save({ ...who, role: 'contractor' }, undefined, null),
        ],
      ]
      for (const [what, change] of changes) {
        const who = await addPerson(world, 'lead')
        const { body } = await signIn(world, own, who.workNumber, password)
        const session = body as OperatorSession
        found(
          (await world.ask('GET', `/v1/cases/${caseId}`, { seat: own, session })).status !== 200,
          `${what}: could not read before`,
        )
        await change(who)
        for (let n = 0; n < 2; n += 1)
          found(
            (await world.ask('GET', `/v1/cases/${caseId}`, { seat: own, session })).status === 200,
            `${what}: still reads`,
          )
        const { refreshToken } = body as { refreshToken: string }
        found(
          (await world.ask('POST', '/v1/sessions/refresh', { seat: own }, { refreshToken })).status === 200,
          `${what}: still refreshes`,
        )
      }
      return findings
    },
  },
  {
    name: 'wrong passwords by anybody lock the only administrator out',
    by: 'stranger',
    run: async world => {
      const { findings, found } = createFindings()
      const { own, second } = world.seats
      const admin = await addPerson(world, 'admin')
      found(
        (await signIn(world, own, admin.workNumber, password)).status !== 200,
        'could not sign in at first',
      )
      for (let n = 0; n < 12; n += 1) await signIn(world, second, admin.workNumber, `falsch-Falsch-${n}`)
      const answer = await signIn(world, own, admin.workNumber, password)
      found(answer.status !== 200, `locked out where they are known: ${answer.status} ${answer.code}`)
      return findings
    },
  },
  {
    name: 'an answer tells who exists, who is locked, who is disabled',
    by: 'stranger',
    run: async world => {
      const { findings, found } = createFindings()
      const disabled = await addPerson(world)
      await world.central.operators.save({ ...disabled, disabled: true }, undefined, null)
      const answers = new Map<string, string>()
      for (const [what, workNumber] of [
        ['exists', people.colleague.workNumber],
        ['unknown', '99999'],
        ['disabled', disabled.workNumber],
        ['unit', people.unit.workNumber],
      ] as const) {
        // A source of its own for each, so that only the person could differ.
        const seat = await world.enrol(ownBranch)
        const said: string[] = []
        for (let n = 0; n < 8; n += 1) {
          const answer = await signIn(world, seat, workNumber, `falsch-Falsch-${n}`)
          said.push(`${answer.status} ${answer.text.replace(/\d+/g, '#')}`)
        }
        answers.set(what, said.join('\n'))
      }
      const [first, ...rest] = answers.values()
      for (const each of rest) found(each !== first, `answers differ:\n${first}\n—\n${each}`)
      found(
        [...answers.values()].some(said => said.includes('423')),
        'an answer says 423',
      )
      return findings
    },
  },
  {
    name: 'weak passwords are taken',
    by: 'administrator of one branch',
    run: async world => {
      const { findings, found } = createFindings()
      const { own } = world.seats
      const session = await own.signIn('admin')
      for (const weak of [
        '12345678',
        'aaaaaaaaaa',
        'abcdefghij',
        'Password123',
        'P@ssw0rd123',
        '8888-Aa8888',
        '1234567890123456',
        ' '.repeat(20),
      ]) {
        const operatorId = `w-${randomUUID()}`
        const person = {
          operatorId,
          workNumber: '8888',
          name: '弱口令',
          branch: ownBranch,
          role: 'agent',
          skills: [],
          disabled: false,
          employer: '',
          password: weak,
        }
        const answer = await world.ask('PUT', `/v1/operators/${operatorId}`, { seat: own, session }, person)
        found(answer.status === 200, `took ${JSON.stringify(weak)}`)
      }
      return findings
    },
  },
  {
    name: 'an administrator of one branch reaches beyond it',
    by: 'administrator of one branch',
    run: async world => {
      const { findings, found } = createFindings()
      const { own, other } = world.seats
      const session = await own.signIn('admin')
      const put = (operator: Partial<CentralOperator> & { operatorId: string; password?: string }) =>
        world.ask('PUT', `/v1/operators/${operator.operatorId}`, { seat: own, session }, operator)
      const fresh = () => ({
        ...people.agent,
        operatorId: `n-${randomUUID()}`,
        workNumber: `7${Math.floor(Math.random() * 1e6)}`,
        password: 'Kouling-Xin-12',
      })
      found((await put(fresh())).status !== 200, 'could not add a person of their own branch')
      found(
        (await put({ ...fresh(), branch: '河东分中心' })).status === 200,
        'added a person of another branch',
      )
      found(
        (await put({ ...fresh(), role: 'admin', allBranches: true })).status === 200,
        'made somebody an administrator of all',
      )
      found(
        (await put({ ...people.admin, allBranches: true })).status === 200,
        'made themselves an administrator of all',
      )
      found(
        (await put({ ...people.otherLead, branch: ownBranch })).status === 200,
        'took a person of another branch over',
      )
      found(
        (await put({ ...people.cityAdmin, disabled: true })).status === 200,
        'disabled an administrator of all',
      )
      found(
        (await put({ ...people.otherAgent, password: 'Kouling-Xin-12' })).status === 200,
        'set the password of a person of another branch',
      )
      found(
        (await put({ ...fresh(), workNumber: people.cityAdmin.workNumber })).status === 200,
        'took a work number',
      )
      found(
        (await world.ask('POST', '/v1/enrolment-codes', { seat: own, session }, { branch: '河东分中心' }))
          .status === 200,
        'made an enrolment code of another branch',
      )
      found(
        (
          await world.ask(
            'POST',
            `/v1/devices/${other.credential.clientId}/revoke`,
            { seat: own, session },
            {},
          )
        ).status === 200,
        'revoked a seat of another branch',
      )
      const published = await world.ask(
        'PUT',
        '/v1/publications/callback-policy/x1',
        { seat: own, session },
        { effectiveAt: new Date().toISOString(), content: {} },
      )
      found(published.code !== 'FORBIDDEN', `publishing was answered ${published.status} ${published.code}`)
      return findings
    },
  },
  {
    name: 'an integration’s key does what it is not for',
    by: 'integration',
    run: async world => {
      const { findings, found } = createFindings()
      const key = await world.key('intake.post')
      for (const [method, path, body] of [
        [
          'POST',
          '/v1/missed-calls',
          { calls: [{ originalCallId: 'k', number: '19900000001', missedAt: new Date().toISOString() }] },
        ],
        [
          'PUT',
          '/v1/publications/callback-policy/k1',
          { effectiveAt: new Date().toISOString(), content: {} },
        ],
        ['GET', '/v1/changes', undefined],
        ['GET', '/v1/callers/19900000001', undefined],
        ['GET', '/v1/devices', undefined],
        ['GET', '/v1/intake', undefined],
      ] as const) {
        const answer = await world.ask(method, path, { key }, body)
        found(answer.status < 400, `${method} ${path} was answered ${answer.status}`)
      }
      return findings
    },
  },
]
