/** 互联网受理, under whoever is signed in. */
import type { CoreParts } from './core-parts.ts'
import { type Procedures, stillSits, toldBy } from './procedures.ts'

export function intakeProcedures(os: Procedures, { context, store, identity, intake }: CoreParts) {
  const told = toldBy(context.log)
  const operator = () => identity.required(store.db())
  return {
    list: os.intake.list.handler(async () => ({ items: await intake.list(operator()) })),
    claim: os.intake.claim.handler(async ({ input }) => {
      const draft = await intake.claim(operator(), input.intakeId)
      context.publish({ type: 'drafts-changed' })
      return draft
    }),
    drop: os.intake.drop.handler(async ({ input }) => {
      await intake.drop(input.intakeId, input.reason)
      return {}
    }),
    files: os.intake.files.handler(({ input }) => intake.files(store.db(), operator(), input.draftId)),
    readFile: os.intake.readFile.handler(async function* ({ input }) {
      try {
        const by = operator()
        for await (const { offset, content } of intake.readFile(by, input)) {
          stillSits({ store, identity }, by.operatorId)
          yield { offset, content: Buffer.from(content).toString('base64') }
        }
      } catch (error) {
        throw told(error, 'intake.readFile')
      }
    }),
  }
}
