/**
 * A description goes out as soon as the UDP candidates of every interface are there: Chromium gathers them together, at
 * once, and a tenth of a second later those of TCP, which no media gateway takes.
 */
import { type Session, type SessionDescriptionHandler, Web } from 'sip.js'
import type { Timers } from '../timers.ts'

/** Without a further candidate for so long, those of UDP are all there. */
const quietMs = 5

type Factory = (session: Session, options?: object) => SessionDescriptionHandler

export const quickCandidates =
  (timers: Timers, make: Factory): Factory =>
  (session, options) => {
    const handler = make(session, options)
    if (!(handler instanceof Web.SessionDescriptionHandler)) return handler
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
