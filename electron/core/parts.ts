/** The parts that keep the seat's records, wired to each other. */
import type { SignCommand } from '../../shared/domain/command-proof.ts'
import { createAudit } from './audit/audit.ts'
import { numberBeingDialled } from './callbacks/in-hand.ts'
import { createTaskStore } from './callbacks/task-store.ts'
import { createCallerProfiles } from './calls/caller-profiles.ts'
import { createCalls } from './calls/calls.ts'
import { createSeatStates } from './calls/seat-states.ts'
import { mayShow, rowOf } from './cases/case-rows.ts'
import { type CaseParts, createCases } from './cases/cases.ts'
import { createDrafts } from './cases/drafts.ts'
import { createRenumber } from './cases/renumber.ts'
import { createReplayed } from './cases/replayed.ts'
import { insertSearchRow, renewSearchRow } from './cases/search.ts'
import type { Clock, Random } from './context.ts'
import { createIdentity } from './identity/identity.ts'
import { createCorrections } from './knowledge/corrections.ts'
import type { Database } from './storage/database.ts'
import { readState, writeState } from './storage/local-state.ts'
import type { ApplyParts } from './sync/apply-changes.ts'
import { createOutbox } from './sync/outbox.ts'
import { createUnsent } from './sync/unsent.ts'

export function createParts(given: {
  clock: Clock
  random: Random
  catalogue: CaseParts['catalogue']
  dispositions: CaseParts['dispositions']
  numberKey(raw: string): string | null
  sign: SignCommand
  /** Something new waits in the outbox. */
  appended(): void
}) {
  const { clock, random, catalogue, dispositions, numberKey } = given
  const clientId = (db: Database): string => {
    const known = readState(db, 'client-id')
    if (known !== null) return known
    const made = random.uuid()
    writeState(db, 'client-id', made)
    return made
  }
  const audit = createAudit({ clock })
  const kept = createOutbox({ clock, random, clientId, sign: given.sign })
  const outbox: typeof kept = {
    ...kept,
    append: (db, command) => {
      const appended = kept.append(db, command)
      given.appended()
      return appended
    },
  }
  const identity = createIdentity({ clock, random, audit })
  const drafts = createDrafts({ clock, random, audit, outbox })
  const calls = createCalls({ clock, audit, outbox, numberKey, callingBack: numberBeingDialled })
  const linkCall = calls.linkCase
  const cases = createCases({
    clock,
    audit,
    outbox,
    drafts,
    catalogue,
    dispositions,
    numberKey,
    random,
    linkCall,
  })
  const seatStates = createSeatStates({ clock, outbox })
  const callerProfiles = createCallerProfiles({ clock, audit, outbox })

  const corrections = createCorrections({ audit, outbox })

  const renumber = createRenumber({ clock, random, outbox, catalogue })
  const replayed = createReplayed({ clock, catalogue, numberKey, renumber })
  const unsent = createUnsent({
    audit,
    outbox,
    renumber,
    decided: replayed.decided,
    mayRead: (db, caseId) => mayShow(db, identity.current(db), caseId),
    remark: (db, by, caseId, text) => {
      const operator = identity.find(db, by)
      const requestId = random.uuid()
      if (operator !== null && rowOf(db, caseId) !== undefined)
        return void cases.addRemark(db, operator, { caseId, requestId, text })
      // The case is out of this seat's sight: the centre has it all the same.
      const args = { entryId: requestId, text }
      outbox.append(db, { name: 'case.addRemark', operatorId: by, caseId, args, baseVersion: null })
    },
  })
  const callbackTasks = createTaskStore()
  /** For the pull: how a case that came from the centre is found and numbered here. */
  const apply: ApplyParts = {
    numberKey,
    renumber,
    callbacks: callbackTasks,
    relationRefused: cases.relations.refused,
    searchRow: (db, row, isNew) => (isNew ? insertSearchRow : renewSearchRow)(db, row, catalogue),
  }
  const { taken } = replayed
  return {
    audit,
    outbox,
    identity,
    drafts,
    calls,
    cases,
    seatStates,
    callerProfiles,
    corrections,
    unsent,
    apply,
    callbackTasks,
    taken,
    clientId,
  }
}
