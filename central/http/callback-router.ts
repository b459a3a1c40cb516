/** The callbacks' procedures, each a few lines over the queue. */
import { implement } from '@orpc/server'
import { callbackRoutes } from '../../shared/contract/central-callbacks.ts'
import type { Central } from '../central.ts'
import { isoNow } from '../context.ts'
import { Refusal } from '../refusal.ts'
import { type Credentials, createWho, tellingRefusals } from './requests.ts'

export function createCallbackRouter(central: Central) {
  const { callbacks, apiKeys, context: parts } = central
  const { both } = createWho(central)
  const worker = (context: Credentials) => both(context, 'callback.work')
  const supervisor = (context: Credentials) => both(context, 'callback.supervise')

  const os = implement(callbackRoutes).$context<Credentials>().use(tellingRefusals(parts.log))

  return os.router({
    post: os.post.handler(async ({ input, context }) => {
      if (context.apiKey === undefined) throw new Refusal('UNAUTHENTICATED')
      const name = await apiKeys.check(context.apiKey, 'missed-call.post')
      const results = await callbacks.post(input.calls, `key:${name}`)
      return { results, serverTime: isoNow(parts.clock) }
    }),
    claim: os.claim.handler(async ({ input, context }) => callbacks.claim(await worker(context), input)),
    get: os.get.handler(async ({ input, context }) => callbacks.get(await worker(context), input.taskId)),
    renew: os.renew.handler(async ({ input: { taskId, fence }, context }) =>
      callbacks.act(await worker(context), taskId, { type: 'renew', fence }),
    ),
    dialling: os.dialling.handler(async ({ input: { taskId, fence }, context }) =>
      callbacks.act(await worker(context), taskId, { type: 'dial', fence }),
    ),
    outcome: os.outcome.handler(async ({ input: { taskId, ...told }, context }) => {
      const { task } = await callbacks.act(await worker(context), taskId, { type: 'outcome', ...told })
      return task
    }),
    decline: os.decline.handler(async ({ input: { taskId, ...told }, context }) => {
      const { task } = await callbacks.act(await worker(context), taskId, { type: 'decline', ...told })
      return task
    }),
    reschedule: os.reschedule.handler(async ({ input: { taskId, ...told }, context }) => {
      const { task } = await callbacks.act(await worker(context), taskId, { type: 'reschedule', ...told })
      return task
    }),
    undo: os.undo.handler(async ({ input: { taskId, reason }, context }) => {
      const { task } = await callbacks.act(await worker(context), taskId, { type: 'undo', reason })
      return task
    }),
    takeOver: os.takeOver.handler(async ({ input: { taskId }, context }) =>
      callbacks.act(await supervisor(context), taskId, { type: 'take-over' }),
    ),
    assign: os.assign.handler(async ({ input: { taskId, operatorId: to }, context }) => {
      const { task } = await callbacks.act(await supervisor(context), taskId, { type: 'assign', to })
      return task
    }),
    release: os.release.handler(async ({ input: { taskId, reason }, context }) => {
      const { task } = await callbacks.act(await supervisor(context), taskId, { type: 'release', reason })
      return task
    }),
    remove: os.remove.handler(async ({ input: { taskId, reason }, context }) => {
      const { task } = await callbacks.act(await supervisor(context), taskId, { type: 'remove', reason })
      return task
    }),
    figures: os.figures.handler(async ({ input, context }) => {
      await supervisor(context)
      return callbacks.figures(input)
    }),
  })
}
