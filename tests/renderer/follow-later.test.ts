import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { followLater } from '../../renderer/phone/follow-later.ts'
import type { PhoneCall } from '../../renderer/phone/phone.ts'
import { createPhoneState } from '../../renderer/phone/phone-state.ts'

const call = (callId: string) => ({ callId, state: 'ringing' }) as PhoneCall

let page: EventTarget & { hidden: boolean }
let frames: (() => void)[]

beforeEach(() => {
  vi.useFakeTimers()
  page = Object.assign(new EventTarget(), { hidden: false })
  frames = []
  vi.stubGlobal('document', page)
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => frames.push(run))
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function followed() {
  const state = createPhoneState()
  const later = followLater(state)
  const told: string[] = []
  const stop = later.subscribe(() => {
    const { line, calls } = later.snapshot()
    told.push(`${line.state} ${calls.map(({ callId }) => callId).join(',')}`.trim())
  })
  const drawn = () => {
    for (const run of frames.splice(0)) run()
    vi.advanceTimersByTime(10)
  }
  return { state, later, told, drawn, stop }
}

describe('what is drawn after a call’s card', () => {
  it('follows the calls when the card has been drawn, once for all that changed meanwhile', () => {
    const { state, told, drawn, later } = followed()
    state.add(call('one'))
    state.change('one', { state: 'talking' })
    expect(told).toEqual([])
    expect(later.snapshot().calls).toEqual([])
    drawn()
    expect(told).toEqual(['unconfigured one'])
    expect(later.snapshot()).toBe(state.snapshot())
    vi.runAllTimers()
    expect(told).toHaveLength(1)
  })

  it('is told at once how the line stands, with and without a call that waits for its card', () => {
    const { state, told, drawn, later } = followed()
    state.line('registered')
    expect(told).toEqual(['registered'])
    state.add(call('one'))
    state.line('offline', '已断开')
    expect(told).toEqual(['registered', 'offline'])
    expect(later.snapshot().line.problem).toBe('已断开')
    state.microphone('missing')
    expect(later.snapshot().microphone).toBe('missing')
    drawn()
    expect(told.at(-1)).toBe('offline one')
    state.line('connecting')
    expect(told.at(-1)).toBe('connecting one')
  })

  it('waits for nothing in a hidden window, nor in one that is hidden while it waits', () => {
    const { state, told } = followed()
    state.add(call('one'))
    page.hidden = true
    page.dispatchEvent(new Event('visibilitychange'))
    expect(told).toEqual(['unconfigured one'])
    state.add(call('two'))
    expect(told.at(-1)).toBe('unconfigured one,two')
  })

  it('does not wait for ever where no frame comes', () => {
    const { state, told } = followed()
    state.add(call('one'))
    vi.advanceTimersByTime(60)
    expect(told).toEqual(['unconfigured one'])
  })

  it('knows how things stand for whoever comes when nobody has followed for a while', () => {
    const { state, later, stop } = followed()
    stop()
    state.add(call('one'))
    expect(later.snapshot()).toBe(state.snapshot())
  })
})
