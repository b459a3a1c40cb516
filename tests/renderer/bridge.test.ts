import { implement, ORPCError } from '@orpc/server'
import { RPCHandler } from '@orpc/server/message-port'
import { expect, it, vi } from 'vitest'
import { CoreUnavailable } from '../../renderer/bridge/bridge.ts'
import type { CorePort } from '../../renderer/bridge/core-ports.ts'
import { connectBridge } from '../../renderer/bridge/create-bridge.ts'
import { seatContract } from '../../shared/contract/seat.ts'
import { until } from '../support/seat-process.ts'

const status = {
  version: '0',
  startedAt: '2026-11-23T00:00:00.000Z',
  storage: { state: 'locked' as const },
  operator: null,
  locked: false,
  entry: 'password' as const,
  notice: null,
  ownAccounts: false,
  idleLockMinutes: 15,
  training: false,
  outboxWaiting: 0,
}

/** A core that can be taken away: answers status, refuses to unlock, never answers a retry. */
function fakeCore() {
  const os = implement(seatContract)
  const handler = new RPCHandler({
    seat: { status: os.seat.status.handler(() => status) },
    vault: {
      unlock: os.vault.unlock.handler(() => {
        throw new ORPCError('PASSPHRASE_WRONG', { message: '口令不正确' })
      }),
      retry: os.vault.retry.handler(() => new Promise<never>(() => {})),
    },
  })
  let channel: MessageChannel | null = null
  let up = true
  return {
    ports: {
      open: (): Promise<CorePort> => {
        if (!up) return Promise.reject(new Error('down'))
        channel = new MessageChannel()
        handler.upgrade(channel.port2)
        channel.port1.start()
        channel.port2.start()
        return Promise.resolve(channel.port1)
      },
    },
    lose: () => {
      up = false
      channel?.port1.close()
    },
    back: () => {
      up = true
    },
  }
}

const nothing = () => {}
const shell = {
  kind: 'loopback' as const,
  announceCall: nothing,
  callAnnounced: nothing,
  announceDue: nothing,
  onResumed: nothing,
  onAnswerKey: nothing,
  onDeclineKey: nothing,
  onDialLink: () => nothing,
}

it('passes a refusal of the core on with its code, and does not take it for a lost connection', async () => {
  const bridge = connectBridge(fakeCore().ports, shell)
  await expect(bridge.seat.vault.unlock({ passphrase: 'x' })).rejects.toMatchObject({
    code: 'PASSPHRASE_WRONG',
  })
})

it('rejects what was under way when the core is lost, reconnects by itself, and goes on', async () => {
  const core = fakeCore()
  const bridge = connectBridge(core.ports, shell)
  await bridge.seat.seat.status({})
  const underWay = bridge.seat.vault.retry({})
  const outcome = underWay.catch((error: unknown) => error)
  await new Promise(resolve => setImmediate(resolve))
  core.lose()
  expect(await outcome).toBeInstanceOf(CoreUnavailable)
  expect(bridge.connection()).toBe('lost')
  core.back()
  await until(() => bridge.connection() === 'connected', 10_000, 'the bridge to reconnect')
  expect(await bridge.seat.seat.status({})).toEqual(status)
})

it('looks less and less often for a core that answers and is gone again', async () => {
  const core = fakeCore()
  let opened = 0
  const bridge = connectBridge(
    {
      open: () => {
        opened += 1
        return core.ports.open()
      },
    },
    shell,
  )
  const stop = bridge.onConnection(connection => {
    // It comes back at once and dies as soon as it has answered.
    if (connection === 'connected') setImmediate(() => [core.lose(), core.back()])
  })
  await new Promise(resolve => setTimeout(resolve, 1_500))
  stop()
  expect(opened).toBeGreaterThan(1)
  expect(opened).toBeLessThan(25)
})

it('gives a core up that takes the port and says nothing', async () => {
  vi.useFakeTimers()
  let opened = 0
  let closed = 0
  try {
    connectBridge(
      {
        open: () => {
          opened += 1
          const port = { addEventListener: nothing, postMessage: nothing, close: () => void (closed += 1) }
          return Promise.resolve(port)
        },
      },
      shell,
    )
    await vi.advanceTimersByTimeAsync(9_000)
    expect([opened, closed]).toEqual([1, 0])
    await vi.advanceTimersByTimeAsync(2_500)
    expect([opened, closed]).toEqual([2, 1])
  } finally {
    vi.useRealTimers()
  }
})
