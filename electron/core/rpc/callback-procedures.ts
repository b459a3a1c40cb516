/** 回拨: the list, what is in hand, and what supervisors do. */
import type { CoreParts } from './core-parts.ts'
import type { Procedures } from './procedures.ts'

export function callbackProcedures(os: Procedures, { callbacks }: CoreParts) {
  const done = async (work: Promise<unknown>) => {
    await work
    return {}
  }
  return {
    list: os.callbacks.list.handler(({ input }) => callbacks.list(input.show, input.limit)),
    held: os.callbacks.held.handler(() => callbacks.held()),
    claim: os.callbacks.claim.handler(({ input }) => callbacks.claim(input.taskId)),
    renew: os.callbacks.renew.handler(({ input }) => callbacks.renew(input.taskId)),
    dialling: os.callbacks.dialling.handler(({ input }) => callbacks.dialling(input.taskId)),
    dialled: os.callbacks.dialled.handler(({ input }) => {
      callbacks.dialled(input.taskId, input.callId)
      return {}
    }),
    outcome: os.callbacks.outcome.handler(({ input }) =>
      callbacks.outcome(input.taskId, input.outcome, input.note),
    ),
    decline: os.callbacks.decline.handler(({ input }) => done(callbacks.decline(input.taskId, input.reason))),
    reschedule: os.callbacks.reschedule.handler(({ input }) =>
      done(callbacks.reschedule(input.taskId, input.at, input.note)),
    ),
    putAway: os.callbacks.putAway.handler(({ input }) => {
      callbacks.putAway(input.taskId)
      return {}
    }),
    undo: os.callbacks.undo.handler(({ input }) => done(callbacks.undo(input.taskId, input.reason))),
    history: os.callbacks.history.handler(({ input }) => callbacks.history(input.taskId)),
    takeOver: os.callbacks.takeOver.handler(({ input }) => callbacks.takeOver(input.taskId)),
    assign: os.callbacks.assign.handler(({ input: { taskId, operatorId } }) =>
      done(callbacks.supervise('assign', taskId, { operatorId })),
    ),
    release: os.callbacks.release.handler(({ input: { taskId, reason } }) =>
      done(callbacks.supervise('release', taskId, { reason })),
    ),
    remove: os.callbacks.remove.handler(({ input: { taskId, reason } }) =>
      done(callbacks.supervise('remove', taskId, { reason })),
    ),
    figures: os.callbacks.figures.handler(({ input }) => callbacks.figures(input.from, input.to)),
  }
}
