/** 附件: files of a filed case, added and read by whoever is signed in. */
import type { CoreParts } from './core-parts.ts'
import { type Procedures, stillSits, toldBy } from './procedures.ts'

export function attachmentProcedures(os: Procedures, parts: CoreParts) {
  const { context, store, identity, attachments, uploads, centre } = parts
  const told = toldBy(context.log)
  const operator = () => identity.required(store.db())

  return {
    begin: os.attachments.begin.handler(({ input }) => attachments.begin(operator(), input)),
    append: os.attachments.append.handler(({ input }) =>
      attachments.append(operator(), { ...input, content: Buffer.from(input.content, 'base64') }),
    ),
    finish: os.attachments.finish.handler(async ({ input }) => {
      const added = await attachments.finish(operator(), input.attachmentId)
      context.publish({ type: 'cases-changed' })
      context.publish({ type: 'attachments-changed' })
      parts.statusChanged()
      centre.wake()
      uploads.wake()
      return added
    }),
    cancel: os.attachments.cancel.handler(async ({ input }) => {
      await attachments.cancel(operator(), input.attachmentId)
      return {}
    }),
    list: os.attachments.list.handler(({ input }) => attachments.list(operator(), input.caseId)),
    read: os.attachments.read.handler(async function* ({ input }) {
      try {
        const by = operator()
        for await (const { offset, content } of attachments.read(by, input)) {
          stillSits(parts, by.operatorId)
          yield { offset, content: Buffer.from(content).toString('base64') }
        }
      } catch (error) {
        throw told(error, 'attachments.read')
      }
    }),
    retry: os.attachments.retry.handler(({ input }) => {
      attachments.retry(operator(), input)
      context.publish({ type: 'attachments-changed' })
      uploads.now()
      return {}
    }),
  }
}
