/** Which of the four connections is how, and how bad that is. Pure. */
import type { CoreConnection } from '../../bridge/bridge.ts'
import type { LineState, MicrophoneState } from '../../phone/phone.ts'

export type Health = 'good' | 'busy' | 'bad' | 'none'
export type Truth =
  | { what: 'exchange'; state: LineState; health: Health }
  | { what: 'microphone'; state: MicrophoneState; health: Health }
  | { what: 'core'; state: CoreConnection; health: Health }
  | { what: 'centre'; state: 'none' | 'configured'; health: Health }

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

export const truths = (now: {
  line: LineState
  microphone: MicrophoneState
  core: CoreConnection
  centreConfigured: boolean
}): Truth[] => [
  { what: 'exchange', state: now.line, health: lineHealth[now.line] },
  { what: 'microphone', state: now.microphone, health: microphoneHealth[now.microphone] },
  { what: 'core', state: now.core, health: coreHealth[now.core] },
  { what: 'centre', state: now.centreConfigured ? 'configured' : 'none', health: 'none' },
]
