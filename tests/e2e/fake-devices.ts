/**
 * Sound devices that a test can unplug. Runs in the page before it, in place of the browser's own: a headset and a
 * built-in microphone that speak tones of their own, a headset and a loudspeaker to listen with.
 */
type FakeDevices = {
  plug(plugged: boolean): void
  /** Where sound was sent, in order. */
  sinks: { element: string[]; context: string[] }
  /** Whether the fakes themselves make sound, for whoever wonders at a silence. */
  speech(): { context: string; seconds: number; tracks: string[] }
  /** What leaves through the audio contexts now, dBFS. */
  level(): number
}
declare global {
  interface Window {
    fakeDevices: FakeDevices
  }
}

export function fakeDevices(tones: { headsetHertz: number; builtInHertz: number }): void {
  const media = navigator.mediaDevices
  let plugged = true
  const sinks: FakeDevices['sinks'] = { element: [], context: [] }
  const live = new Set<{ deviceId: string; track: MediaStreamTrack }>()
  // Of no sound card: what the microphones say does not wait for the machine's own output to open.
  const silent = { sinkId: { type: 'none' } } as AudioContextOptions
  const context = new AudioContext(silent)

  const device = (kind: MediaDeviceKind, deviceId: string, label: string) => ({
    kind,
    deviceId,
    label,
    groupId: deviceId,
    toJSON: () => ({}),
  })
  media.enumerateDevices = () =>
    Promise.resolve([
      ...(plugged
        ? [device('audioinput', 'headset', '呼叫中心耳麦'), device('audiooutput', 'headset', '呼叫中心耳麦')]
        : []),
      device('audioinput', 'built-in', '内置麦克风'),
      device('audiooutput', 'speaker', '桌面音箱'),
    ])
  media.getUserMedia = async constraints => {
    const asked = typeof constraints?.audio === 'object' ? constraints.audio.deviceId : undefined
    const named = typeof asked === 'object' && !Array.isArray(asked) ? (asked.exact ?? asked.ideal) : asked
    const deviceId = plugged && named !== 'built-in' ? 'headset' : 'built-in'
    await context.resume()
    const tone = context.createOscillator()
    tone.frequency.value = deviceId === 'headset' ? tones.headsetHertz : tones.builtInHertz
    const level = context.createGain()
    level.gain.value = 0.3
    const out = context.createMediaStreamDestination()
    tone.connect(level).connect(out)
    tone.start()
    const [track] = out.stream.getAudioTracks()
    if (track === undefined) throw new Error('no track')
    track.getSettings = () => ({ deviceId })
    live.add({ deviceId, track })
    return out.stream
  }
  const elements = HTMLMediaElement.prototype
  elements.setSinkId = id => {
    sinks.element.push(id)
    return Promise.resolve()
  }
  Reflect.set(AudioContext.prototype, 'setSinkId', (id: string) => {
    sinks.context.push(id)
    return Promise.resolve()
  })

  const outputs: AnalyserNode[] = []
  const connect: (this: AudioNode, to: AudioNode) => AudioNode = AudioNode.prototype.connect
  Reflect.set(AudioNode.prototype, 'connect', function (this: AudioNode, to: AudioNode) {
    if (to instanceof AudioDestinationNode) {
      const analyser = this.context.createAnalyser()
      analyser.fftSize = 4_096
      connect.call(this, analyser)
      outputs.push(analyser)
    }
    return connect.call(this, to)
  })

  window.fakeDevices = {
    sinks,
    plug: now => {
      plugged = now
      if (!now) {
        for (const one of live) {
          if (one.deviceId !== 'headset' || one.track.readyState === 'ended') continue
          one.track.stop()
          one.track.dispatchEvent(new Event('ended'))
        }
      }
      media.dispatchEvent(new Event('devicechange'))
    },
    speech: () => ({
      context: context.state,
      seconds: context.currentTime,
      tracks: [...live].map(
        ({ deviceId, track }) =>
          `${deviceId} ${track.readyState}${track.enabled ? '' : ' off'}${track.muted ? ' muted' : ''}`,
      ),
    }),
    level: () =>
      Math.max(
        -99,
        ...outputs.map(analyser => {
          const samples = new Float32Array(analyser.fftSize)
          analyser.getFloatTimeDomainData(samples)
          const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length
          return power === 0 ? -99 : 10 * Math.log10(power)
        }),
      ),
  }
}
