/** Answers by itself after the set seconds (自动接听): only at a ready seat that speaks with nobody, with a beep before. */
import type { Phone } from '../phone/phone.ts'

export function createAutoAnswer(parts: {
  phone: Pick<Phone, 'snapshot' | 'onCallEvent' | 'answer' | 'warn'>
  after(ms: number, run: () => void): () => void
  isReady(): boolean
  answered(callId: string): void
}) {
  const { phone, after } = parts
  let seconds = 0

  const answer = (callId: string) => {
    const { calls } = phone.snapshot()
    const still = calls.some(call => call.callId === callId && call.state === 'ringing' && !call.busy)
    const alone = calls.every(call => call.state === 'ringing')
    if (seconds === 0 || !still || !alone || !parts.isReady()) return
    phone.warn()
    after(300, () => {
      phone
        .answer(callId)
        .then(() => parts.answered(callId))
        // It was given up in that moment, or the phone shows why not.
        .catch(() => {})
    })
  }

  phone.onCallEvent((callId, event) => {
    if (event.type === 'offered' && seconds > 0) after(seconds * 1_000, () => answer(callId))
  })
  return {
    /** 0: never. */
    setSeconds: (value: number) => {
      seconds = value
    },
  }
}
