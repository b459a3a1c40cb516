/** Which of the four connections is how, and how bad that is. Pure. */
import type { SyncStatus } from '../../../shared/contract/seat.ts'
import type { CoreConnection } from '../../bridge/bridge.ts'
import type { LineState, MicrophoneState } from '../../phone/phone.ts'

export type Health = 'good' | 'busy' | 'bad' | 'none'
/** `waiting` and `parked` are told beside the state where they are not nought, and `lagSeconds` where there are some. */
export type CentreTruth = {
  what: 'centre'
  state: 'none' | 'connecting' | 'refused' | 'offline' | 'alarm' | 'parked' | 'lagging' | 'waiting' | 'synced'
  health: Health
  waiting: number
  parked: number
  /** The centre's feed is behind by at least so much; 0: it is not. */
  lagSeconds: number
}
export type Truth =
  | { what: 'exchange'; state: LineState; health: Health }
  | { what: 'microphone'; state: MicrophoneState; health: Health }
  | { what: 'core'; state: CoreConnection; health: Health }
  | CentreTruth

const lineHealth: Record<LineState, Health> = {
  registered: 'good',
  connecting: 'busy',
  registering: 'busy',
  refused: 'bad',
  offline: 'bad',
  unconfigured: 'none',
}
const microphoneHealth: Record<MicrophoneState, Health> = {
  ready: 'good',
  unknown: 'busy',
  denied: 'bad',
  missing: 'bad',
  failed: 'bad',
}
const coreHealth: Record<CoreConnection, Health> = { connected: 'good', connecting: 'busy', lost: 'bad' }

const centreHealth: Record<CentreTruth['state'], Health> = {
  none: 'none',
  connecting: 'busy',
  refused: 'bad',
  // Work goes on: it is no fault of this seat.
  offline: 'busy',
  alarm: 'bad',
  parked: 'bad',
  // What others do is not seen here yet. Nothing of this seat waits for it.
  lagging: 'busy',
  waiting: 'busy',
  synced: 'good',
}

type CentreNow = Pick<SyncStatus, 'centre' | 'waiting' | 'parked' | 'alarm' | 'feedLagSeconds'>

const lagSteps = [5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600]
/** Seconds, down to the next step: a screen reader is not to announce every answer of the centre. 0: the feed is not behind. */
export const coarseLag = (seconds: number | null): number =>
  lagSteps.findLast(step => step <= (seconds ?? 0)) ?? 0

/** What an operator has to know first: whether there is a line at all, then what is wrong, then what is on its way. */
function centreState({ centre, waiting, parked, alarm, feedLagSeconds }: CentreNow): CentreTruth['state'] {
  if (centre !== 'online') return centre
  if (alarm) return 'alarm'
  if (parked > 0) return 'parked'
  if (coarseLag(feedLagSeconds) > 0) return 'lagging'
  return waiting > 0 ? 'waiting' : 'synced'
}

export function centreTruth(now: CentreNow | undefined): CentreTruth {
  const state = now === undefined ? 'connecting' : centreState(now)
  const { waiting = 0, parked = 0 } = now ?? {}
  const lagSeconds = now?.centre === 'online' ? coarseLag(now.feedLagSeconds) : 0
  return { what: 'centre', state, health: centreHealth[state], waiting, parked, lagSeconds }
}

/** The words of the centre's line in their order: the state, unless a count says it, and then the counts. */
export function centreWords({ state, waiting, parked, lagSeconds }: CentreTruth): CentreWord[] {
  if (state === 'none') return ['centre.none']
  const counts: CentreWord[] = []
  if (parked > 0) counts.push('parked')
  if (waiting > 0) counts.push('waiting')
  if (lagSeconds > 0 && state !== 'lagging') counts.push('centre.lagging')
  return state === 'parked' || state === 'waiting' ? counts : [`centre.${state}`, ...counts]
}
export type CentreWord =
  | 'parked'
  | 'waiting'
  | `centre.${Exclude<CentreTruth['state'], 'parked' | 'waiting'>}`

export const truths = (now: {
  line: LineState
  microphone: MicrophoneState
  core: CoreConnection
  centre: CentreNow | undefined
}): Truth[] => [
  { what: 'exchange', state: now.line, health: lineHealth[now.line] },
  { what: 'microphone', state: now.microphone, health: microphoneHealth[now.microphone] },
  { what: 'core', state: now.core, health: coreHealth[now.core] },
  centreTruth(now.centre),
]
