/** The least page that a phone needs: the same handles as the seat's, so that one bench drives all of them. */

export type PeerAccount = { server: string; extension: string; secret: string }

type PeerState = 'idle' | 'ringing' | 'talking' | 'held'

export type PeerPhone = {
  answer(): void
  hangUp(): void
  toggleHold(): void
  dial(number: string): void
}

const button = (label: string, press: () => void, set: (element: HTMLButtonElement) => void) => {
  const element = document.createElement('button')
  element.textContent = label
  element.addEventListener('click', press)
  set(element)
  return element
}

export function peerAccount(): PeerAccount {
  const given = new URLSearchParams(location.search)
  const [server, extension, secret] = ['server', 'extension', 'secret'].map(name => given.get(name) ?? '')
  return { server: server ?? '', extension: extension ?? '', secret: secret ?? '' }
}

export function createPeerPage(phone: PeerPhone) {
  const card = document.createElement('div')
  const form = document.createElement('form')
  form.className = 'dial'
  const number = document.createElement('input')
  form.append(
    number,
    button(
      'dial',
      () => {},
      element => {
        element.type = 'submit'
      },
    ),
  )
  form.addEventListener('submit', event => {
    event.preventDefault()
    phone.dial(number.value)
  })
  const audio = document.createElement('audio')
  document.body.append(card, form, audio)
  /** `who`: the caller's number, which an operator sees with the ring. */
  const show = (state: PeerState, who = '') => {
    card.className = `call-card ${state}`
    const line = document.createElement('p')
    line.textContent = who
    if (state === 'idle') card.replaceChildren()
    else if (state === 'ringing')
      card.replaceChildren(
        line,
        button('answer', phone.answer, element => {
          element.className = 'answer'
        }),
      )
    else
      card.replaceChildren(
        button('hold', phone.toggleHold, element => element.setAttribute('aria-keyshortcuts', 'F8')),
        button('hang up', phone.hangUp, element => element.setAttribute('aria-keyshortcuts', 'F4')),
      )
  }
  show('idle')
  return {
    show,
    registered: () => {
      document.title = 'registered'
    },
    play: (track: MediaStreamTrack) => {
      audio.srcObject = new MediaStream([track])
      void audio.play()
    },
  }
}
