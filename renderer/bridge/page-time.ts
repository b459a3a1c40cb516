/** Time, timers and randomness of the page, for what is told them from outside (shared/domain/reconnect.ts). */
export const pageTime = {
  now: () => Date.now(),
  after: (ms: number, run: () => void) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
  random: Math.random,
}
