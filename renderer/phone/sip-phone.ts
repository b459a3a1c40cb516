/** The phone on sip.js 0.21.2, put together. Everything else of the page knows only `phone.ts`; sip.js is only in `sip/`. */
import type { CallEvent } from '../../shared/domain/call.ts'
import type { CallEvidence, SipDialog } from '../../shared/domain/call-evidence.ts'
import { defaultSettings } from '../../shared/domain/settings.ts'
import { idOf, listDevices, volumeOf, watchDevices } from './audio/devices.ts'
import { createMicrophone } from './audio/microphone.ts'
import { createMixer, type Mixer } from './audio/mixer.ts'
import { createRingtone } from './audio/ringtone.ts'
import { type Phone, type PhoneCall, PhoneError, type PhoneOptions } from './phone.ts'
import { createPhoneState } from './phone-state.ts'
import { condensed, createQualityReader, type QualityReader, qualityNow } from './quality.ts'
import { codecModifiers, createCalls } from './sip/calls.ts'
import { sendInfo, sendKeys } from './sip/in-call.ts'
import { createIncoming } from './sip/incoming.ts'
import { audioSender, type Leg, type Legs, legOf, peerConnection, remoteTrack } from './sip/leg.ts'
import { createLine } from './sip/line.ts'
import { createRecall } from './sip/recall.ts'
import { createRecovery } from './sip/recovery.ts'
import { createReinvites } from './sip/reinvite.ts'
import { createTraceBook } from './sip/trace.ts'
import { createTransfers } from './sip/transfer.ts'
import { createWorkerTimers, type Timers } from './timers.ts'

const qualityEveryMs = 1_000
/** An hour of seconds; a longer call keeps its last hour. */
const samplesKept = 3_600

