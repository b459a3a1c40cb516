/** `npm run simulate -- [--schedules N] [--seed S] [--path P]`: longer runs than the tests', and a failure played again. */
import { parseArgs } from 'node:util'
import { openSimulation } from './run.ts'

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '2000' },
    seed: { type: 'string', default: String(Date.now() % 0x7fff_ffff) },
    path: { type: 'string' },
  },
})
const seed = Number(values.seed)
const simulation = await openSimulation()
const begun = performance.now()
const { played, failure } =
  values.path === undefined
    ? await simulation.play(Number(values.schedules), seed)
    : { played: 1, failure: await simulation.again(seed, values.path) }
await simulation.end()
const seconds = ((performance.now() - begun) / 1_000).toFixed(1)
console.log(simulation.tally.text())
console.log(failure ?? `${played} schedules from seed ${seed} hold; ${seconds} s`)
process.exit(failure === null ? 0 : 1)
