/**
 * The seats of the centre's bench, in a process of their own: each has its own connection, sends batches of one to three commands
 * as its operator works, holds the event stream open, and comes to read when it is woken.
 */
import { createHmac, createSecretKey, type KeyObject, randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { type Command, commandSchemaVersion } from '../../shared/domain/command.ts'
import { commandProofText } from '../../shared/domain/command-proof.ts'
import { caseFieldsOf } from './bench-case.ts'

export type LoadTask = {
  url: string
  seats: { clientId: string; token: string; operatorId: string; session: string; secret: string }[]
  /** How long each seat sends one batch after another. */
  sustainedMs: number
  /** How often one seat files a case that all others are to see. */
  fanOuts: number
}
export type LoadResult = {
  commands: number
  sustainedMs: number
  batches: number[]
  /** One seat after another, nobody else at work. */
  alone: number[]
  /** From the moment a seat sends its case until each seat has read it. */
  fanOut: number[]
}

const task = JSON.parse(
  await new Promise<string>(resolve => process.once('message', text => resolve(String(text)))),
) as LoadTask
let seed = 0

class LoadSeat {
  readonly agent = new Agent({ keepAlive: true, maxSockets: 4 })
  readonly #who: LoadTask['seats'][number]
  /** Made once, as a seat does at its sign-in. */
  readonly #key: KeyObject
  #seq = 0
  #cursor: string | null = null
  #reading: Promise<void> | null = null
  #again = false
  readonly waiting = new Map<string, () => void>()
  last: { caseId: string; version: number } | null = null

  constructor(who: LoadTask['seats'][number]) {
    this.#who = who
    this.#key = createSecretKey(who.secret, 'base64url')
  }

  ask(method: string, path: string, body?: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const sent = request(new URL(path, task.url), {
        method,
        agent: this.agent,
        headers: {
          authorization: `Bearer ${this.#who.token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
      })
      sent.on('error', reject)
      sent.on('response', answer => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          if (answer.statusCode === 200) resolve(text)
          else reject(new Error(`${method} ${path}: ${answer.statusCode} ${text.slice(0, 200)}`))
        })
      })
      sent.end(body)
    })
  }

  #command(name: Command['name'], caseId: string | null, args: unknown): Command {
    this.#seq += 1
    const { session, clientId: client } = this.#who
    const command: Command = {
      clientId: this.#who.clientId,
      seq: this.#seq,
      id: randomUUID(),
      operatorId: this.#who.operatorId,
      caseId,
      schemaVersion: commandSchemaVersion,
      name,
      args,
      baseVersion: null,
      issuedAt: new Date().toISOString(),
    }
    const text = commandProofText({ ...command, session, client })
    const mac = createHmac('sha256', this.#key).update(text).digest('base64url')
    return { ...command, proof: { session, client, seq: this.#seq, mac } }
  }

  /** A case is filed; by turns with a remark on the one before and the state that the seat is in. */
  batch(size: number): { caseId: string; commands: Command[] } {
    const caseId = randomUUID()
    seed += 1
    const filed = this.#command('case.create', caseId, {
      caseNumber: `L-${this.#who.clientId.slice(0, 8)}-${this.#seq}`,
      callId: null,
      catalogueVersion: '2026-11',
      createdAt: new Date().toISOString(),
      fields: caseFieldsOf(seed),
    })
    const commands = [filed]
    if (size > 1)
      commands.push(
        this.#command('seat.state', null, { kind: 'wrap-up', reason: null, since: new Date().toISOString() }),
      )
    if (size > 2)
      commands.push(this.#command('case.addRemark', caseId, { entryId: randomUUID(), text: '已回访。' }))
    return { caseId, commands }
  }

  async push(commands: Command[]): Promise<number> {
    const body = JSON.stringify({ commands })
    const from = performance.now()
    const text = await this.ask('POST', '/v1/commands', body)
    const ms = performance.now() - from
    const { results } = JSON.parse(text) as { results: { outcome: string; code?: string }[] }
    const refused = results.find(({ outcome }) => outcome !== 'applied')
    if (refused !== undefined) throw new Error(`a command was not applied: ${JSON.stringify(refused)}`)
    return ms
  }

  /** Once more if it was woken meanwhile. */
  read(): Promise<void> {
    if (this.#reading !== null) {
      this.#again = true
      return this.#reading
    }
    const work = async () => {
      do {
        this.#again = false
        const from: string = this.#cursor === null ? '' : `&cursor=${encodeURIComponent(this.#cursor)}`
        const page = JSON.parse(await this.ask('GET', `/v1/changes?limit=1000${from}`)) as {
          cursor: string
          more: boolean
          changes: { case?: { caseId: string } }[]
        }
        this.#cursor = page.cursor
        for (const { case: found } of page.changes)
          if (found !== undefined) this.waiting.get(found.caseId)?.()
        if (page.more) this.#again = true
      } while (this.#again)
    }
    this.#reading = work().finally(() => {
      this.#reading = null
    })
    return this.#reading
  }

  /** One of the same branch has read so far, and sees the same. */
  goOnFrom(other: LoadSeat): void {
    this.#cursor = other.#cursor
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      const sent = request(new URL('/v1/events', task.url), {
        agent: this.agent,
        headers: { authorization: `Bearer ${this.#who.token}`, accept: 'text/event-stream' },
      })
      sent.on('error', reject)
      sent.on('response', answer => {
        answer.setEncoding('utf8')
        answer.on('data', (text: string) => {
          if (text.includes('data:')) void this.read().catch(fail)
        })
        resolve()
      })
      sent.end()
    })
  }

  sees(caseId: string): Promise<void> {
    return new Promise(resolve =>
      this.waiting.set(caseId, () => {
        this.waiting.delete(caseId)
        resolve()
      }),
    )
  }
}

const fail = (error: unknown) => {
  console.error(error)
  process.exit(1)
}

const seats = task.seats.map(who => new LoadSeat(who))
const alone: number[] = []
for (const [place, seat] of seats.entries()) alone.push(await seat.push(seat.batch(1 + (place % 3)).commands))

const batches: number[] = []
let commands = 0
const from = performance.now()
await Promise.all(
  seats.map(async (seat, place) => {
    for (let round = place; performance.now() - from < task.sustainedMs; round += 1) {
      const { commands: sent } = seat.batch(1 + (round % 3))
      batches.push(await seat.push(sent))
      commands += sent.length
    }
  }),
)
const sustainedMs = performance.now() - from

// Everybody has read everything before: what is measured is one case on its way to all.
const [reader] = seats
if (reader === undefined) throw new Error('no seats')
await reader.read()
for (const seat of seats) seat.goOnFrom(reader)
await Promise.all(seats.map(seat => seat.listen()))
const fanOut: number[] = []
for (let round = 0; round < task.fanOuts; round += 1) {
  const sender = seats[(round * 7) % seats.length]
  if (sender === undefined) break
  const { caseId, commands: sent } = sender.batch(1)
  const begun = performance.now()
  const seen = seats.map(seat => seat.sees(caseId).then(() => fanOut.push(performance.now() - begun)))
  await sender.push(sent)
  await Promise.all(seen)
}
const result: LoadResult = { commands, sustainedMs, batches, alone, fanOut }
process.send?.(result, () => process.exit(0))
