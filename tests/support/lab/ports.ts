/**
 * Free ports of 127.0.0.1, for both UDP and TCP: 20000 to 29999. They lie below those that Linux gives to outgoing connections (32768
 * and up), so what listens there can be started anew, however many connections were made meanwhile; media of rtpengine and of
 * baresip have other ranges.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

const first = 20_000
const count = 10_000
const given = new Set<number>()

export async function freePort(): Promise<number> {
  for (let tries = 0; tries < count; tries += 1) {
    const port = first + Math.floor(Math.random() * count)
    if (given.has(port) || !(await isFree(port))) continue
    given.add(port)
    return port
  }
  throw new Error('no port of 127.0.0.1 is free')
}

export async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  const socket = createSocket('udp4')
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    socket.bind(port, '127.0.0.1')
    await once(socket, 'listening')
    return true
  } catch {
    return false
  } finally {
    socket.close()
    await new Promise(resolve => server.close(resolve))
  }
}
