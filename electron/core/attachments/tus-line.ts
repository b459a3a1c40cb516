/** tus over the seat's own line to the centre: its authorities and time-outs, the seat's token, and its idea of an answer. */
import type { HttpRequest, HttpResponse, HttpStack } from 'tus-js-client'
import type { CentreLink } from '../sync/centre.ts'
import { type CentreAnswer, CentreFailure, failureOf, notOurs } from '../sync/centre-client.ts'

/** Where files go. The origin is never used: every request goes to the address of the line. */
const origin = 'http://centre'
const folder = '/v1/files'
export const filesEndpoint = `${origin}${folder}`
export const uploadUrl = (path: string): string => `${origin}${path}`

/** The path of an upload's address. A centre may tell it whole, or behind a folder that the line adds by itself. */
export function uploadPath(url: string): string | null {
  const { pathname } = new URL(url)
  const at = pathname.indexOf(folder)
  return at < 0 ? null : pathname.slice(at)
}

const responseOf = ({ status, headers, text }: CentreAnswer): HttpResponse => ({
  getStatus: () => status,
  getHeader: name => headers[name.toLowerCase()],
  getBody: () => text,
  getUnderlyingObject: () => null,
})

/** Null: tus may go on with this answer. */
function faultOf(method: string, answer: CentreAnswer): CentreFailure | null {
  const isTus = answer.headers['tus-resumable'] !== undefined
  if (answer.status >= 200 && answer.status < 300)
    return isTus ? null : new CentreFailure('network', notOurs(answer))
  // The centre knows nothing of this upload any more: tus begins another.
  if (method === 'HEAD' && isTus && [404, 410].includes(answer.status)) return null
  // An answer to HEAD has no body to tell it by.
  if (method === 'HEAD') return new CentreFailure('network', '中心暂时不可用', { status: answer.status })
  return failureOf(answer)
}

/** Rejects with a CentreFailure for everything that tus cannot go on with. */
export function tusLine({ line, device }: Pick<CentreLink, 'line' | 'device'>): HttpStack {
  const createRequest = (method: string, url: string): HttpRequest => {
    const headers: Record<string, string> = {}
    const ask = async (body: Uint8Array | null, token: string): Promise<CentreAnswer> => {
      try {
        return await line.ask({
          method: method as 'POST' | 'HEAD' | 'PATCH',
          path: uploadPath(url) ?? folder,
          headers: { ...headers, authorization: `Bearer ${token}` },
          body,
        })
      } catch (error) {
        throw new CentreFailure('network', error instanceof Error ? error.message : '连不上中心')
      }
    }
    return {
      getMethod: () => method,
      getURL: () => url,
      setHeader: (name, value) => {
        headers[name] = value
      },
      getHeader: name => headers[name],
      setProgressHandler: () => {},
      send: async (body: Uint8Array | null) => {
        const token = await device.token()
        let answer = await ask(body, token)
        if (answer.status === 401) answer = await ask(body, await device.anotherToken(token))
        const fault = faultOf(method, answer)
        if (fault !== null) throw fault
        return responseOf(answer)
      },
      abort: () => Promise.resolve(),
      getUnderlyingObject: () => null,
    }
  }
  return { createRequest, getName: () => 'the line to the centre' }
}
