/** The seat's engine, put together. `main.ts` gives it a process; tests give it a clock. */
import { hostname } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { CoreStart } from '../../shared/contract/core-host.ts'
import type { SeatEvent, SeatStatus } from '../../shared/contract/seat.ts'
import { assistModelName } from '../../shared/domain/assist/published-model.ts'
import { urgencyWordsName } from '../../shared/domain/assist/urgency-words.ts'
import { calendarName } from '../../shared/domain/calendar.ts'
import { callbackPolicyName } from '../../shared/domain/callback-policy.ts'
import { dispatchCatalogueName } from '../../shared/domain/catalogue.ts'
import { dialectGlossaryName } from '../../shared/domain/dialect/glossary.ts'
import { dispositionRulesName } from '../../shared/domain/disposition-rules.ts'
import { identityPolicyName } from '../../shared/domain/identity-policy.ts'
import { knowledgeName } from '../../shared/domain/knowledge/article.ts'
import { lookupPolicyName } from '../../shared/domain/lookup-policy.ts'
import { normalizeNumber } from '../../shared/domain/phone-number.ts'
import { transferDirectoryName } from '../../shared/domain/transfer-directory.ts'
import { createAssist } from './assist/assist.ts'
import { createCaseFiles } from './attachments/case-files.ts'
import { createCallbackParts } from './callbacks/callback-parts.ts'
import { createCallWatch } from './calls/call-watch.ts'
import { interruptedEvent } from './calls/calls.ts'
import { addBlock, discardBlocks, numbersLeft } from './cases/case-number.ts'
import { createCatalogue } from './catalogue/catalogue.ts'
import { createCatalogueParts } from './catalogue/catalogue-parts.ts'
import { type CoreContext, isoNow } from './context.ts'
import { demoOperators } from './demo-operators.ts'
import { createDispositions } from './dispositions/dispositions.ts'
import { createEnterpriseLedger } from './enterprise/enterprise-ledger.ts'
import { createActorKeys } from './identity/actor-keys.ts'
import { createUnwatchedLock, idleLockMinutes } from './identity/idle-policy.ts'
import { needsSession, renewProof } from './identity/live-session.ts'
import { createLocalAccounts } from './identity/local-accounts.ts'
import { forgetVerifiers } from './identity/offline-verifier.ts'
import { createPasswords } from './identity/passwords.ts'
import { createResume } from './identity/resume.ts'
import { createSignIn } from './identity/sign-in.ts'
import { createIntake } from './intake/intake.ts'
import { createLanguageModel } from './language-model/language-model.ts'
import { askModel } from './language-model/model-line.ts'
import { createLookups } from './lookups/lookups.ts'
import { createParts } from './parts.ts'
import { createPresence } from './presence/presence.ts'
import { createConnections, type Port } from './rpc/connections.ts'
import { createEvents } from './rpc/events.ts'
import { createRouter } from './rpc/router.ts'
import type { ConnectSources } from './settings/connect-sources.ts'
import { readAuthorities } from './settings/line-probe.ts'
import { createSettings, type PolicyFile } from './settings/settings.ts'
import type { Database } from './storage/database.ts'
import { errorCode } from './storage/failure.ts'
import { renewNumberKeys } from './storage/number-keys.ts'
import { createStore } from './storage/store.ts'
import { createCentreAsk } from './sync/centre-ask.ts'
import { openCentreLine } from './sync/centre-line.ts'
import { createPageThread } from './sync/page-thread.ts'
import { rotateToken, tokenFileIn } from './sync/seat-identity.ts'
import { type CentreTarget, createSync } from './sync/sync.ts'
import { createUnsentFile } from './sync/unsent-file.ts'
import { createTraining } from './training/training.ts'
import { createVault, type Keyring } from './vault/vault.ts'

export type CoreOutside = Omit<CoreContext, 'publish'> & {
  keyring: Keyring
  policy: PolicyFile
  connectSources: Pick<ConnectSources, 'configured'>
  /** The session's secret, as the shell kept it from the core before this one. */
  resume: Uint8Array | null
  /** Hands it to the shell. */
  session(resume: Uint8Array | null): void
  authorities(pem: string[]): void
}

