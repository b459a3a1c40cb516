/** The centre over HTTP: the contract's routes, health, documentation and pages; doors, limits and time-outs around all of them. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { OpenAPIHandler } from '@orpc/openapi/fastify'
import Fastify, { type FastifyError, type FastifyInstance, type FastifyRequest, LogController } from 'fastify'
import { z } from 'zod'
import { centralContract, maxBodyBytes, maxFileBytes } from '../../shared/contract/central.ts'
import { centralErrors } from '../../shared/contract/central-errors.ts'
import type { Central } from '../central.ts'
import { createFiles } from '../files/files.ts'
import type { UploadLimits } from '../files/uploads.ts'
import { Refusal } from '../refusal.ts'
import { addPageAccess, type Credentials, deviceIn, procedureRow, routesOf, urlOf } from './access.ts'
import { codeOf, discardRest, refuse, refuseConnection, retryAfterSeconds } from './answers.ts'
import { addJsonParser, anonymousBounds, knownBounds } from './bounded-json.ts'
import { addCompression } from './compression.ts'
import { addDocumentation } from './documentation.ts'
import { addEvents } from './events.ts'
import { addFiles } from './files.ts'
import { createGate, type GateLimits } from './gate.ts'
import { addHealth } from './health.ts'
import { addMetrics, type Metrics } from './metrics.ts'
import { addPublicPage } from './public-page.ts'
import { coded, told } from './requests.ts'
import { createRouter } from './router.ts'
import { type BodySpeed, leastSpeed, watchBodies } from './slow-bodies.ts'
import { addUnitsPage } from './units-page.ts'

export type ServerLimits = GateLimits & {
  fileBytes: number
  /** Connections at once; headers have to be there after so long. */
  connections: number
  headersMs: number
  bodySpeed: BodySpeed
  uploads: Partial<UploadLimits>
}
export type ServerOptions = ServerLimits & {
  /** Addresses of proxies whose X-Forwarded-* holds; null: nobody's does. */
  trustProxy: string | null
  /** A proxy in front ends TLS: cookies are for TLS only, and browsers are told to come by nothing else. */
  behindTls: boolean
  docs: boolean
}
const defaults: ServerOptions = {
  requestsPerMinute: 3_000,
  anonymousPerMinute: 600,
  inFlight: 64,
  fileBytes: maxFileBytes,
  connections: 4_000,
  headersMs: 15_000,
  bodySpeed: leastSpeed,
  uploads: {},
  trustProxy: null,
  behindTls: false,
  docs: true,
}

export type Server = {
  app: FastifyInstance
  metrics: Metrics
  listen(address: { host: string; port: number }): Promise<string>
  /** Requests in hand are answered first. */
  close(): Promise<void>
}

/** What a refusal for want of time says beside its code. */
const busyData = z.object({ data: z.object({ retryAfterSeconds: z.number() }) })
const discardedBytes = 4 * maxBodyBytes
/** Of what anybody may send, and unpacked by nobody. */
const anonymousBodyBytes = 64 * 1024
const requestMs = 300_000

/** `filesFolder` is shared by all processes of one centre; null: no attachments. */
export async function createServer(
  central: Central,
  filesFolder: string | null,
  given: Partial<ServerOptions> = {},
): Promise<Server> {
  const options = { ...defaults, ...given }
  const { log, random } = central.context
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: maxBodyBytes,
    requestTimeout: requestMs,
    connectionTimeout: 0,
    keepAliveTimeout: 65_000,
    http: {
      headersTimeout: options.headersMs,
      connectionsCheckingInterval: Math.min(5_000, options.headersMs),
    },
    trustProxy: options.trustProxy ?? false,
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    routerOptions: { maxParamLength: 200 },
    genReqId: () => random.uuid(),
    frameworkErrors: (error, _request, reply) => void refuse(reply, codeOf(error)),
    clientErrorHandler: refuseConnection,
  }) as unknown as FastifyInstance
  app.server.maxConnections = options.connections
  app.server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    response
      .writeHead(centralErrors.BAD_REQUEST.status, {
        'content-type': 'application/json',
        connection: 'close',
      })
      .end(JSON.stringify(coded('BAD_REQUEST').toJSON()))
  })

  app.setErrorHandler<FastifyError | Refusal>((error, request, reply) => {
    const code = codeOf(error)
    if (code === 'UNAVAILABLE') told(error, log, request.routeOptions.url ?? '')
    if (code === 'BODY_TOO_LARGE') {
      // Fastify asks for the connection to be closed.
      void reply.removeHeader('connection')
      discardRest(request.raw, gate.senderOf(request) === null ? anonymousBodyBytes * 4 : discardedBytes)
    }
    return refuse(reply, code)
  })
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
  const metrics = addMetrics(app, central)
  watchBodies(app, options.bodySpeed)
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.headers({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
    if (options.behindTls) void reply.header('strict-transport-security', 'max-age=31536000')
    done()
  })
  app.addHook('onSend', async (_request, reply) => {
    const seconds = retryAfterSeconds(reply.statusCode)
    if (seconds !== null && !reply.hasHeader('retry-after')) void reply.header('retry-after', seconds)
  })
  const gate = createGate(app, central, options)
  const callerOf = addPageAccess(app, central, gate.credentialsOf)
  const isKnown = (request: FastifyRequest) => gate.senderOf(request) !== null
  addJsonParser(app, request => (isKnown(request) ? knownBounds : anonymousBounds))
  addCompression(app, maxBodyBytes, isKnown)

  const unknownPath = gate.anonymous('nowhere')
  app.addHook('onRequest', async (request, reply) => {
    if (!request.is404) return
    // Before its body is read.
    discardRest(request.raw, anonymousBodyBytes)
    await unknownPath(request, reply)
    throw new Refusal('NOT_FOUND')
  })
  addHealth(app, central)
  if (options.docs) await addDocumentation(app, gate)
  const events = addEvents(app, gate, central, request => deviceIn(callerOf(request)))
  const files =
    filesFolder === null
      ? null
      : createFiles(central.context, filesFolder, options.fileBytes, options.uploads)
  const uploads = files === null ? null : await addFiles(app, central, files, gate, callerOf)

  const handler = new OpenAPIHandler<Credentials>(createRouter(central), {
    rootInterceptors: [
      async ({ next }) => {
        const result = await next()
        const wait = busyData.safeParse(result.response?.body)
        if (result.matched && result.response.status === 429 && wait.success)
          result.response.headers['retry-after'] = String(wait.data.data.retryAfterSeconds)
        return result
      },
    ],
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
  const pages = { gate, behindTls: options.behindTls }
  addUnitsPage(app, central, files, pages)
  addPublicPage(app, central, files, pages)
  for (const { procedure, method, path } of routesOf(centralContract)) {
    const door = procedureRow(procedure.split('.'))
    if (door === undefined) throw new Error(`central: nobody may call ${procedure}`)
    app.route({
      method,
      url: urlOf(path),
      onRequest: gate.admit(door),
      ...(door.who === 'public' ? { bodyLimit: anonymousBodyBytes } : {}),
      handler: async (request, reply) => {
        const { matched } = await handler.handle(request, reply, { context: gate.credentialsOf(request) })
        return matched ? reply : refuse(reply, 'NOT_FOUND')
      },
    })
  }

  return {
    app,
    metrics,
    listen: address => app.listen(address),
    close: async () => {
      closing = true
      events.end()
      await app.close()
      await metrics.close()
      await uploads?.close()
    },
  }
}
