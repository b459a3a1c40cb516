/**
 * Tests any server against the central contract and what it means: `npm run conformance -- --url … --enrolment-code …
 * --work-number … --password … --missed-calls-key=… --intake-key=… --publication-key=…`. It enrols one seat and files a few
 * cases, so it is for a test system. A line for each check; exits with 1 if any fails.
 */
import { randomInt, randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { centralContract, maxBodyBytes } from '../../shared/contract/central.ts'
import { commandSchemaVersion } from '../../shared/domain/command.ts'
import { checkCallbacks } from './callbacks.ts'
import { checkCorrections } from './corrections.ts'
import { checkIntake } from './intake.ts'
import {
  type ConformingSeat,
  createSeat,
  createTarget,
  Failure,
  outputOf,
  same,
  that,
  told,
} from './target.ts'

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    'enrolment-code': { type: 'string' },
    'work-number': { type: 'string' },
    password: { type: 'string' },
    'missed-calls-key': { type: 'string' },
    'intake-key': { type: 'string' },
    'publication-key': { type: 'string' },
  },
})
const given = (name: keyof typeof values): string => {
  const value = values[name]
  if (value !== undefined) return value
  console.error(
    'usage: npm run conformance -- --url http://… --enrolment-code … --work-number … --password … --missed-calls-key=… --intake-key=… --publication-key=…',
  )
  process.exit(2)
}
const code = given('enrolment-code')
const workNumber = given('work-number')
const password = given('password')
const missedCallsKey = given('missed-calls-key')
const intakeKey = given('intake-key')
const publicationKey = given('publication-key')
const target = createTarget(given('url'))

let failures = 0
let passes = 0
async function check(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
    passes += 1
    console.log(`PASS  ${what}`)
  } catch (error) {
    failures += 1
    const why =
      error instanceof Failure
        ? error.message
        : error instanceof Error
          ? `${error.name}: ${error.message}`
          : 'unknown'
    console.log(`FAIL  ${what}\n      ${why}`)
  }
}
const finish = (): never => {
  console.log(`${passes} passed, ${failures} failed`)
  process.exit(failures === 0 ? 0 : 1)
}

// ── who ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

await check('refuses a request without a token, with a code', async () => {
  same(await target.refused('GET', '/v1/changes', {}), '401 UNAUTHENTICATED', 'without a token')
  const forged = { authorization: 'Bearer forged-forged-forged-forged' }
  same(await target.refused('GET', '/v1/changes', forged), '401 UNAUTHENTICATED', 'a forged token')
})

const enrolments = outputOf(centralContract.enrolments.create)
const credential = await target
  .get(enrolments, 'POST', '/v1/enrolments', {}, { code, seatName: 'conformance' })
  .catch((error: unknown) => {
    console.log(`FAIL  enrols a seat\n      ${error instanceof Error ? error.message : ''}`)
    failures += 1
    return finish()
  })
await check('takes an enrolment code once', async () => {
  const again = { code, seatName: 'again' }
  same(
    await target.refused('POST', '/v1/enrolments', {}, again),
    '403 ENROLMENT_CODE_INVALID',
    'the second time',
  )
})

const tokenFor = (clientId: string, deviceSecret: string) =>
  target.get(
    outputOf(centralContract.devices.token),
    'POST',
    '/v1/device-tokens',
    {},
    { clientId, deviceSecret },
  )
const grant = await tokenFor(credential.clientId, credential.deviceSecret)
await check('gives a token for the right secret only, and says the highest number seen', async () => {
  same(grant.highestSeq, 0, 'highestSeq of a new seat')
  const wrong = { clientId: credential.clientId, deviceSecret: 'not-the-secret-of-this-seat' }
  same(await target.refused('POST', '/v1/device-tokens', {}, wrong), '401 UNAUTHENTICATED', 'a wrong secret')
})

