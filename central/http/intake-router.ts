/** The intake's procedures, each a line over the list. */
import { implement } from '@orpc/server'
import { intakeRoutes } from '../../shared/contract/central-intake.ts'
import type { Central } from '../central.ts'
import { isoNow } from '../context.ts'
import { Refusal } from '../refusal.ts'
import { type Credentials, createAdmit, keyIn, personIn } from './access.ts'
import { admitting, tellingRefusals } from './requests.ts'

export function createIntakeRouter(central: Central) {
  const { intake, context: parts } = central

  const os = implement(intakeRoutes)
    .$context<Credentials>()
    .use(tellingRefusals(parts.log))
    .use(admitting(createAdmit(central)))

  return os.router({
    post: os.post.handler(async ({ input: { channelId, attachments, branch, ...content }, context }) =>
      intake.post(keyIn(context.caller), channelId, content, attachments, branch),
    ),
    progress: os.progress.handler(async ({ input }) => {
      const found = await intake.progress(input.number, input.code)
      if (found === null) throw new Refusal('NOT_FOUND')
      return found
    }),
    list: os.list.handler(async ({ context }) => {
      const items = await intake.list(personIn(context.caller))
      return { items, serverTime: isoNow(parts.clock) }
    }),
    claim: os.claim.handler(async ({ input, context }) =>
      intake.claim(personIn(context.caller), input.intakeId),
    ),
    release: os.release.handler(async ({ input, context }) => {
      await intake.release(personIn(context.caller), input.intakeId, input.fence)
      return {}
    }),
    filed: os.filed.handler(async ({ input, context }) => {
      await intake.filed(personIn(context.caller), input.intakeId, input.fence, input.caseId)
      return {}
    }),
    drop: os.drop.handler(async ({ input, context }) => {
      await intake.drop(personIn(context.caller), input.intakeId, input.fence, input.reason)
      return {}
    }),
  })
}
