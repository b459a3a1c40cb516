/** What the procedures are written over. */
import type { SeatEvent, SeatStatus, SyncStatus } from '../../../shared/contract/seat.ts'
import type { Assist } from '../assist/assist.ts'
import type { Attachments } from '../attachments/attachments.ts'
import type { Uploads } from '../attachments/upload.ts'
import type { Audit } from '../audit/audit.ts'
import type { Callbacks } from '../callbacks/callbacks.ts'
import type { Outcomes } from '../callbacks/outcomes.ts'
import type { OwnMissed } from '../callbacks/own-missed.ts'
import type { CallWatch } from '../calls/call-watch.ts'
import type { CallerProfiles } from '../calls/caller-profiles.ts'
import type { Calls } from '../calls/calls.ts'
import type { SeatStates } from '../calls/seat-states.ts'
import type { Cases } from '../cases/cases.ts'
import type { Drafts } from '../cases/drafts.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import type { CatalogueParts } from '../catalogue/catalogue-parts.ts'
import type { CoreContext } from '../context.ts'
import type { Dispositions } from '../dispositions/dispositions.ts'
import type { EnterpriseLedger } from '../enterprise/enterprise-ledger.ts'
import type { ActorKeys } from '../identity/actor-keys.ts'
import type { Identity } from '../identity/identity.ts'
import type { SignIn } from '../identity/sign-in.ts'
import type { Intake } from '../intake/intake.ts'
import type { Corrections } from '../knowledge/corrections.ts'
import type { LanguageModel } from '../language-model/language-model.ts'
import type { Lookups } from '../lookups/lookups.ts'
import type { Presence } from '../presence/presence.ts'
import type { Settings } from '../settings/settings.ts'
import type { Store } from '../storage/store.ts'
import type { Centre } from '../sync/centre.ts'
import type { Unsent } from '../sync/unsent.ts'
import type { UnsentFile } from '../sync/unsent-file.ts'
import type { Training } from '../training/training.ts'

export type CoreParts = {
  context: CoreContext
  store: Store
  identity: Identity
  settings: Settings
  catalogue: Catalogue
  catalogueParts: CatalogueParts
  dispositions: Dispositions
  drafts: Drafts
  cases: Cases
  calls: Calls
  seatStates: SeatStates
  callerProfiles: CallerProfiles
  presence: Presence
  callWatch: CallWatch
  lookups: Lookups
  audit: Audit
  training: Training
  attachments: Attachments
  uploads: Uploads
  centre: Centre
  assist: Pick<Assist, 'ask'>
  corrections: Corrections
  callbacks: Callbacks
  intake: Intake
  enterpriseLedger: EnterpriseLedger
  languageModel: LanguageModel
  callbackOutcomes: Pick<Outcomes, 'callReported' | 'caseFiled'>
  ownMissed: OwnMissed
  sync: {
    status(): SyncStatus
    now(): void
    enrol(code: string): Promise<SyncStatus>
    atOtherCentre(): boolean
  }
  unsent: Unsent
  unsentFile: UnsentFile
  signIn: SignIn
  actorKeys: ActorKeys
  status(): SeatStatus
  statusChanged(): void
  settingsChanged(): void
  subscribe(signal: AbortSignal | undefined): AsyncGenerator<SeatEvent>
}
