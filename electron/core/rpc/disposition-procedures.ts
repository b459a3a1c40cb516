/** 受理方式: the transfer directory and the disposition rules in force. */
import type { CoreParts } from './core-parts.ts'
import type { Procedures } from './procedures.ts'

export function dispositionProcedures(os: Procedures, { store, dispositions }: CoreParts) {
  return {
    inForce: os.dispositions.inForce.handler(() => {
      const db = store.db()
      return { directory: dispositions.directory(db), rules: dispositions.rules(db) }
    }),
  }
}
