/** The catalogue at work: what is in force is looked at when something was published, and when something comes into force. */
import type { Audit } from '../audit/audit.ts'
import type { CoreContext } from '../context.ts'
import type { Database } from '../storage/database.ts'
import { readState, writeState } from '../storage/local-state.ts'
import type { Outbox } from '../sync/outbox.ts'
import type { Catalogue } from './catalogue.ts'
import { createDispatches } from './dispatches.ts'
import { createNotices } from './notices.ts'
import { createReadings } from './readings.ts'

/** A timer cannot be set further ahead; then it is looked at again. */
const longestWaitMs = 12 * 3_600_000
/** The version that was in force last. */
const appliedState = 'catalogue-applied'

export function createCatalogueParts(parts: {
  context: CoreContext
  catalogue: Catalogue
  audit: Audit
  outbox: Pick<Outbox, 'signAnew'>
  read(): Database
  write<T>(work: (db: Database) => T): T
  /** Unsent dispatches came back to the operator. */
  cameBack(): void
}) {
  const { context, catalogue, audit, read, write } = parts
  const notices = createNotices({ clock: context.clock })
  let cancel = () => {}

  const look = () => {
    cancel()
    const { changed, nextAt } = catalogue.refresh(read())
    // Compared with what was in force when this seat last ran: a version may come while it is off.
    const applied = readState(read(), appliedState)
    const inForce = catalogue.get()
    if (applied !== inForce.version) {
      const before = applied === null ? null : catalogue.earlier(read(), applied)
      const back = write(db => {
        writeState(db, appliedState, inForce.version)
        return before === null ? 0 : notices.cameIntoForce(db, before, inForce, catalogue.dispatching())
      })
      if (back > 0) parts.cameBack()
      context.log.info({ version: inForce.version }, 'this dispatch catalogue is in force')
    }
    if (changed) context.publish({ type: 'catalogue-changed' })
    if (nextAt !== null)
      cancel = context.clock.after(
        Math.min(longestWaitMs, Math.max(0, nextAt - context.clock.now()) + 1),
        look,
      )
  }

  return {
    notices,
    readings: createReadings(),
    dispatches: createDispatches({ catalogue, audit, outbox: parts.outbox }),
    look,
    stop: () => cancel(),
  }
}
export type CatalogueParts = ReturnType<typeof createCatalogueParts>
