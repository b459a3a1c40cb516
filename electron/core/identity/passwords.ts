/**
 * Passwords as argon2id verifiers (19 MiB, two passes, as the centre keeps them). One takes 40 to 60 ms of a processor, so it
 * runs on a thread of its own: a save on the core's never waits for it.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Random } from '../context.ts'
import type { PasswordTask } from './password-worker.ts'

export type Passwords = {
  hash(password: string): Promise<string>
  verify(password: string, verifier: string): Promise<boolean>
  /** A verifier that no password fits, for whoever has none. */
  nobodys(): Promise<string>
  /** 32 bytes to seal with. */
  derive(password: string, salt: Uint8Array): Promise<Uint8Array>
}

/** Built, the worker lies beside the core's file; from the sources, beside this one. */
const workerFile = new URL(
  import.meta.url.endsWith('.ts') ? 'password-worker.ts' : 'password-worker.mjs',
  import.meta.url,
)

export function createPasswords(random: Random): Passwords {
  /** A thread for each: they are rare, and nothing of a password stays behind in one. */
  const ask = async (task: PasswordTask): Promise<string | boolean | Uint8Array> => {
    const worker = new Worker(workerFile, { workerData: task, execArgv: [] })
    try {
      const [answer] = (await once(worker, 'message')) as [string | boolean | Uint8Array]
      return answer
    } finally {
      await worker.terminate()
    }
  }
  const hash = async (password: string) =>
    String(await ask({ kind: 'hash', password, salt: random.bytes(16) }))
  let nobodys: Promise<string> | null = null
  return {
    hash,
    nobodys: () => (nobodys ??= hash(Buffer.from(random.bytes(32)).toString('base64url'))),
    verify: async (password, verifier) => (await ask({ kind: 'verify', password, verifier })) === true,
    derive: async (password, salt) => {
      const key = await ask({ kind: 'derive', password, salt })
      if (!(key instanceof Uint8Array)) throw new Error('no key was derived')
      return key
    },
  }
}