const device = { authorization: `Bearer ${grant.accessToken}` }
const session = outputOf(centralContract.sessions.create)
const signIn = () => target.get(session, 'POST', '/v1/sessions', device, { workNumber, password })
const first = await signIn()
await check('signs in by password, refuses a wrong one', async () => {
  same(first.operator.workNumber, workNumber, 'who signed in')
  const wrong = { workNumber, password: `${password}-wrong` }
  same(await target.refused('POST', '/v1/sessions', device, wrong), '401 SIGN_IN_FAILED', 'a wrong password')
  await signIn()
})
await check('ends a session when a refresh token is used twice', async () => {
  const { refreshToken } = await signIn()
  const renewed = await target.get(session, 'POST', '/v1/sessions/refresh', device, { refreshToken })
  that(renewed.refreshToken !== refreshToken, 'the refresh token stayed the same')
  const refresh = (each: string) =>
    target.refused('POST', '/v1/sessions/refresh', device, { refreshToken: each })
  same(await refresh(refreshToken), '401 UNAUTHENTICATED', 'the old token again')
  same(await refresh(renewed.refreshToken), '401 SESSION_ENDED', 'the new token after that')
})

// ── commands ────────────────────────────────────────────────────────────────────────────────────────────────────────

const seat = createSeat(target, credential.clientId, grant.accessToken, first)
const caseId = randomUUID()
const filed = seat.create(caseId)
const batch = [filed, seat.remark(caseId, '第一条'), seat.edit(caseId, 'title', '接口一致性测试', '新的标题')]

