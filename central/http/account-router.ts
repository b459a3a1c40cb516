/** Accounts, devices and keys: what people do for themselves, and administrators for others. */
import { implement } from '@orpc/server'
import { accountRoutes, administrationRoutes } from '../../shared/contract/central-accounts.ts'
import { mayManage, worksFor } from '../../shared/domain/permission.ts'
import type { Central } from '../central.ts'
import { Refusal } from '../refusal.ts'
import { type Caller, type Credentials, createAdmit, deviceIn, personIn } from './access.ts'
import { admitting, tellingRefusals } from './requests.ts'

export function createAccountRouter(central: Central) {
  const { sessions } = central
  const os = implement(accountRoutes)
    .$context<Credentials>()
    .use(tellingRefusals(central.context.log))
    .use(admitting(createAdmit(central)))

  /** By the ticket of a sign-in that is half done, else by the live session. */
  const whoever = async (context: Credentials & { caller: Caller }, ticket: string | undefined) => {
    const device = deviceIn(context.caller)
    if (ticket !== undefined) return { device, who: { ticket } }
    if (context.operatorSession === undefined) throw new Refusal('TICKET_INVALID')
    return { device, who: await sessions.of(context.operatorSession, device) }
  }

  return os.router({
    changePassword: os.changePassword.handler(async ({ input, context }) => {
      const { device, ...live } = personIn(context.caller)
      return sessions.changePassword(device, live, input)
    }),
    replacePassword: os.replacePassword.handler(async ({ input, context }) =>
      sessions.replacePassword(deviceIn(context.caller), input),
    ),
    beginSecondFactor: os.beginSecondFactor.handler(async ({ input, context }) => {
      const { device, who } = await whoever(context, input.ticket)
      return sessions.beginSecondFactor(device, who)
    }),
    confirmSecondFactor: os.confirmSecondFactor.handler(async ({ input, context }) => {
      const { device, who } = await whoever(context, input.ticket)
      return sessions.confirmSecondFactor(device, who, input.code)
    }),
  })
}

export function createAdministrationRouter(central: Central) {
  const { devices, operators, apiKeys, secondFactors } = central
  const os = implement(administrationRoutes)
    .$context<Credentials>()
    .use(tellingRefusals(central.context.log))
    .use(admitting(createAdmit(central)))

  /** A person whom this administrator may not change looks as if there were none. */
  const managed = async (caller: Caller, operatorId: string) => {
    const { operator } = personIn(caller)
    const person = await operators.find(operatorId)
    if (person === null || !mayManage(operator, person, person)) throw new Refusal('NOT_FOUND')
    return operator.operatorId
  }

  return os.router({
    saveOperator: os.saveOperator.handler(async ({ input, context }) => {
      const { password, ...person } = input
      return operators.save(person, password, personIn(context.caller).operator, 'temporary')
    }),
    enrolmentCode: os.enrolmentCode.handler(async ({ input, context }) => {
      const { operator } = personIn(context.caller)
      if (!worksFor(operator, input.branch)) throw new Refusal('FORBIDDEN')
      return devices.enrolmentCode(input.branch, operator.operatorId)
    }),
    devices: os.devices.handler(async ({ context }) => {
      const { operator } = personIn(context.caller)
      return { devices: await devices.list(operator.allBranches === true ? null : operator.branch) }
    }),
    revokeDevice: os.revokeDevice.handler(async ({ input, context }) => {
      const { operator } = personIn(context.caller)
      const found = await devices.find(input.clientId)
      if (found === null || !worksFor(operator, found.branch)) throw new Refusal('NOT_FOUND')
      return devices.revoke(input.clientId, operator.operatorId)
    }),
    apiKeys: os.apiKeys.handler(async () => ({ keys: await apiKeys.list() })),
    revokeApiKey: os.revokeApiKey.handler(async ({ input, context }) =>
      apiKeys.revoke(input.keyId, personIn(context.caller).operator.operatorId),
    ),
    openSecondFactor: os.openSecondFactor.handler(async ({ input, context }) =>
      secondFactors.open(input.operatorId, await managed(context.caller, input.operatorId)),
    ),
    resetSecondFactor: os.resetSecondFactor.handler(async ({ input, context }) => {
      await secondFactors.reset(input.operatorId, await managed(context.caller, input.operatorId))
      return {}
    }),
  })
}
