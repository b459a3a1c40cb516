/** The seat's engine, put together. `main.ts` gives it a process; tests give it a clock. */
import { join } from 'node:path'
import type { CoreStart } from '../../shared/contract/core-host.ts'
import type { SeatEvent, SeatStatus, SyncStatus } from '../../shared/contract/seat.ts'
import { normalizeNumber } from '../../shared/domain/phone-number.ts'
import { createCallWatch } from './calls/call-watch.ts'
import { interruptedEvent } from './calls/calls.ts'
import { numbersLeft } from './cases/case-number.ts'
import { loadCatalogue } from './catalogue/catalogue.ts'
import { type CoreContext, isoNow } from './context.ts'
import { demoOperators } from './demo-operators.ts'
import { createPasswords } from './identity/passwords.ts'
import { createSignIn } from './identity/sign-in.ts'
import { createParts } from './parts.ts'
import { Refusal } from './refusal.ts'
import { createConnections, type Port } from './rpc/connections.ts'
import { createEvents } from './rpc/events.ts'
import { createRouter } from './rpc/router.ts'
import { createConnectSources } from './settings/connect-sources.ts'
import { readAuthorities } from './settings/line-probe.ts'
import { createSettings, readPolicy } from './settings/settings.ts'
import type { Database } from './storage/database.ts'
import { createStore, type Store } from './storage/store.ts'
import type { Centre } from './sync/centre.ts'
import type { Outbox } from './sync/outbox.ts'
import { createUnsentFile } from './sync/unsent-file.ts'
import { createTraining } from './training/training.ts'
import { createVault, type Keyring } from './vault/vault.ts'

export type CoreOutside = Omit<CoreContext, 'publish'> & {
  keyring: Keyring
  connectSources(sources: string[]): void
  authorities(pem: string[]): void
}

export type Core = {
  open(): Promise<void>
  connect(connection: number, port: Port): void
  disconnected(connection: number): void
  close(): void
}

/** A seat that works by itself. */
function withoutCentre(store: Store, outbox: Outbox) {
  const centre: Centre = {
    configured: () => false,
    signIn: () => Promise.reject(new Refusal('CENTRE_UNREACHABLE')),
    signedOut: () => {},
    callerHistory: () => Promise.resolve(null),
    wake: () => {},
  }
  const status = (): SyncStatus => ({
    centre: 'none',
    problem: null,
    waiting: outbox.waiting(store.db()),
    parked: 0,
    oldestWaitingAt: null,
    alarm: false,
    lastContactAt: null,
    commandsPerSecond: null,
    catchUp: null,
    clockSkewMs: null,
    numbersLeft: numbersLeft(store.db()),
  })
  const enrol = () => Promise.reject(new Refusal('CENTRE_UNREACHABLE'))
  return { centre, sync: { status, now: () => {}, enrol } }
}

export function createCore(start: CoreStart, outside: CoreOutside): Core {
  const { clock, random, log } = outside
  const events = createEvents<SeatEvent>()
  const context: CoreContext = { clock, random, log, publish: event => events.publish(event) }
  const startedAt = isoNow(clock)

  const policy = readPolicy(start.policyFile)
  const catalogue = loadCatalogue(start.resourcesDir, faults =>
    log.error({ faults: faults.slice(0, 5) }, 'no catalogue'),
  )
  const vault = createVault({
    folder: start.dataDir,
    database: join(start.dataDir, 'seat.db'),
    mode: start.keyMode,
    keyring: outside.keyring,
    randomBytes: random.bytes,
  })
  const store = createStore({ folder: start.dataDir, vault, context, prepare: db => prepare(db) })
  const settings = createSettings({ policy, training: start.training })
  const numberKey = (raw: string) =>
    normalizeNumber(raw, { areaCode: settings.effective(store.db()).areaCode }).key

  const kept = createParts({ clock, random, catalogue, numberKey })
  const { audit, outbox, identity, calls } = kept
  const training = createTraining(start.training)
  const { centre, sync } = withoutCentre(store, outbox)
  const read = () => store.db()
  const write = <T>(work: (db: Database) => T): T => store.write(work)
  const passwords = createPasswords(random)
  const signIn = createSignIn({ clock, audit, identity, passwords, centre, read, write })
  const { taken, clientId } = kept
  const folder = start.dataDir
  const unsentFile = createUnsentFile({ folder, clock, random, audit, read, write, clientId, taken })

  const callWatch = createCallWatch(clock, callId => {
    try {
      store.write(db => calls.report(db, null, callId, [interruptedEvent(clock)]))
      context.publish({ type: 'calls-changed' })
    } catch {
      // The database is not open or not writable: the next start finds the call still live and waits again.
    }
  })

  const prepare = (db: Database) => {
    if (start.keyMode !== 'demo' || identity.list(db).length > 0) return
    db.transaction(() => {
      for (const { operatorId, ...operator } of demoOperators) identity.create(db, operator, operatorId)
    }).immediate()
  }

  const connectSources = createConnectSources(start.dataDir, outside.connectSources)
  const announceExchange = () => {
    const { exchangeUrl, backupExchangeUrl, authorityFile } = settings.effective(store.db())
    connectSources.configured([exchangeUrl, backupExchangeUrl])
    outside.authorities(readAuthorities(authorityFile))
  }

  const status = (): SeatStatus => {
    const storage = store.status()
    const open = storage.state === 'open'
    return {
      version: start.version,
      startedAt,
      storage,
      operator: open ? identity.current(store.db()) : null,
      training: start.training !== null,
      outboxWaiting: open ? outbox.waiting(store.db()) : 0,
    }
  }
  const statusChanged = () => events.publish({ type: 'status', status: status() })

  store.onStatus(() => {
    statusChanged()
    if (store.status().state !== 'open') return
    announceExchange()
    callWatch.orphaned(calls.live(store.db()))
  })

  const router = createRouter({
    ...kept,
    context,
    store,
    settings,
    catalogue,
    callWatch,
    training,
    centre,
    sync,
    signIn,
    unsentFile,
    status,
    statusChanged,
    settingsChanged: () => {
      announceExchange()
      events.publish({ type: 'settings-changed' })
    },
    subscribe: signal => events.subscribe({ type: 'status', status: status() }, signal),
  })
  const connections = createConnections(router, log)

  return {
    open: async () => {
      connectSources.first([
        start.training?.sipUrl ?? '',
        policy.policy.exchangeUrl ?? '',
        policy.policy.backupExchangeUrl ?? '',
      ])
      outside.authorities(readAuthorities(policy.policy.authorityFile ?? ''))
      await store.open()
    },
    connect: (connection, port) => connections.serve(port, connection),
    disconnected: connection => callWatch.connectionLost(connection),
    close: () => {
      events.close()
      store.close()
    },
  }
}
