/** The centre without HTTP: what each request does. The simulation calls these; `http/` puts a server around them. */
import type { CommandResult } from '../shared/contract/central.ts'
import { createLookups, type Lookups, type LookupWatch } from './audit/lookups.ts'
import { type Callbacks, type CallbackWatch, createCallbacks } from './callbacks/callbacks.ts'
import { createPolicyInForce } from './callbacks/policy.ts'
import { type Cases, createCases } from './cases/cases.ts'
import { type Catalogues, createCatalogues } from './catalogues/catalogues.ts'
import { type Changes, createChanges } from './changes/changes.ts'
import { settleEpoch } from './changes/epoch.ts'
import { createFeedLag, type FeedLag } from './changes/feed-lag.ts'
import { createStamper, type Stamper } from './changes/stamper.ts'
import { createWake, type Wake } from './changes/wake.ts'
import { createPush, type Push } from './commands/push.ts'
import type { CentralContext } from './context.ts'
import { type ActorProofs, createActorProofs } from './identity/actor-proofs.ts'
import { type CentralIdentity, createIdentity } from './identity/identity.ts'
import { createIntake, type Intake } from './intake/intake.ts'
import { type Corrections, createCorrections } from './knowledge/corrections.ts'
import { createNumberBlocks, type NumberBlocks } from './numbers/number-blocks.ts'
import { createPresence, type Presence } from './presence/presence.ts'
import { createPublications, type Publications } from './publications/publications.ts'
import { migrate } from './storage/migrate.ts'
import { renewNumberKeys } from './storage/number-keys.ts'
import { createUnits, type Units } from './units/units.ts'

export type CentralOptions = {
  /** Completes local landlines, e.g. `0512`; the same as at the seats. */
  areaCode: string
  offlineDays: number
  /** How often changes are numbered even if nobody asked. */
  stampPollMs: number
  /** How long after one round of the numbering the next begins at the earliest. */
  stampPauseMs: number
  /** How often it is looked which leases of callbacks ended. */
  sweepMs: number
  /** Encrypts secrets that are read again; null: under a key in the database. 32 bytes. */
  secretsKey: Buffer | null
  /** Which branches see the requests of the internet that name none; null: every branch, until one has it in hand. */
  intakeBranches: readonly string[] | null
}
const defaults: CentralOptions = {
  areaCode: '',
  offlineDays: 7,
  stampPollMs: 1_000,
  stampPauseMs: 0,
  sweepMs: 1_000,
  secretsKey: null,
  intakeBranches: null,
}

/** What happened, for those who count. */
export type CentralWatch = {
  pushed(results: readonly CommandResult[]): void
  stamped(result: { count: number; lagMs: number }): void
  callbacks: CallbackWatch
  lookups?: LookupWatch
}

export type Central = CentralIdentity & {
  context: CentralContext
  actorProofs: ActorProofs
  push: Push
  changes: Changes['page']
  cases: Cases
  lookups: Lookups
  numberBlocks: NumberBlocks
  publications: Publications
  catalogues: Catalogues
  callbacks: Callbacks
  presence: Presence
  units: Units
  intake: Intake
  corrections: Corrections
  stamper: Stamper
  feedLag: FeedLag
  wake: Wake
  watch(watch: CentralWatch): void
  /** Lets the work in hand end. The database stays open: it is its opener's. */
  close(): Promise<void>
}

/** Brings the database up to date first. */
export async function createCentral(
  context: CentralContext,
  given: Partial<CentralOptions> = {},
): Promise<Central> {
  const options = { ...defaults, ...given }
  await migrate(context.sql)
  await renewNumberKeys(context.sql, options.areaCode)
  await settleEpoch(context)
  const watches: CentralWatch[] = []

  const actorProofs = await createActorProofs(context, options)
  const stamper = createStamper(context, result => watches.forEach(watch => watch.stamped(result)), {
    pollMs: options.stampPollMs,
    pauseMs: options.stampPauseMs,
  })
  const feedLag = createFeedLag(context, stamper)
  const changed = () => stamper.kick()
  const identity = await createIdentity(context, { ...options, proofs: actorProofs, changed })
  const policies = createPolicyInForce(context)
  const callbacks = createCallbacks(context, policies, {
    areaCode: options.areaCode,
    sweepMs: options.sweepMs,
    changed,
    watch: {
      posted: results => watches.forEach(watch => watch.callbacks.posted(results)),
      refused: code => watches.forEach(watch => watch.callbacks.refused(code)),
      claimed: result => watches.forEach(watch => watch.callbacks.claimed(result)),
      worked: (event, code) => watches.forEach(watch => watch.callbacks.worked(event, code)),
    },
  })
  const push = createPush(context, {
    areaCode: options.areaCode,
    changed,
    fromSeat: callbacks.fromSeat,
    proofs: actorProofs,
  })
  const lookups = createLookups(context, {
    lookedUp: (kind, result) => watches.forEach(watch => watch.lookups?.lookedUp(kind, result)),
    alarmed: kind => watches.forEach(watch => watch.lookups?.alarmed(kind)),
  })
  const wake = await createWake(context)
  const publications = createPublications(context, () => {
    policies.forget()
    lookups.forget()
    changed()
  })

  return {
    context,
    ...identity,
    actorProofs,
    push: async (device, commands, given) => {
      const results = await push(device, commands, given)
      watches.forEach(watch => watch.pushed(results))
      return results
    },
    changes: createChanges(context, feedLag).page,
    cases: createCases(context, lookups, options),
    lookups,
    numberBlocks: createNumberBlocks(context),
    publications,
    catalogues: createCatalogues(context, publications),
    callbacks,
    presence: createPresence(context),
    intake: createIntake(context, options),
    corrections: createCorrections(context),
    units: createUnits(context, { ...identity, areaCode: options.areaCode, changed }),
    stamper,
    feedLag,
    wake,
    watch: watch => void watches.push(watch),
    close: async () => {
      await callbacks.stop()
      await stamper.stop()
      await wake.stop()
      await identity.endings.stop()
      await identity.passwords.close()
    },
  }
}
