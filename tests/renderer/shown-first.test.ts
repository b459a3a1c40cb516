import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createShownFirst } from '../../renderer/phone/sip/shown-first.ts'

/** A window in which nothing is drawn until the clock goes on. */
let page: EventTarget & { hidden: boolean }
beforeEach(() => {
  page = Object.assign(new EventTarget(), { hidden: false })
  vi.stubGlobal('requestAnimationFrame', () => 0)
  vi.stubGlobal('document', page)
})
afterEach(() => {
  vi.unstubAllGlobals()
})

function ringing(shows = true) {
  const due: (() => void)[] = []
  const said: string[] = []
  const first = createShownFirst({
    timers: {
      after: (_, run) => {
        due.push(run)
        return () => {}
      },
    },
    show: message => {
      if (!shows || !message.startsWith('call ')) return null
      said.push(`shown ${message}`)
      return {
        takeBack: () => said.push(`settled ${message}`),
        until: message.includes('held') ? 'drawn' : 'seen',
      }
    },
    receive: message => {
      said.push(`read ${message}`)
      // Whoever is told of it may act on it at once.
      first.goOn()
    },
  })
  /** The time in which a frame would have come is over. */
  const drawn = () => {
    for (const run of due.splice(0)) run()
  }
  return { drawn, said, first }
}

describe('a call that begins', () => {
  it('is shown, then read, and what follows it is kept in order', () => {
    const { drawn, said, first } = ringing()
    first.receive('call one')
    first.receive('CANCEL of one')
    first.receive('call two')
    expect(said).toEqual(['shown call one'])
    drawn()
    expect(said).toEqual([
      'shown call one',
      'read call one',
      'read CANCEL of one',
      'read call two',
      'settled call one',
    ])
    first.receive('BYE of another')
    expect(said.at(-1)).toBe('read BYE of another')
    first.receive('call three')
    expect(said.at(-1)).toBe('shown call three')
  })

  it('is read at once when it is acted on before it is drawn, and only once', () => {
    const { drawn, said, first } = ringing()
    first.receive('call one')
    first.goOn()
    drawn()
    expect(said).toEqual(['shown call one', 'read call one', 'settled call one'])
  })

  it('waits for a frame only where it is to be seen first', () => {
    const { drawn, said, first } = ringing()
    const frame = vi.fn<(run: () => void) => number>(() => 0)
    vi.stubGlobal('requestAnimationFrame', frame)
    first.receive('call held')
    expect(said).toEqual(['shown call held'])
    expect(frame).not.toHaveBeenCalled()
    drawn()
    expect(said).toEqual(['shown call held', 'read call held', 'settled call held'])
    first.receive('call one')
    expect(frame).toHaveBeenCalledOnce()
  })

  it('is held up in no hidden window, nor in one that is hidden meanwhile, nor where nothing is shown', () => {
    const unseen = ringing(false)
    unseen.first.receive('call one')
    expect(unseen.said).toEqual(['read call one'])
    const covered = ringing()
    covered.first.receive('call two')
    page.hidden = true
    page.dispatchEvent(new Event('visibilitychange'))
    expect(covered.said).toEqual(['shown call two', 'read call two', 'settled call two'])
    const hidden = ringing()
    hidden.first.receive('call three')
    expect(hidden.said).toEqual(['shown call three', 'read call three', 'settled call three'])
  })
})
