/**
 * sip.js's media of a session, with what it lacks so that a re-INVITE may be refused without harm to the call: the offer is
 * taken back, or nothing could be offered or answered in that call any more; and a hold is in what is said, not in our own
 * description, since Chromium stops playing the far side the moment that it is set and does not begin again.
 */
import { type Session, type SessionDescriptionHandler, Web } from 'sip.js'

/** Asked when everything is ready: the INVITE goes in the same turn, or not at all. */
type LastQuestion = { mayGo?(): boolean }
/** As sip.js hands it on to the session below. */
export const asking = (question: LastQuestion): object => question
export class NotSent extends Error {}

class MediaSession extends Web.SessionDescriptionHandler {
  override async getDescription(
    options?: Web.SessionDescriptionHandlerOptions & LastQuestion,
    modifiers?: Parameters<Web.SessionDescriptionHandler['getDescription']>[1],
  ) {
    const described = await this.#describe(options, modifiers)
    if (options?.mayGo?.() === false) throw new NotSent('too late')
    return described
  }

  async #describe(...[options, modifiers]: Parameters<Web.SessionDescriptionHandler['getDescription']>) {
    const pc = this.peerConnection
    if (pc?.signalingState !== 'stable') return super.getDescription(options, modifiers)
    // One that finds a new way is taken back as any other: made possible before, since nothing of it is agreed already.
    if (options?.offerOptions?.iceRestart === true && isOnlyAnswered(pc)) {
      await pc.setLocalDescription(await pc.createOffer())
      await answerAsAgreed(pc)
    }
    const said = await super.getDescription({ ...options, hold: false }, modifiers)
    return options?.hold === true ? { ...said, body: heldDescription(said.body) } : said
  }

  async rollbackDescription() {
    const pc = this.peerConnection
    if (pc?.signalingState !== 'have-local-offer') return
    if (isOnlyAnswered(pc)) await answerAsAgreed(pc)
    else await pc.setLocalDescription({ type: 'rollback' })
  }
}

const isOnlyAnswered = (pc: RTCPeerConnection): boolean => pc.currentLocalDescription?.type === 'answer'

/**
 * Chromium drops the transport of a connection that it has only answered on when an offer of its own is rolled back: the call
 * goes silent both ways. Not so when that offer is answered, so it is, with what was agreed already; from then on any other may be
 * rolled back.
 */
async function answerAsAgreed(pc: RTCPeerConnection) {
  const [local, remote] = [pc.currentLocalDescription, pc.currentRemoteDescription]
  if (local === null || remote === null) return
  const role = /^a=setup:active\r?$/m.test(local.sdp) ? 'passive' : 'active'
  await pc.setRemoteDescription({
    type: 'answer',
    sdp: remote.sdp.replace(/^a=setup:actpass(?=\r?$)/gm, `a=setup:${role}`),
  })
}

/** What we send of each medium stays, what we take ends: sendrecv → sendonly, recvonly → inactive. */
const heldDescription = (sdp: string): string =>
  sdp.replace(/^a=sendrecv(?=\r?$)/gm, 'a=sendonly').replace(/^a=recvonly(?=\r?$)/gm, 'a=inactive')

export const mediaSessions =
  (openMicrophone: () => Promise<MediaStream>) =>
  (session: Session, options?: object): SessionDescriptionHandler =>
    new MediaSession(session.userAgent.getLogger('sip.SessionDescriptionHandler'), openMicrophone, options)
