/**
 * `/healthz`: the process lives. `/readyz`: the database answers, and whether what was written reaches its readers. They say no
 * more than that, to anybody. A centre whose feed is behind stays ready: it takes what seats send, and so do the others.
 */
import type { FastifyInstance } from 'fastify'
import type { Central } from '../central.ts'
import { refuse } from './answers.ts'

/** However often it is asked, the database is asked once in so long. */
const freshMs = 1_000
/** Whoever asks whether it is ready does not wait for a database that is silent. */
const answerWithinMs = 3_000

type Readiness = { status: 'ready' } | { status: 'lagging'; feedLagSeconds: number }

/** Adds both routes. Neither asks who calls. */
export function addHealth(app: FastifyInstance, { context: { sql, clock }, feedLag }: Central): void {
  let last: { at: number; readiness: Promise<Readiness | null>; isOver: boolean } | null = null

  const look = async (): Promise<Readiness> => {
    await sql.query('SELECT 1')
    const feedLagSeconds = await feedLag()
    return feedLagSeconds === null ? { status: 'ready' } : { status: 'lagging', feedLagSeconds }
  }
  /** One look at a time. Null: it is not ready. */
  const readiness = () => {
    if (last !== null && (!last.isOver || Math.abs(clock.now() - last.at) < freshMs)) return last.readiness
    const { promise, resolve } = Promise.withResolvers<Readiness | null>()
    const mine = { at: clock.now(), readiness: promise, isOver: false }
    last = mine
    const cancel = clock.after(answerWithinMs, () => resolve(null))
    void look()
      .then(resolve, () => resolve(null))
      .finally(() => {
        cancel()
        mine.isOver = true
      })
    return promise
  }

  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => (await readiness()) ?? refuse(reply, 'UNAVAILABLE'))
}
