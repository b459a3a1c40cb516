/** A seat whose exchange is the lab's, by an administrator's policy file. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, type Seat, test as seatTest } from '../e2e/seat-fixture.ts'
import { type Lab, startLab } from '../support/lab/lab.ts'
import { until } from '../support/seat-process.ts'

export const seatExtension = '8001'
const heardAboveDbfs = -50

export const test = seatTest.extend<{ lab: Lab }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the fixture's dependencies from this pattern
  lab: async ({}, use) => {
    const lab = await startLab()
    try {
      await use(lab)
    } finally {
      await lab.stop()
    }
  },
})

export async function startOn(
  seat: Seat,
  lab: Pick<Lab, 'wsUrl' | 'secret'>,
  secret = lab.secret,
  further: Record<string, unknown> = {},
): Promise<void> {
  const policy = join(seat.scratch, 'policy.json')
  const exchange = {
    exchangeUrl: lab.wsUrl,
    sipDomain: '127.0.0.1',
    extension: seatExtension,
    extensionSecret: secret,
  }
  writeFileSync(policy, JSON.stringify({ ...exchange, areaCode: '0999', ...further }))
  seat.args = ['--no-training', '--policy', policy]
  await seat.start()
}

/** Level of each call at the operator's ear now, decoded, dBFS over half a second; −99 is silence. */
function levels(seat: Seat): Promise<number[]> {
  return seat.page.evaluate(async () => {
    const streams = [...document.querySelectorAll('audio')]
      .map(audio => audio.srcObject)
      .filter(one => one instanceof MediaStream)
    const context = new AudioContext()
    const analysers = streams.map(stream => {
      const analyser = context.createAnalyser()
      analyser.fftSize = 16_384
      context.createMediaStreamSource(stream).connect(analyser)
      return analyser
    })
    await new Promise(resolve => setTimeout(resolve, 600))
    const measured = analysers.map(analyser => {
      const samples = new Float32Array(analyser.fftSize)
      analyser.getFloatTimeDomainData(samples)
      const sum = samples.reduce((total, sample) => total + sample * sample, 0)
      return sum === 0 ? -99 : 10 * Math.log10(sum / samples.length)
    })
    await context.close()
    return measured
  })
}

/** The loudest of them. */
export const operatorHears = async (seat: Seat): Promise<number> => Math.max(-99, ...(await levels(seat)))

/** How many of them are heard. */
export const callsHeard = async (seat: Seat): Promise<number> =>
  (await levels(seat)).filter(level => level > heardAboveDbfs).length

/** Both sides hear each other, decoded, above −50 dBFS. Returns both levels. */
export async function bothHear(
  seat: Seat,
  far: { heardDbfs(seconds: number): number },
): Promise<{ seat: number; far: number }> {
  const both = { seat: -99, far: -99 }
  await until(
    async () => {
      both.seat = Math.round(await operatorHears(seat))
      both.far = Math.round(far.heardDbfs(0.5))
      return both.seat > heardAboveDbfs && both.far > heardAboveDbfs
    },
    20_000,
    'both sides to hear each other',
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${JSON.stringify(both)}`)
  })
  return both
}

/** The browser's own counts of what the page holds, by their names, when all that can go has gone. */
export async function leftInPage(seat: Seat): Promise<(name: string) => number> {
  const session = await seat.page.context().newCDPSession(seat.page)
  await session.send('Performance.enable')
  await session.send('HeapProfiler.enable')
  for (let times = 0; times < 3; times += 1) await session.send('HeapProfiler.collectGarbage')
  const { metrics } = await session.send('Performance.getMetrics')
  await session.detach()
  return name => metrics.find(metric => metric.name === name)?.value ?? Number.NaN
}

export { expect, type Seat, until }
