/**
 * Ids in order of time (RFC 9562, version 7): new rows go to the end of every index, where the last ones went, instead of a
 * random page of it each. `now` in milliseconds since the epoch, `bytes` ten random ones.
 */
export function uuidV7(now: number, bytes: Uint8Array): string {
  const time = Math.floor(now).toString(16).padStart(12, '0')
  const random = Array.from(bytes.subarray(0, 10), byte => byte.toString(16).padStart(2, '0')).join('')
  const variant = ((Number.parseInt(random[3] ?? '0', 16) & 0x3) | 0x8).toString(16)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-${variant}${random.slice(4, 7)}-${random.slice(7, 19)}`
}
