/**
 * Three-way calls (三方通话), mixed here: each party is sent the operator and the other party, never itself. What each of
 * them says is taken from the track that its `<audio>` element plays: without one WebAudio hears silence.
 */
export type MixedParty = {
  remote: MediaStreamTrack
  sender: RTCRtpSender
}

export type Mixer = {
  /** The operator's microphone, e.g. after another headset was plugged in. */
  setMicrophone(track: MediaStreamTrack): void
  setMuted(muted: boolean): void
  /** Stops mixing. Whoever is still there must be given a track again. */
  close(): Promise<void>
}

export async function createMixer(
  parties: readonly MixedParty[],
  microphone: MediaStreamTrack,
  muted: boolean,
): Promise<Mixer> {
  const context = new AudioContext({ latencyHint: 'interactive' })
  await context.resume()
  const operator = context.createGain()
  operator.gain.value = muted ? 0 : 1
  let source = context.createMediaStreamSource(new MediaStream([microphone]))
  source.connect(operator)
  const voices = parties.map(({ remote }) => context.createMediaStreamSource(new MediaStream([remote])))
  for (const [index, { sender }] of parties.entries()) {
    const out = context.createMediaStreamDestination()
    operator.connect(out)
    for (const [other, voice] of voices.entries()) if (other !== index) voice.connect(out)
    const [track] = out.stream.getAudioTracks()
    if (track !== undefined) await sender.replaceTrack(track)
  }
  return {
    setMicrophone: track => {
      source.disconnect()
      source = context.createMediaStreamSource(new MediaStream([track]))
      source.connect(operator)
    },
    setMuted: value => {
      operator.gain.value = value ? 0 : 1
    },
    close: () => context.close(),
  }
}
