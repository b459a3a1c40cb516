/** Bare JsSIP 3.13, with its defaults. */
import { UA, WebSocketInterface } from 'jssip'
import type { RTCSession } from 'jssip/lib/RTCSession.js'
import { createPeerPage, peerAccount } from './peer-page.ts'

const { server, extension, secret } = peerAccount()
const options = { mediaConstraints: { audio: true, video: false }, pcConfig: { iceServers: [] } }
let session: RTCSession | null = null

const page = createPeerPage({
  answer: () => session?.answer(options),
  hangUp: () => session?.terminate(),
  toggleHold: () => {
    if (session?.isOnHold().local === true) session.unhold({}, () => page.show('talking'))
    else session?.hold({}, () => page.show('held'))
  },
  dial: number => void agent.call(`sip:${number}@127.0.0.1`, options),
})

const agent = new UA({
  sockets: [new WebSocketInterface(server)],
  uri: `sip:${extension}@127.0.0.1`,
  password: secret,
})
agent.on('registered', page.registered)
agent.on('newRTCSession', (event: { session: RTCSession; originator: string }) => {
  session = event.session
  const { session: one, originator } = event
  const play = () => {
    for (const { track } of one.connection.getReceivers()) page.play(track)
  }
  one.on('confirmed', () => {
    page.show('talking')
    play()
  })
  one.on('ended', () => page.show('idle'))
  one.on('failed', () => page.show('idle'))
  if (originator === 'remote') page.show('ringing', one.remote_identity.uri.user)
})
agent.start()
