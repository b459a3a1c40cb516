/** The core as a plain Node child: on the loopback shell, and under Electron runtimes that cannot load the SQLite binding. */
import { spawn } from 'node:child_process'
import type { CoreProcess } from './core-host.ts'

/** `node`: the Node to run it in. Nothing secret goes by argv or environment; it ends when this process does. */
export function spawnNodeCore(node: string, entry: string): CoreProcess {
  const child = spawn(node, [entry], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    serialization: 'advanced',
    env: withoutRunAsNode(),
  })
  let gone = false
  child.on('exit', () => {
    gone = true
  })
  child.on('error', () => {
    gone = true
  })
  return {
    pid: () => child.pid,
    send: message => {
      if (!gone && child.connected) child.send(message, () => {})
    },
    onMessage: listener => void child.on('message', listener),
    onExit: listener => {
      child.on('exit', listener)
      child.on('error', () => {
        if (child.pid === undefined) listener()
      })
    },
    kill: () => void child.kill('SIGTERM'),
  }
}

function withoutRunAsNode(): NodeJS.ProcessEnv {
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env
  return env
}
