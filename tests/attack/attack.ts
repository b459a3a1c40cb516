/** What an attack is: it is let loose on a running centre and tells what it found. Nothing found is what is wanted. */
import { randomBytes } from 'node:crypto'
import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'

export type Finding = string
export type Target = {
  url: string
  /** A seat that is enrolled. */
  seat: { clientId: string; deviceSecret: string }
}
export type Attacker =
  | 'stranger'
  | 'colleague'
  | 'contractor'
  | 'unit'
  | 'thief of a seat'
  | 'administrator of one branch'
  | 'integration'
export type Attack<On = Target> = { name: string; by?: Attacker; run(target: On): Promise<Finding[]> }

/** Begins the finding of an attack that could not be played. */
export const attackFailed = 'the attack itself failed'

/** Gathers findings: `found(true, …)` is one. */
export function createFindings() {
  const findings: Finding[] = []
  return { findings, found: (holds: boolean, what: Finding) => void (holds && findings.push(what)) }
}

export type Answer = { status: number; headers: Record<string, string | string[] | undefined>; text: string }

/** What `fetch` would refuse to send or would mend. Resolves with status 0 when the connection ended without an answer. */
export function send(
  target: Pick<Target, 'url'>,
  {
    method = 'GET',
    path,
    headers = {},
    body,
  }: {
    method?: string
    path: string
    headers?: Record<string, string | string[]>
    body?: string | Uint8Array | undefined
  },
): Promise<Answer> {
  const request = target.url.startsWith('https:') ? tlsRequest : plainRequest
  return new Promise(resolve => {
    const none = { status: 0, headers: {}, text: '' }
    try {
      const { hostname, port } = new URL(target.url)
      const outgoing = request({ hostname, port, method, path, headers }, response => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        const done = () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString('utf8'),
          })
        response.on('end', done)
        response.on('error', done)
      })
      outgoing.on('error', () => resolve(none))
      outgoing.end(body)
    } catch {
      // Node sends no such header or method at all.
      resolve({ ...none, status: 400, text: '{"code":"BAD_REQUEST"}' })
    }
  })
}

export async function bearerOf({ url, seat }: Target): Promise<Record<string, string>> {
  const { text } = await send({ url }, json('POST', '/v1/device-tokens', seat))
  const { accessToken } = JSON.parse(text) as { accessToken?: string }
  if (accessToken === undefined) throw new Error('the seat got no token')
  return { authorization: `Bearer ${accessToken}` }
}

export const json = (
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Parameters<typeof send>[1] => ({
  method,
  path,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
})

export const codeIn = ({ text }: Answer): string => {
  try {
    return String((JSON.parse(text) as { code?: unknown }).code)
  } catch {
    return text.slice(0, 60)
  }
}

export const guess = () => randomBytes(32).toString('base64url')
export const found = (isFound: boolean, finding: Finding): Finding[] => (isFound ? [finding] : [])
