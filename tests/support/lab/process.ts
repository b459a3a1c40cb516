/** A program of the lab: started in a folder of its own, its output kept, ended by its own pid. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

export type LabProcess = {
  child: ChildProcess
  output(): string
  hasEnded(): boolean
  /** To it and to the processes that it has made; not an error where none is left. */
  signal(signal: NodeJS.Signals): void
  /** SIGTERM, to one that stands still too, and SIGKILL after three seconds. No process that it has made outlives it, with its ports. */
  stop(): Promise<void>
}

export function startProcess(command: string, args: string[], cwd: string): LabProcess {
  // A group of its own: what it has made is found by its pid even where itself has been killed.
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let output = ''
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-50_000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  const signal = (name: NodeJS.Signals) => {
    if (child.pid === undefined) return
    try {
      process.kill(-child.pid, name)
    } catch {
      // None of them is left.
    }
  }
  return {
    child,
    output: () => output,
    hasEnded,
    signal,
    stop: async () => {
      if (!hasEnded()) {
        const gone = once(child, 'exit')
        child.kill('SIGTERM')
        signal('SIGCONT')
        const late = setTimeout(() => signal('SIGKILL'), 3_000)
        await gone
        clearTimeout(late)
      }
      signal('SIGKILL')
    },
  }
}
