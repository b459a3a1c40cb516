/** A TCP line between two processes that a test makes slow or cuts. Everything stays on loopback. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type TcpLine = {
  port: number
  /** Bytes that have passed, in both directions. */
  passed(): number
  /** Every connection dies at once, and no new one is taken until `restore`. */
  cut(): void
  restore(): void
  /** What the far end says is kept until `letAnswersGo`; what is said to it still arrives. */
  holdAnswers(): void
  letAnswersGo(): void
  /** Every connection that has passed so many bytes since dies: answers are lost in the middle. Null: none does. */
  cutEvery(bytes: number | null): void
  close(): Promise<void>
}

/** `delayMs`: one way, so a round trip takes twice as long. */
export async function startTcpLine(target: { port: number }, delayMs = 0): Promise<TcpLine> {
  const open = new Set<Socket>()
  let isCut = false
  let every: number | null = null
  let passed = 0
  let held: (() => void)[] | null = null

  const pipe = (from: Socket, to: Socket, budget: { left: number }, answers: boolean) => {
    from.on('data', chunk => {
      passed += chunk.length
      if (every !== null) {
        budget.left -= chunk.length
        if (budget.left <= 0) {
          from.destroy()
          to.destroy()
          return
        }
      }
      const write = () => void (to.destroyed || to.write(chunk))
      if (answers && held !== null) held.push(write)
      else if (delayMs === 0) write()
      else setTimeout(write, delayMs)
    })
    from.on('end', () => setTimeout(() => to.end(), delayMs))
    from.on('error', () => to.destroy())
    from.on('close', () => {
      open.delete(from)
      setTimeout(() => to.destroy(), delayMs + 1)
    })
  }

  const server = createServer(seat => {
    if (isCut) return void seat.destroy()
    const centre = connect(target.port, '127.0.0.1')
    for (const socket of [seat, centre]) {
      socket.setNoDelay(true)
      open.add(socket)
    }
    const budget = { left: every ?? 0 }
    pipe(seat, centre, budget, false)
    pipe(centre, seat, budget, true)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const cut = () => {
    for (const socket of open) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    passed: () => passed,
    cut: () => {
      isCut = true
      cut()
    },
    restore: () => {
      isCut = false
    },
    holdAnswers: () => {
      held ??= []
    },
    letAnswersGo: () => {
      const kept = held ?? []
      held = null
      for (const write of kept) write()
    },
    cutEvery: bytes => {
      every = bytes
    },
    close: async () => {
      cut()
      await new Promise<void>(resolve => void server.close(() => resolve()))
    },
  }
}