await check('applies a batch in order, each with the version it led to', async () => {
  same(told(await seat.push(...batch)), ['applied 1', 'applied 2', 'applied 3'], 'outcomes')
})
await check('answers the same commands as duplicates, and does nothing again', async () => {
  same(told(await seat.push(...batch)), ['duplicate 1', 'duplicate 2', 'duplicate 3'], 'outcomes')
})
await check('applies a command once that arrives many times at once', async () => {
  const remark = seat.remark(caseId, '同时到达')
  const outcomes = (await Promise.all(Array.from({ length: 8 }, () => seat.push(remark)))).flatMap(told)
  same(outcomes.filter(each => each === 'applied 4').length, 1, 'applied')
  same(outcomes.filter(each => each === 'duplicate 4').length, 7, 'duplicates')
})
await check('merges changes of other fields, and tells a clash with both values and who', async () => {
  same(told(await seat.push(seat.edit(caseId, 'place', '', '河东路'))), ['applied 5'], 'another field')
  const [clash] = await seat.push(seat.edit(caseId, 'title', '接口一致性测试', '另一个标题'))
  if (clash?.outcome !== 'conflict') throw new Failure(`a clash was answered ${JSON.stringify(clash)}`)
  const { clashes, by } = clash.detail
  same(
    clashes.map(({ field, mine, theirs }) => [field, mine, theirs]),
    [['title', '另一个标题', '新的标题']],
    'the clash',
  )
  same(by?.operatorId, first.operator.operatorId, 'who changed it')
  same(
    told(await seat.push(seat.edit(caseId, 'title', '随便', '新的标题'))),
    ['applied 5'],
    'what is so already',
  )
})
await check('refuses single commands with codes, and applies the others of the batch', async () => {
  const other = randomUUID()
  const results = await seat.push(
    'not a command',
    { ...seat.remark(caseId, 'x'), schemaVersion: 0 },
    { ...seat.remark(caseId, 'x'), schemaVersion: 1_000 },
    { ...seat.remark(caseId, 'x'), name: 'case.unheardOf' },
    { ...seat.remark(caseId, 'x'), clientId: 'another-seat' },
    { ...seat.remark(caseId, 'x'), operatorId: 'nobody-by-this-id' },
    seat.remark(randomUUID(), 'x'),
    seat.create(randomUUID(), {}, { content: '' }),
    seat.sign({ ...seat.create(randomUUID()), args: filed.args }),
    seat.create(caseId, {}, { content: '不同的内容' }),
    seat.edit(caseId, 'callingNumber', '19900009999', '1'),
    seat.create(other),
  )
  same(
    told(results).map(each => each.replace(/ \d+$/, '')),
    [
      'rejected COMMAND_INVALID',
      'rejected SCHEMA_TOO_OLD',
      'rejected SCHEMA_TOO_NEW',
      'rejected COMMAND_UNKNOWN',
      'rejected CLIENT_MISMATCH',
      'rejected ACTOR_UNPROVED',
      'rejected CASE_NOT_FOUND',
      'rejected CASE_INCOMPLETE',
      'rejected CASE_NUMBER_TAKEN',
      'rejected CASE_EXISTS',
      'rejected FIELD_INVALID',
      'applied',
    ],
    'outcomes',
  )
})
await check('takes a command only where its proof is of this command and this person', async () => {
  const { proof, ...unproved } = seat.remark(caseId, '没有签名')
  const other = seat.remark(caseId, '另一条')
  same(
    told(
      await seat.push(
        unproved,
        { ...other, args: { entryId: randomUUID(), text: '改过' } },
        { ...seat.remark(caseId, '借来的签名'), proof },
        // Of a case that is not there: nothing is said of cases to whoever proves nothing.
        { ...seat.remark(randomUUID(), '有没有'), proof },
      ),
    ).map(each => each.replace(/ (null|\d+)$/, '')),
    Array(4).fill('rejected ACTOR_UNPROVED'),
    'outcomes',
  )
  const { refreshToken, proof: given } = await signIn()
  const renewed = await target.get(session, 'POST', '/v1/sessions/refresh', device, { refreshToken })
  same(renewed.proof?.secret, given?.secret, 'the secret of a session that goes on')
})
await check('judges a refused command anew when it comes again', async () => {
  const early = randomUUID()
  const remark = seat.remark(early, '先于工单到达')
  same(told(await seat.push(remark)), ['rejected CASE_NOT_FOUND'], 'before its case')
  same(told(await seat.push(seat.create(early))), ['applied 1'], 'its case')
  same(told(await seat.push(remark)), ['applied 2'], 'after it')
})
await check('merges a case into another once, tells both, goes in no circle, and takes it back', async () => {
  const [followsId, mainId, otherId] = [randomUUID(), randomUUID(), randomUUID()]
  const relate = (from: string, relation: string, to: string) =>
    seat.command('case.relate', from, { entryId: randomUUID(), relation, otherId: to })
  same(
    told(
      await seat.push(
        seat.create(followsId),
        seat.create(mainId),
        seat.create(otherId),
        relate(followsId, 'merge', mainId),
        relate(mainId, 'merge', followsId),
        relate(followsId, 'merge', otherId),
        relate(followsId, 'merge', randomUUID()),
        relate(followsId, 'unmerge', mainId),
        relate(followsId, 'merge', otherId),
      ),
    ),
    [
      'applied 1',
      'applied 1',
      'applied 1',
      'applied 2',
      'applied 3',
      'rejected MERGED_ELSEWHERE',
      'rejected RELATED_CASE_NOT_FOUND',
      'applied 3',
      'applied 4',
    ],
    'outcomes',
  )
})
await check('sees that a sequence number was used by another command', async () => {
  const twice = { ...seat.remark(caseId, '序号重复'), seq: filed.seq }
  same(told(await seat.push(twice)), ['rejected SEQ_TAKEN'], 'outcome')
})
await check('decides moves by the state of the case', async () => {
  const move = seat.command('case.move', caseId, { entryId: randomUUID(), move: 'approve', reason: '' })
  const [outcome] = told(await seat.push(move))
  that(outcome === 'rejected FORBIDDEN' || outcome === 'rejected MOVE_NOT_POSSIBLE', `answered ${outcome}`)
})
await check('dispatches a case with its order, once, and takes no move of a round that is over', async () => {
  const dispatchedId = randomUUID()
  const order = {
    catalogueVersion: 'conformance',
    categoryCode: '0101',
    lead: { code: 'CT', name: '测试单位' },
    assist: [],
    signBy: null,
    replyBy: null,
    opinion: '',
  }
  const move = (name: string, part: object) =>
    seat.command(
      'case.move',
      dispatchedId,
      { entryId: randomUUID(), move: name, reason: '', ...part },
      { schemaVersion: commandSchemaVersion },
    )
  same(
    told(
      await seat.push(
        seat.create(dispatchedId),
        move('dispatch', {}),
        move('dispatch', { order, round: 0 }),
        move('dispatch', { order, round: 0 }),
        move('urge', { round: 0 }),
        move('urge', { round: 1 }),
      ),
    ),
    [
      'applied 1',
      'rejected MOVE_INCOMPLETE',
      'applied 2',
      'rejected MOVE_NOT_POSSIBLE',
      'rejected MOVE_NOT_POSSIBLE',
      'applied 3',
    ],
    'outcomes',
  )
})
await check('says the highest number seen', async () => {
  const { highestSeq } = await tokenFor(credential.clientId, credential.deviceSecret)
  that(highestSeq > 10, `highestSeq is ${highestSeq}`)
})

// ── changes ─────────────────────────────────────────────────────────────────────────────────────────────────────────

