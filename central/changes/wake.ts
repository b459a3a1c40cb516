/** Tells the processes' waiting clients that there is something new. Only that: they come and read. */
import type { CentralContext } from '../context.ts'
import type { Device } from '../identity/devices.ts'
import { type Concern, changesChannel } from './stamper.ts'

export type Wake = {
  /** Until the returned function is called. */
  on(device: Device, listener: () => void): () => void
  listeners(): number
  stop(): Promise<void>
}

function concernIn(payload: string): Concern {
  try {
    return payload === '' ? null : (JSON.parse(payload) as Concern)
  } catch {
    return null
  }
}

export async function createWake({ sql }: CentralContext): Promise<Wake> {
  const waiting = new Set<{ device: Device; listener: () => void }>()
  const stop = await sql.listen(changesChannel, payload => {
    const concern = concernIn(payload)
    for (const { device, listener } of waiting) {
      if (concern === null || concern.branches.includes(device.branch)) listener()
    }
  })
  return {
    on: (device, listener) => {
      const entry = { device, listener }
      waiting.add(entry)
      return () => void waiting.delete(entry)
    },
    listeners: () => waiting.size,
    stop,
  }
}
