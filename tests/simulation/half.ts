/** Half of the schedules that every change must pass; the two halves run beside each other. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { lineFaults } from './network.ts'
import { openSimulation, type Simulation } from './run.ts'
import { crashPoints } from './seat.ts'

const parts = 10
const schedulesInPart = 100

/** What a run that shows anything has met. */
const mustHappen = [
  ...lineFaults.map(fault => `line ${fault}`),
  ...crashPoints.map(point => `crash ${point}`),
  ...['old-program', 'set-clock', 'new-epoch', 'few-numbers', 'retry'].map(name => `step ${name}`),
  'line cut',
  'disk full',
  'clone of the database',
  'clone of the whole folder',
  'put back',
  'answer duplicate',
  'answer conflict',
  'answer rejected',
  'parked EDIT_CONFLICT',
  'parked BAD_REQUEST',
  'parked MOVE_NOT_POSSIBLE',
  'behind a parked one',
]

export function half(seed: number): void {
  let simulation: Simulation
  beforeAll(async () => {
    simulation = await openSimulation()
  })
  afterAll(async () => {
    console.log(simulation.tally.text())
    await simulation.end()
  })

  for (let part = 0; part < parts; part += 1) {
    it(`${schedulesInPart} schedules of seed ${seed + part} hold`, { timeout: 280_000 }, async () => {
      expect((await simulation.play(schedulesInPart, seed + part)).failure).toBeNull()
    })
  }

  it('everything that can go wrong did, at least once', () => {
    expect(mustHappen.filter(what => !simulation.tally.counts.has(what))).toEqual([])
  })
}
