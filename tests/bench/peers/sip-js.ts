/** Bare sip.js 0.21.2, as its own documentation uses it; only its public STUN server is left out, which would cost it seconds. */
import { Invitation, Inviter, Registerer, type Session, SessionState, UserAgent, Web } from 'sip.js'
import { createPeerPage, peerAccount } from './peer-page.ts'

const { server, extension, secret } = peerAccount()
const address = (user: string) => {
  const uri = UserAgent.makeURI(`sip:${user}@127.0.0.1`)
  if (uri === undefined) throw new Error('not a number')
  return uri
}

let session: Session | null = null
let held = false

const page = createPeerPage({
  answer: () => {
    if (session instanceof Invitation) void session.accept()
  },
  hangUp: () => {
    if (session instanceof Inviter && session.state !== SessionState.Established) void session.cancel()
    else void session?.bye()
  },
  toggleHold: () => {
    const hold = !held
    const sessionDescriptionHandlerOptions: Web.SessionDescriptionHandlerOptions = { hold }
    void session?.invite({
      sessionDescriptionHandlerOptions,
      requestDelegate: {
        onAccept: () => {
          held = hold
          page.show(held ? 'held' : 'talking')
        },
      },
    })
  },
  dial: number => {
    const inviter = new Inviter(agent, address(number))
    follow(inviter)
    void inviter.invite()
  },
})

function follow(one: Session) {
  session = one
  held = false
  one.stateChange.addListener(state => {
    if (state === SessionState.Established) {
      page.show('talking')
      const handler = one.sessionDescriptionHandler
      if (handler instanceof Web.SessionDescriptionHandler)
        for (const { track } of handler.peerConnection?.getReceivers() ?? []) page.play(track)
    }
    if (state === SessionState.Terminated) page.show('idle')
  })
}

const register = () => {
  void new Registerer(agent).register({ requestDelegate: { onAccept: page.registered } })
}
const agent: UserAgent = new UserAgent({
  uri: address(extension),
  authorizationUsername: extension,
  authorizationPassword: secret,
  transportOptions: { server },
  // What its SimpleUser does.
  reconnectionAttempts: 3,
  reconnectionDelay: 4,
  sessionDescriptionHandlerFactoryOptions: { peerConnectionConfiguration: { iceServers: [] } },
  logBuiltinEnabled: false,
  delegate: {
    onConnect: register,
    onInvite: invitation => {
      follow(invitation)
      page.show('ringing', invitation.remoteIdentity.uri.user ?? '')
    },
  },
})
void agent.start()
