/** 同步: what has not reached the centre, and what the operator can do about it. */

import { may } from '../../../shared/domain/permission.ts'
import { Refusal } from '../refusal.ts'
import type { CoreParts } from './core-parts.ts'
import type { Procedures } from './procedures.ts'

/** Milliseconds. */
const callLookMs = 1_000

export function syncProcedures(os: Procedures, parts: CoreParts) {
  const { context, store, identity, calls, signIn, centre, sync, unsent, unsentFile } = parts
  const operatorId = () => identity.required(store.db()).operatorId

  const changed = () => {
    context.publish({ type: 'cases-changed' })
    context.publish({ type: 'sync', sync: sync.status() })
    parts.statusChanged()
    centre.wake()
  }

  /** A call that came while the centre was asked keeps its operator to its end. */
  const endSessionOf = (operatorId: string | null) => {
    if (store.status().state !== 'open') return
    const db = store.db()
    if (operatorId !== (identity.current(db)?.operatorId ?? null)) return
    if (operatorId !== null && calls.live(db).length > 0)
      return void context.clock.after(callLookMs, () => endSessionOf(operatorId))
    signIn.endAtEnrolment()
    parts.statusChanged()
  }

  return {
    status: os.sync.status.handler(() => sync.status()),
    items: os.sync.items.handler(({ input }) => unsent.list(store.db(), input.limit)),
    now: os.sync.now.handler(() => {
      sync.now()
      return {}
    }),
    retry: os.sync.retry.handler(({ input }) => {
      store.write(db => unsent.retry(db, operatorId(), input.commandId))
      changed()
      return {}
    }),
    handOver: os.sync.handOver.handler(({ input }) => {
      store.write(db => unsent.handOver(db, operatorId(), input.commandId))
      changed()
      return {}
    }),
    resolve: os.sync.resolve.handler(({ input }) => {
      const operator = identity.required(store.db())
      store.write(db => unsent.resolve(db, operator.operatorId, input))
      changed()
      return {}
    }),
    exportUnsent: os.sync.exportUnsent.handler(({ input }) =>
      unsentFile.save(operatorId(), input.passphrase),
    ),
    importUnsent: os.sync.importUnsent.handler(async ({ input }) => {
      const answer = await unsentFile.take(operatorId(), input)
      changed()
      return answer
    }),
    enrol: os.sync.enrol.handler(async ({ input }) => {
      // To move a seat to another centre is an administrator's decision, made here.
      if (sync.atOtherCentre() && !may(identity.required(store.db()).role, 'seat.configure'))
        throw new Refusal('FORBIDDEN', undefined, '改到另一个中心须由管理员登录本坐席后登记')
      const operatorId = identity.current(store.db())?.operatorId ?? null
      // As nobody signs out during a call.
      if (operatorId !== null && calls.live(store.db()).length > 0) throw new Refusal('CALL_IN_PROGRESS')
      const status = await sync.enrol(input.code)
      // Whoever is of this seat's own list proves nothing at the centre; the gate asks for a password from here on.
      endSessionOf(operatorId)
      parts.statusChanged()
      return status
    }),
  }
}
