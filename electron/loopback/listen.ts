/**
 * One port of this machine, at both loopback addresses. A browser that is given a `*.localhost` name tries ::1 before 127.0.0.1: if
 * somebody else could listen there, they would be handed the opening token.
 */
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

const tries = 20

/** `port` 0 is any that is free at both. `both` is false where the page's address names 127.0.0.1 itself. */
export async function listenOnLoopback(
  make: () => Server,
  port: number,
  both: boolean,
): Promise<{ port: number; close(): Promise<void> }> {
  for (let attempt = 1; ; attempt += 1) {
    const first = await listen(make(), port, '127.0.0.1')
    const taken = (first.address() as AddressInfo).port
    const servers = [first]
    try {
      if (both) servers.push(await listen(make(), taken, '::1'))
    } catch (error) {
      // Without IPv6 nobody else can listen there either.
      if (!hasCode(error, 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL')) {
        await Promise.all(servers.map(close))
        if (port === 0 && attempt < tries && hasCode(error, 'EADDRINUSE')) continue
        throw error
      }
    }
    return { port: taken, close: async () => void (await Promise.all(servers.map(close))) }
  }
}

async function listen(server: Server, port: number, host: string): Promise<Server> {
  server.listen({ port, host, exclusive: true })
  await once(server, 'listening')
  return server
}

function close(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

const hasCode = (error: unknown, ...codes: string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code))
