/** A program of the lab: started in a folder of its own, its output kept, ended by its own pid. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

export type LabProcess = { child: ChildProcess; output(): string; stop(): Promise<void> }

export function startProcess(command: string, args: string[], cwd: string): LabProcess {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-50_000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  return {
    child,
    output: () => output,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), 3_000)
      await gone
      clearTimeout(late)
    },
  }
}
