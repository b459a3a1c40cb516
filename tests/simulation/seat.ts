/** A seat of the simulation: the real database, parts and engine, on a folder that can be copied, put back, and cut off. */
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { addBlock, discardBlocks, numbersLeft } from '../../electron/core/cases/case-number.ts'
import type { Clock, Random } from '../../electron/core/context.ts'
import { type ActorKeys, createActorKeys } from '../../electron/core/identity/actor-keys.ts'
import { createParts } from '../../electron/core/parts.ts'
import { Refusal } from '../../electron/core/refusal.ts'
import { type Database, openDatabase } from '../../electron/core/storage/database.ts'
import { type ReadChange, type ReadPage, readHere } from '../../electron/core/sync/read-page.ts'
import { rotateToken, tokenFileIn } from '../../electron/core/sync/seat-identity.ts'
import { createSync } from '../../electron/core/sync/sync.ts'
import { normalizeNumber } from '../../shared/domain/phone-number.ts'
import { sampleDispositions } from '../support/sample-dispositions.ts'
import type { SeatProofs } from './centre.ts'
import type { LineCrash, LineFault, Network } from './network.ts'
import type { Tally } from './tally.ts'
import { beginning, type Chance, type Timeline } from './timeline.ts'

export const databaseKey = new Uint8Array(32).fill(7)
const databaseFiles = ['seat.db', 'seat.db-wal', 'seat.db.keymark']
const tokenFile = 'seat.token'
const log = pino({ level: 'silent' })

/**
 * Where a seat dies. `unmarked`: the answer is here and its transaction is cut; `page`: between two slices of a page; `between`: where
 * sync lets others have the thread, which is before each request with commands too.
 */
export const crashPoints = ['now', 'before-send', 'applied', 'unmarked', 'page', 'between'] as const
export type CrashPoint = (typeof crashPoints)[number]

/** Nothing of a seat that has crashed does anything any more. */
class Dead extends Error {
  override message = 'the seat has crashed'
}

export type Committed = {
  seq: number
  id: string
  name: string
  operatorId: string | null
  caseId: string | null
  schemaVersion: number
  args: string
  baseVersion: number | null
  issuedAt: string
  proof: string | null
}

type Life = {
  db: Database
  alive: boolean
  parts: ReturnType<typeof createParts>
  keys: ActorKeys
  sync: ReturnType<typeof createSync>
  end(): void
}

export type SeatTold = {
  /** A transaction of this seat was committed, with these new commands in its outbox. */
  committed(seat: SimSeat, commands: Committed[]): void
}

export class SimSeat {
  readonly name: string
  readonly folder: string
  /** What each person proves here: their secrets are opened by their passwords, which a copy of the folder does not have. */
  readonly proofs: SeatProofs
  cut = false
  silent = false
  /** Its clock beside the true time. */
  skewMs = 0
  /** Its program is the version before this one. */
  old = false
  faults: LineFault[] = []
  /** So many writes fail for want of space. */
  fullFor = 0
  crashAt: CrashPoint | null = null
  /** When it is to be started again. */
  restartAt: number | null = null
  /** How often it was started. */
  starts = 0
  #life: Life | null = null
  /** Commands up to here are known to `committed`. */
  #lastSeq = 0
  readonly #timeline: Timeline
  readonly #chance: Chance
  readonly #network: Network
  readonly #told: SeatTold
  readonly #tally: Tally

  constructor(
    name: string,
    folder: string,
    outside: {
      proofs: SeatProofs
      timeline: Timeline
      chance: Chance
      network: Network
      tally: Tally
      told: SeatTold
    },
  ) {
    this.name = name
    this.folder = folder
    this.proofs = outside.proofs
    this.#timeline = outside.timeline
    this.#chance = outside.chance
    this.#network = outside.network
    this.#told = outside.told
    this.#tally = outside.tally
  }

  get life(): Life | null {
    return this.#life
  }
  get runs(): boolean {
    return this.#life?.alive === true
  }

