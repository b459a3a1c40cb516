/** A published table in force: what was published last and holds already, or the example. Looked up once a second. */
import type { z } from 'zod'
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'

const freshMs = 1_000

export type InForce<T> = { current(): Promise<T>; forget(): void }

export function createInForce<T>(
  { sql, clock, log }: CentralContext,
  name: string,
  schema: z.ZodType<T>,
  sample: T,
): InForce<T> {
  let known: { content: Promise<T>; until: number } | null = null

  const read = async (): Promise<T> => {
    const [row] = await sql.query<{ content: string }>(
      `SELECT content FROM publication WHERE name = $1 AND effective_at <= $2
       ORDER BY effective_at DESC, published_at DESC LIMIT 1`,
      [name, isoNow(clock)],
    )
    if (row === undefined) return sample
    const found = schema.safeParse(JSON.parse(row.content))
    if (!found.success) log.error({ name }, 'a published table cannot be read: the example holds')
    return found.success ? found.data : sample
  }

  return {
    current: () => {
      const now = clock.now()
      if (known !== null && now < known.until) return known.content
      const content = read()
      known = { content, until: now + freshMs }
      content.catch(() => {
        known = null
      })
      return content
    },
    forget: () => {
      known = null
    },
  }
}
