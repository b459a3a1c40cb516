/** The contract's procedures, each a few lines over the domains. Refusals leave here with their code and sentence. */
import { implement, ORPCError } from '@orpc/server'
import { seatErrors } from '../../../shared/contract/errors.ts'
import { type SeatEvent, type SeatStatus, seatContract } from '../../../shared/contract/seat.ts'
import { normalizeNumber } from '../../../shared/domain/phone-number.ts'
import type { Audit } from '../audit/audit.ts'
import type { CallWatch } from '../calls/call-watch.ts'
import type { Calls } from '../calls/calls.ts'
import { liveCalls } from '../calls/live-calls.ts'
import type { SeatStates } from '../calls/seat-states.ts'
import type { Cases } from '../cases/cases.ts'
import type { Drafts } from '../cases/drafts.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import type { CoreContext } from '../context.ts'
import type { Identity } from '../identity/identity.ts'
import { Refusal } from '../refusal.ts'
import { probeLine, readAuthorities } from '../settings/line-probe.ts'
import type { Settings } from '../settings/settings.ts'
import { errorCode } from '../storage/failure.ts'
import type { Store } from '../storage/store.ts'
import type { Training } from '../training/training.ts'

export type CoreParts = {
  context: CoreContext
  store: Store
  identity: Identity
  settings: Settings
  catalogue: Catalogue
  drafts: Drafts
  cases: Cases
  calls: Calls
  seatStates: SeatStates
  callWatch: CallWatch
  audit: Audit
  training: Training
  status(): SeatStatus
  statusChanged(): void
  settingsChanged(): void
  subscribe(signal: AbortSignal | undefined): AsyncGenerator<SeatEvent>
}

/** What a procedure knows of its caller. */
export type Caller = { connection: number }

