/** `/healthz`: the process lives. `/readyz`: the database answers. They say no more than that, to anybody. */
import type { FastifyInstance } from 'fastify'
import type { Central } from '../central.ts'
import { refuse } from './answers.ts'

/** However often it is asked, the database is asked once in so long. */
const freshMs = 1_000

export function addHealth(app: FastifyInstance, { context: { sql, clock } }: Central): void {
  let last: { at: number; ready: Promise<boolean> } | null = null
  const isReady = () => {
    if (last === null || Math.abs(clock.now() - last.at) >= freshMs)
      last = {
        at: clock.now(),
        ready: sql.query('SELECT 1').then(
          () => true,
          () => false,
        ),
      }
    return last.ready
  }
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) =>
    (await isReady()) ? { status: 'ready' } : refuse(reply, 'UNAVAILABLE'),
  )
}
