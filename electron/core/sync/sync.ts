/**
 * The seat's sync: empties the outbox, takes the centre's changes, and never keeps a save waiting. One thing at a time; after a
 * failure that passes it waits longer and longer, with jitter, and goes on for ever.
 */
import { type NumberBlock, numberBlock, type OperatorSession } from '../../../shared/contract/central.ts'
import type { SyncStatus } from '../../../shared/contract/seat.ts'
import { type CoreContext, isoNow } from '../context.ts'
import { Refusal } from '../refusal.ts'
import type { Database } from '../storage/database.ts'
import { readState, writeState } from '../storage/local-state.ts'
import type { ApplyParts } from './apply-changes.ts'
import { delayAfter } from './back-off.ts'
import type { Centre, CentreLink } from './centre.ts'
import { CentreFailure, isAllowedCentre } from './centre-client.ts'
import type { CentreLine } from './centre-line.ts'
import { createCentreTrust, notOursCode } from './centre-trust.ts'
import { createDeviceClient } from './device-client.ts'
import { createOperatorAsks, unreachable } from './operator-asks.ts'
import { createOperatorSessions, forgetSession } from './operator-sessions.ts'
import { askPublished, fetchPublications } from './publications.ts'
import { createPull, type Pull, readAgain } from './pull.ts'
import { IdentityTaken, type PushRow, pushOnce } from './push.ts'
import type { PageReader } from './read-page.ts'
import { forgetCredential, needRenewal, readCredential } from './seat-identity.ts'
import { createSyncWatch } from './sync-status.ts'
import { createWaking } from './waking.ts'

/** Several saves in a row are sent together. */
const gatherMs = 30
/** When the stream of events has ended: the centre may have restarted, and every seat comes back. */
const streamFirstMs = 2_000
/** The feed is read at least so often, whether the centre woke us or not. */
const pollMs = 30_000
/** While the centre's feed is behind nothing wakes us, and the operator reads how far it is behind. */
const laggingPollMs = 10_000
const statusEveryMs = 100
/** Who has saved so lately is at work: sync takes shorter turns. */
const inUseMs = 3_000
const restMs = 4
/** A new block of numbers is leased when fewer are left. */
const fewNumbers = 50
/** A centre that knows no seat is not asked to enrol this one again and again. */
const enrolPauseMs = 10 * 60_000
const numberRequestState = 'number-request'

export type CentreTarget = {
  url: string
  /** Enrols a seat that is not enrolled yet, without anybody typing it. */
  enrolmentCode: string | null
}

export type SyncParts = ApplyParts & {
  context: CoreContext
  read(): Database
  write<T>(work: (db: Database) => T): T
  /** On the disk only with the next `write`. */
  writeSoon?<T>(work: (db: Database) => T, inUse?: boolean): T
  openLine(url: string): CentreLine
  seatName: string
  /** The line is up and something waits longer than this: an alarm. Milliseconds. */
  alarmAfterMs(): number
  /** A centre is coming whose address is not known yet. */
  expected: boolean
  /** A demonstration that was started without a centre, whatever this database knew before. */
  alone(): boolean
  numbers: {
    /** Null: no block was ever leased. */
    left(db: Database): number | null
    add(db: Database, block: NumberBlock): void
    discard(db: Database): void
  }
  /** What else goes to the centre by the same line (files); null: there is none now. */
  linked(link: CentreLink | null): void
  /** The operator's session at the centre goes on. */
  renewed(session: OperatorSession): void
  /** Whether this person gave one of these, and it takes effect only under their own session at the centre. */
  needsSession(db: Database, batch: readonly PushRow[]): boolean
  /** The line works again. */
  reached(): void
  /** The centre says that it is over: with this seat, or with whoever is signed in. */
  ended?(what: 'device' | 'session'): void
  /** Other seats' cases or people have arrived. */
  changed(): void
  /** What is published under these names is fetched. */
  publicationNames: readonly string[]
  published(): void
  breathe(): Promise<void>
  /** Changes that are applied in one transaction, other than usual. */
  sliceSize?: number
  pageReader?: PageReader
}

