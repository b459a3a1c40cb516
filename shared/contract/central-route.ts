/** How a procedure of the central contract is written down. */
import { oc } from '@orpc/contract'
import { centralErrors } from './central-errors.ts'

const procedure = oc.errors(centralErrors)
type Route = NonNullable<Parameters<typeof procedure.route>[0]>

export const route = (
  method: NonNullable<Route['method']>,
  path: `/${string}`,
  summary: string,
  description: string,
) => procedure.route({ method, path, summary, description })
