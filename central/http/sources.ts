/** Where a request comes from, as limits count it. */
import { isIPv4, isIPv6 } from 'node:net'

/** One subscriber holds a whole /64 of IPv6. */
const networkGroups = 4
/** Behind a proxy that passes on anything, an address may be any text. */
const longest = 64

export function sourceOf(address: string): string {
  if (isIPv4(address)) return address
  const [bare = ''] = address.split('%')
  if (!isIPv6(bare)) return address.slice(0, longest)
  const groups = groupsOf(bare)
  const mapped = /^0:0:0:0:0:ffff:(\w+):(\w+)$/.exec(groups.join(':'))
  if (mapped === null) return `${groups.slice(0, networkGroups).join(':')}::/64`
  const bytes = mapped.slice(1).flatMap(group => {
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 255]
  })
  return bytes.join('.')
}

/** The eight groups, without leading zeros. */
function groupsOf(address: string): string[] {
  // The URL parser knows every way to write an address.
  const short = new URL(`http://[${address}]/`).hostname.slice(1, -1)
  const [head = '', tail] = short.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const gap = tail === undefined ? 0 : 8 - before.length - after.length
  return [...before, ...Array.from({ length: gap }, () => '0'), ...after]
}
