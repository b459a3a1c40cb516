/** The wire to the centre: HTTP(S) with time-outs and a city's own authorities, and the event stream that wakes the seat. */
import { Agent as PlainAgent, request as plainRequest } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'
import type { Readable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import { type LineFault, lineFaultOf } from '../../../shared/domain/certificate.ts'
import { trustedAuthorities } from '../trusted-authorities.ts'
import type { CentreAnswer, Transport } from './centre-client.ts'

export type CentreLine = {
  ask: Transport
  /** An answer whose content is taken as it comes; one other than 200 is told whole. Rejects like `ask`. */
  receive(path: string, headers: Record<string, string>): Promise<CentreAnswer | Readable>
  /** Calls `heard` for everything that arrives, and `ended` once. Returns what stops it. */
  listen(
    path: string,
    headers: Record<string, string>,
    on: { heard(text: string): void; ended(): void },
  ): () => void
  close(): void
}

/** Without a byte for so long, a request is given up: the line is cut, or a proxy holds it. */
const silentMs = 20_000
/** However slowly it trickles: a batch is sent again in smaller pieces of time. */
const longestMs = 180_000
/** The centre's heartbeat comes every 15 s. */
const streamSilentMs = 40_000
const longestRefusal = 64 * 1024
const longestAnswer = 64 * 1024 * 1024

/** In words for the operator (同步 page). */
const faultWords: Record<LineFault, string> = {
  'address-unknown': '找不到中心的地址，请检查网络或设置',
  refused: '中心没有接受连接，可能正在重启',
  silent: '中心没有应答，请检查网络',
  'certificate-expired': '中心的安全证书已过期，为保护数据没有连接；请通知管理员更换证书',
  'certificate-not-yet-valid': '中心的安全证书尚未生效，为保护数据没有连接；请检查本机日期或通知管理员',
  'certificate-untrusted': '中心的安全证书不受信任，为保护数据没有连接；请管理员安装本市的根证书',
  'certificate-wrong-name': '中心的安全证书属于另一个地址，为保护数据没有连接；请通知管理员',
  'certificate-bad': '与中心的加密连接无法建立，请通知管理员',
}

const inWords = (error: Error): Error => {
  const fault = lineFaultOf('code' in error ? String(error.code) : '')
  return new Error(fault === null ? '连不上中心，请检查网络' : faultWords[fault])
}

/** `url` as configured; `authorities` are PEM texts of the city's own certificate authorities. */
export function openCentreLine(url: string, authorities: readonly string[]): CentreLine {
  const base = new URL(url)
  const secure = base.protocol === 'https:'
  const agent = secure
    ? new SecureAgent({ keepAlive: true, maxSockets: 8, ca: [...trustedAuthorities(), ...authorities] })
    : new PlainAgent({ keepAlive: true, maxSockets: 8 })
  const request = secure ? secureRequest : plainRequest
  const folder = base.pathname.replace(/\/$/, '')
  const target = (path: string) => new URL(`${base.origin}${folder}${path}`)

  return {
    ask: ({ method, path, headers, body, untouched = false }) =>
      new Promise<CentreAnswer>((resolve, reject) => {
        const fail = (error: Error) => {
          clearTimeout(longest)
          reject(inWords(error))
          sent.destroy()
        }
        const silent = () => fail(Object.assign(new Error('silent'), { code: 'ETIMEDOUT' }))
        const sent = request(target(path), {
          method,
          agent,
          headers: {
            ...headers,
            'accept-encoding': 'gzip',
            ...(body === null ? {} : { 'content-length': body.byteLength }),
          },
          timeout: silentMs,
        })
        const longest = setTimeout(silent, longestMs)
        sent.on('timeout', silent)
        sent.on('error', fail)
        sent.on('response', answer => {
          const chunks: Buffer[] = []
          let bytes = 0
          answer.on('data', (chunk: Buffer) => {
            chunks.push(chunk)
            bytes += chunk.length
            if (bytes > longestAnswer) fail(new Error('too long'))
          })
          answer.on('error', fail)
          answer.on('close', () => {
            if (!answer.complete) fail(Object.assign(new Error('cut'), { code: 'ECONNRESET' }))
          })
          answer.on('end', () => {
            clearTimeout(longest)
            try {
              const whole = Buffer.concat(chunks)
              const packed = answer.headers['content-encoding'] === 'gzip'
              const told: Record<string, string> = {}
              for (const [name, value] of Object.entries(answer.headers))
                if (typeof value === 'string') told[name] = value
              const { statusCode: status = 0 } = answer
              // What else came in its place is read here, to say what it was.
              const isJson = (told['content-type'] ?? '').startsWith('application/json')
              if (untouched && status === 200 && isJson)
                return resolve({ status, headers: told, text: '', bytes: { content: whole, packed } })
              const text = (packed ? gunzipSync(whole, { maxOutputLength: longestAnswer }) : whole).toString()
              return resolve({ status, headers: told, text })
            } catch {
              return reject(new Error('中心的答复不完整'))
            }
          })
        })
        sent.end(body ?? undefined)
      }),

    receive: (path, headers) =>
      new Promise((resolve, reject) => {
        const fail = (error: Error) => {
          reject(inWords(error))
          sent.destroy()
        }
        const sent = request(target(path), { agent, headers, timeout: silentMs })
        sent.on('timeout', () => sent.destroy(Object.assign(new Error('silent'), { code: 'ETIMEDOUT' })))
        sent.on('error', fail)
        sent.on('response', answer => {
          const { statusCode: status = 0 } = answer
          if (status === 200) return resolve(answer)
          let text = ''
          answer.setEncoding('utf8')
          answer.on('data', (some: string) => {
            text += some
            if (text.length > longestRefusal) fail(new Error('too long'))
          })
          answer.on('error', fail)
          answer.on('end', () => resolve({ status, headers: {}, text }))
        })
        sent.end()
      }),

    listen: (path, headers, { heard, ended }) => {
      let over = false
      const end = () => {
        if (over) return
        over = true
        sent.destroy()
        ended()
      }
      const sent = request(target(path), {
        agent,
        headers: { ...headers, accept: 'text/event-stream' },
        timeout: streamSilentMs,
      })
      sent.on('timeout', end)
      sent.on('error', end)
      sent.on('close', end)
      sent.on('response', answer => {
        if (answer.statusCode !== 200 || !answer.headers['content-type']?.startsWith('text/event-stream'))
          return end()
        answer.setEncoding('utf8')
        answer.on('data', (text: string) => {
          if (!over) heard(text)
        })
        answer.on('error', end)
        answer.on('close', end)
        return undefined
      })
      sent.end()
      return () => {
        over = true
        sent.destroy()
      }
    },
    close: () => agent.destroy(),
  }
}
