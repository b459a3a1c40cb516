/** Accounts, devices and keys: what people do for themselves, and administrators for others. */
import { implement } from '@orpc/server'
import { accountRoutes, administrationRoutes } from '../../shared/contract/central-accounts.ts'
import { worksFor } from '../../shared/domain/permission.ts'
import type { Central } from '../central.ts'
import { Refusal } from '../refusal.ts'
import { type Credentials, createWho, tellingRefusals } from './requests.ts'

export function createAccountRouter(central: Central) {
  const { sessions } = central
  const { device, both } = createWho(central)
  const os = implement(accountRoutes).$context<Credentials>().use(tellingRefusals(central.context.log))

  /** By the ticket of a sign-in that is half done, else by the live session. */
  const whoever = async (context: Credentials, ticket: string | undefined) => {
    if (ticket !== undefined) return { device: await device(context), who: { ticket } }
    const { device: at, ...who } = await both(context)
    return { device: at, who }
  }

  return os.router({
    changePassword: os.changePassword.handler(async ({ input, context }) => {
      const { device: at, ...live } = await both(context)
      return sessions.changePassword(at, live, input)
    }),
    replacePassword: os.replacePassword.handler(async ({ input, context }) =>
      sessions.replacePassword(await device(context), input),
    ),
    beginSecondFactor: os.beginSecondFactor.handler(async ({ input, context }) => {
      const it = await whoever(context, input.ticket)
      return sessions.beginSecondFactor(it.device, it.who)
    }),
    confirmSecondFactor: os.confirmSecondFactor.handler(async ({ input, context }) => {
      const it = await whoever(context, input.ticket)
      return sessions.confirmSecondFactor(it.device, it.who, input.code)
    }),
  })
}

export function createAdministrationRouter(central: Central) {
  const { devices, operators, apiKeys, secondFactors } = central
  const { both } = createWho(central)
  const os = implement(administrationRoutes).$context<Credentials>().use(tellingRefusals(central.context.log))

  const cityWide = async (context: Credentials) => {
    const { operator } = await both(context, 'operator.manage')
    if (operator.allBranches !== true) throw new Refusal('FORBIDDEN')
    return operator
  }
  /** Whose account it is: a person of another branch looks as if there were none. */
  const administratorOf = async (context: Credentials, operatorId: string) => {
    const { operator } = await both(context, 'operator.manage')
    const branch = await operators.branchOf(operatorId)
    if (branch === null || !worksFor(operator, branch)) throw new Refusal('NOT_FOUND')
    return operator.operatorId
  }

  return os.router({
    saveOperator: os.saveOperator.handler(async ({ input, context }) => {
      const who = await both(context, 'operator.manage')
      const { password, ...person } = input
      return operators.save(person, password, who.operator.operatorId, 'temporary')
    }),
    enrolmentCode: os.enrolmentCode.handler(async ({ input, context }) => {
      const who = await both(context, 'seat.enrol')
      return devices.enrolmentCode(input.branch, who.operator.operatorId)
    }),
    devices: os.devices.handler(async ({ context }) => {
      const { operator } = await both(context, 'seat.enrol')
      return { devices: await devices.list(operator.allBranches === true ? null : operator.branch) }
    }),
    revokeDevice: os.revokeDevice.handler(async ({ input, context }) => {
      const { operator } = await both(context, 'seat.enrol')
      const found = await devices.find(input.clientId)
      if (found === null || !worksFor(operator, found.branch)) throw new Refusal('NOT_FOUND')
      return devices.revoke(input.clientId, operator.operatorId)
    }),
    apiKeys: os.apiKeys.handler(async ({ context }) => {
      await cityWide(context)
      return { keys: await apiKeys.list() }
    }),
    revokeApiKey: os.revokeApiKey.handler(async ({ input, context }) =>
      apiKeys.revoke(input.keyId, (await cityWide(context)).operatorId),
    ),
    openSecondFactor: os.openSecondFactor.handler(async ({ input, context }) =>
      secondFactors.open(input.operatorId, await administratorOf(context, input.operatorId)),
    ),
    resetSecondFactor: os.resetSecondFactor.handler(async ({ input, context }) => {
      await secondFactors.reset(input.operatorId, await administratorOf(context, input.operatorId))
      return {}
    }),
  })
}