export function createRouter(parts: CoreParts) {
  const {
    context,
    store,
    identity,
    settings,
    catalogue,
    drafts,
    cases,
    calls,
    seatStates,
    callWatch,
    audit,
    training,
  } = parts

  const os = implement(seatContract)
    .$context<Caller>()
    .use(async ({ next, path }) => {
      try {
        return await next()
      } catch (error) {
        throw told(error, path.join('.'))
      }
    })

  const told = (error: unknown, procedure: string): unknown => {
    if (error instanceof ORPCError) return error
    if (error instanceof Refusal) {
      return new ORPCError(error.code, { message: seatErrors[error.code].message, data: error.data })
    }
    context.log.error(
      { procedure, code: errorCode(error), kind: error instanceof Error ? error.name : typeof error },
      'failed',
    )
    return new ORPCError('INTERNAL_SERVER_ERROR', {
      message: '本机服务出错，内容仍在页面上；请重试或联系管理员',
    })
  }

  const operatorId = () => identity.current(store.db())?.operatorId ?? null
  const number = (raw: string | null) => {
    const { areaCode } = settings.effective(store.db())
    return normalizeNumber(raw, { areaCode })
  }

  return os.router({
    seat: {
      status: os.seat.status.handler(() => parts.status()),
      events: os.seat.events.handler(({ signal }) => parts.subscribe(signal)),
    },
    vault: {
      create: os.vault.create.handler(({ input }) => {
        store.create(input.passphrase)
        return store.status()
      }),
      unlock: os.vault.unlock.handler(({ input }) => {
        store.unlock(input.passphrase)
        return store.status()
      }),
      retry: os.vault.retry.handler(async () => {
        await store.open()
        return store.status()
      }),
      copyFiles: os.vault.copyFiles.handler(() => ({ folder: store.copyFiles() })),
    },
    identity: {
      list: os.identity.list.handler(() => identity.list(store.db())),
      create: os.identity.create.handler(({ input }) => store.write(db => identity.create(db, input))),
      signIn: os.identity.signIn.handler(({ input }) => {
        const operator = store.write(db => identity.signIn(db, input.operatorId))
        parts.statusChanged()
        return operator
      }),
      signOut: os.identity.signOut.handler(() => {
        store.write(db => identity.signOut(db))
        parts.statusChanged()
        return {}
      }),
    },
    settings: {
      get: os.settings.get.handler(() => settings.view(store.db())),
      save: os.settings.save.handler(({ input }) => {
        store.write(db => {
          settings.save(db, input)
          for (const name of [
            ...Object.keys(input.settings),
            ...(input.extensionSecret === undefined ? [] : ['extensionSecret']),
          ]) {
            const subject = { subjectKind: 'setting', subjectId: name } as const
            audit.append(db, { operatorId: operatorId(), action: 'setting.save', ...subject, result: 'done' })
          }
        })
        parts.settingsChanged()
        return settings.view(store.db())
      }),
      lineFault: os.settings.lineFault.handler(async ({ input }) => {
        const { exchangeUrl, backupExchangeUrl, authorityFile } = settings.effective(store.db())
        // Only the exchanges that are configured: this is no way to look around in a network.
        if (input.url === '' || ![exchangeUrl, backupExchangeUrl].includes(input.url)) return { fault: null }
        return { fault: await probeLine(input.url, readAuthorities(authorityFile)) }
      }),
      phoneCredentials: os.settings.phoneCredentials.handler(() => settings.phoneCredentials(store.db())),
    },
    catalogue: { get: os.catalogue.get.handler(() => catalogue.get()) },
    callers: {
      lookup: os.callers.lookup.handler(({ input }) => {
        const db = store.db()
        const { key, display, kind, extension, dialable } = number(input.number)
        const ofCalls =
          key === null
            ? { calls: [], callCount: 0, missedCount: 0 }
            : calls.ofNumber(db, key, input.excludeCallId, 10)
        const ofCases =
          key === null
            ? { cases: [], caseCount: 0, openCaseCount: 0, knownName: '' }
            : cases.ofNumber(db, key, 20)
        return {
          number: { raw: input.number ?? '', key, display, kind, extension, dialable },
          ...ofCases,
          ...ofCalls,
          localOnly: true,
        }
      }),
    },
    calls: {
      report: os.calls.report.handler(({ input, context: caller }) => {
        const record = store.write(db => calls.report(db, operatorId(), input.callId, input.events))
        callWatch.reported(caller.connection, input.callId, record?.state === 'ended')
        context.publish({ type: 'calls-changed' })
        return record
      }),
      list: os.calls.list.handler(({ input }) => calls.list(store.db(), input.limit, input.before)),
      keepDialog: os.calls.keepDialog.handler(({ input }) => {
        store.write(db => liveCalls.keepDialog(db, input.callId, input.dialog))
        return {}
      }),
      lost: os.calls.lost.handler(() => {
        const db = store.db()
        return callWatch.unclaimed().flatMap(callId => {
          const record = calls.get(db, callId)
          return record === null || record.state === 'ended'
            ? []
            : [{ record, dialog: liveCalls.dialog(db, callId) }]
        })
      }),
      keepEvidence: os.calls.keepEvidence.handler(({ input }) => {
        store.write(db => liveCalls.keepEvidence(db, input.callId, input.evidence))
        return {}
      }),
      evidence: os.calls.evidence.handler(({ input }) => {
        const db = store.db()
        const bundle = liveCalls.bundle(db, calls.get(db, input.callId))
        const subject = { subjectKind: 'call', subjectId: input.callId } as const
        store.write(own =>
          audit.append(own, {
            operatorId: operatorId(),
            action: 'call.exportEvidence',
            ...subject,
            result: 'done',
          }),
        )
        return bundle
      }),
      unfiled: os.calls.unfiled.handler(() => {
        const by = operatorId()
        const since = new Date(context.clock.now() - 7 * 24 * 3_600_000).toISOString()
        return by === null ? [] : calls.unfiled(store.db(), by, since)
      }),
    },
    seatState: {
      get: os.seatState.get.handler(() => {
        const by = operatorId()
        return by === null ? null : seatStates.last(store.db(), by)
      }),
      report: os.seatState.report.handler(({ input }) => {
        const by = operatorId()
        if (by !== null) store.write(db => seatStates.keep(db, by, input.state))
        return {}
      }),
    },
    drafts: {
      list: os.drafts.list.handler(() => drafts.list(store.db())),
      open: os.drafts.open.handler(({ input }) => {
        const { divisionCode } = settings.effective(store.db())
        const by = operatorId()
        const draft = store.write(db => drafts.open(db, by, { ...input, divisionCode }))
        context.publish({ type: 'drafts-changed' })
        return draft
      }),
      save: os.drafts.save.handler(({ input }) => ({ revision: store.write(db => drafts.save(db, input)) })),
      discard: os.drafts.discard.handler(({ input }) => {
        const by = operatorId()
        store.write(db => drafts.discard(db, by, input.draftId))
        context.publish({ type: 'drafts-changed' })
        return {}
      }),
    },
    cases: {
      submit: os.cases.submit.handler(({ input }) => {
        const operator = identity.required(store.db())
        const filed = store.write(db => cases.submit(db, operator, input))
        context.publish({ type: 'cases-changed' })
        context.publish({ type: 'drafts-changed' })
        parts.statusChanged()
        return filed
      }),
      list: os.cases.list.handler(({ input }) => cases.list(store.db(), operatorId(), input)),
      get: os.cases.get.handler(({ input }) => cases.get(store.db(), input.caseId)),
      addRemark: os.cases.addRemark.handler(({ input }) => {
        const operator = identity.required(store.db())
        const changed = store.write(db => cases.addRemark(db, operator, input))
        context.publish({ type: 'cases-changed' })
        parts.statusChanged()
        return changed
      }),
    },
    training: {
      scripts: os.training.scripts.handler(() => training.scripts()),
      startCall: os.training.startCall.handler(({ input }) => training.startCall(input.scriptId, input.from)),
      call: os.training.call.handler(({ input }) => training.call(input.callId)),
    },
  })
}