export type Sync = Centre & {
  status(): SyncStatus
  /** Tells the page the status, soon. */
  publish(): void
  /** Everything that waits is tried now. */
  now(): void
  enrol(code: string): Promise<SyncStatus>
  /** The configured centre is not the one that enrolled this seat. */
  atOtherCentre(): boolean
  /** The database is open: work may begin. */
  start(): void
  /** Null: this seat works without a centre. */
  setTarget(target: CentreTarget | null): void
  stop(): void
}

/** Everything that belongs to one address. */
type Link = CentreLink & { target: CentreTarget; pull: Pull }

export function createSync(parts: SyncParts): Sync {
  const { context, read, write, numbers } = parts
  const { clock, random, log } = context
  const watch = createSyncWatch(clock, parts.alarmAfterMs)
  let { expected } = parts
  let link: Link | null = null
  let started = false
  let running = false
  let again = false
  let failures = 0
  let savedAt = Number.NEGATIVE_INFINITY
  /** When this seat enrolled anew because the centre did not know it. */
  let enrolledAt = Number.NEGATIVE_INFINITY
  /** The other end is not the centre of this seat's credential. */
  let isOther = false
  let pullWanted = true
  let cancelTimer = () => {}
  let cancelStatus: (() => void) | null = null

  const now = () => isoNow(clock)
  const heard = (serverTime: string) => watch.heard(serverTime)
  /** A seat that is not enrolled yet works as one without a centre. */
  const configured = () =>
    !parts.alone() &&
    (expected || (link?.target.enrolmentCode ?? null) !== null || readCredential(read()) !== null)
  if (expected) watch.line = 'connecting'

  const inUse = () => Math.abs(clock.now() - savedAt) < inUseMs
  /** Half of the time is theirs who are at work. */
  const breathe = async () => {
    await parts.breathe()
    if (inUse()) await new Promise<void>(resolve => void clock.after(restMs, resolve))
  }

  const status = (): SyncStatus => {
    const db = read()
    return watch.status(db, numbers.left(db))
  }
  const publish = () => {
    cancelStatus ??= clock.after(statusEveryMs, () => {
      cancelStatus = null
      try {
        context.publish({ type: 'sync', sync: status() })
      } catch {
        // The database is not open: whoever opens it reads the status afresh.
      }
    })
  }
  const become = (line: typeof watch.line, problem: string | null = null) => {
    watch.line = line
    watch.problem = problem
    publish()
  }

  // ── one round ──────────────────────────────────────────────────────────────────────────────────────────────────

  const leaseNumbers = async ({ device }: Link) => {
    if ((numbers.left(read()) ?? 0) >= fewNumbers) return
    // The same request until it is answered: an answer that is lost costs no block.
    const requestId =
      readState(read(), numberRequestState) ??
      write(db => {
        const made = random.uuid()
        writeState(db, numberRequestState, made)
        return made
      })
    const block = await device.client.ask('POST', '/v1/number-blocks', numberBlock, { body: { requestId } })
    write(db => {
      numbers.add(db, block)
      writeState(db, numberRequestState, null)
    })
  }

  /** Null where the centre knows no session of whoever sits here: what needs one is refused by itself, and says so. */
  const liveSession = async ({ sessions }: Link, batch: readonly PushRow[]): Promise<string | null> => {
    if (!parts.needsSession(read(), batch)) return null
    try {
      return await sessions.token()
    } catch (error) {
      if (error instanceof CentreFailure && !error.passes) return null
      throw error
    }
  }

  const round = async (at: Link) => {
    const { device, target } = at
    if (readCredential(read()) === null && target.enrolmentCode !== null)
      await device.enrol(target.enrolmentCode, parts.seatName)
    await device.renewIfNeeded()
    waking.listen(at)
    await leaseNumbers(at)
    if (watch.line !== 'online') {
      await askPublished({ client: device.client, names: parts.publicationNames, write })
      await readPublished(at)
      if (link !== at) return
    }
    for (;;) {
      const clientId = readCredential(read())?.clientId ?? ''
      const sent = await pushOnce({
        read,
        write,
        ...(parts.writeSoon === undefined ? {} : { writeSoon: parts.writeSoon }),
        client: device.client,
        clientId: () => clientId,
        now,
        heard,
        session: batch => liveSession(at, batch),
        breathe,
        inUse,
        relationRefused: parts.relationRefused,
        answered: commands => {
          watch.sent(commands)
          publish()
        },
      })
      if (link !== at) return
      const wanted = pullWanted
      pullWanted = false
      const pulled = wanted ? await pullOnce(at) : null
      if (link !== at) return
      if (pulled !== null && !pulled.more) await readPublished(at)
      if (link !== at) return
      if (sent === 0 && pulled?.more !== true) break
      if (pulled?.more === true) pullWanted = true
    }
    await leaseNumbers(at)
  }

  const readPublished = async ({ device }: Link) => {
    const fetched = await fetchPublications({
      read,
      write,
      client: device.client,
      names: parts.publicationNames,
      passedOver: name => log.warn({ name }, 'a publication of the centre was passed over'),
    })
    if (fetched > 0) parts.published()
  }

  const pullOnce = async ({ pull }: Link) => {
    try {
      const pulled = await pull.once()
      const done = (watch.catchUp?.done ?? 0) + pulled.applied
      watch.catchUp = pulled.more ? { done, remaining: pulled.remaining } : null
      watch.feedLagSeconds = pulled.feedLagSeconds
      if (pulled.applied > 0) parts.changed()
      publish()
      return pulled
    } catch (error) {
      pullWanted = true
      throw error
    }
  }

  const run = async () => {
    if (running || !started || link === null) {
      again = running
      return
    }
    running = true
    cancelTimer()
    const at = link
    try {
      do {
        again = false
        await round(at)
      } while (again && link === at)
      failures = 0
      if (link === at) {
        if (watch.line !== 'online') parts.reached()
        become('online')
      }
    } catch (error) {
      if (link === at) told(at, error)
    } finally {
      running = false
    }
    if (link !== at) return schedule(0, true)
    const restsMs = watch.feedLagSeconds === null ? pollMs : laggingPollMs
    schedule(failures === 0 ? restsMs : delayAfter(failures, random, retryAfterMs), true)
  }

  let retryAfterMs = 0
  const told = (at: Link, error: unknown) => {
    at.pull.forget()
    pullWanted = true
    failures += 1
    retryAfterMs = 0
    try {
      failed(at, error)
    } catch {
      // What a failure asks for could not be written: the next round fails the same way and asks again.
      become('offline', '本机磁盘或数据库暂时不能写入，同步稍后继续')
    }
  }

  const failed = (at: Link, error: unknown) => {
    if (error instanceof IdentityTaken) return renew('seq-taken')
    if (error instanceof CentreFailure) {
      retryAfterMs = error.retryAfterMs ?? 0
      if (error.passes) return become('offline', error.message)
      return refused(at, error)
    }
    if (error instanceof Refusal) return become(watch.line, '本机磁盘或数据库暂时不能写入，同步稍后继续')
    log.error({ kind: error instanceof Error ? error.name : typeof error }, 'a round of the sync failed')
    become(watch.line, '同步出错，稍后重试')
  }

  /** The centre refuses the seat, not one of its commands: nothing is parked, and it is tried again. */
  const refused = (at: Link, error: CentreFailure) => {
    isOther = error.code === notOursCode
    if (error.code === 'UNAUTHENTICATED' || isOther) {
      // A demonstration's centre that was made anew does not know us; its code lets us in.
      const mayEnrol = Math.abs(clock.now() - enrolledAt) > enrolPauseMs
      if (at.target.enrolmentCode !== null && mayEnrol) {
        write(forgetCredential)
        enrolledAt = clock.now()
        return become('connecting')
      }
      return become('refused', isOther ? error.message : '中心不认识这台坐席，请管理员重新登记')
    }
    if (error.code === 'DEVICE_REVOKED') parts.ended?.('device')
    become('refused', error.message)
  }

  const renew = (reason: 'seq-taken') => {
    write(db => {
      needRenewal(db, reason)
      numbers.discard(db)
    })
    become(watch.line)
  }

  const schedule = (ms: number, pull: boolean) => {
    cancelTimer()
    cancelTimer = clock.after(ms, () => {
      pullWanted ||= pull
      void run()
    })
  }

  const waking = createWaking({
    clock,
    random,
    pollMs,
    firstMs: streamFirstMs,
    woken: () => {
      pullWanted = true
      if (failures === 0) void run()
    },
    sessionsEnded: () => link?.sessions.look(),
    ended: pauseMs => {
      if (failures === 0) schedule(Math.min(pauseMs, pollMs), true)
    },
  })

  const disconnect = () => {
    waking.stop()
    cancelTimer()
    link?.pull.forget()
    link?.line.close()
    link = null
    parts.linked(null)
  }

  const tryNow = () => {
    failures = 0
    pullWanted = true
    waking.atOnce()
    parts.reached()
    schedule(0, true)
  }

  const asks = createOperatorAsks({
    clock,
    link: () => link,
    offline: () => watch.line === 'offline',
    soon: () => expected || (link !== null && watch.line === 'connecting' && readCredential(read()) === null),
  })

  const setTarget = (target: CentreTarget | null) => {
    expected = false
    if (link?.target.url === target?.url && link !== null) return
    disconnect()
    if (target === null) return become('none')
    if (!isAllowedCentre(target.url)) return become('refused', '中心地址必须使用 https')
    const line = parts.openLine(target.url)
    const shared = { clock, random, read, write }
    const trust = createCentreTrust({ ...shared, url: target.url, ask: line.ask })
    const device = createDeviceClient({
      ...shared,
      ask: trust.ask,
      enrolled: trust.enrolled,
      discardNumbers: numbers.discard,
      readAgain,
    })
    const sessions = createOperatorSessions({
      ...shared,
      client: device.client,
      ended: () => parts.ended?.('session'),
      renewed: parts.renewed,
    })
    const pull = createPull({
      ...parts,
      client: device.client,
      now,
      heard,
      inUse,
      breathe,
      passedOver: kind => log.warn({ kind }, 'a change of the centre was passed over'),
    })
    link = { target, line, device, sessions, pull }
    parts.linked(link)
    failures = 0
    isOther = false
    pullWanted = true
    become('connecting')
    if (started) schedule(0, true)
  }

  return {
    status,
    publish,
    now: tryNow,
    configured,
    setTarget,
    start: () => {
      started = true
      if (link !== null) schedule(0, true)
    },
    stop: () => {
      started = false
      cancelStatus?.()
      disconnect()
    },
    wake: () => {
      savedAt = clock.now()
      publish()
      if (!started || link === null || failures > 0) return
      if (running) again = true
      else schedule(gatherMs, false)
    },
    enrol: async code => {
      try {
        if (link === null) throw unreachable()
        await link.device.enrol(code.trim(), parts.seatName)
      } catch (error) {
        if (!(error instanceof CentreFailure)) throw error
        throw new Refusal(error.passes ? 'CENTRE_UNREACHABLE' : 'ENROLMENT_REFUSED')
      }
      tryNow()
      return status()
    },
    atOtherCentre: () => isOther,
    ...asks,
    // Without a line nobody can be told; the session is no longer ours all the same.
    signedOut: () => (link === null ? write(forgetSession) : link.sessions.end()),
  }
}
