/** argon2id, one computation after another, beside the thread that answers requests. */
import { parentPort } from 'node:worker_threads'
import { argon2id, argon2Verify } from 'hash-wasm'

export type PasswordTask =
  | { kind: 'hash'; password: string; salt: Uint8Array }
  | { kind: 'verify'; password: string; hash: string }

/** OWASP's smallest parameters: 19 MiB, two passes. */
const answer = (task: PasswordTask): Promise<string | boolean> =>
  task.kind === 'hash'
    ? argon2id({
        password: task.password,
        salt: task.salt,
        parallelism: 1,
        iterations: 2,
        memorySize: 19 * 1024,
        hashLength: 32,
        outputType: 'encoded',
      })
    : argon2Verify({ password: task.password, hash: task.hash })

parentPort?.on('message', (task: PasswordTask) => {
  void answer(task).then(
    done => parentPort?.postMessage({ done }),
    () => parentPort?.postMessage({ done: false }),
  )
})
