/** Plays schedules that fast-check draws from a seed; what fails is shrunk and told in words, with what plays it again. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { applyOperator } from '../../electron/core/sync/apply-changes.ts'
import { keepCredential } from '../../electron/core/sync/seat-identity.ts'
import { openCentre, people } from './centre.ts'
import { scheduleText, schedules } from './schedule.ts'
import { makeTemplate } from './seat.ts'
import { type Ground, World } from './world.ts'

export type Wanted = { schedules: number; seed: number; path?: string | undefined }
/** `failure`: what to print; null: all of them held. */
export type Outcome = { played: number; failure: string | null }

export type Simulation = { play(wanted: Wanted): Promise<Outcome>; end(): Promise<void> }

export async function openSimulation(): Promise<Simulation> {
  const memory = '/dev/shm'
  const folder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'zuoxi-simulation-'))
  const centre = await openCentre()
  const templates = centre.credentials.map((credential, place) => {
    const template = join(folder, `template${place}`)
    makeTemplate(template, db => {
      for (const each of people) applyOperator(db, each)
      keepCredential(db, credential)
    })
    return template
  })
  const scratch = join(folder, 'seats')
  const ground: Ground = { folder: scratch, templates, centre }

  return {
    play: async ({ schedules: numRuns, seed, path }) => {
      let played = 0
      const property = fc.asyncProperty(schedules, async schedule => {
        played += 1
        rmSync(scratch, { recursive: true, force: true })
        await World.play(ground, schedule)
      })
      const result = await fc.check(property, {
        numRuns,
        seed,
        ...(path === undefined ? {} : { path }),
      })
      if (!result.failed) return { played, failure: null }
      const [schedule] = result.counterexample ?? []
      const { errorInstance } = result as { errorInstance?: unknown }
      const failure = [
        `a schedule fails after ${result.numRuns} (shrunk ${result.numShrinks} times): ${
          errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
        }`,
        schedule === undefined ? '' : scheduleText(schedule),
        `play it again: npm run simulate -- --seed ${seed} --path ${result.counterexamplePath}`,
        errorInstance instanceof Error ? (errorInstance.stack ?? '') : '',
      ]
      return { played, failure: failure.join('\n') }
    },
    end: async () => {
      await centre.end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
