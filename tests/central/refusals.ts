/** Reading refusals of the centre over HTTP. */
import { expect } from 'vitest'
import { z } from 'zod'
import { centralErrors } from '../../shared/contract/central-errors.ts'

const refusal = z.object({
  defined: z.literal(true),
  code: z.string(),
  status: z.number(),
  message: z.string(),
})

/** The code with which a request was refused. */
export async function codeOf(response: Response): Promise<string> {
  const body = refusal.parse(await response.json())
  expect(Object.keys(centralErrors)).toContain(body.code)
  expect(body.status).toBe(response.status)
  expect(body.message).toMatch(/\p{Script=Han}/u)
  return body.code
}
