/** The centre over HTTP: the contract's routes, health, metrics, documentation; limits and time-outs around all of them. */
import rateLimit from '@fastify/rate-limit'
import { OpenAPIHandler } from '@orpc/openapi/fastify'
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import { centralContract, maxBodyBytes, maxFileBytes } from '../../shared/contract/central.ts'
import { centralErrors } from '../../shared/contract/central-errors.ts'
import type { Central } from '../central.ts'
import { createFiles } from '../files/files.ts'
import { Refusal, type RefusalCode } from '../refusal.ts'
import { addPageAccess, type Credentials, deviceIn, routesOf, urlOf } from './access.ts'
import { addCompression } from './compression.ts'
import { addDocumentation } from './documentation.ts'
import { addEvents } from './events.ts'
import { addFiles } from './files.ts'
import { discardRest } from './form-files.ts'
import { addMetrics } from './metrics.ts'
import { addPublicPage } from './public-page.ts'
import { coded, told } from './requests.ts'
import { createRouter } from './router.ts'
import { addUnitsPage } from './units-page.ts'

export type ServerLimits = {
  /** Requests a minute of one seat; of one address without a token. */
  requestsPerMinute: number
  anonymousPerMinute: number
  fileBytes: number
}
const defaultLimits: ServerLimits = {
  requestsPerMinute: 3_000,
  anonymousPerMinute: 600,
  fileBytes: maxFileBytes,
}

export type Server = {
  app: FastifyInstance
  listen(address: { host: string; port: number }): Promise<string>
  /** Requests in hand are answered first. */
  close(): Promise<void>
}

const discardedBytes = 4 * maxBodyBytes

const bearerOf = (header: string | undefined): string | undefined =>
  /^Bearer ([\w.~+/=-]{1,4096})$/i.exec(header ?? '')?.[1]
const only = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' && header !== '' ? header : undefined

const credentialsOf = ({ headers }: FastifyRequest): Credentials => ({
  bearer: bearerOf(headers.authorization),
  operatorSession: only(headers['x-operator-session'])?.replace(/^Bearer /i, ''),
  apiKey: only(headers['x-api-key']),
})

const refuse = (reply: FastifyReply, code: RefusalCode) =>
  reply.status(centralErrors[code].status).send(coded(code).toJSON())

/** Fastify's own errors, told in the contract's codes. */
function codeOf(error: FastifyError | Refusal): RefusalCode {
  if (error instanceof Refusal) return error.code
  const status = error.statusCode ?? 500
  if (status === 413) return 'BODY_TOO_LARGE'
  if (status === 429) return 'RATE_LIMITED'
  if (status === 404) return 'NOT_FOUND'
  return status < 500 ? 'BAD_REQUEST' : 'UNAVAILABLE'
}

/** `filesFolder` is shared by all processes of one centre; null: no attachments. */
export async function createServer(
  central: Central,
  filesFolder: string | null,
  given: Partial<ServerLimits> = {},
): Promise<Server> {
  const limits = { ...defaultLimits, ...given }
  const { log, random } = central.context
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: maxBodyBytes,
    requestTimeout: 300_000,
    connectionTimeout: 0,
    keepAliveTimeout: 65_000,
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    routerOptions: { maxParamLength: 200 },
    genReqId: () => random.uuid(),
    frameworkErrors: (error, _request, reply) => void refuse(reply, codeOf(error)),
  }) as unknown as FastifyInstance

  app.setErrorHandler<FastifyError | Refusal>((error, request, reply) => {
    const code = codeOf(error)
    if (code === 'UNAVAILABLE') told(error, log, request.routeOptions.url ?? '')
    if (code === 'BODY_TOO_LARGE') {
      // Fastify asks for the connection to be closed.
      void reply.removeHeader('connection')
      discardRest(request.raw, discardedBytes)
    }
    return refuse(reply, code)
  })
  app.setNotFoundHandler((_request, reply) => refuse(reply, 'NOT_FOUND'))
  app.addHook('onResponse', (request, reply, done) => {
    const { method } = request
    log.debug({ method, route: request.routeOptions.url, status: reply.statusCode, ms: reply.elapsedTime })
    done()
  })

  let closing = false
  // What was on its way when closing began: its connection would be kept for the next request.
  app.addHook('onResponse', async request => {
    if (closing) request.raw.socket.destroySoon()
  })
  app.addHook('onSend', async (_request, reply) => {
    // A connection that is answered last would be kept open, and the process with it.
    if (closing) void reply.header('connection', 'close')
  })
  const callerOf = addPageAccess(app, central, credentialsOf)
  addMetrics(app, central)
  await app.register(rateLimit, {
    timeWindow: 60_000,
    keyGenerator: async request => {
      const bearer = bearerOf(request.headers.authorization)
      const clientId =
        bearer === undefined ? null : await central.tokens.verify('device', bearer).catch(() => null)
      return clientId === null ? request.ip : `seat:${clientId}`
    },
    max: (_request, key) => (key.startsWith('seat:') ? limits.requestsPerMinute : limits.anonymousPerMinute),
    allowList: request => ['/healthz', '/readyz', '/metrics'].includes(request.url),
    errorResponseBuilder: () => new Refusal('RATE_LIMITED'),
  })
  addCompression(app, maxBodyBytes)

  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    try {
      await central.context.sql.query('SELECT 1')
      return { status: 'ready', database: central.context.sql.kind }
    } catch {
      return refuse(reply, 'UNAVAILABLE')
    }
  })
  await addDocumentation(app)
  const events = addEvents(app, central, request => deviceIn(callerOf(request)))
  const files = filesFolder === null ? null : createFiles(central.context, filesFolder, limits.fileBytes)
  const uploads = files === null ? null : await addFiles(app, central, files, callerOf)

  const handler = new OpenAPIHandler<Credentials>(createRouter(central), {
    interceptors: [
      async ({ next }) => {
        try {
          return await next()
        } catch (error) {
          throw told(error, log, 'http')
        }
      },
    ],
  })
  addUnitsPage(app, central, files)
  addPublicPage(app, central, files)
  for (const { method, path } of routesOf(centralContract)) {
    app.route({
      method,
      url: urlOf(path),
      handler: async (request, reply) => {
        const { matched } = await handler.handle(request, reply, {
          context: credentialsOf(request),
        })
        return matched ? reply : refuse(reply, 'NOT_FOUND')
      },
    })
  }

  return {
    app,
    listen: address => app.listen(address),
    close: async () => {
      closing = true
      events.end()
      await app.close()
      await uploads?.close()
    },
  }
}
