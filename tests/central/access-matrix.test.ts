/** Every route of the centre as every kind of caller, held against the tables of access. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addPageAccess } from '../../central/http/access.ts'
import { createServer, type Server } from '../../central/http/server.ts'
import { centralActors } from '../attack/central-actors.ts'
import { centralMatrix, matrixRoutes } from '../attack/central-matrix.ts'
import { addPeople, startCentre, type TestCentre } from './centre.ts'

const folder = mkdtempSync(join(tmpdir(), 'zuoxi-matrix-'))
let centre: TestCentre
let server: Server
let url: string
beforeAll(async () => {
  centre = await startCentre(null)
  await addPeople(centre)
  server = await createServer(centre, folder, { requestsPerMinute: 100_000, anonymousPerMinute: 100_000 })
  url = await server.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await server.close()
  await centre.end()
  rmSync(folder, { recursive: true })
})

describe('the routes of the centre', () => {
  it('let in whom the tables name, and nobody else', async () => {
    const actors = await centralActors(centre, server, url)
    const { rows, unexpected, text } = await centralMatrix(url, actors)
    expect(unexpected, text).toEqual([])
    expect(rows).toHaveLength(matrixRoutes().length)
    const through = (name: string) => rows.filter(({ answers }) => answers[name] === 'in').length
    // Each kind of caller gets somewhere, and more rights get further.
    const [nobody = 0, device = 0, contractor = 0, lead = 0, admin = 0, city = 0] = [
      'nobody',
      'device',
      'contractor',
      'lead',
      'admin',
      'city',
    ].map(through)
    expect(
      [nobody, device, contractor, lead, admin, city].every(
        (count, place, all) => place === 0 || count > (all[place - 1] ?? 0),
      ),
    ).toBe(true)
  })

  it('each have a row, or the centre does not start', () => {
    const app = Fastify()
    addPageAccess(app, centre, () => ({ bearer: undefined, operatorSession: undefined, apiKey: undefined }))
    expect(() => app.get('/v1/new-and-forgotten', () => 'open')).toThrow('no row in the tables of access')
    expect(() => app.get('/healthz', () => 'ok')).not.toThrow()
  })
})
