/** Who may have the page: tokens that open it once, and the sessions that they become. Nothing here is ever written to a disk. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { type PageSecrets, writeSecrets } from '../../shared/contract/loopback.ts'

const tokenMs = 2 * 60_000

const digest = (text: string): string => createHash('sha256').update(text).digest('base64')
const draw = (): string => randomBytes(32).toString('base64url')

export function createOpeners(now: () => number) {
  /** By digest, so that how long a look-up takes tells nothing of a token. */
  const tokens = new Map<string, number>()
  const sessions = new Map<string, PageSecrets>()
  const sessionOf = (cookie: string | null): PageSecrets | null =>
    cookie === null ? null : (sessions.get(digest(cookie)) ?? null)

  return {
    /** Opens one page, once, within two minutes. */
    token: (): string => {
      for (const [known, until] of tokens) if (until < now()) tokens.delete(known)
      const token = draw()
      tokens.set(digest(token), now() + tokenMs)
      return token
    },
    /** The cookie's value, and what the page keeps to itself; null: the token was used, is late, or is none. */
    exchange: (token: string): { cookie: string; secrets: string } | null => {
      const known = digest(token)
      const until = tokens.get(known)
      tokens.delete(known)
      if (until === undefined || until < now()) return null
      const cookie = draw()
      const secrets = { page: draw(), shell: draw() }
      sessions.set(digest(cookie), secrets)
      return { cookie, secrets: writeSecrets(secrets) }
    },
    isSession: (cookie: string | null): boolean => sessionOf(cookie) !== null,
    /** What the server answers to a page's first frame; null: it is not that of the session. */
    answerTo: (cookie: string | null, firstFrame: string): string | null => {
      const secrets = sessionOf(cookie)
      return secrets !== null && isSame(secrets.page, firstFrame) ? secrets.shell : null
    },
  }
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
