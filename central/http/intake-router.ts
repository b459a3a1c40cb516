/** The intake's procedures, each a line over the list. */
import { implement } from '@orpc/server'
import { intakeRoutes } from '../../shared/contract/central-intake.ts'
import type { Central } from '../central.ts'
import { isoNow } from '../context.ts'
import { Refusal } from '../refusal.ts'
import { type Credentials, createWho, tellingRefusals } from './requests.ts'

export function createIntakeRouter(central: Central) {
  const { intake, apiKeys, context: parts } = central
  const { both } = createWho(central)
  const channel = ({ apiKey }: Credentials) => {
    if (apiKey === undefined) throw new Refusal('UNAUTHENTICATED')
    return apiKeys.check(apiKey, 'intake.post')
  }
  const writer = (context: Credentials) => both(context, 'case.write')

  const os = implement(intakeRoutes).$context<Credentials>().use(tellingRefusals(parts.log))

  return os.router({
    post: os.post.handler(async ({ input: { channelId, attachments, ...content }, context }) =>
      intake.post(await channel(context), channelId, content, attachments),
    ),
    progress: os.progress.handler(async ({ input, context }) => {
      await channel(context)
      const found = await intake.progress(input.number, input.code)
      if (found === null) throw new Refusal('NOT_FOUND')
      return found
    }),
    list: os.list.handler(async ({ context }) => {
      await writer(context)
      return { items: await intake.list(), serverTime: isoNow(parts.clock) }
    }),
    claim: os.claim.handler(async ({ input, context }) =>
      intake.claim(await writer(context), input.intakeId),
    ),
    release: os.release.handler(async ({ input, context }) => {
      await intake.release(await writer(context), input.intakeId, input.fence)
      return {}
    }),
    filed: os.filed.handler(async ({ input, context }) => {
      await intake.filed(await writer(context), input.intakeId, input.fence, input.caseId)
      return {}
    }),
    drop: os.drop.handler(async ({ input, context }) => {
      await intake.drop(await writer(context), input.intakeId, input.fence, input.reason)
      return {}
    }),
  })
}
