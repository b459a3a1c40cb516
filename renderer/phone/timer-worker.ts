/** Timers that a hidden window does not slow down. */
const running = new Map<number, ReturnType<typeof setTimeout>>()

self.onmessage = ({ data }: MessageEvent<{ id: number; ms: number | null }>) => {
  const { id, ms } = data
  clearTimeout(running.get(id))
  running.delete(id)
  if (ms === null) return
  running.set(
    id,
    setTimeout(() => {
      running.delete(id)
      self.postMessage(id)
    }, ms),
  )
}
