import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCallbackCentre, testPolicy } from '../support/callback-centre.ts'
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts'
import { databaseKinds } from './centre.ts'

let postgres: Postgres | null = null
const folder = mkdtempSync(join(tmpdir(), 'zuoxi-conformance-'))
beforeAll(async () => {
  if (hasPostgres) postgres = await startPostgres()
})
afterAll(async () => {
  await postgres?.stop()
  rmSync(folder, { recursive: true, force: true })
})

function conformance(
  url: string,
  enrolmentCode: string,
  keys: { missedCalls: string; intake: string; publication: string },
): Promise<{ status: number | null; stdout: string }> {
  const child = spawn(
    process.execPath,
    [
      join(import.meta.dirname, '..', 'conformance', 'main.ts'),
      '--url',
      url,
      '--enrolment-code',
      enrolmentCode,
      '--work-number',
      '1001',
      '--password',
      'yanshi-12345',
      // A key may begin with a hyphen.
      `--missed-calls-key=${keys.missedCalls}`,
      `--intake-key=${keys.intake}`,
      `--publication-key=${keys.publication}`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let stdout = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('utf8')
  })
  return new Promise(resolve => child.on('close', status => resolve({ status, stdout })))
}

describe('the conformance suite', () => {
  it.each(databaseKinds)(
    'passes against ours on %s',
    async kind => {
      const database = kind === 'postgres' ? await postgres?.database() : undefined
      const central = await startCallbackCentre(join(folder, kind), 0, [], database)
      // Without quiet hours, whatever the time of day.
      await central.publish('1', testPolicy)
      const { missedCallsKey: missedCalls, intakeKey: intake, publicationKey: publication } = central
      const { status, stdout } = await conformance(central.url, central.enrolmentCode, {
        missedCalls,
        intake,
        publication,
      })
      await central.end()
      expect(stdout.split('\n').filter(line => !line.startsWith('PASS'))).toEqual([
        expect.stringMatching(/^\d+ passed, 0 failed$/),
        '',
      ])
      expect(stdout.match(/^PASS/gm)?.length).toBeGreaterThan(39)
      expect(status).toBe(0)
    },
    240_000,
  )

  it('fails against a server that is none', async () => {
    const server = createServer((_request, response) => void response.end('<html>请先登录网络</html>'))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const { status, stdout } = await conformance(`http://127.0.0.1:${port}`, 'ABCD-EFGH', {
      missedCalls: 'no-key-of-anything',
      intake: 'no-key-of-anything',
      publication: 'no-key-of-anything',
    })
    server.close()
    expect(status).toBe(1)
    expect(stdout).toContain('FAIL  refuses a request without a token')
  })
})
