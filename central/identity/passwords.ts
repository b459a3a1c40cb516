/**
 * Passwords are kept as argon2id, computed on threads of their own. One takes some 50 ms of a processor, so the queue is short, each
 * source waits in a line of its own, and the lines take turns: first the seats', then those of addresses that anybody may have.
 */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Random } from '../context.ts'
import { Refusal } from '../refusal.ts'
import type { PasswordTask } from './password-worker.ts'

/** Waiting at most: for one source, for all that nobody knows, for everybody. */
const mostOfSource = 4
const mostOfUnknown = 32
const mostWaiting = 128
const busySeconds = 2

/** Who causes the work: `seat:ID`, `browser:ID`, `address:IP`, or the centre's own administration. */
export type Source = `seat:${string}` | `browser:${string}` | `address:${string}` | 'administration'

export type Passwords = {
  /** BUSY. */
  hash(password: string, source: Source): Promise<string>
  /** BUSY. */
  verify(password: string, hash: string, source: Source): Promise<boolean>
  close(): Promise<void>
}

/** A well-formed hash of nothing: an unknown number takes as long to refuse as a wrong password. */
export const nobodysHash =
  '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'

const busy = () => new Refusal('BUSY', null, { retryAfterSeconds: busySeconds })

type Job = {
  task: PasswordTask
  resolve(done: string | boolean): void
  reject(error: Error): void
}

/** Lines that take turns. */
class Turns {
  readonly #lines = new Map<string, Job[]>()
  count = 0
  waitingOf(source: string): number {
    return this.#lines.get(source)?.length ?? 0
  }
  add(source: string, job: Job): void {
    const line = this.#lines.get(source)
    if (line === undefined) this.#lines.set(source, [job])
    else line.push(job)
    this.count += 1
  }
  next(): Job | undefined {
    const [first] = this.#lines
    if (first === undefined) return undefined
    const [source, line] = first
    const job = line.shift()
    // To the end of the row, or out of it.
    this.#lines.delete(source)
    if (line.length > 0) this.#lines.set(source, line)
    this.count -= 1
    return job
  }
}

export function createPasswords(
  random: Random,
  threads: number = Math.max(1, availableParallelism() - 1),
): Passwords {
  const known = new Turns()
  const unknown = new Turns()
  const idle: Worker[] = []
  const atWork = new Map<Worker, Job>()
  let unknownLast = true
  let closed = false

  const nextJob = (): Job | undefined => {
    unknownLast = !unknownLast
    return unknownLast ? (unknown.next() ?? known.next()) : (known.next() ?? unknown.next())
  }

  const begin = (): Worker => {
    const worker = new Worker(new URL('./password-worker.ts', import.meta.url), { execArgv: [] })
    worker.on('message', ({ done }: { done: string | boolean }) => {
      const job = atWork.get(worker)
      atWork.delete(worker)
      worker.unref()
      idle.push(worker)
      job?.resolve(done)
      turn()
    })
    const gone = () => {
      const place = idle.indexOf(worker)
      if (place >= 0) idle.splice(place, 1)
      atWork.get(worker)?.reject(new Error('a thread for passwords ended'))
      atWork.delete(worker)
      if (!closed) turn()
    }
    worker.on('error', () => {})
    worker.on('exit', gone)
    return worker
  }

  const turn = () => {
    while (known.count + unknown.count > 0) {
      const worker = idle.pop() ?? (atWork.size < threads ? begin() : undefined)
      const job = worker === undefined ? undefined : nextJob()
      if (worker === undefined || job === undefined) return
      // A process does not end while somebody waits for it.
      worker.ref()
      atWork.set(worker, job)
      worker.postMessage(job.task)
    }
  }

  const ask = (task: PasswordTask, source: Source): Promise<string | boolean> => {
    const lines = source.startsWith('address:') ? unknown : known
    const full =
      closed ||
      lines.waitingOf(source) >= mostOfSource ||
      (lines === unknown && unknown.count >= mostOfUnknown) ||
      known.count + unknown.count >= mostWaiting
    if (full && source !== 'administration') return Promise.reject(busy())
    return new Promise((resolve, reject) => {
      lines.add(source, { task, resolve, reject })
      turn()
    })
  }

  return {
    hash: async (password, source) =>
      String(await ask({ kind: 'hash', password, salt: random.bytes(16) }, source)),
    verify: async (password, hash, source) =>
      (await ask({ kind: 'verify', password, hash }, source)) === true,
    close: async () => {
      closed = true
      for (const lines of [known, unknown])
        for (let job = lines.next(); job !== undefined; job = lines.next()) job.reject(busy())
      await Promise.all([...idle, ...atWork.keys()].map(worker => worker.terminate()))
    },
  }
}
