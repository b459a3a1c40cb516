/**
 * Stands before the seat: nothing of it is there until somebody has signed in, and nothing of it is readable while it is locked.
 *
 *   nobody ──sign in──▶ open ──Ctrl+L, idle──▶ locked: the seat lives on, out of the document (Shelf.tsx)
 *      ▲                 │  ◀─────unlock──────   │
 *      └──── sign out ───┴───────────────────────┘   the seat is taken down; what was typed is in the database
 */
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { SeatStatus } from '../../../shared/contract/seat.ts'
import type { Operator } from '../../../shared/domain/operator.ts'
import { queryKeys, useBridge, useSeatStatus } from '../../bridge/bridge-context.tsx'
import { usePhone } from '../../phone/phone-context.tsx'
import { after } from '../../phone/timers.ts'
import { holdKeys, keyName } from '../../ui/keys.ts'
import { problemOf, useIdentityText } from './identity-words.ts'
import { createIdleLock } from './idle-lock.ts'
import { LockScreen } from './LockScreen.tsx'
import { LockProvider } from './lock-context.ts'
import { RecoveryCodes } from './RecoveryCodes.tsx'
import { Shelf } from './Shelf.tsx'
import { SignIn } from './SignIn.tsx'
import './identity.css'

/** So long a lock or a sign-out waits for what was typed to be stored. Milliseconds. */
const settleMs = 3_000
const lockAgainMs = 1_000

type Known = { operator: Operator | null; locked: boolean; idleMinutes: number }

/** While the core is away, or its database is not open, nobody knows who is signed in: whoever was stays, and so does the lock. */
function useLastKnown(status: SeatStatus | undefined): Known | null {
  const [known, setKnown] = useState<{ of: SeatStatus; value: Known } | null>(null)
  if (status?.storage.state !== 'open') return known?.value ?? null
  if (known?.of === status) return known.value
  const value = {
    operator: status.operator,
    locked: status.locked,
    idleMinutes: status.idleLockMinutes,
  }
  setKnown({ of: status, value })
  return value
}

type Props = {
  /** Whether everything that was typed is in the database, after waiting for it no longer than this. */
  settle(withinMs: number): Promise<boolean>
  children: ReactNode
}