  start(): void {
    const db = openDatabase({
      file: join(this.folder, 'seat.db'),
      key: databaseKey,
      now: this.#timeline.now,
    })
    this.restartAt = null
    this.starts += 1
    this.#lastSeq = Number(db.prepare('SELECT coalesce(max(seq), 0) FROM outbox').pluck().get())
    const clock: Clock = {
      now: () => this.#timeline.now + this.skewMs,
      after: (ms, run) => this.#timeline.after(ms, () => life.alive && run()),
    }
    const random = this.#chance
    const numberKey = (raw: string) => normalizeNumber(raw, { areaCode: '' }).key
    const catalogue = {
      version: () => '2026-11',
      knowsCategory: () => true,
      knowsDivision: () => true,
      category: () => [],
      division: () => [],
    }
    const keys = createActorKeys({
      random,
      passwords: { derive: () => Promise.reject(new Error('no password is asked here')) },
    })
    const parts = createParts({
      clock,
      sign: keys.sign,
      random,
      catalogue,
      dispositions: sampleDispositions(clock.now),
      numberKey,
      appended: () => sync.wake(),
    })
    const read = () => {
      if (!life.alive) throw new Dead()
      return db
    }
    const write = <T>(work: (db: Database) => T): T => this.#write(life, work, true)
    const closeLine: (() => void)[] = []
    const sync = createSync({
      context: { clock, random, log, publish: () => {} },
      read,
      write,
      openLine: () => {
        const line = this.#network.open({
          alive: () => life.alive,
          isCut: () => this.cut,
          nextFault: () => this.faults.shift() ?? null,
          isSilent: () => this.silent,
          session: () => life.keys.held()?.sessionId ?? null,
          crashes: (at: LineCrash, path) => {
            if (this.crashAt !== at || (at === 'applied' && path !== '/v1/commands')) return false
            this.#crash(life, at)
            return true
          },
        })
        closeLine.push(() => line.close())
        return line
      },
      seatName: this.name,
      alarmAfterMs: () => 60_000,
      expected: false,
      alone: () => false,
      numbers: { left: numbersLeft, add: (db, block) => addBlock(db, block, clock), discard: discardBlocks },
      ...parts.apply,
      linked: () => {},
      renewed: () => {},
      needsSession: () => false,
      reached: () => {},
      publicationNames: [],
      published: () => {},
      changed: () => {},
      breathe: () =>
        new Promise(resolve => {
          if (this.crashAt === 'between') this.#crash(life, 'between')
          else this.#timeline.after(1, () => life.alive && resolve())
        }),
      sliceSize: 1,
      pageReader: {
        ...readHere,
        read: async content => {
          const page = await readHere.read(content)
          return page === null ? null : { ...page, take: (from, to) => this.#take(life, page, from, to) }
        },
      },
    })
    const life: Life = {
      db,
      alive: true,
      parts,
      keys,
      sync,
      end: () => {
        for (const close of closeLine) close()
        db.close()
      },
    }
    this.#life = life
    try {
      rotateToken(write, tokenFileIn(this.folder), random, discardBlocks)
    } catch (error) {
      if (!(error instanceof Refusal || error instanceof Dead)) throw error
    }
    if (!life.alive) return
    sync.setTarget({ url: 'http://127.0.0.1:1', enrolmentCode: null })
    sync.start()
  }

  /** As the store's `write`: all of it or nothing, and a full disk is a refusal. */
  #write<T>(life: Life, work: (db: Database) => T, ofSync: boolean): T {
    if (!life.alive) throw new Dead()
    const { db } = life
    if (this.fullFor > 0) {
      this.fullFor -= 1
      this.#tally.count('disk full')
      throw new Refusal('DISK_FULL')
    }
    const dies = ofSync && this.crashAt === 'unmarked'
    const news: Committed[] = []
    try {
      const result = db
        .transaction((within: Database) => {
          const made = work(within)
          if (dies) throw new Dead()
          if (this.old)
            within
              .prepare('UPDATE outbox SET schema_version = 1, proof = NULL WHERE seq > ?')
              .run(this.#lastSeq)
          news.push(
            ...(within
              .prepare(
                `SELECT seq, id, name, operator_id AS operatorId, case_id AS caseId, schema_version AS schemaVersion, args,
                        base_version AS baseVersion, issued_at AS issuedAt, proof
                 FROM outbox WHERE seq > ? ORDER BY seq`,
              )
              .all(this.#lastSeq) as Committed[]),
          )
          return made
        })
        .immediate(db)
      if (news.length > 0) {
        this.#lastSeq = news.at(-1)?.seq ?? this.#lastSeq
        this.#told.committed(this, news)
      }
      return result
    } finally {
      if (dies) this.#crash(life, 'unmarked')
    }
  }

  /** One transaction of the operator's. */
  write<T>(work: (db: Database) => T): T {
    if (this.#life === null) throw new Dead()
    return this.#write(this.#life, work, false)
  }

  /** Whoever acts here has signed in: nobody else's secret is open. */
  seated(operatorId: string): void {
    const proof = this.proofs.get(operatorId)
    if (proof !== undefined) this.#life?.keys.hold({ ...proof, operatorId })
  }

  /** A slice of a page; never, if the seat dies when it has kept another of it. */
  #take(life: Life, page: ReadPage, from: number, to: number): Promise<ReadChange[]> {
    if (from === 0 || this.crashAt !== 'page') return page.take(from, to)
    this.#crash(life, 'page')
    return new Promise(() => {})
  }

  #crash(life: Life, at: CrashPoint): void {
    this.#tally.count(`crash ${at}`)
    life.alive = false
    this.crashAt = null
    this.restartAt = this.#timeline.now + 500 + this.#chance.under(60_000)
  }

  crash(): void {
    if (this.#life?.alive === true) this.#crash(this.#life, 'now')
  }

  /** Between two events: closes what has crashed. The files stay as the crash left them. */
  bury(): void {
    if (this.#life === null || this.#life.alive) return
    this.#life.end()
    this.#life = null
  }

  /** The folder's files as they are now, elsewhere. Only committed transactions are in them. */
  copyTo(folder: string, withToken: boolean): void {
    mkdirSync(folder, { recursive: true })
    for (const name of withToken ? [...databaseFiles, tokenFile] : databaseFiles)
      if (existsSync(join(this.folder, name))) copyFileSync(join(this.folder, name), join(folder, name))
  }

  /** Puts a copy in the place of what is here; without its token the one that lies here stays. */
  putBack(folder: string, withToken: boolean): void {
    for (const name of [...databaseFiles, 'seat.db-shm', ...(withToken ? [tokenFile] : [])])
      rmSync(join(this.folder, name), { force: true })
    for (const name of withToken ? [...databaseFiles, tokenFile] : databaseFiles)
      if (existsSync(join(folder, name))) copyFileSync(join(folder, name), join(this.folder, name))
  }

  end(): void {
    if (this.#life !== null) this.#life.alive = false
    this.bury()
  }
}

/** A seat that is enrolled and knows its people, made once and copied for every schedule. */
export function makeTemplate(folder: string, random: Random, prepare: (db: Database) => void): void {
  mkdirSync(folder, { recursive: true })
  const db = openDatabase({ file: join(folder, 'seat.db'), key: databaseKey, now: beginning })
  db.transaction(prepare).immediate(db)
  // Nobody is enrolled who was not started before.
  const write = <T>(work: (within: Database) => T): T => db.transaction(work).immediate(db)
  rotateToken(write, tokenFileIn(folder), random, discardBlocks)
  db.close()
}

export function copyTemplate(template: string, folder: string): void {
  mkdirSync(folder, { recursive: true })
  for (const name of [...databaseFiles, tokenFile])
    if (existsSync(join(template, name))) copyFileSync(join(template, name), join(folder, name))
}
