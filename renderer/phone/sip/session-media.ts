/**
 * One call's peer connection. Its description goes out as soon as the UDP candidates of every interface are there:
 * Chromium gathers them together, at once, and a tenth of a second later those of TCP, which no media gateway takes.
 */
import { type Session, Web } from 'sip.js'
import type { Timers } from '../timers.ts'

/** Without a further candidate for so long, those of UDP are all there. */
const quietMs = 5
/** Where not even one appears, e.g. no network: the call goes on with what there is. */
const gatherWithinMs = 1_000

export function createMediaHandlers(
  timers: Timers,
  openMicrophone: () => Promise<MediaStream>,
): Web.SessionDescriptionHandlerFactory {
  const make = Web.defaultSessionDescriptionHandlerFactory(() => openMicrophone())
  return (session: Session) => {
    const handler = make(session, {
      iceGatheringTimeout: gatherWithinMs,
      peerConnectionConfiguration: {
        iceServers: [],
        bundlePolicy: 'balanced',
        // Sockets are opened while the microphone still is.
        iceCandidatePoolSize: 1,
      },
    })
    let cancelQuiet = () => {}
    handler.peerConnectionDelegate = {
      onicecandidate: ({ candidate }) => {
        cancelQuiet()
        if (candidate === null) return
        if (candidate.protocol === 'tcp') handler.iceGatheringComplete()
        else cancelQuiet = timers.after(quietMs, () => handler.iceGatheringComplete())
      },
    }
    return handler
  }
}