export function createSipPhone(
  given: { timers?: Timers; random?: () => number; explain?: (url: string) => Promise<string | null> } = {},
): Phone {
  const timers = given.timers ?? createWorkerTimers()
  const random = given.random ?? Math.random
  const state = createPhoneState()
  const legs: Legs = new Map()
  const listeners = {
    event: new Set<(callId: string, event: CallEvent) => void>(),
    dialog: new Set<(callId: string, dialog: SipDialog | null) => void>(),
    evidence: new Set<(callId: string, evidence: CallEvidence) => void>(),
  }
  let options: PhoneOptions = {
    headerMap: defaultSettings.headerMap,
    codecs: defaultSettings.codecs,
    ringtoneVolume: defaultSettings.ringtoneVolume,
    dtmf: defaultSettings.dtmf,
    callerId: '',
    devices: defaultSettings.devices,
  }
  let speaker = { deviceId: '', volume: 1 }
  let microphoneId = ''
  let mixed: { mixer: Mixer; callIds: readonly string[] } | null = null
  const readers = new Map<Leg, QualityReader>()
  const book = createTraceBook(timers.now)

  const emit = (callId: string, event: CallEvent) => {
    for (const listener of listeners.event) listener(callId, event)
  }
  const ringtone = createRingtone(state.ringtoneAllowed)
  const microphone = createMicrophone(state.microphone, () => microphoneId)

  const { reinvite, lineLost, isHolding, accepted } = createReinvites({
    timers,
    random,
    modifiers: () => codecModifiers(options.codecs),
    agent: () => line.agent(),
  })
  const calls = createCalls({
    timers,
    state,
    legs,
    line: () => line,
    options: () => options,
    speaker: () => speaker,
    reinvite,
    ring: ringtone.ring,
    emit,
    isMixed: leg => mixed?.callIds.includes(leg.callId) ?? false,
    finished: (leg, call) => finished(leg, call),
    established: leg => {
      const dialog = dialogOf(leg)
      for (const listener of listeners.dialog) listener(leg.callId, dialog)
      watchTrack(leg)
    },
    mediaLost: leg => recovery.one(leg),
    blocked: () => state.ringtoneAllowed(false),
  })
  const line = createLine({
    timers,
    random,
    state,
    openMicrophone: microphone.open,
    ...createIncoming({ timers, state, legs, calls, options: () => options, emit }),
    accepted,
    isHolding,
    lost: lineLost,
    back: () => {
      recovery.all()
      transfers.lineBack()
    },
    hasCalls: () => legs.size > 0,
    trace: book.trace,
    explain: given.explain ?? (() => Promise.resolve(null)),
  })
  const transfers = createTransfers({ timers, state, legs, calls, emit })
  const recall = createRecall({ timers, state, calls, emit })
  const recovery = createRecovery({ timers, state, legs, calls, reinvite, agent: line.agent })

  // ── after a call ────────────────────────────────────────────────────────────────────────────────────────────────

  const finished = (leg: Leg, call: PhoneCall | undefined) => {
    readers.delete(leg)
    for (const listener of listeners.dialog) listener(leg.callId, null)
    const evidence: CallEvidence = {
      samples: condensed(leg.samples),
      ladder: book.take(leg.sipCallId),
      states: leg.states,
    }
    for (const listener of listeners.evidence) listener(leg.callId, evidence)
    if (mixed?.callIds.includes(leg.callId)) void unmix()
    else if (call?.consultOf != null) transfers.consultEnded(call.consultOf)
  }

  // ── three-way ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** Back to ordinary calls: whoever is left hears the operator's own microphone again. */
  const unmix = async () => {
    const before = mixed
    mixed = null
    if (before === null) return
    for (const callId of before.callIds) {
      const leg = legs.get(callId)
      if (leg === undefined) continue
      await audioSender(leg)?.replaceTrack(leg.microphone)
      state.change(callId, { inConference: false })
      calls.applyMute(callId)
    }
    await before.mixer.close()
  }

  const startConference = async () => {
    if (mixed !== null) throw new PhoneError('BUSY', '已经在三方通话中')
    const { calls: live } = state.snapshot()
    const spoken = live.find(call => call.state === 'talking')
    const held = live.find(call => call.state === 'held')
    if (spoken === undefined || held === undefined)
      throw new PhoneError('REFUSED', '三方通话需要一个通话中和一个保持中的通话')
    await calls.setHold(held.callId, false)
    const both = [legOf(legs, held.callId), legOf(legs, spoken.callId)]
    const parties = both.flatMap(leg => {
      const [sender, remote] = [audioSender(leg), remoteTrack(leg)]
      return sender === undefined || remote === undefined ? [] : [{ sender, remote }]
    })
    const voice = both[1]?.microphone
    if (parties.length !== 2 || voice == null)
      throw new PhoneError('REFUSED', '三方通话没有建立：音频尚未接通')
    voice.enabled = true
    const muted = spoken.muted
    const callIds = both.map(leg => leg.callId)
    mixed = { mixer: await createMixer(parties, voice, muted), callIds }
    for (const callId of callIds) state.change(callId, { inConference: true, muted })
  }

  // ── devices ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Another microphone for every call, keeping who is muted and who is held. */
  const swapMicrophone = async () => {
    for (const leg of legs.values()) {
      if (leg.microphone === null) continue
      let stream: MediaStream
      try {
        stream = await microphone.open()
      } catch {
        // Nothing is plugged in: the state says so, and the next change of devices comes here again.
        return
      }
      const [track] = stream.getAudioTracks()
      if (track === undefined) return
      leg.microphone.onended = null
      leg.microphone.stop()
      leg.microphone = track
      watchTrack(leg)
      if (mixed?.callIds.includes(leg.callId)) {
        if (mixed.callIds[1] === leg.callId) mixed.mixer.setMicrophone(track)
      } else {
        // Silent before it is sent: a muted operator is never heard in between.
        calls.applyMute(leg.callId)
        await audioSender(leg)?.replaceTrack(track)
      }
      calls.applyMute(leg.callId)
    }
  }

  const watchTrack = (leg: Leg) => {
    if (leg.microphone !== null) leg.microphone.onended = () => void devicesChanged(true)
  }

  const devicesChanged = async (lost = false) => {
    const found = await listDevices()
    const { devices } = options
    const wanted = idOf(found.microphones, devices.microphone)
    microphoneId = wanted
    speaker = { deviceId: idOf(found.speakers, devices.speaker), volume: volumeOf(devices, devices.speaker) }
    ringtone.playOn(idOf(found.speakers, devices.ringer))
    calls.outputs()
    const live = [...legs.values()].find(leg => leg.microphone !== null)
    if (live === undefined) return void microphone.check()
    const used = live.microphone?.getSettings().deviceId
    const dead = lost || live.microphone?.readyState === 'ended'
    if (dead || (wanted !== '' && used !== wanted)) await swapMicrophone()
  }
  watchDevices(() => void devicesChanged())

  // ── quality ─────────────────────────────────────────────────────────────────────────────────────────────────────

  const measure = () => {
    timers.after(qualityEveryMs, measure)
    for (const leg of legs.values()) {
      const pc = peerConnection(leg)
      if (!leg.answered || pc === undefined || state.call(leg.callId)?.state !== 'talking') continue
      const reader = readers.get(leg) ?? createQualityReader(timers.now)
      readers.set(leg, reader)
      void pc.getStats().then(report => {
        const sample = reader.read(report.values())
        if (sample === null || legs.get(leg.callId) !== leg) return
        leg.samples.push(sample)
        if (leg.samples.length > samplesKept) leg.samples.shift()
        state.change(leg.callId, { quality: qualityNow(leg.samples) })
      })
    }
  }
  measure()

  const consultOf = (callId: string) => state.snapshot().calls.find(call => call.consultOf === callId)?.callId
  const added = <T>(set: Set<T>, listener: T) => {
    set.add(listener)
    return () => void set.delete(listener)
  }

  return {
    snapshot: state.snapshot,
    subscribe: state.subscribe,
    onCallEvent: listener => added(listeners.event, listener),
    onDialog: listener => added(listeners.dialog, listener),
    onEvidence: listener => added(listeners.evidence, listener),
    use: async account => {
      if (JSON.stringify(line.account()) === JSON.stringify(account)) return
      line.hear()
      for (const callId of legs.keys()) await calls.hangUp(callId).catch(() => {})
      if (account !== null) {
        requestIdleCallback(ringtone.prepare, { timeout: 2_000 })
        void microphone.check()
      }
      await line.use(account)
    },
    configure: next => {
      const before = options
      options = next
      ringtone.setVolume(next.ringtoneVolume)
      if (JSON.stringify(before.devices) !== JSON.stringify(next.devices)) void devicesChanged()
    },
    check: line.check,
    close: async () => {
      line.hear()
      for (const callId of legs.keys()) await calls.hangUp(callId).catch(() => {})
      await line.close()
    },
    answer: calls.answer,
    decline: calls.hangUp,
    hangUp: calls.hangUp,
    hold: async callId => {
      if (mixed !== null) await unmix()
      await calls.setHold(callId, true, { seenFirst: true })
    },
    resume: async callId => {
      await calls.holdOthers([callId])
      await calls.setHold(callId, false)
    },
    mute: (callId, muted) => {
      if (mixed?.callIds.includes(callId)) {
        mixed.mixer.setMuted(muted)
        for (const both of mixed.callIds) state.change(both, { muted })
      } else calls.mute(callId, muted)
    },
    sendDtmf: async (callId, digits) => sendKeys(legOf(legs, callId), digits, options.dtmf),
    sendInfo: async (callId, contentType, body) => sendInfo(legOf(legs, callId), contentType, body),
    dial: (number, options) => calls.dial(number, null, options),
    transfer: transfers.blind,
    consult: transfers.consult,
    completeTransfer: async callId => {
      const consult = consultOf(callId)
      if (consult === undefined) throw new PhoneError('REFUSED', '没有正在咨询的通话')
      await transfers.complete(callId, consult)
    },
    takeBack: callId => transfers.takeBack(callId, consultOf(callId)),
    startConference,
    leaveConference: async () => {
      const [first, second] = mixed?.callIds ?? []
      if (first === undefined || second === undefined) throw new PhoneError('REFUSED', '不在三方通话中')
      await unmix()
      try {
        await transfers.complete(first, second)
      } catch (error) {
        // Nobody is dropped by it: the three go on as before.
        if (legs.has(first) && legs.has(second)) await startConference().catch(() => {})
        throw error
      }
    },
    recall: async (callId, facts, direction, dialog) => {
      if (legs.has(callId)) return
      await recall(calls.newCall({ callId, direction, state: 'dialling', facts }), dialog)
    },
    warn: ringtone.warn,
    allowRingtone: async () => {
      await ringtone.allow()
      await calls.playAll()
    },
  }
}

function dialogOf(leg: Leg): SipDialog | null {
  const { dialog } = leg.session
  if (dialog === undefined) return null
  return {
    sipCallId: dialog.callId,
    localTag: dialog.localTag,
    remoteTag: dialog.remoteTag,
    remoteTarget: dialog.remoteTarget.toString(),
    localUri: dialog.localURI.toString(),
    remoteUri: dialog.remoteURI.toString(),
    routeSet: leg.session.userAgent.userAgentCore.dialogs.get(dialog.id)?.routeSet ?? [],
  }
}
