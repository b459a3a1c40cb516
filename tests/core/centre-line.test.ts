import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createCentreClient } from '../../electron/core/sync/centre-client.ts'
import { openCentreLine } from '../../electron/core/sync/centre-line.ts'
import { createAuthority, hasOpenssl } from '../support/certificates.ts'
import { until } from '../support/seat-process.ts'
import { startTcpLine } from '../support/tcp-line.ts'

const folder = mkdtempSync(join(tmpdir(), 'zuoxi-line-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const ends: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

async function listen(server: Server): Promise<number> {
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  ends.push(
    () =>
      new Promise<void>(resolve => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  )
  return (server.address() as AddressInfo).port
}
const plain = (listener: RequestListener) => listen(createServer(listener))
function ask(url: string, authorities: string[] = []) {
  const line = openCentreLine(url, authorities)
  ends.push(() => line.close())
  return createCentreClient(line.ask).ask('GET', '/v1/x', z.object({ fine: z.boolean() }))
}

describe.runIf(hasOpenssl)('TLS with a city authority of its own', () => {
  const city = hasOpenssl ? createAuthority(join(folder, 'city')) : null
  const other = hasOpenssl ? createAuthority(join(folder, 'other')) : null
  const secure = (options: { days?: number; name?: string } = {}) =>
    listen(
      createSecureServer(city?.sign(options) ?? {}, (_request, response) => {
        response.end(JSON.stringify({ fine: true }))
      }),
    )

  it('is trusted where the administrator named it, and nowhere else', async () => {
    const url = `https://127.0.0.1:${await secure()}`
    expect(await ask(url, [city?.pem ?? ''])).toEqual({ fine: true })
    await expect(ask(url)).rejects.toMatchObject({
      kind: 'network',
      message: expect.stringContaining('不受信任'),
    })
    await expect(ask(url, [other?.pem ?? ''])).rejects.toMatchObject({ passes: true })
  })
  it.each([
    ['expired', { days: -1 }, '已过期'],
    ['for another address', { name: 'DNS:other.invalid' }, '属于另一个地址'],
  ])('is refused in plain words when it is %s', async (_, options, words) => {
    const url = `https://127.0.0.1:${await secure(options)}`
    await expect(ask(url, [city?.pem ?? ''])).rejects.toMatchObject({
      message: expect.stringContaining(words),
    })
  })
})

it('reads packed answers, and keeps the folder of the address', async () => {
  const paths: string[] = []
  const port = await plain((request, response) => {
    paths.push(request.url ?? '')
    response.setHeader('content-encoding', 'gzip').end(gzipSync(JSON.stringify({ fine: true })))
  })
  expect(await ask(`http://127.0.0.1:${port}/hotline/`)).toEqual({ fine: true })
  expect(paths).toEqual(['/hotline/v1/x'])
})

it.each([
  [
    'a login page with 200',
    (response: Parameters<RequestListener>[1]) => void response.end('<html>登录</html>'),
  ],
  [
    'a redirection to one',
    (response: Parameters<RequestListener>[1]) => {
      response.writeHead(302, { location: 'http://127.0.0.1:1/login' }).end('<html>登录</html>')
    },
  ],
])('a captive portal (%s) counts as no answer', async (_, answer) => {
  const port = await plain((_request, response) => answer(response))
  await expect(ask(`http://127.0.0.1:${port}`)).rejects.toMatchObject({
    kind: 'network',
    message: '网络被登录页拦截',
  })
})

it.each([
  ['cut in the middle of an answer', { 'content-length': '1000' }, '{"fine":'],
  ['packed rubbish', { 'content-encoding': 'gzip' }, 'not gzip'],
])('an answer that is %s counts as none', async (_, headers, text) => {
  const port = await plain((_request, response) => {
    response.writeHead(200, headers)
    response.write(text)
    setTimeout(() => ('content-length' in headers ? response.destroy() : response.end()), 20)
  })
  await expect(ask(`http://127.0.0.1:${port}`)).rejects.toMatchObject({ kind: 'network', passes: true })
})

it('nobody there, or a line that is cut under a request, is told in plain words', async () => {
  const port = await plain(() => {})
  const line = await startTcpLine({ port })
  ends.push(() => line.close())
  const asked = ask(`http://127.0.0.1:${line.port}`)
  setTimeout(() => line.cut(), 50)
  await expect(asked).rejects.toMatchObject({ message: '中心没有接受连接，可能正在重启' })
  await expect(ask('http://127.0.0.1:1')).rejects.toMatchObject({ passes: true })
})

it('the stream of events wakes, and its end is told once', async () => {
  const port = await plain((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: changed\n\n')
    setTimeout(() => response.destroy(), 50)
  })
  const line = openCentreLine(`http://127.0.0.1:${port}`, [])
  ends.push(() => line.close())
  const said: string[] = []
  let ended = 0
  line.listen(
    '/v1/events',
    {},
    {
      heard: text => void said.push(text),
      ended: () => {
        ended += 1
      },
    },
  )
  await until(() => ended > 0, 10_000, 'the stream to end')
  expect(said.join('')).toContain('data: changed')
  expect(ended).toBe(1)
})
