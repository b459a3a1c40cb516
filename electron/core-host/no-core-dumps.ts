/**
 * A core dump is a copy of everything that a process has in its memory: keys, names, numbers. Node cannot set the limit of a process, and
 * cannot say that it is not dumpable (PR_SET_DUMPABLE); `prlimit`, which is a part of every Linux, sets the limit.
 */
import { execFile, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

const prlimit = '/usr/bin/prlimit'
const noDumps = (pid: number) => ['--pid', String(pid), '--core=0:0']

/**
 * This process and those that it has started, and with them all that they start: Chromium has processes that the others come from, and
 * they are there before any script is. Elsewhere than on Linux nothing is to be done.
 */
export function withoutCoreDumps(): void {
  if (process.platform !== 'linux') return
  spawnSync(prlimit, noDumps(process.pid))
  for (const pid of childrenOf(process.pid)) execFile(prlimit, noDumps(pid), () => {})
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
      .flatMap(thread => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' '))
      .filter(Boolean)
      .flatMap(child => [Number(child), ...childrenOf(Number(child))])
  } catch {
    return []
  }
}
