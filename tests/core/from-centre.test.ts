/** An attachment taken from a centre over the real line: whole, cut, refused, and with the city's own authority. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { fromCentre, pathOfCaseFile } from '../../electron/core/attachments/from-centre.ts'
import type { CentreLink } from '../../electron/core/sync/centre.ts'
import { openCentreLine } from '../../electron/core/sync/centre-line.ts'
import { createAuthority, hasOpenssl } from '../support/certificates.ts'
import { refusalOfAsync } from '../support/seat-parts.ts'

const ends: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})
async function listen(server: Server): Promise<number> {
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  ends.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}
const plain = async (listener: RequestListener) => `http://127.0.0.1:${await listen(createServer(listener))}`

function linkTo(url: string, authorities: string[] = [], session: string | null = 'session') {
  const line = openCentreLine(url, authorities)
  ends.push(() => line.close())
  let tokens = 1
  return {
    line,
    device: {
      token: () => Promise.resolve('t1'),
      anotherToken: () => Promise.resolve(`t${(tokens += 1)}`),
    },
    sessions: { token: () => Promise.resolve(session) },
  } as unknown as CentreLink
}
const attachment = { attachmentId: 'a/1', name: 'a', mediaType: '', bytes: 0, sha256: '' }
async function taken(link: CentreLink | null): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of fromCentre(link, pathOfCaseFile(attachment, 'k'))) parts.push(part)
  return Buffer.concat(parts)
}
const content = randomBytes(3_000_000)

it('comes whole, under the seat’s token and the operator’s session; a refused token is replaced once', async () => {
  const asked: unknown[] = []
  const url = await plain((request, response) => {
    asked.push([request.url, request.headers.authorization, request.headers['x-operator-session']])
    if (request.headers.authorization === 'Bearer t1') response.writeHead(401).end('{}')
    else response.end(content)
  })
  expect((await taken(linkTo(`${url}/hotline`))).equals(content)).toBe(true)
  const path = '/hotline/v1/cases/k/attachments/a%2F1'
  expect(asked).toEqual([
    [path, 'Bearer t1', 'session'],
    [path, 'Bearer t2', 'session'],
  ])
})

it.each([
  ['404', 404, JSON.stringify({ code: 'NOT_FOUND', message: '' }), 'ATTACHMENT_NOT_ARRIVED'],
  ['403', 403, JSON.stringify({ code: 'FORBIDDEN', message: '' }), 'FORBIDDEN'],
  ['503', 503, JSON.stringify({ code: 'UNAVAILABLE', message: '' }), 'CENTRE_UNREACHABLE'],
  ['a portal page', 404, '<html>登录</html>', 'CENTRE_UNREACHABLE'],
  ['a refusal without end', 400, 'x'.repeat(200_000), 'CENTRE_UNREACHABLE'],
])('%s is told by its code', async (_what, status, text, code) => {
  const url = await plain((_request, response) => void response.writeHead(status).end(text))
  expect(await refusalOfAsync(taken(linkTo(url)))).toBe(code)
})

it('a line that is cut in the middle, or is not there, or nobody signed in at the centre, is told', async () => {
  const url = await plain((_request, response) => {
    response.writeHead(200, { 'content-length': String(content.length) })
    response.write(content.subarray(0, 1_000_000), () => response.destroy())
  })
  expect(await refusalOfAsync(taken(linkTo(url)))).toBe('CENTRE_UNREACHABLE')
  expect(await refusalOfAsync(taken(linkTo('http://127.0.0.1:1')))).toBe('CENTRE_UNREACHABLE')
  expect(await refusalOfAsync(taken(linkTo(url, [], null)))).toBe('CENTRE_UNREACHABLE')
  expect(await refusalOfAsync(taken(null))).toBe('CENTRE_UNREACHABLE')
})

it.runIf(hasOpenssl)(
  'is taken from a centre whose authority the administrator named, and from no other',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zuoxi-from-centre-'))
    ends.push(() => rmSync(folder, { recursive: true, force: true }))
    const city = createAuthority(join(folder, 'city'))
    const port = await listen(
      createSecureServer(city.sign({}), (_request, response) => response.end(content)),
    )
    const url = `https://127.0.0.1:${port}`
    expect((await taken(linkTo(url, [city.pem]))).equals(content)).toBe(true)
    expect(await refusalOfAsync(taken(linkTo(url)))).toBe('CENTRE_UNREACHABLE')
  },
)
