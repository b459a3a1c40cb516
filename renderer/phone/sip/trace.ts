/** The SIP ladder of each call (信令梯形图), for the exchange's people: first lines only, every number masked, no secrets. */

const keptLines = 400
const keptCalls = 40

/** Digits of numbers in SIP URIs and elsewhere, masked in the middle: `sip:199****0001@…`. */
export function maskLine(line: string): string {
  return line.replace(/\d{5,}/g, digits =>
    digits.length < 8 ? `${digits.slice(0, 1)}****` : `${digits.slice(0, 3)}****${digits.slice(-4)}`,
  )
}

const headerOf = (message: string, name: RegExp): string | null => name.exec(message)?.[1]?.trim() ?? null

export function createTraceBook(now: () => number) {
  const ladders = new Map<string, string[]>()
  return {
    trace: (direction: 'in' | 'out', message: string) => {
      const head = message.slice(0, 16_384)
      const callId = headerOf(head, /^(?:Call-ID|i)\s*:\s*(.+)$/im)
      const cseq = headerOf(head, /^CSeq\s*:\s*(.+)$/im)
      if (callId === null || cseq === null || /\b(REGISTER|OPTIONS)\b/.test(cseq)) return
      const ladder = ladders.get(callId) ?? []
      if (ladder.length === 0 && ladders.size >= keptCalls) {
        const [oldest] = ladders.keys()
        if (oldest !== undefined) ladders.delete(oldest)
      }
      ladders.set(callId, ladder)
      const first = maskLine(head.slice(0, head.indexOf('\r\n')).slice(0, 200))
      const reason = headerOf(head, /^Reason\s*:\s*(.+)$/im)
      const line = `${new Date(now()).toISOString()} ${direction === 'in' ? '<-' : '->'} ${first} [${cseq}]`
      if (ladder.length < keptLines)
        ladder.push(reason === null ? line : `${line} Reason: ${maskLine(reason.slice(0, 100))}`)
    },
    /** And forgets it. */
    take: (callId: string): string[] => {
      const ladder = ladders.get(callId) ?? []
      ladders.delete(callId)
      return ladder
    },
  }
}
