/** Schedules that once failed, each the shortest that did; and one that chance meets too seldom. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSimulation, type Simulation } from './run.ts'
import type { Step } from './schedule.ts'

let simulation: Simulation
beforeAll(async () => {
  simulation = await openSimulation()
})
afterAll(() => simulation.end())

const play = (steps: Step[], opening = 0) => simulation.one({ seats: 3, opening, chance: 0, steps })
const file = (seat: number): Step => ({
  do: 'file',
  seat,
  by: 'p-agent',
  confidential: false,
  refer: false,
})

it('a seat whose identity its clone took over asks for another one, also when its line failed first', async () => {
  const steps: Step[] = [
    { do: 'clone', seat: 0, withToken: false, apart: false },
    { do: 'fault', seat: 0, fault: 'request-lost' },
    file(0),
    file(0),
    { do: 'run', ms: 40 },
    { do: 'run', ms: 6_000 },
  ]
  await expect(play(steps)).resolves.toBeUndefined()
})

it('two seats that make the same change have the same history', async () => {
  const edit = (seat: number, by: string): Step => ({
    do: 'edit',
    seat,
    by,
    pick: 0,
    changes: [{ field: 'callerName', value: 2 }],
    stale: false,
  })
  await expect(play([edit(1, 'p-colleague'), edit(0, 'p-lead')], 1)).resolves.toBeUndefined()
})

it('a folder that was copied whole gives the same number twice, and the later case gets another', async () => {
  const steps: Step[] = [
    { do: 'clone', seat: 0, withToken: true, apart: true },
    file(0),
    file(3),
    { do: 'mend', seat: 0 },
    { do: 'run', ms: 6_000 },
  ]
  const before = simulation.tally.counts.get('case renumbered') ?? 0
  await expect(play(steps, 1)).resolves.toBeUndefined()
  expect(simulation.tally.counts.get('case renumbered')).toBeGreaterThan(before)
})

it('a conflict is decided between what stands now, not what stood when it was told', async () => {
  const edit = (seat: number, stale: boolean): Step => ({
    do: 'edit',
    seat,
    by: 'p-agent',
    pick: 0,
    changes: [{ field: 'place', value: 0 }],
    stale,
  })
  const steps: Step[] = [
    { do: 'poison', seat: 1, by: 'p-agent', pick: 0 },
    edit(1, true),
    edit(0, false),
    { do: 'run', ms: 6_000 },
    { do: 'resolve', seat: 1, pick: 0, mine: false },
    { do: 'resolve', seat: 1, pick: 1, mine: false },
  ]
  await expect(play(steps, 1)).resolves.toBeUndefined()
})
