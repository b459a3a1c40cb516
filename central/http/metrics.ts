/**
 * Prometheus metrics: requests by route, commands by outcome, how far the numbering of changes lags. They have a listener of their
 * own: nothing that the public reaches tells them.
 */
import { createServer } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Central } from '../central.ts'

export type Metrics = {
  text(): Promise<{ type: string; body: string }>
  listen(address: { host: string; port: number }): Promise<string>
  close(): Promise<void>
}

export function addMetrics(app: FastifyInstance, central: Central): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const requests = new Histogram({
    name: 'zuoxi_request_seconds',
    help: 'Duration of requests',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  })
  const commands = new Counter({
    name: 'zuoxi_commands_total',
    help: 'Commands by outcome',
    labelNames: ['outcome', 'code'],
    registers,
  })
  const stamped = new Counter({ name: 'zuoxi_changes_total', help: 'Changes numbered', registers })
  const lag = new Histogram({
    name: 'zuoxi_stamp_lag_seconds',
    help: 'From a change to its number',
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
    registers,
  })
  const behind = new Gauge({
    name: 'zuoxi_feed_lag_seconds',
    help: 'How long the oldest change waits for its number now; 0 while the feed is not behind',
    registers,
  })
  const streams = new Gauge({
    name: 'zuoxi_event_streams',
    help: 'Seats that wait for changes',
    registers,
  })
  const missed = new Counter({
    name: 'zuoxi_missed_calls_total',
    help: 'Missed calls that were posted, by outcome and code',
    labelNames: ['outcome', 'code'],
    registers,
  })
  const claims = new Counter({
    name: 'zuoxi_callback_claims_total',
    help: 'Claims by outcome, and why the first choice was not given',
    labelNames: ['outcome', 'code'],
    registers,
  })
  const work = new Counter({
    name: 'zuoxi_callback_actions_total',
    help: 'What was done with callbacks, by code; an empty code is done',
    labelNames: ['action', 'code'],
    registers,
  })
  const open = new Gauge({
    name: 'zuoxi_callbacks',
    help: 'Callbacks now',
    labelNames: ['which'],
    registers,
  })
  const lookups = new Counter({
    name: 'zuoxi_lookups_total',
    help: 'Lookups of callers and readings of cases, by result',
    labelNames: ['kind', 'result'],
    registers,
  })
  const alarms = new Counter({
    name: 'zuoxi_lookup_alarms_total',
    help: 'Runs of lookups by one person, and limits that were reached',
    labelNames: ['kind'],
    registers,
  })
  central.watch({
    lookups: {
      lookedUp: (kind, result) => lookups.inc({ kind, result }),
      alarmed: kind => alarms.inc({ kind }),
    },
    callbacks: {
      posted: results => {
        for (const result of results)
          missed.inc({ outcome: result.outcome, code: 'code' in result ? result.code : '' })
      },
      refused: code => missed.inc({ outcome: 'rejected', code }),
      claimed: result => claims.inc({ outcome: result.outcome, code: result.passed[0]?.code ?? '' }),
      worked: (action, code) => work.inc({ action, code }),
    },
    pushed: results => {
      for (const result of results)
        commands.inc({ outcome: result.outcome, code: 'code' in result ? result.code : '' })
    },
    stamped: result => {
      stamped.inc(result.count)
      lag.observe(result.lagMs / 1_000)
    },
  })
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none'
    requests.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1_000)
    done()
  })

  const text: Metrics['text'] = async () => {
    streams.set(central.wake.listeners())
    // Without the database the rest is told all the same.
    await central.feedLag().then(
      seconds => behind.set(seconds ?? 0),
      () => {},
    )
    const now = await central.callbacks.openNow().catch(() => null)
    if (now !== null) for (const [which, count] of Object.entries(now)) open.set({ which }, count)
    return { type: registry.contentType, body: await registry.metrics() }
  }
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') return void response.writeHead(404).end()
    void text().then(
      ({ type, body }) => response.writeHead(200, { 'content-type': type }).end(body),
      () => response.writeHead(503).end(),
    )
  })
  return {
    text,
    listen: ({ host, port }) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => {
          const address = server.address()
          resolve(`http://${host}:${typeof address === 'object' ? (address?.port ?? port) : port}`)
        })
      }),
    close: () =>
      new Promise(resolve => {
        if (!server.listening) return resolve()
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