export function SignInGate({ settle, children }: Props) {
  const say = useIdentityText()
  const { seat } = useBridge()
  const phone = usePhone()
  const client = useQueryClient()
  const status = useSeatStatus()
  const known = useLastKnown(status)
  const operatorId = known?.operator?.operatorId ?? null
  const [covered, setCovered] = useState(false)
  const [shownFor, setShownFor] = useState<string | null>(null)
  const [recoveryCodes, setRecoveryCodes] = useState<readonly string[] | null>(null)
  const [idleSeconds, setIdleSeconds] = useState<number | null>(null)
  const locked = operatorId !== null && (covered || known?.locked === true)

  // A seat that is locked when the page comes is first shown when it has been unlocked.
  const present = operatorId === null || (locked && shownFor !== operatorId) ? null : operatorId
  if (known !== null && shownFor !== present) setShownFor(present)

  // A cover goes with whoever it was for.
  const [coveredFor, setCoveredFor] = useState(operatorId)
  if (known !== null && coveredFor !== operatorId) {
    setCoveredFor(operatorId)
    setCovered(false)
  }

  const composing = useRef(false)
  useEffect(() => {
    const follow = ({ type }: Event) => {
      composing.current = type === 'compositionstart'
    }
    const kinds = ['compositionstart', 'compositionend'] as const
    for (const kind of kinds) window.addEventListener(kind, follow, true)
    return () => {
      for (const kind of kinds) window.removeEventListener(kind, follow, true)
    }
  }, [])
  const lock = useCallback(() => {
    // What an input method has in hand goes into its field.
    if (composing.current && document.activeElement instanceof HTMLElement) document.activeElement.blur()
    setCovered(true)
  }, [])

  /** The page is covered at once. The core learns it when everything is stored, and as soon as it is there. */
  const toldCore = known?.locked === true
  useEffect(() => {
    if (toldCore) return setCovered(false)
    if (!covered || operatorId === null) return
    let cancel = () => {}
    let ended = false
    const tell = async () => {
      await settle(settleMs)
      if (!ended) await seat.identity.lock({})
    }
    const attempt = () =>
      void tell().catch(() => {
        if (!ended) cancel = after(lockAgainMs, attempt)
      })
    attempt()
    return () => {
      ended = true
      cancel()
    }
  }, [covered, toldCore, operatorId, seat, settle])

  // In the window's first phase, so that no dialog or field keeps the key to itself.
  const isOpen = operatorId !== null && !locked
  useEffect(() => {
    if (!isOpen) return
    const pressed = (event: KeyboardEvent) => {
      if (keyName(event) !== 'Ctrl+L') return
      event.preventDefault()
      event.stopPropagation()
      if (!event.repeat) lock()
    }
    window.addEventListener('keydown', pressed, true)
    return () => window.removeEventListener('keydown', pressed, true)
  }, [isOpen, lock])
  useEffect(() => (locked ? holdKeys() : undefined), [locked])

  const limitMs = (known?.idleMinutes ?? 15) * 60_000
  useEffect(() => {
    if (!isOpen) return
    const idle = createIdleLock({
      now: () => Date.now(),
      after,
      limitMs: () => limitMs,
      inCall: () => phone.snapshot().calls.length > 0,
      warn: setIdleSeconds,
      lock,
    })
    const kinds = ['keydown', 'pointerdown', 'pointermove', 'wheel', 'compositionupdate'] as const
    for (const kind of kinds) window.addEventListener(kind, idle.touched, { capture: true, passive: true })
    return () => {
      for (const kind of kinds) window.removeEventListener(kind, idle.touched, { capture: true })
      idle.stop()
    }
  }, [isOpen, limitMs, phone, lock])

  const leave = useCallback(async () => {
    if (phone.snapshot().calls.length > 0) return say('leaveInCall')
    try {
      if (!(await settle(settleMs))) return say('leaveUnsaved')
      await seat.identity.signOut({})
      await client.invalidateQueries({ queryKey: queryKeys.status })
      return null
    } catch (error) {
      return problemOf(error, say)
    }
  }, [phone, settle, seat, client, say])

  const unlocked = async () => {
    setCovered(false)
    // What was asked meanwhile was refused.
    await client.invalidateQueries()
  }

  const actions = useMemo(() => ({ lock, leave, showRecoveryCodes: setRecoveryCodes }), [lock, leave])
  return (
    <LockProvider value={actions}>
      {shownFor === null ? null : (
        <Shelf key={shownFor} away={locked}>
          {children}
        </Shelf>
      )}
      {locked && known?.operator != null ? (
        <LockScreen operator={known.operator} onUnlocked={unlocked} onLeave={leave} />
      ) : null}
      {known !== null && operatorId === null ? (
        <div className="gate">
          {status?.notice === 'enrolled' ? (
            <p className="gate-notice" role="status">
              {say('enrolled')}
            </p>
          ) : null}
          <SignIn onRecoveryCodes={setRecoveryCodes} />
          <section className="gate-state" aria-label={say('seatState')}>
            <span aria-hidden="true">{say('seatState')}</span>
            <p role="status">{say('off')}</p>
          </section>
        </div>
      ) : null}
      {recoveryCodes !== null && !locked ? (
        <RecoveryCodes codes={recoveryCodes} onClose={() => setRecoveryCodes(null)} />
      ) : null}
      {isOpen && idleSeconds !== null ? (
        <p className="idle-warning" role="status">
          {say('idle', { seconds: idleSeconds })}
        </p>
      ) : null}
    </LockProvider>
  )
}
