/** 涉企台账, under whoever is signed in. */
import type { CoreParts } from './core-parts.ts'
import type { Procedures } from './procedures.ts'

export function enterpriseProcedures(os: Procedures, parts: CoreParts) {
  const { store, identity, enterpriseLedger } = parts
  const reader = () => identity.required(store.db())
  return {
    list: os.enterprise.list.handler(({ input }) => enterpriseLedger.list(store.db(), reader(), input)),
    export: os.enterprise.export.handler(async ({ input }) => {
      const { content, ...told } = await enterpriseLedger.export(reader(), input)
      parts.statusChanged()
      return { ...told, content: Buffer.from(content).toString('base64') }
    }),
  }
}
