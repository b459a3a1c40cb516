/** A stand-in for a city's language model, which can misbehave in every way that matters. On loopback. */
import { createServer as createPlain, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecure } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Certificate } from './certificates.ts'

export type ModelServer = {
  url: string
  /** What arrived: headers, and the body as text. */
  requests: { headers: IncomingMessage['headers']; body: string }[]
  /** How the next ones are answered. */
  answer: (response: ServerResponse, body: string) => void
  end(): Promise<void>
}

export const chatAnswer = (content: unknown) => JSON.stringify({ choices: [{ message: { content } }] })

export const says =
  (content: string): ModelServer['answer'] =>
  response => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(chatAnswer(content))
  }

export const misbehaviours: Record<string, { answer: ModelServer['answer']; fault: string }> = {
  'never answers': { answer: () => {}, fault: 'silent' },
  'begins and never goes on': {
    answer: response => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('{"choices":[')
    },
    fault: 'silent',
  },
  'promises more than it sends': {
    answer: response => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '4000' })
      response.write(chatAnswer('短'))
      setTimeout(() => response.destroy(), 30)
    },
    fault: 'cut',
  },
  'sends more than it promised': {
    answer: response => {
      const whole = Buffer.from(chatAnswer('一二三四五六七八'))
      response.socket?.write(
        `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 20\r\n\r\n${whole.toString('latin1')}`,
      )
    },
    fault: 'cut',
  },
  'is a page with 200': {
    answer: response => {
      response.writeHead(200, { 'content-type': 'text/html' })
      response.end('<html><script>alert(1)</script></html>')
    },
    fault: 'unusable',
  },
  'is a page that calls itself JSON': {
    answer: response => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end('<html>')
    },
    fault: 'unusable',
  },
  'fails with 500': {
    answer: response => response.writeHead(500).end('boom'),
    fault: 'refused',
  },
  'is busy with 429': {
    answer: response => response.writeHead(429, { 'retry-after': '60' }).end(),
    fault: 'busy',
  },
  'does not take the key': { answer: response => response.writeHead(401).end(), fault: 'key-refused' },
  'streams without end': {
    answer: response => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const timer = setInterval(() => response.write(' '), 10)
      response.on('close', () => clearInterval(timer))
    },
    fault: 'silent',
  },
  'is huge': {
    answer: response => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(chatAnswer('字'.repeat(400_000)))
    },
    fault: 'too-long',
  },
  'is broken JSON': {
    answer: response => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end('{"choices":[{"message":{"content":"半')
    },
    fault: 'unusable',
  },
  'is of another schema': {
    answer: response => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ choices: [{ message: { content: { html: '<b>' } } }] }))
    },
    fault: 'unusable',
  },
  'asks for a tool instead': {
    answer: response => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ choices: [{ message: { content: null, tool_calls: [{ id: 'x' }] } }] }))
    },
    fault: 'unusable',
  },
  'says nothing': { answer: says(' \u200b\u202e '), fault: 'unusable' },
  'packs what was not to be packed': {
    answer: response => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
      response.end('x')
    },
    fault: 'unusable',
  },
  'leads elsewhere': {
    answer: response => response.writeHead(307, { location: 'http://127.0.0.1:9/v1' }).end(),
    fault: 'redirect',
  },
  'drops the connection': { answer: response => void response.socket?.destroy(), fault: 'cut' },
}

export async function startModelServer(certificate: Certificate | null = null): Promise<ModelServer> {
  const requests: ModelServer['requests'] = []
  const heard = (request: IncomingMessage, response: ServerResponse) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (text: string) => {
      body += text
    })
    request.on('end', () => {
      requests.push({ headers: request.headers, body })
      started.answer(response, body)
    })
  }
  const server = certificate === null ? createPlain(heard) : createSecure(certificate, heard)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const started: ModelServer = {
    url: `${certificate === null ? 'http' : 'https'}://127.0.0.1:${port}/v1`,
    requests,
    answer: says('好'),
    end: () =>
      new Promise(resolve => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
  return started
}
