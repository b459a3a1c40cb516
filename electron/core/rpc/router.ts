/** The contract's procedures, each a few lines over the domains. */
import { may } from '../../../shared/domain/permission.ts'
import { normalizeNumber } from '../../../shared/domain/phone-number.ts'
import { isAdministrators } from '../../../shared/domain/settings.ts'
import { liveCalls } from '../calls/live-calls.ts'
import { Refusal } from '../refusal.ts'
import { probeLine, readAuthorities } from '../settings/line-probe.ts'
import { assistProcedures } from './assist-procedures.ts'
import { attachmentProcedures } from './attachment-procedures.ts'
import { callbackProcedures } from './callback-procedures.ts'
import { caseProcedures } from './case-procedures.ts'
import type { CoreParts } from './core-parts.ts'
import { dispatchProcedures } from './dispatch-procedures.ts'
import { dispositionProcedures } from './disposition-procedures.ts'
import { enterpriseProcedures } from './enterprise-procedures.ts'
import { audible } from './events.ts'
import { createGate } from './gate.ts'
import { identityProcedures } from './identity-procedures.ts'
import { intakeProcedures } from './intake-procedures.ts'
import { languageModelProcedures } from './language-model-procedures.ts'
import { ownMissedProcedures } from './own-missed-procedures.ts'
import { createProcedures } from './procedures.ts'
import { relationProcedures } from './relation-procedures.ts'
import { syncProcedures } from './sync-procedures.ts'

export function createRouter(parts: CoreParts) {
  const {
    context,
    store,
    identity,
    settings,
    catalogue,
    drafts,
    calls,
    seatStates,
    callWatch,
    audit,
    training,
  } = parts

  const gate = createGate(parts)
  const os = createProcedures(context.log, gate)
  /** Null only where a procedure answers nobody, too. */
  const operatorId = () => identity.current(store.db())?.operatorId ?? null
  const operator = () => identity.required(store.db())
  const number = (raw: string | null) => {
    const { areaCode } = settings.effective(store.db())
    return normalizeNumber(raw, { areaCode })
  }

  return os.router({
    seat: {
      status: os.seat.status.handler(() => parts.status()),
      events: os.seat.events.handler(({ signal }) => audible(parts.subscribe(signal), gate.hears)),
    },
    vault: {
      create: os.vault.create.handler(async ({ input }) => {
        await store.create(input.passphrase)
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
    identity: identityProcedures(os, parts),
    settings: {
      get: os.settings.get.handler(() => {
        const db = store.db()
        return identity.access(db) === 'nobody' ? settings.gateView(db) : settings.view(db)
      }),
      save: os.settings.save.handler(({ input }) => {
        const by = operator()
        const names = [
          ...Object.keys(input.settings),
          ...(input.extensionSecret === undefined ? [] : ['extensionSecret']),
          ...(input.languageModelKey === undefined ? [] : ['languageModelKey']),
        ]
        const allowed = may(by.role, 'seat.configure') || !names.some(isAdministrators)
        store.write(db => {
          if (allowed) settings.save(db, input)
          for (const subjectId of names)
            audit.append(db, {
              operatorId: by.operatorId,
              action: 'setting.save',
              subjectKind: 'setting',
              subjectId,
              result: allowed ? 'done' : 'refused',
            })
        })
        if (!allowed) throw new Refusal('FORBIDDEN', undefined, '连接和通话规则由管理员设置，您不能修改')
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
    dispatch: dispatchProcedures(os, parts),
    dispositions: dispositionProcedures(os, parts),
    ...caseProcedures(os, parts, number),
    relations: relationProcedures(os, parts),
    assist: assistProcedures(os, parts, number),
    callbacks: callbackProcedures(os, parts),
    ownMissed: ownMissedProcedures(os, parts),
    intake: intakeProcedures(os, parts),
    enterprise: enterpriseProcedures(os, parts),
    languageModel: languageModelProcedures(os, parts),
    attachments: attachmentProcedures(os, parts),
    sync: syncProcedures(os, parts),
    calls: {
      report: os.calls.report.handler(({ input, context: caller }) => {
        const record = store.write(db =>
          calls.report(db, operatorId(), input.callId, input.events, input.caseId),
        )
        callWatch.reported(caller.connection, input.callId, record?.state === 'ended')
        context.publish({ type: 'calls-changed' })
        parts.callbackOutcomes.callReported(record)
        parts.ownMissed.reported(record)
        // Another's call that goes on here is recorded to its end, and told to nobody else.
        const by = operatorId()
        return by !== null && record?.operatorId === by ? record : null
      }),
      list: os.calls.list.handler(({ input }) =>
        calls.list(store.db(), operator().operatorId, input.limit, input.before),
      ),
      keepDialog: os.calls.keepDialog.handler(({ input }) => {
        store.write(db => liveCalls.keepDialog(db, input.callId, input.dialog))
        return {}
      }),
      lost: os.calls.lost.handler(() => {
        const db = store.db()
        const by = operator().operatorId
        return callWatch.unclaimed().flatMap(callId => {
          const record = calls.get(db, callId)
          // Another's call is not taken back by whoever sits here now.
          const isOwn = record?.operatorId === null || record?.operatorId === by
          return record === null || record.state === 'ended' || !isOwn
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
        const since = new Date(context.clock.now() - 7 * 24 * 3_600_000).toISOString()
        return calls.unfiled(store.db(), operator().operatorId, since)
      }),
    },
    seatState: {
      get: os.seatState.get.handler(() => seatStates.last(store.db(), operator().operatorId)),
      report: os.seatState.report.handler(({ input }) => {
        const by = operator().operatorId
        store.write(db => seatStates.keep(db, by, input.state))
        parts.presence.changed()
        return {}
      }),
    },
    presence: { list: os.presence.list.handler(() => parts.presence.list()) },
    drafts: {
      list: os.drafts.list.handler(() => drafts.list(store.db(), operator().operatorId)),
      others: os.drafts.others.handler(() => ({ count: drafts.others(store.db(), operator().operatorId) })),
      open: os.drafts.open.handler(({ input }) => {
        const { divisionCode } = settings.effective(store.db())
        const by = operator().operatorId
        const draft = store.write(db => drafts.open(db, by, { ...input, divisionCode }))
        context.publish({ type: 'drafts-changed' })
        return draft
      }),
      save: os.drafts.save.handler(({ input }) => {
        const by = operator().operatorId
        return store.write(db => drafts.save(db, by, input))
      }),
      discard: os.drafts.discard.handler(({ input }) => {
        const by = operator().operatorId
        store.write(db => {
          drafts.discard(db, by, input.draftId)
          parts.catalogueParts.dispatches.forget(db, input.draftId)
          parts.cases.relations.forget(db, input.draftId)
        })
        context.publish({ type: 'drafts-changed' })
        return {}
      }),
    },
    training: {
      scripts: os.training.scripts.handler(() => training.scripts()),
      startCall: os.training.startCall.handler(({ input }) => training.startCall(input.scriptId, input.from)),
      call: os.training.call.handler(({ input }) => training.call(input.callId)),
    },
  })
}
