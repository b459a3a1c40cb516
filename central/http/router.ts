/** The contract's procedures, each a few lines over the parts. Refusals leave here with their code and sentence. */
import { implement } from '@orpc/server'
import { centralContract } from '../../shared/contract/central.ts'
import type { Central } from '../central.ts'
import { isoNow } from '../context.ts'
import { createCallbackRouter } from './callback-router.ts'
import { createCatalogueRouter } from './catalogue-router.ts'
import { createIntakeRouter } from './intake-router.ts'
import { createKnowledgeRouter } from './knowledge-router.ts'
import { type Credentials, createWho, tellingRefusals } from './requests.ts'

export function createRouter(central: Central) {
  const { devices, sessions, apiKeys, publications } = central
  const { device, both } = createWho(central)

  const os = implement(centralContract).$context<Credentials>().use(tellingRefusals(central.context.log))

  return os.router({
    enrolments: {
      create: os.enrolments.create.handler(({ input }) => devices.enrol(input)),
      renew: os.enrolments.renew.handler(async ({ input, context }) =>
        devices.renew(await device(context), input.reason),
      ),
    },
    centre: { prove: os.centre.prove.handler(({ input }) => central.centreKey.prove(input.challenge)) },
    devices: { token: os.devices.token.handler(({ input }) => devices.token(input)) },
    sessions: {
      create: os.sessions.create.handler(async ({ input, context }) =>
        sessions.signIn(await device(context), input),
      ),
      refresh: os.sessions.refresh.handler(async ({ input, context }) =>
        sessions.refresh(await device(context), input.refreshToken),
      ),
      end: os.sessions.end.handler(async ({ input, context }) => {
        await sessions.end(await device(context), input.refreshToken)
        return {}
      }),
    },
    commands: {
      push: os.commands.push.handler(async ({ input, context }) => {
        const from = await device(context)
        const { operatorSession } = context
        const live = operatorSession === undefined ? null : await sessions.live(operatorSession, from)
        return {
          results: await central.push(from, input.commands, { live, sentAt: input.sentAt ?? null }),
          serverTime: isoNow(central.context.clock),
        }
      }),
    },
    changes: {
      list: os.changes.list.handler(async ({ input, context }) =>
        central.changes(await device(context), input.cursor, input.limit),
      ),
    },
    callers: {
      get: os.callers.get.handler(async ({ input, context }) => {
        const who = await both(context)
        return central.cases.ofCaller(who.operator, input.number)
      }),
    },
    cases: {
      get: os.cases.get.handler(async ({ input, context }) => {
        const who = await both(context)
        return central.cases.get(who.device, who.operator, input.caseId)
      }),
    },
    numberBlocks: {
      lease: os.numberBlocks.lease.handler(async ({ input, context }) =>
        central.numberBlocks.lease(await device(context), input.requestId),
      ),
    },
    publications: {
      list: os.publications.list.handler(async ({ context }) => {
        await device(context)
        return publications.list()
      }),
      get: os.publications.get.handler(async ({ input, context }) => {
        await device(context)
        return publications.get(input.name, input.version)
      }),
      publish: os.publications.publish.handler(async ({ input, context }) => {
        const by =
          context.apiKey === undefined
            ? (await both(context, 'publication.publish')).operator.operatorId
            : `key:${await apiKeys.check(context.apiKey, 'publication.publish')}`
        return publications.publish(input, by)
      }),
    },
    catalogues: createCatalogueRouter(central),
    callbacks: createCallbackRouter(central),
    presence: {
      tell: os.presence.tell.handler(async ({ input, context }) => {
        const who = await both(context)
        return { seats: await central.presence.tell(who.device, who.operator.operatorId, input) }
      }),
    },
    intake: createIntakeRouter(central),
    knowledge: createKnowledgeRouter(central),
    administration: {
      saveOperator: os.administration.saveOperator.handler(async ({ input, context }) => {
        const who = await both(context, 'operator.manage')
        const { password, ...person } = input
        return central.operators.save(person, password, who.operator.operatorId)
      }),
      enrolmentCode: os.administration.enrolmentCode.handler(async ({ input, context }) => {
        const who = await both(context, 'seat.enrol')
        return devices.enrolmentCode(input.branch, who.operator.operatorId)
      }),
    },
  })
}
