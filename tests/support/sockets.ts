/** Which connections a process holds, by what Linux knows of it. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

const inodeColumn = 9
const remoteColumn = 2

/** How many TCP sockets of `pid` go to `port` of this machine, whatever state they are in. */
export function socketsTo(port: number, pid: number): number {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  const inodes = new Set(
    ['tcp', 'tcp6'].flatMap(table =>
      readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
        .split('\n')
        .slice(1)
        .map(line => line.trim().split(/\s+/))
        .filter(columns => columns[remoteColumn]?.endsWith(`:${hex}`))
        .map(columns => `socket:[${columns[inodeColumn]}]`),
    ),
  )
  const folder = `/proc/${pid}/fd`
  return readdirSync(folder).filter(file => {
    try {
      return inodes.has(readlinkSync(`${folder}/${file}`))
    } catch {
      // It was closed meanwhile.
      return false
    }
  }).length
}
