import * as firstTables from './10-first-tables.ts'
import * as liveCalls from './20-live-calls.ts'
import * as sync from './30-sync.ts'
import * as callbacks from './40-callbacks.ts'
import * as dispatch from './41-dispatch.ts'
import * as loop from './42-loop.ts'
import * as callerProfiles from './46-caller-profiles.ts'
import * as intakeFiles from './47-intake-files.ts'
import * as relations from './49-relations.ts'
import * as enterpriseLedger from './51-enterprise-ledger.ts'
import * as languageModel from './52-language-model.ts'
import * as actorKeys from './60-actor-keys.ts'
import * as access from './62-access.ts'
import * as localAccounts from './64-local-accounts.ts'
import * as progressCode from './66-progress-code.ts'

export type Migration = { id: number; sql: string }

/** In order; forward only. The last one's number is the version of the database that this program writes. */
export const migrations: readonly Migration[] = [
  firstTables,
  liveCalls,
  sync,
  callbacks,
  dispatch,
  loop,
  callerProfiles,
  intakeFiles,
  relations,
  enterpriseLedger,
  languageModel,
  actorKeys,
  access,
  localAccounts,
  progressCode,
]
