/** What an operator does with callbacks, one thing at a time. A callback is dialled only as docs/callbacks.md allows it. */
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { HeldCallback } from '../../../shared/contract/seat-callbacks.ts'
import type { CallbackOutcome } from '../../../shared/domain/callback.ts'
import { leaseLeftMs, type TwoClocks } from '../../../shared/domain/callback-dial.ts'
import type { Bridge } from '../../bridge/bridge.ts'
import { queryKeys, useBridge } from '../../bridge/bridge-context.tsx'
import type { Phone } from '../../phone/phone.ts'
import { usePhone } from '../../phone/phone-context.tsx'
import { sentenceOf } from '../../ui/text.ts'
import { useCallbackText } from './callbacks-text.ts'

const clocks = (): TwoClocks => ({ monotonic: performance.now(), wall: Date.now() })

/**
 * Told to the centre, then dialled, if enough of the lease is left by the stricter of both clocks when the INVITE is ready. What
 * was not sent is told as a failure of the line, so that the task does not stay uncertain.
 */
export async function dialCallback(
  { seat }: Pick<Bridge, 'seat'>,
  phone: Pick<Phone, 'dial'>,
  taskId: string,
  now: () => TwoClocks = clocks,
): Promise<void> {
  const asked = now()
  const { number, header, secondsLeft, neededSeconds } = await seat.callbacks.dialling({ taskId })
  const mayGo = () => leaseLeftMs(secondsLeft, asked, now()) >= neededSeconds * 1_000
  let callId: string
  try {
    callId = await phone.dial(number, { headers: [header], mayGo })
  } catch (error) {
    await seat.callbacks.outcome({ taskId, outcome: 'failed', note: '' }).catch(() => {})
    throw error
  }
  await seat.callbacks.dialled({ taskId, callId })
}

export type Work = ReturnType<typeof useCallbackWork>

export function useCallbackWork() {
  const say = useCallbackText()
  const bridge = useBridge()
  const phone = usePhone()
  const client = useQueryClient()
  const { callbacks } = bridge.seat
  const [busy, setBusy] = useState<string | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [notice, setNotice] = useState<string | null>(null)

  const act = async (what: string, action: () => Promise<unknown>): Promise<boolean> => {
    if (busy !== null) return false
    setBusy(what)
    setProblem(null)
    setNotice(null)
    try {
      await action()
      return true
    } catch (error) {
      setProblem(say('notDone', { why: sentenceOf(error) }))
      return false
    } finally {
      setBusy(null)
      void client.invalidateQueries({ queryKey: queryKeys.callbacks })
    }
  }

  return {
    busy,
    problem,
    notice,
    act,
    callbacks,
    claim: (taskId: string | null) =>
      act('claim', async () => {
        const answer = await callbacks.claim({ taskId })
        if (answer.outcome === 'granted') {
          client.setQueryData([...queryKeys.callbacks, 'held'], answer.held)
          return
        }
        const [first] = answer.passed
        if (first === undefined || taskId === null) setNotice(say('passedNone'))
        else
          setProblem(
            first.heldBy === null
              ? first.sentence
              : say('passedHeld', { name: first.heldBy.operatorName, sentence: first.sentence }),
          )
      }),
    dial: ({ row }: HeldCallback) => act('dial', () => dialCallback(bridge, phone, row.taskId)),
    outcome: ({ row }: HeldCallback, outcome: CallbackOutcome) =>
      act('outcome', async () => {
        const { delivered } = await callbacks.outcome({ taskId: row.taskId, outcome, note: '' })
        if (!delivered) setNotice(say('kept'))
      }),
  }
}
