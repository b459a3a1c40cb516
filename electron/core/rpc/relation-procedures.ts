/** 关联、并单, under whoever is signed in. */
import type { CoreParts } from './core-parts.ts'
import type { Procedures } from './procedures.ts'

export function relationProcedures(os: Procedures, parts: CoreParts) {
  const { context, store, identity } = parts
  const { relations } = parts.cases
  return {
    relate: os.relations.relate.handler(({ input }) => {
      const operator = identity.required(store.db())
      const related = store.write(db => relations.relate(db, operator, input))
      context.publish({ type: 'cases-changed' })
      parts.statusChanged()
      return related
    }),
    choose: os.relations.choose.handler(({ input }) => {
      const operator = identity.required(store.db())
      return store.write(db => {
        relations.choose(db, operator, input)
        return relations.chosen(db, operator, input.draftId)
      })
    }),
    chosen: os.relations.chosen.handler(({ input }) =>
      relations.chosen(store.db(), identity.required(store.db()), input.draftId),
    ),
  }
}