async function everything(of: ConformingSeat, from: string | undefined, limit?: number) {
  const changes: Awaited<ReturnType<ConformingSeat['page']>>['changes'] = []
  let cursor = from
  for (;;) {
    const page = await of.page(cursor, limit)
    changes.push(...page.changes)
    cursor = page.cursor
    if (!page.more) return { changes, cursor }
  }
}
const withCase = (changes: Awaited<ReturnType<typeof everything>>['changes'], wanted: string) =>
  changes.flatMap(change => (change.kind === 'case' && change.case.caseId === wanted ? [change.case] : []))
async function until<T>(work: () => Promise<T | undefined>, what: string): Promise<T> {
  const end = Date.now() + 15_000
  for (;;) {
    const found = await work()
    if (found !== undefined) return found
    if (Date.now() > end) throw new Failure(`${what}: not within 15 s`)
    await new Promise(resolve => setTimeout(resolve, 200))
  }
}

let cursor: string | undefined
await check('gives changes from the beginning, with the whole case', async () => {
  const found = await until(async () => {
    const all = await everything(seat, undefined)
    const last = withCase(all.changes, caseId).at(-1)
    // What was pushed before may still be on its way into the feed.
    const isStill = all.cursor === cursor
    cursor = all.cursor
    return last?.version === 5 && isStill ? last : undefined
  }, 'the case')
  same(
    found.history.map(({ kind }) => kind),
    ['created', 'remark', 'edited', 'remark', 'edited'],
    'its history',
  )
  same([found.fields.title, found.fields.place], ['新的标题', '河东路'], 'its fields')
})
await check(
  'goes on from a cursor, without repeating and without leaving out, a change at a time',
  async () => {
    // Others may work on the same system: what must not come again is what was given already.
    const behind = (await everything(seat, cursor)).changes
    same(withCase(behind, caseId).length, 0, 'changes of the case behind the last cursor')
    const added = Array.from({ length: 5 }, () => randomUUID())
    await seat.push(...added.map(each => seat.create(each)))
    const from = cursor
    await until(async () => {
      const all = await everything(seat, from, 1)
      cursor = all.cursor
      return added.every(each => withCase(all.changes, each).length === 1) ? true : undefined
    }, 'all five')
  },
)
await check('refuses a cursor that it never gave', async () => {
  const answer = await target.refused('GET', '/v1/changes?cursor=never-given', seat.headers)
  that(/^(400|410) (CURSOR_INVALID|CURSOR_EXPIRED)$/.test(answer), `answered ${answer}`)
})
await check('wakes seats that listen to events', async () => {
  const stop = new AbortController()
  const response = await fetch(new URL('/v1/events', target.base), {
    headers: seat.headers,
    signal: stop.signal,
  })
  that(response.headers.get('content-type')?.startsWith('text/event-stream') === true, 'not an event stream')
  let said = ''
  const reading = (async () => {
    for await (const chunk of response.body ?? []) said += Buffer.from(chunk).toString('utf8')
  })().catch(() => {})
  await seat.push(seat.remark(caseId, '唤醒'))
  await until(async () => (said.includes('data: changed') ? true : undefined), 'data: changed').finally(() =>
    stop.abort(),
  )
  await reading
})

// ── reading as a person, numbers, limits ────────────────────────────────────────────────────────────────────────────

