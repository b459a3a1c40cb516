/** A citizen's audio: WebRTC in plain JavaScript, G.711 µ-law both ways, one packet each 20 ms. */
import {
  MediaStreamTrack,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  RtpHeader,
  RtpPacket,
  usePCMU,
} from 'werift'
import { energy, levelDbfs, muLawSilence } from './mu-law.ts'

const packetSamples = 160
const packetMs = 20
/** Quieter than this is not heard. */
const heardAboveDbfs = -50

const telephoneEvent = new RTCRtpCodecParameters({
  mimeType: 'audio/telephone-event',
  clockRate: 8_000,
  payloadType: 101,
  parameters: '0-16',
})
const keyNames = '0123456789*#ABCD'

export type Heard = { seconds: number; levelDbfs: number | null }

export type CitizenMedia = {
  offer(): Promise<string>
  accept(answerSdp: string): Promise<void>
  answer(offerSdp: string): Promise<string>
  /** The answer to a re-INVITE that changes only the direction (hold, resume). */
  reanswer(offerSdp: string): string
  speak(audio: Uint8Array, repeat: boolean): void
  heard(): Heard
  /** The last second that it heard, µ-law at 8 kHz, oldest first. */
  heardAudio(): Uint8Array
  held(): boolean
  /** Keys pressed at the seat, by RFC 4733. */
  keys(): string
  close(): void
}

/** `lossPercent`: so many of a hundred packets that the citizen sends never arrive, spread evenly. */
export function createCitizenMedia(options: { lossPercent?: number } = {}): CitizenMedia {
  const loss = (options.lossPercent ?? 0) / 100
  const pc = new RTCPeerConnection({
    codecs: { audio: [usePCMU(), telephoneEvent] },
    iceServers: [],
    // A machine without a network has only this address; the others are gathered by werift itself.
    iceAdditionalHostAddresses: ['127.0.0.1'],
    iceUseIpv6: false,
    iceUseTcp: false,
    bundlePolicy: 'max-compat',
  })
  const track = new MediaStreamTrack({ kind: 'audio' })
  pc.addTransceiver(track, { direction: 'sendrecv' })

  let localSdp = ''
  let sdpVersion = 1
  let weOffered = false
  let onHold = false
  let timer: NodeJS.Timeout | null = null
  let heardSamples = 0
  let keys = ''
  let lastKeyAt = -1
  const lastSecond: Uint8Array[] = []
  /** Energy of the last 50 packets, one second. */
  const window: { sum: number; count: number; at: number }[] = []

  pc.onTrack.subscribe(remote => {
    remote.onReceiveRtp.subscribe(packet => {
      if (packet.header.payloadType === telephoneEvent.payloadType) {
        // One key is several packets with one timestamp.
        if (packet.header.timestamp !== lastKeyAt) keys += keyNames[packet.payload[0] ?? 99] ?? ''
        lastKeyAt = packet.header.timestamp
        return
      }
      const sum = energy(packet.payload)
      const count = packet.payload.byteLength
      window.push({ sum, count, at: Date.now() })
      if (window.length > 50) window.shift()
      lastSecond.push(new Uint8Array(packet.payload))
      if (lastSecond.length > 50) lastSecond.shift()
      if (levelDbfs(sum, count) > heardAboveDbfs) heardSamples += count
    })
  })

  const local = async (): Promise<string> => {
    const description = weOffered ? await pc.createOffer() : await pc.createAnswer()
    await pc.setLocalDescription(description)
    localSdp = pc.localDescription?.sdp ?? ''
    return localSdp
  }

  return {
    offer: () => {
      weOffered = true
      return local()
    },
    accept: answerSdp => pc.setRemoteDescription({ type: 'answer', sdp: answerSdp }),
    answer: async offerSdp => {
      await pc.setRemoteDescription({ type: 'offer', sdp: offerSdp })
      return local()
    },
    reanswer: offerSdp => {
      const asked = /^a=(sendrecv|sendonly|recvonly|inactive)\r?$/m.exec(offerSdp)?.[1] ?? 'sendrecv'
      onHold = asked !== 'sendrecv'
      const direction = {
        sendrecv: 'sendrecv',
        sendonly: 'recvonly',
        recvonly: 'sendonly',
        inactive: 'inactive',
      }[asked]
      sdpVersion += 1
      return localSdp
        .replace(/^o=(\S+) (\S+) \d+/m, `o=$1 $2 ${sdpVersion}`)
        .replace(/^a=(sendrecv|sendonly|recvonly|inactive)(\r?)$/m, `a=${direction}$2`)
        .replace(/^a=setup:\S+/gm, `a=setup:${weOffered ? 'passive' : 'active'}`)
    },
    speak: (audio, repeat) => {
      let position = 0
      let sequence = 0
      const startedAt = performance.now()
      const packet = () => {
        // As many as are due by now: a timer that fires late must not slow the speech down.
        while ((performance.now() - startedAt) / packetMs >= sequence) {
          const payload = Buffer.alloc(packetSamples, muLawSilence)
          if (!onHold) {
            payload.set(audio.subarray(position, position + packetSamples))
            position += packetSamples
            if (position >= audio.byteLength && repeat) position = 0
          }
          const header = new RtpHeader({
            payloadType: 0,
            sequenceNumber: sequence & 0xffff,
            timestamp: (sequence * packetSamples) >>> 0,
            marker: sequence === 0,
          })
          const lost = Math.floor((sequence + 1) * loss) > Math.floor(sequence * loss)
          if (!lost) track.writeRtp(new RtpPacket(header, payload))
          sequence += 1
        }
      }
      timer = setInterval(packet, packetMs)
    },
    heard: () => {
      const recent = window.filter(({ at }) => Date.now() - at < 1_200)
      const sum = recent.reduce((total, part) => total + part.sum, 0)
      const count = recent.reduce((total, part) => total + part.count, 0)
      return {
        seconds: heardSamples / 8_000,
        levelDbfs: window.length === 0 ? null : Math.round(levelDbfs(sum, count) * 10) / 10,
      }
    },
    heardAudio: () => new Uint8Array(Buffer.concat(lastSecond)),
    held: () => onHold,
    keys: () => keys,
    close: () => {
      if (timer !== null) clearInterval(timer)
      void pc.close()
    },
  }
}
