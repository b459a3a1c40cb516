/** Every route with what it does not expect, from a stranger and from a seat: each answer is a code, none a fault of the server. */
import fc from 'fast-check'
import { centralContract } from '../../shared/contract/central.ts'
import { type Answer, bearerOf, codeIn, type Finding, found, send, type Target } from './attack.ts'

const contractRoutes = Object.values(centralContract).flatMap(group =>
  Object.values(group).map(procedure => procedure['~orpc'].route as { method: string; path: string }),
)
const otherRoutes = [
  { method: 'GET', path: '/v1/files/{id}' },
  { method: 'HEAD', path: '/v1/files/{id}' },
  { method: 'PATCH', path: '/v1/files/{id}' },
  { method: 'POST', path: '/v1/files' },
  { method: 'DELETE', path: '/v1/files/{id}' },
  { method: 'GET', path: '/v1/cases/{id}/attachments/{id}' },
  { method: 'GET', path: '/v1/intake/{id}/attachments/{id}' },
  { method: 'GET', path: '/units' },
  { method: 'GET', path: '/units/cases/{id}' },
  { method: 'GET', path: '/units/cases/{id}/files/{id}' },
  { method: 'POST', path: '/units/cases/{id}/{id}' },
  { method: 'POST', path: '/units/sign-in' },
  { method: 'POST', path: '/units/sign-out' },
  { method: 'GET', path: '/public' },
  { method: 'POST', path: '/public' },
  { method: 'POST', path: '/public/progress' },
  { method: 'GET', path: '/docs' },
  { method: 'GET', path: '/{id}' },
]

const nasty = fc.constantFrom(
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\udfff\ud800',
  '../../etc/passwd',
  "' OR 1=1 --",
  '__proto__',
  'constructor',
  '%00',
  '%',
  '%zz',
  '-1',
  '0',
  '1e999',
  '99999999999999999999999',
  'NaN',
  'null',
  '{{name}}',
  '<script>',
  'x'.repeat(5_000),
  '٣٤٥',
  '\u202e\u2066',
  '',
)
const text = fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 90 }))
const names = [
  'code',
  'seatName',
  'clientId',
  'deviceSecret',
  'workNumber',
  'password',
  'refreshToken',
  'commands',
  'cursor',
  'limit',
  'number',
  'caseId',
  'requestId',
  'name',
  'version',
  'effectiveAt',
  'content',
  'operatorId',
  'branch',
  'phone',
  'channelId',
  'attachments',
  'intakeId',
  'fence',
  'reason',
  'taskId',
  'calls',
  'kind',
  'state',
  'extension',
  'role',
  'skills',
  'title',
  'files',
  'after',
]
const value: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: text },
  fc.oneof(fc.integer(), fc.double(), fc.constantFrom(-1, 0, 2 ** 53, -(2 ** 63), 1e308, 2_147_483_648)),
  fc.constantFrom(null, true, [], {}),
  fc.jsonValue(),
  fc.array(fc.jsonValue(), { maxLength: 4 }),
)
const body = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .dictionary(fc.constantFrom(...names), value, { maxKeys: 8 })
      .map(each => JSON.stringify(each)),
  },
  fc.jsonValue().map(each => JSON.stringify(each)),
  fc.constantFrom(
    '{',
    '',
    'null',
    '[]',
    '"',
    '{"a":1}x',
    '\ufeff{}',
    '{"code":"\\ud800","seatName":"\\u0000"}',
    '{"clientId":1e999,"deviceSecret":"aaaaaaaaaaaaaaaaaaaa"}',
    '{"clientId":"\\u0000","deviceSecret":"aaaaaaaaaaaaaaaaaaaa"}',
    '{"code":"\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000","seatName":"\\u0000"}',
    '{"commands":[{"id":"\\u0000"}]}',
    'number=%00&code=%00&phone=%00',
    'workNumber=%00&password=%00',
    'workNumber=%ff%fe&password=%ed%a0%80',
    `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`,
  ),
  fc.uint8Array({ maxLength: 200 }),
)
const contentType = fc.constantFrom(
  'application/json',
  'application/json',
  'application/json; charset=utf-16',
  'application/json;charset=\u0001'.slice(0, 24),
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'multipart/form-data; boundary=x',
  'application/offset+octet-stream',
  'nonsense',
  '',
)
const extra = fc.constantFrom<Record<string, string | string[]>>(
  {},
  { 'content-encoding': 'gzip' },
  { 'content-encoding': 'gzip, gzip' },
  { 'x-operator-session': 'forged-forged-forged' },
  { 'x-api-key': '\u0001'.slice(1) },
  { 'x-api-key': ['a', 'b'] },
  { 'x-operator-session': ['a', 'b'] },
  { cookie: 'zuoxi_units=%00; zuoxi_units=aaaaaaaaaaaaaaaaaaaaaaaa' },
  { origin: 'null' },
  { 'sec-fetch-site': 'same-origin' },
  { accept: 'nonsense', 'accept-language': 'en;q=x,zh;q=9' },
  { 'upload-length': '-1', 'tus-resumable': '1.0.0' },
  { 'upload-length': '1e9', 'tus-resumable': '1.0.0', 'upload-metadata': 'a' },
  { 'upload-length': '5', 'tus-resumable': '1.0.0', 'upload-metadata': 'attachmentId AA==,sha256 !!' },
  { 'upload-offset': 'x', 'tus-resumable': '1.0.0' },
  { 'upload-concat': 'final;/v1/files/a', 'tus-resumable': '1.0.0' },
  { 'upload-defer-length': '1', 'tus-resumable': '1.0.0' },
  { expect: 'nonsense' },
)

