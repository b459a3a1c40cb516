/** The core as Electron's utility process: pages' ports are handed over to it whole. */
import type { MessagePortMain, UtilityProcess } from 'electron'
import type { CoreProcess } from '../core-host/core-host.ts'

/** `fork` is utilityProcess.fork, given so that the wiring can be tested without Electron. */
export function utilityCore(fork: () => UtilityProcess): CoreProcess {
  const child = fork()
  let gone = false
  child.on('exit', () => {
    gone = true
  })
  return {
    pid: () => child.pid,
    send: message => {
      if (!gone) child.postMessage(message)
    },
    handOver: (message, port) => {
      if (!gone) child.postMessage(message, [port as MessagePortMain])
    },
    onMessage: listener => void child.on('message', listener),
    onExit: listener => void child.on('exit', listener),
    kill: () => void child.kill(),
  }
}
