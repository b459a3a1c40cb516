/** Small readings and changes of session descriptions. Pure text. */

/** Whether an offer has an audio line that is not refused (port 0). */
export const offersAudio = (sdp: string): boolean => /^m=audio [1-9]\d* /m.test(sdp)

/**
 * The description with the audio codecs in the order of `codecs`; codecs that are not named go, except telephone-event
 * and comfort noise. Unchanged when that would leave nothing to speak with.
 */
export function orderCodecs(sdp: string, codecs: readonly string[]): string {
  const lines = sdp.split('\r\n')
  const start = lines.findIndex(line => line.startsWith('m=audio '))
  if (start < 0) return sdp
  const after = lines.findIndex((line, index) => index > start && line.startsWith('m='))
  const end = after < 0 ? lines.length : after
  const names = new Map<string, string>([
    ['0', 'pcmu'],
    ['8', 'pcma'],
    ['9', 'g722'],
    ['13', 'cn'],
  ])
  for (const line of lines.slice(start, end)) {
    const mapped = /^a=rtpmap:(\d+) ([^/]+)\//.exec(line)
    if (mapped?.[1] !== undefined && mapped[2] !== undefined) names.set(mapped[1], mapped[2].toLowerCase())
  }
  const [kind = '', port = '', protocol = '', ...payloads] = (lines[start] ?? '').split(' ')
  const wanted = codecs.map(codec => codec.toLowerCase())
  const spoken = wanted.flatMap(codec => payloads.filter(payload => names.get(payload) === codec))
  if (spoken.length === 0) return sdp
  const besides = payloads.filter(payload => ['telephone-event', 'cn'].includes(names.get(payload) ?? ''))
  const kept = [...spoken, ...besides]
  const gone = new Set(payloads.filter(payload => !kept.includes(payload)))
  const rewritten = lines.flatMap((line, index) => {
    if (index === start) return [[kind, port, protocol, ...kept].join(' ')]
    const payload = /^a=(?:rtpmap|fmtp|rtcp-fb):(\d+) /.exec(line)?.[1]
    return index > start && index < end && payload !== undefined && gone.has(payload) ? [] : [line]
  })
  return rewritten.join('\r\n')
}
