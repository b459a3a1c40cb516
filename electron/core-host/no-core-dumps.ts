/**
 * A core dump is a copy of everything that a process has in its memory: keys, names, numbers. Node cannot set the limit of a process, and
 * cannot say that it is not dumpable (PR_SET_DUMPABLE); `prlimit`, which is a part of every Linux, sets the limit.
 */
import { spawnSync } from 'node:child_process'

/** Of these processes, and of those that they start from then on. Elsewhere than on Linux nothing is to be done. */
export function withoutCoreDumps(pids: readonly number[]): void {
  if (process.platform !== 'linux') return
  for (const pid of pids) spawnSync('/usr/bin/prlimit', ['--pid', String(pid), '--core=0:0'])
}
