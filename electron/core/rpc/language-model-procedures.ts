/** 本市大模型, under whoever is signed in. */
import type { CoreParts } from './core-parts.ts'
import type { Procedures } from './procedures.ts'

export function languageModelProcedures(os: Procedures, { store, identity, languageModel }: CoreParts) {
  const by = () => identity.required(store.db())
  return {
    prepare: os.languageModel.prepare.handler(({ input }) => languageModel.prepare(by(), input)),
    send: os.languageModel.send.handler(({ input }) => languageModel.send(by(), input.requestId)),
    cancel: os.languageModel.cancel.handler(({ input }) => {
      languageModel.cancel(by(), input.requestId)
      return {}
    }),
  }
}