const person = { ...seat.headers, 'x-operator-session': (await signIn()).accessToken }
await check('finds the caller’s cases by any way of writing the number', async () => {
  const history = outputOf(centralContract.callers.get)
  const plain = await target.get(history, 'GET', '/v1/callers/19900009999', person)
  that(plain.cases.length > 0 && plain.caseCount >= plain.cases.length, 'no cases')
  const written = await target.get(
    history,
    'GET',
    `/v1/callers/${encodeURIComponent('+86 199-0000-9999')}`,
    person,
  )
  same(written.caseCount, plain.caseCount, 'the same number written otherwise')
  same(
    await target.refused('GET', '/v1/callers/19900009999', seat.headers),
    '401 UNAUTHENTICATED',
    'nobody signed in',
  )
})
await check('remembers a caller by what was written down last', async () => {
  const numberKey = `199${String(randomInt(100_000_000)).padStart(8, '0')}`
  const told = (dialect: string, at: string) =>
    seat.command('caller.remember', null, { numberKey, dialect, callerKind: 'enterprise', at, callId: null })
  const later = new Date(Date.now() - 60_000).toISOString()
  await seat.push(told('粤语', later))
  await seat.push(told('吴语', new Date(Date.now() - 120_000).toISOString()))
  const { profile } = await target.get(
    outputOf(centralContract.callers.get),
    'GET',
    `/v1/callers/${numberKey}`,
    person,
  )
  same(profile, { numberKey, dialect: '粤语', callerKind: 'enterprise', at: later }, 'the profile')
})
await check('is told who is at the seat, and shows a seat to others only', async () => {
  const state = { kind: 'ready', since: new Date().toISOString(), extension: '8001' }
  const { seats } = await target.get(
    outputOf(centralContract.presence.tell),
    'POST',
    '/v1/presence',
    person,
    state,
  )
  that(
    seats.every(each => each.skills.length > 0),
    'somebody without skills',
  )
  same(
    await target.refused('POST', '/v1/presence', person, { ...state, kind: 'away' }),
    '400 BAD_REQUEST',
    'a state that there is not',
  )
  same(
    await target.refused('POST', '/v1/presence', seat.headers, state),
    '401 UNAUTHENTICATED',
    'nobody signed in',
  )
})
await check('reads one case, and knows what it does not have', async () => {
  const found = await target.get(outputOf(centralContract.cases.get), 'GET', `/v1/cases/${caseId}`, person)
  same(found.caseId, caseId, 'the case')
  same(await target.refused('GET', `/v1/cases/${randomUUID()}`, person), '404 NOT_FOUND', 'another')
})
await check('leases blocks of numbers: the same for the same request, never two that overlap', async () => {
  const lease = (requestId: string) =>
    target.get(outputOf(centralContract.numberBlocks.lease), 'POST', '/v1/number-blocks', seat.headers, {
      requestId,
    })
  const [one, two] = [randomUUID(), randomUUID()]
  const block = await lease(one)
  same((await lease(one)).blockId, block.blockId, 'asked again')
  const next = await lease(two)
  that(
    next.prefix !== block.prefix || next.first > block.last || next.last < block.first,
    'the blocks overlap',
  )
})
await check('lists what is published', async () => {
  await target.get(outputOf(centralContract.publications.list), 'GET', '/v1/publications', seat.headers)
})
await check('takes a packed body and refuses one that is too large, packed or not', async () => {
  const packed = (body: Buffer) =>
    fetch(new URL('/v1/commands', target.base), {
      method: 'POST',
      headers: { ...seat.headers, 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: new Uint8Array(gzipSync(body)),
    })
  const small = await packed(Buffer.from(JSON.stringify({ commands: [seat.remark(caseId, '压缩')] })))
  same(small.status, 200, 'a packed body')
  same((await packed(Buffer.alloc(maxBodyBytes * 4, 0x20))).status, 413, 'one that unpacks to too much')
  const padding = ' '.repeat(maxBodyBytes + 1)
  same(
    await target.refused('POST', '/v1/commands', seat.headers, { padding }),
    '413 BODY_TOO_LARGE',
    'a large one',
  )
})

await checkCallbacks(target, seat, person, missedCallsKey, check)
await checkIntake(target, person, { intake: intakeKey, missedCalls: missedCallsKey }, check)
await checkCorrections(
  target,
  seat,
  { headers: person, name: first.operator.name, role: first.operator.role },
  { publication: publicationKey, missedCalls: missedCallsKey },
  check,
)

// Last: it changes who the seat is.
await check('gives a copied seat another identity, which takes its unsent commands', async () => {
  const unsent = seat.remark(caseId, '更换标识之前未上传')
  const { clientId, deviceSecret } = credential
  const asked = { clientId, deviceSecret, requestId: 'conformance', reason: 'copied' }
  const renew = (body: unknown) => target.get(enrolments, 'POST', '/v1/enrolments/renew', {}, body)
  const renewed = await renew(asked)
  same((await renew(asked)).clientId, renewed.clientId, 'the same request again')
  same(
    await target.refused('POST', '/v1/enrolments/renew', {}, { ...asked, requestId: 'other' }),
    '401 DEVICE_SUPERSEDED',
    'a second renewal of one identity',
  )
  that(renewed.clientId !== credential.clientId, 'the identity stayed the same')
  const { accessToken } = await tokenFor(renewed.clientId, renewed.deviceSecret)
  const fresh = createSeat(target, renewed.clientId, accessToken, first)
  const [outcome] = told(await fresh.push({ ...unsent, clientId: renewed.clientId }))
  that(outcome?.startsWith('applied') === true, `the unsent command was answered ${outcome}`)
})

finish()