export type Core = {
  open(): Promise<void>
  connect(connection: number, port: Port): void
  disconnected(connection: number): void
  /** The launcher's centre is ready; null: it is not coming. */
  centreFound(target: CentreTarget | null): void
  close(): void
}

export function createCore(start: CoreStart, outside: CoreOutside): Core {
  const { clock, random, log, policy, connectSources } = outside
  const events = createEvents<SeatEvent>()
  const context: CoreContext = { clock, random, log, publish: event => events.publish(event) }
  const startedAt = isoNow(clock)

  const catalogue = createCatalogue({
    resourcesDir: start.resourcesDir,
    now: clock.now,
    onFault: (what, faults) => log.error({ what, faults: faults.slice(0, 5) }, 'this is not used'),
  })
  const dispositions = createDispositions({
    resourcesDir: start.resourcesDir,
    now: clock.now,
    onFault: (what, faults) => log.error({ what, faults: faults.slice(0, 5) }, 'this is not used'),
  })
  const vault = createVault({
    folder: start.dataDir,
    database: join(start.dataDir, 'seat.db'),
    mode: start.keyMode,
    keyring: outside.keyring,
    randomBytes: random.bytes,
  })
  const assist = createAssist(log)
  const store = createStore({
    folder: start.dataDir,
    vault,
    context,
    prepare: db => prepare(db),
    opened: assist.opened,
  })
  const settings = createSettings({ policy, training: start.training })
  const keyIn = (db: Database, raw: string) =>
    normalizeNumber(raw, { areaCode: settings.effective(db).areaCode }).key
  const numberKey = (raw: string) => keyIn(store.db(), raw)

  const passwords = createPasswords(random)
  const actorKeys = createActorKeys({ random, passwords })
  const kept = createParts({
    clock,
    random,
    catalogue,
    dispositions,
    numberKey,
    sign: actorKeys.sign,
    appended: () => sync.wake(),
  })
  const { audit, outbox, identity, calls, callbackTasks } = kept
  const resume = createResume({
    random,
    identity,
    keys: actorKeys,
    given: outside.resume,
    tell: outside.session,
  })
  const training = createTraining(start.training)
  const { db: read, write, writeSoon } = store
  const callWatch = createCallWatch(clock, callId => {
    try {
      const record = store.write(db => calls.report(db, null, callId, [interruptedEvent(clock)]))
      callbackOutcomes.callReported(record)
      ownMissed.reported(record)
      context.publish({ type: 'calls-changed' })
    } catch {
      // The database is not open or not writable: the next start finds the call still live and waits again.
    }
  })

  const sync = createSync({
    context,
    read,
    write,
    writeSoon,
    openLine: url => openCentreLine(url, readAuthorities(settings.effective(store.db()).authorityFile)),
    seatName: hostname(),
    alarmAfterMs: () => settings.effective(store.db()).syncAlarmMinutes * 60_000,
    expected: start.central === 'expected',
    alone: () =>
      start.keyMode === 'demo' && beside === null && settings.effective(store.db()).centreUrl === '',
    numbers: { left: numbersLeft, add: (db, block) => addBlock(db, block, clock), discard: discardBlocks },
    ...kept.apply,
    publicationNames: [
      callbackPolicyName,
      lookupPolicyName,
      dispatchCatalogueName,
      calendarName,
      urgencyWordsName,
      knowledgeName,
      assistModelName,
      dialectGlossaryName,
      transferDirectoryName,
      dispositionRulesName,
      identityPolicyName,
    ],
    published: () => {
      context.publish({ type: 'callbacks-changed' })
      context.publish({ type: 'dispositions-changed' })
      catalogueParts.look()
      // After how long the seat locks may be another.
      statusChanged()
    },
    linked: link => files.linked(link),
    renewed: session => {
      renewProof({ keys: actorKeys, identity, read, write }, session)
      write(resume.keep)
    },
    needsSession: (db, batch) => needsSession(identity.current(db), batch),
    reached: () => files.uploads.now(),
    ended: what => {
      write(db => (what === 'device' ? forgetVerifiers(db) : signIn.forgetPresent(db)))
      signIn.signOut()
      statusChanged()
    },
    changed: () => {
      if (callbackTasks.takeChanged()) context.publish({ type: 'callbacks-changed' })
      context.publish({ type: 'cases-changed' })
      statusChanged()
    },
    breathe: () => new Promise(resolve => setImmediate(resolve)),
    pageReader: createPageThread(),
  })

  const catalogueParts = createCatalogueParts({
    context,
    catalogue,
    audit,
    outbox,
    read,
    write,
    cameBack: () => {
      sync.publish()
      context.publish({ type: 'cases-changed' })
    },
  })
  const centre = sync
  const { callbacks, callbackOutcomes, ownMissed } = createCallbackParts({
    ...kept,
    context,
    monotonic: () => performance.now(),
    centre,
    line: () => {
      const { centre: line, lastContactAt } = sync.status()
      return { online: line === 'online', asOf: lastContactAt }
    },
    isCut: () => sync.status().centre === 'offline',
    read,
    write,
  })
  const intake = createIntake({
    store,
    drafts: kept.drafts,
    cases: kept.cases,
    audit,
    centre,
    contentAt: (path, attachment) => files.contentAt(path, attachment),
    divisionCode: () => settings.effective(store.db()).divisionCode,
    changed: () => context.publish({ type: 'intake-changed' }),
  })
  const askCentre = createCentreAsk(centre, 'CENTRE_UNREACHABLE')
  const enterpriseLedger = createEnterpriseLedger({
    clock,
    random,
    audit,
    outbox,
    permit: async asked => {
      if (centre.configured()) await askCentre('POST', '/v1/exports', z.object({}), asked)
    },
    read,
    write,
  })
  const languageModel = createLanguageModel({
    clock,
    random,
    audit,
    outbox,
    inUse: () => settings.languageModel(store.db()),
    authorities: () => readAuthorities(settings.effective(store.db()).authorityFile),
    ask: askModel,
    write,
  })
  const local =
    start.keyMode === 'demo' ? null : createLocalAccounts({ clock, identity, passwords, read, write })
  const centreSet = () => settings.effective(store.db()).centreUrl !== ''
  const signIn = createSignIn({
    clock,
    random,
    audit,
    identity,
    passwords,
    local,
    resume,
    centreSet,
    keys: actorKeys,
    retryLive: kept.unsent.retryLive,
    centre,
    read,
    write,
  })
  const { cases, taken, clientId } = kept
  const folder = start.dataDir
  const files = createCaseFiles({ folder, context, audit, cases, read, write, changed: sync.publish })
  const unsentFile = createUnsentFile({ folder, clock, random, audit, read, write, clientId, taken })

  const lookups = createLookups({ store, context, audit })

  const presence = createPresence({
    clock,
    centre,
    own: () => {
      if (sync.status().centre !== 'online') return null
      const db = store.db()
      const by = identity.current(db)
      const state = by === null ? null : kept.seatStates.last(db, by.operatorId)
      return state === null ? null : { state, extension: settings.phoneCredentials(db)?.extension ?? null }
    },
    published: () => context.publish({ type: 'presence-changed' }),
  })

  /** The program was restarted while somebody was signed in: their session at the centre ends as soon as it can be told. */
  let sessionEnded = false
  const prepare = (db: Database) => {
    db.transaction(() => {
      sessionEnded ||= resume.settle(db).ended
    }).immediate()
    renewNumberKeys(db, raw => keyIn(db, raw))
    if (start.keyMode !== 'demo' || identity.list(db).length > 0) return
    db.transaction(() => {
      for (const { operatorId, ...operator } of demoOperators) identity.create(db, operator, operatorId)
    }).immediate()
  }

  const announceExchange = () => {
    const { exchangeUrl, backupExchangeUrl, authorityFile } = settings.effective(store.db())
    connectSources.configured([exchangeUrl, backupExchangeUrl])
    outside.authorities(readAuthorities(authorityFile))
  }

  const checkIdentity = () => {
    try {
      if (rotateToken(write, tokenFileIn(folder), random, discardBlocks))
        log.warn('this database is a copy or was put back: the seat asks the centre for another identity')
    } catch (error) {
      log.warn({ code: errorCode(error) }, 'the token beside the database was not renewed')
    }
  }

  /** The launcher's centre; undefined until it is known whether there is one. */
  let beside: CentreTarget | null | undefined = start.central === 'none' ? null : undefined
  /** The administrator's centre, else the one beside this seat. */
  const toCentre = () => {
    const { centreUrl } = settings.effective(store.db())
    if (centreUrl !== '') sync.setTarget({ url: centreUrl, enrolmentCode: null })
    else if (beside !== undefined) sync.setTarget(beside)
  }

  const status = (): SeatStatus => {
    const storage = store.status()
    const open = storage.state === 'open'
    return {
      version: start.version,
      startedAt,
      storage,
      operator: open ? identity.current(store.db()) : null,
      locked: open && identity.access(store.db()) === 'locked',
      entry: open ? signIn.entry(store.db()) : 'password',
      notice: signIn.notice(),
      ownAccounts: open && local !== null && !centre.configured(),
      idleLockMinutes: open ? idleLockMinutes(store.db(), clock.now()) : 1,
      training: start.training !== null,
      outboxWaiting: open ? outbox.waiting(store.db()) : 0,
    }
  }
  const statusChanged = () => events.publish({ type: 'status', status: status() })

  store.onStatus(() => {
    statusChanged()
    if (store.status().state !== 'open') return
    announceExchange()
    checkIdentity()
    catalogueParts.look()
    toCentre()
    if (sessionEnded) centre.signedOut()
    sessionEnded = false
    sync.start()
    callbackOutcomes.watch()
    files.start()
    callWatch.orphaned(calls.live(store.db()))
  })

  const router = createRouter({
    ...kept,
    context,
    store,
    settings,
    catalogue,
    catalogueParts,
    dispositions,
    intake,
    enterpriseLedger,
    languageModel,
    callWatch,
    lookups,
    training,
    centre,
    sync,
    presence,
    ...files,
    signIn,
    actorKeys,
    assist,
    callbacks,
    callbackOutcomes,
    ownMissed,
    unsentFile,
    status,
    statusChanged,
    settingsChanged: () => {
      announceExchange()
      toCentre()
      // What the gate asks for may be another.
      statusChanged()
      events.publish({ type: 'settings-changed' })
    },
    subscribe: signal => events.subscribe({ type: 'status', status: status() }, signal),
  })
  const unwatched = createUnwatchedLock({
    clock,
    minutes: () => idleLockMinutes(store.db(), clock.now()),
    mayLock: () => {
      const db = store.db()
      return identity.access(db) === 'open' && calls.live(db).length === 0
    },
    lock: () => {
      write(identity.lock)
      statusChanged()
    },
  })
  const connections = createConnections(router, log)

  return {
    open: async () => {
      outside.authorities(readAuthorities(policy.policy.authorityFile ?? ''))
      await store.open()
    },
    connect: (connection, port) => {
      connections.serve(port, connection)
      unwatched.connected(connection)
    },
    disconnected: connection => {
      callWatch.connectionLost(connection)
      unwatched.disconnected(connection)
    },
    centreFound: target => {
      beside = target
      if (store.status().state !== 'open') return
      toCentre()
      statusChanged()
    },
    close: () => {
      events.close()
      sync.stop()
      presence.stop()
      callbackOutcomes.stop()
      files.stop()
      catalogueParts.stop()
      assist.close()
      languageModel.stop()
      store.close()
    },
  }
}
