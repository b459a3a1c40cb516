/** The callbacks' procedures, each a few lines over the queue. */
import { implement } from '@orpc/server'
import { callbackRoutes } from '../../shared/contract/central-callbacks.ts'
import type { Central } from '../central.ts'
import { isoNow } from '../context.ts'
import { type Credentials, createAdmit, keyIn, personIn } from './access.ts'
import { admitting, tellingRefusals } from './requests.ts'

export function createCallbackRouter(central: Central) {
  const { callbacks, context: parts } = central

  const os = implement(callbackRoutes)
    .$context<Credentials>()
    .use(tellingRefusals(parts.log))
    .use(admitting(createAdmit(central)))

  return os.router({
    post: os.post.handler(async ({ input, context }) => {
      const results = await callbacks.post(input.calls, `key:${keyIn(context.caller)}`)
      return { results, serverTime: isoNow(parts.clock) }
    }),
    claim: os.claim.handler(async ({ input, context }) => callbacks.claim(personIn(context.caller), input)),
    get: os.get.handler(async ({ input, context }) => callbacks.get(personIn(context.caller), input.taskId)),
    renew: os.renew.handler(async ({ input: { taskId, fence }, context }) =>
      callbacks.act(personIn(context.caller), taskId, { type: 'renew', fence }),
    ),
    dialling: os.dialling.handler(async ({ input: { taskId, fence }, context }) =>
      callbacks.act(personIn(context.caller), taskId, { type: 'dial', fence }),
    ),
    outcome: os.outcome.handler(async ({ input: { taskId, ...told }, context }) => {
      const { task } = await callbacks.act(personIn(context.caller), taskId, { type: 'outcome', ...told })
      return task
    }),
    decline: os.decline.handler(async ({ input: { taskId, ...told }, context }) => {
      const { task } = await callbacks.act(personIn(context.caller), taskId, { type: 'decline', ...told })
      return task
    }),
    reschedule: os.reschedule.handler(async ({ input: { taskId, ...told }, context }) => {
      const { task } = await callbacks.act(personIn(context.caller), taskId, { type: 'reschedule', ...told })
      return task
    }),
    undo: os.undo.handler(async ({ input: { taskId, reason }, context }) => {
      const { task } = await callbacks.act(personIn(context.caller), taskId, { type: 'undo', reason })
      return task
    }),
    takeOver: os.takeOver.handler(async ({ input: { taskId }, context }) =>
      callbacks.act(personIn(context.caller), taskId, { type: 'take-over' }),
    ),
    assign: os.assign.handler(async ({ input: { taskId, operatorId: to }, context }) => {
      const { task } = await callbacks.act(personIn(context.caller), taskId, { type: 'assign', to })
      return task
    }),
    release: os.release.handler(async ({ input: { taskId, reason }, context }) => {
      const { task } = await callbacks.act(personIn(context.caller), taskId, { type: 'release', reason })
      return task
    }),
    remove: os.remove.handler(async ({ input: { taskId, reason }, context }) => {
      const { task } = await callbacks.act(personIn(context.caller), taskId, { type: 'remove', reason })
      return task
    }),
    figures: os.figures.handler(async ({ input, context }) => {
      return callbacks.figures(personIn(context.caller).operator, input)
    }),
  })
}