const inside =
  /node_modules|\bat .+:\d+:\d+|SELECT |INSERT |UPDATE |syntax error|byte sequence|stack|errno|\/work\//i

function faultsOf(asked: string, answer: Answer, isPage: boolean): Finding[] {
  const { status, text: told } = answer
  const isRefused = status >= 400 && status < 500
  return [
    ...found(status >= 500, `${asked}: ${status} ${told.slice(0, 200)}`),
    ...found(isRefused && inside.test(told), `${asked}: tells ${told.slice(0, 200)}`),
    ...found(
      isRefused && !isPage && !asked.startsWith('HEAD') && !/^[A-Z_]+$/.test(codeIn(answer)),
      `${asked}: ${status} without a code: ${told.slice(0, 100)}`,
    ),
  ]
}

export async function fuzz(target: Target, { runs = 400, seed = Date.now() % 1e9 } = {}): Promise<Finding[]> {
  const bearer = await bearerOf(target)
  const requests = fc.sample(
    fc.record({
      route: fc.constantFrom(...contractRoutes, ...contractRoutes, ...otherRoutes),
      asSeat: fc.boolean(),
      parameter: text,
      raw: fc.boolean(),
      query: fc.dictionary(fc.constantFrom(...names, '__proto__', 'a[b]', 'language'), text, { maxKeys: 3 }),
      body,
      contentType,
      extra,
    }),
    { numRuns: runs, seed },
  )
  const findings: Finding[] = []
  for (const {
    route,
    asSeat,
    parameter,
    raw,
    query,
    body: content,
    contentType: type,
    extra: more,
  } of requests) {
    const written = encodeURIComponent(parameter.toWellFormed())
    // As it is, where HTTP can say it at all.
    const part = raw && /^[!-~]*$/.test(parameter) ? parameter.replace(/[?#]/g, '') : written
    const asked = new URLSearchParams(
      Object.entries(query).map(([name, each]) => [name, each.toWellFormed()]),
    )
    const path = `${route.path.replace(/\{\w+\}/g, () => part)}${asked.size > 0 ? `?${asked}` : ''}`
    const hasBody = !['GET', 'HEAD'].includes(route.method)
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    const answer = await send(target, {
      method: route.method,
      path,
      headers: {
        ...(asSeat ? bearer : {}),
        ...(hasBody ? { 'content-type': type, 'content-length': String(bytes.length) } : {}),
        ...more,
      },
      body: hasBody ? bytes : undefined,
    })
    const isPage = /^\/(units|public|docs)/.test(route.path)
    findings.push(
      ...faultsOf(
        `${route.method} ${path.slice(0, 120)} (${asSeat ? 'seat' : 'nobody'}, ${JSON.stringify(more)}, ${type})`,
        answer,
        isPage,
      ),
    )
  }
  return findings.length === 0 ? [] : [...findings, `the seed was ${seed}`]
}
