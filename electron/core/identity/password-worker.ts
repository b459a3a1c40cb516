/** One argon2id computation, then this thread ends. Nothing else runs here. */
import { parentPort, workerData } from 'node:worker_threads'
import { argon2id, argon2Verify } from 'hash-wasm'

export type PasswordTask =
  | { kind: 'hash'; password: string; salt: Uint8Array }
  | { kind: 'verify'; password: string; verifier: string }

const task = workerData as PasswordTask
const answer =
  task.kind === 'hash'
    ? await argon2id({
        password: task.password,
        salt: task.salt,
        parallelism: 1,
        iterations: 2,
        memorySize: 19 * 1024,
        hashLength: 32,
        outputType: 'encoded',
      })
    : await argon2Verify({ password: task.password, hash: task.verifier })
parentPort?.postMessage(answer)
