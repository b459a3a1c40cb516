import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  offlineSeat,
  type SeatState,
  type SeatStateEvent,
  seatTransition,
} from '../../shared/domain/seat-state.ts'

const policy = { wrapUpMs: 30_000, longestMs: 300_000 }
const after = (events: [SeatStateEvent, number][], from: SeatState = offlineSeat(0)) =>
  events.reduce((state, [event, now]) => seatTransition(state, event, now, policy), from)
const began = (inbound: boolean): SeatStateEvent => ({ type: 'call-began', callId: 'c', inbound })
const over: SeatStateEvent = { type: 'call-over', callId: 'c' }

describe('the seat state', () => {
  it('goes through a shift: sign in, ready, a call, wrap-up that runs out, ready again', () => {
    const talking = after([
      [{ type: 'sign-in' }, 1],
      [{ type: 'go-ready' }, 2],
      [began(true), 3],
    ])
    expect(talking.kind).toBe('talking')
    const wrapUp = after([[over, 10]], talking)
    expect(wrapUp).toMatchObject({ kind: 'wrap-up', wrapUpEndsAt: 30_010 })
    expect(after([[{ type: 'clock' }, 30_009]], wrapUp).kind).toBe('wrap-up')
    expect(after([[{ type: 'clock' }, 30_010]], wrapUp).kind).toBe('ready')
  })

  it('returns to the former state after an outgoing call, without wrap-up', () => {
    const resting: [SeatStateEvent, number][] = [
      [{ type: 'sign-in' }, 1],
      [{ type: 'go-break', reason: 'meal' }, 2],
      [began(false), 3],
      [over, 4],
    ]
    expect(after(resting)).toMatchObject({ kind: 'break', reason: 'meal' })
  })

  it('wraps up a citizen’s call whose other legs end before or after it, and no calls of the operator’s own', () => {
    const call = (callId: string, inbound: boolean): [SeatStateEvent, number] => [
      { type: 'call-began', callId, inbound },
      3,
    ]
    const end = (callId: string): [SeatStateEvent, number] => [{ type: 'call-over', callId }, 9]
    const ready: [SeatStateEvent, number][] = [
      [{ type: 'sign-in' }, 1],
      [{ type: 'go-ready' }, 2],
    ]
    const both = [call('citizen', true), call('third', false)]
    expect(after([...ready, ...both, end('third'), end('citizen')]).kind).toBe('wrap-up')
    expect(after([...ready, ...both, end('citizen'), end('third')]).kind).toBe('wrap-up')
    const own = [call('one', false), call('other', false)]
    expect(
      after([...ready, ...both, end('citizen'), end('third'), ...own, end('one'), end('other')]).kind,
    ).toBe('ready')
  })

  it('extends wrap-up up to its limit, ends it early, and takes what was asked for in the call', () => {
    const talking = after([
      [{ type: 'sign-in' }, 0],
      [{ type: 'go-ready' }, 0],
      [began(true), 0],
      [{ type: 'go-break', reason: 'rest' }, 5],
    ])
    expect(talking.kind).toBe('talking')
    const wrapUp = after([[over, 10]], talking)
    expect(after([[{ type: 'wrap-up-extended', byMs: 60_000 }, 20]], wrapUp).wrapUpEndsAt).toBe(90_010)
    expect(after([[{ type: 'wrap-up-extended', byMs: 9e9 }, 20]], wrapUp).wrapUpEndsAt).toBe(300_010)
    expect(after([[{ type: 'wrap-up-ended' }, 20]], wrapUp)).toMatchObject({ kind: 'break', reason: 'rest' })
  })

  it('leaves ready by itself when the exchange is lost, says so, and comes back by itself', () => {
    const lost = after([
      [{ type: 'sign-in' }, 0],
      [{ type: 'go-ready' }, 1],
      [{ type: 'line-lost' }, 2],
    ])
    expect(lost).toMatchObject({ kind: 'busy', lineLost: true })
    expect(after([[{ type: 'line-back' }, 3]], lost)).toMatchObject({ kind: 'ready', lineLost: false })
    const chosen: [SeatStateEvent, number][] = [
      [{ type: 'go-busy' }, 3],
      [{ type: 'line-back' }, 4],
    ]
    expect(after(chosen, lost).kind).toBe('busy')
  })

  it('is never ready with a live call, and never forgets or invents one, whatever happens', () => {
    const event: fc.Arbitrary<SeatStateEvent> = fc.oneof(
      fc.constantFrom<SeatStateEvent>(
        { type: 'sign-in' },
        { type: 'go-ready' },
        { type: 'go-busy' },
        { type: 'go-break', reason: 'rest' },
        { type: 'wrap-up-ended' },
        { type: 'wrap-up-extended', byMs: 10_000 },
        { type: 'line-lost' },
        { type: 'line-back' },
        { type: 'clock' },
        { type: 'sign-out' },
      ),
      fc.record({
        type: fc.constantFrom('call-began' as const, 'call-over' as const),
        callId: fc.constantFrom('a', 'b', 'c'),
        inbound: fc.boolean(),
      }),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(event, fc.nat(60_000)), { maxLength: 60 }), steps => {
        let state = offlineSeat(0)
        let now = 0
        let live = new Set<string>()
        for (const [what, wait] of steps) {
          now += wait
          const offline = state.kind === 'offline'
          state = seatTransition(state, what, now, policy)
          if (what.type === 'sign-out') live = new Set()
          else if (!offline && what.type === 'call-began') live.add(what.callId)
          else if (!offline && what.type === 'call-over') live.delete(what.callId)
          expect(new Set(state.calls.map(({ callId }) => callId))).toEqual(live)
          expect(state.kind === 'talking').toBe(live.size > 0)
          expect(state.wrapUpEndsAt !== null).toBe(state.kind === 'wrap-up')
          if (state.lineLost) expect(state.kind).not.toBe('ready')
        }
      }),
    )
  })
})
