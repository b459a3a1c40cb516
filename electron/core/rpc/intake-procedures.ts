/** 互联网受理, under whoever is signed in. */
import type { CoreParts } from './core-parts.ts'
import type { Procedures } from './procedures.ts'

export function intakeProcedures(os: Procedures, { context, store, identity, intake }: CoreParts) {
  const operator = () => identity.required(store.db())
  return {
    list: os.intake.list.handler(async () => ({ items: await intake.list(operator()) })),
    claim: os.intake.claim.handler(async ({ input }) => {
      const draft = await intake.claim(operator(), input.intakeId)
      context.publish({ type: 'drafts-changed' })
      return draft
    }),
    drop: os.intake.drop.handler(async ({ input }) => {
      operator()
      await intake.drop(input.intakeId, input.reason)
      return {}
    }),
  }
}
