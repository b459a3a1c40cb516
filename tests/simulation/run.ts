/** Plays schedules that fast-check draws from a seed; what fails is shrunk and told in words, with what plays it again. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { applyOperator } from '../../electron/core/sync/apply-changes.ts'
import { keepCredential } from '../../electron/core/sync/seat-identity.ts'
import { openCentre, people } from './centre.ts'
import { type Schedule, schedules, scheduleText } from './schedule.ts'
import { makeTemplate } from './seat.ts'
import { Tally } from './tally.ts'
import { beginning, chanceOf } from './timeline.ts'
import { type Ground, World } from './world.ts'

export type Simulation = {
  /** `failure`: what to print; null: all of them hold. `played` counts those that were played to shrink it too. */
  play(count: number, seed: number): Promise<{ played: number; failure: string | null }>
  /** One that is written out; throws what does not hold. */
  one(schedule: Schedule): Promise<void>
  tally: Tally
  /** The one schedule that a failure names: what to print, or null when it holds. */
  again(seed: number, path: string): Promise<string | null>
  end(): Promise<void>
}

export async function openSimulation(): Promise<Simulation> {
  const memory = '/dev/shm'
  const folder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'zuoxi-simulation-'))
  const tally = new Tally()
  const centre = await openCentre(tally)
  const templates = centre.credentials.map((credential, place) => {
    const template = join(folder, `template${place}`)
    makeTemplate(
      template,
      chanceOf(place, () => beginning),
      db => {
        for (const each of people) applyOperator(db, each)
        keepCredential(db, credential)
      },
    )
    return template
  })
  const scratch = join(folder, 'seats')
  const ground: Ground = { folder: scratch, templates, centre, tally }

  const one = async (schedule: Schedule) => {
    rmSync(scratch, { recursive: true, force: true })
    await World.play(ground, schedule)
  }
  const told = (schedule: Schedule | undefined, error: unknown, again: string) =>
    [
      error instanceof Error ? error.message : String(error),
      schedule === undefined ? '' : scheduleText(schedule),
      `play it again: npm run simulate -- ${again}`,
    ].join('\n')

  return {
    one,
    tally,
    again: async (seed, path) => {
      const [schedule] = fc.sample(schedules, { seed, path, numRuns: 1 })
      if (schedule === undefined) throw new Error('this seed and path lead to no schedule')
      try {
        await one(schedule)
        return null
      } catch (error) {
        return told(schedule, error, `--seed ${seed} --path ${path}`)
      }
    },
    play: async (count, seed) => {
      let played = 0
      const property = fc.asyncProperty(schedules, schedule => {
        played += 1
        return one(schedule)
      })
      const result = await fc.check(property, { numRuns: count, seed })
      if (!result.failed) return { played, failure: null }
      const [schedule] = result.counterexample ?? []
      const failure = told(
        schedule,
        result.errorInstance,
        `--seed ${seed} --path ${result.counterexamplePath}`,
      )
      return {
        played,
        failure: `schedule ${result.numRuns} of seed ${seed}, shrunk ${result.numShrinks} times: ${failure}`,
      }
    },
    end: async () => {
      await centre.end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
