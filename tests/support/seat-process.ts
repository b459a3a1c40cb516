/** Starts the program as a person does (`scripts/start.mjs`) and reads its ready line. Ends only what it started. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..', '..')

export type ReadyLine = {
  event: 'ready'
  shell: 'electron' | 'loopback'
  url: string
  /** The training exchange's control address, or null. */
  exchange: string | null
  /** The address of the centre beside the seat, or null. */
  central: string | null
  pids: Record<string, number>
}

export type SeatProcess = {
  ready: ReadyLine
  child: ChildProcess
  /** Everything printed on stderr so far. */
  log(): string
  /** Ctrl-C, then waits until every process of the ready line is gone. */
  stop(): Promise<void>
  /** SIGKILL to every process that was started, all at once. */
  killAll(): Promise<void>
}

type SeatOptions = {
  dataDir: string
  shell?: 'electron' | 'loopback'
  args?: string[]
  /** Opens a browser, as a person's start does. */
  opens?: boolean
  /** A centre beside the seat; without one unless a test is about it. */
  central?: boolean
}

/** The command line of a seat under test. */
export const seatCommand = (options: SeatOptions): string[] => [
  join(root, 'scripts', 'start.mjs'),
  '--data-dir',
  options.dataDir,
  ...(options.opens === true ? [] : ['--no-open']),
  '--shell',
  options.shell ?? 'loopback',
  ...(options.central === true ? [] : ['--no-central']),
  ...(options.args ?? []),
]

export async function startSeat(
  options: SeatOptions & { env?: NodeJS.ProcessEnv; timeoutMs?: number },
): Promise<SeatProcess> {
  const child = spawn(process.execPath, seatCommand(options), {
    cwd: root,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return followSeat(child, options.timeoutMs)
}

/** Reads the ready line of a launcher that runs already, whoever started it. */
export async function followSeat(child: ChildProcess, timeoutMs = 120_000): Promise<SeatProcess> {
  let log = ''
  let out = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString('utf8')
  })
  const ready = await new Promise<ReadyLine>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the seat was not ready in time\n${log}`)), timeoutMs)
    child.stdout?.on('data', (chunk: Buffer) => {
      out += chunk.toString('utf8')
      const line = out.split('\n').find(text => text.startsWith('{') && text.endsWith('}'))
      if (line === undefined) return
      clearTimeout(late)
      resolve(JSON.parse(line) as ReadyLine)
    })
    child.on('exit', code => {
      clearTimeout(late)
      reject(new Error(`the seat ended with ${code} before it was ready\n${out}\n${log}`))
    })
  })
  const pids = () => Object.values(ready.pids)
  const gone = () => until(() => !pids().some(isAlive), 15_000, 'the processes to end')
  return {
    ready,
    child,
    log: () => log,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT')
      await gone()
    },
    killAll: async () => {
      for (const pid of new Set([...(child.pid === undefined ? [] : [child.pid]), ...pids()])) {
        try {
          process.kill(pid, 'SIGKILL')
        } catch {
          // Already gone.
        }
      }
      await gone()
    },
  }
}

/** One that has ended and is not yet reaped has gone, too: where its parent went first, that may take init seconds. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  if (process.platform !== 'linux') return true
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** Waits for a condition; the bound is a guard against hanging, never the thing tested. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
  what: string,
): Promise<void> {
  const end = Date.now() + timeoutMs
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms for ${what}`)
    await new Promise(resolve => setTimeout(resolve, 25))
  }
}
