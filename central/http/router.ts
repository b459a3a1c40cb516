/** The contract's procedures, each a few lines over the parts. Who may call them is decided before (access.ts). */
import { implement } from '@orpc/server'
import { centralContract } from '../../shared/contract/central.ts'
import { recordExport } from '../audit/exports.ts'
import type { Central } from '../central.ts'
import { isoNow } from '../context.ts'
import { authorIn, type Credentials, createAdmit, deviceIn, personIn } from './access.ts'
import { createAccountRouter, createAdministrationRouter } from './account-router.ts'
import { createCallbackRouter } from './callback-router.ts'
import { createCatalogueRouter } from './catalogue-router.ts'
import { createIntakeRouter } from './intake-router.ts'
import { createKnowledgeRouter } from './knowledge-router.ts'
import { admitting, tellingRefusals } from './requests.ts'

export function createRouter(central: Central) {
  const { devices, sessions, publications } = central

  const os = implement(centralContract)
    .$context<Credentials>()
    .use(tellingRefusals(central.context.log))
    .use(admitting(createAdmit(central)))

  return os.router({
    enrolments: {
      create: os.enrolments.create.handler(({ input }) => devices.enrol(input)),
      renew: os.enrolments.renew.handler(({ input }) => devices.renew(input)),
    },
    centre: { prove: os.centre.prove.handler(({ input }) => central.centreKey.prove(input.challenge)) },
    devices: { token: os.devices.token.handler(({ input }) => devices.token(input)) },
    sessions: {
      create: os.sessions.create.handler(async ({ input, context }) =>
        sessions.signIn(deviceIn(context.caller), input),
      ),
      refresh: os.sessions.refresh.handler(async ({ input, context }) =>
        sessions.refresh(deviceIn(context.caller), input.refreshToken),
      ),
      end: os.sessions.end.handler(async ({ input, context }) => {
        await sessions.end(deviceIn(context.caller), input.refreshToken)
        return {}
      }),
    },
    commands: {
      push: os.commands.push.handler(async ({ input, context }) => {
        const device = deviceIn(context.caller)
        const { operatorSession } = context
        const live = operatorSession === undefined ? null : await sessions.live(operatorSession, device)
        return {
          results: await central.push(device, input.commands, { live, sentAt: input.sentAt ?? null }),
          serverTime: isoNow(central.context.clock),
        }
      }),
    },
    changes: {
      list: os.changes.list.handler(async ({ input, context }) =>
        central.changes(deviceIn(context.caller), input.cursor, input.limit),
      ),
    },
    callers: {
      get: os.callers.get.handler(async ({ input: { number, callId }, context }) =>
        central.cases.ofCaller(personIn(context.caller), number, callId),
      ),
    },
    cases: {
      get: os.cases.get.handler(async ({ input, context }) =>
        central.cases.get(personIn(context.caller), input.caseId),
      ),
    },
    numberBlocks: {
      lease: os.numberBlocks.lease.handler(async ({ input, context }) =>
        central.numberBlocks.lease(deviceIn(context.caller), input.requestId),
      ),
    },
    publications: {
      list: os.publications.list.handler(() => publications.list()),
      get: os.publications.get.handler(({ input }) => publications.get(input.name, input.version)),
      publish: os.publications.publish.handler(({ input, context }) =>
        publications.publish(input, authorIn(context.caller).id),
      ),
    },
    catalogues: createCatalogueRouter(central),
    callbacks: createCallbackRouter(central),
    presence: {
      tell: os.presence.tell.handler(async ({ input, context }) => {
        const who = personIn(context.caller)
        return { seats: await central.presence.tell(who.device, who.operator.operatorId, input) }
      }),
    },
    intake: createIntakeRouter(central),
    knowledge: createKnowledgeRouter(central),
    audit: {
      alarms: os.audit.alarms.handler(async ({ input, context }) => ({
        alarms: await central.lookups.alarms(personIn(context.caller).operator, input.since),
      })),
      beginExport: os.audit.beginExport.handler(async ({ input, context }) => {
        await recordExport(central.context, personIn(context.caller), input)
        return {}
      }),
    },
    account: createAccountRouter(central),
    administration: createAdministrationRouter(central),
  })
}
