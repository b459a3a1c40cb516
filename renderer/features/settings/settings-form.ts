/** The settings form's rules: what changed, and what is wrong with it, before the core is asked. Pure. */
import { type SeatSettings, seatSettings } from '../../../shared/domain/settings.ts'

/** Only what differs: what comes from the training exchange or a default is not written down as the operator's choice. */
export function changedSettings(before: SeatSettings, after: SeatSettings): Partial<SeatSettings> {
  const names = Object.keys(after) as (keyof SeatSettings)[]
  return Object.fromEntries(
    names
      .filter(name => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
      .map(name => [name, after[name]]),
  )
}

/** Sentences by field path, e.g. `exchangeUrl` or `headerMap.queue`; empty when all is well. */
export function settingFaults(
  settings: SeatSettings,
  sentence: (path: string) => string,
): Record<string, string> {
  const parsed = seatSettings.safeParse(settings)
  if (parsed.success) return {}
  const faults: Record<string, string> = {}
  for (const issue of parsed.error.issues) {
    const path = issue.path.join('.')
    faults[path] ??= issue.code === 'custom' ? issue.message : sentence(path)
  }
  return faults
}
