/** One argon2id computation, then this thread ends. Nothing else runs here. */
import { parentPort, workerData } from 'node:worker_threads'
import { argon2id, argon2Verify } from 'hash-wasm'

export type PasswordTask =
  | { kind: 'hash'; password: string; salt: Uint8Array }
  | { kind: 'verify'; password: string; verifier: string }
  | { kind: 'derive'; password: string; salt: Uint8Array }

const task = workerData as PasswordTask
const cost = { parallelism: 1, iterations: 2, memorySize: 19 * 1024, hashLength: 32 }

function work({ password }: PasswordTask): Promise<string | boolean | Uint8Array> {
  switch (task.kind) {
    case 'hash':
      return argon2id({ ...cost, password, salt: task.salt, outputType: 'encoded' })
    case 'derive':
      return argon2id({ ...cost, password, salt: task.salt, outputType: 'binary' })
    case 'verify':
      return argon2Verify({ password, hash: task.verifier })
  }
}

const answer = await work(task)
parentPort?.postMessage(answer)
