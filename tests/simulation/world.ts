/** One schedule: seats and their centre, what is done to them step by step, and the rest that they must come to afterwards. */
import { join } from 'node:path'
import { newEpoch } from '../../central/changes/epoch.ts'
import { Refusal } from '../../electron/core/refusal.ts'
import type { Database } from '../../electron/core/storage/database.ts'
import { readState } from '../../electron/core/storage/local-state.ts'
import { readCredential } from '../../electron/core/sync/seat-identity.ts'
import { caseFields, emptyCaseFields } from '../../shared/domain/case.ts'
import { type CaseMove, type MoveInput, needsReason } from '../../shared/domain/case-moves.ts'
import type { DispatchOrder } from '../../shared/domain/dispatch.ts'
import type { Operator } from '../../shared/domain/operator.ts'
import type { SeatProofs, SimCentre } from './centre.ts'
import { forgeryOf } from './forgery.ts'
import { checkAll, outboxOf } from './invariants.ts'
import { Ledger } from './ledger.ts'
import { createNetwork, type Network } from './network.ts'
import type { Deed, FieldValue, Schedule, Step } from './schedule.ts'
import { copyTemplate, SimSeat } from './seat.ts'
import type { Tally } from './tally.ts'
import { type Chance, chanceOf, Timeline } from './timeline.ts'

const mostSeats = 7
/** After a step, so that what it set going can meet the next one half done. */
const breathMs = 8
const roundMs = 10_000
/** An hour without rest is for ever. */
const mostRounds = 360
const mostRequests = 1_500

const values = ['甲处', '乙处', '丙处', '丁处']
const states = ['ready', 'busy', 'break'] as const

export type Ground = { folder: string; templates: string[]; centre: SimCentre; tally: Tally }

export class World {
  readonly centre: SimCentre
  readonly timeline = new Timeline()
  readonly chance: Chance
  readonly network: Network
  readonly ledger: Ledger
  readonly tally: Tally
  readonly seats: SimSeat[] = []
  readonly #ground: Ground
  readonly #backups = new Map<string, { folder: string; order: number; starts: number }>()
  #made = 0

  private constructor(ground: Ground, schedule: Schedule) {
    this.#ground = ground
    this.centre = ground.centre
    this.tally = ground.tally
    this.ledger = new Ledger(ground.tally)
    this.chance = chanceOf(schedule.chance, () => this.timeline.now)
    this.network = createNetwork(this.centre, this.timeline, this.chance, this.tally)
  }

  /** Throws what does not hold. */
  static async play(ground: Ground, schedule: Schedule): Promise<void> {
    const world = new World(ground, schedule)
    await world.centre.begin(
      world.timeline,
      chanceOf(schedule.chance + 1, () => world.timeline.now),
    )
    try {
      for (let place = 0; place < schedule.seats; place += 1) {
        const added = world.#add(world.centre.proofs[place] ?? new Map())
        const template = ground.templates[place] ?? ''
        copyTemplate(template, added.folder)
        world.#backups.set(added.name, { folder: template, order: 0, starts: 0 })
        added.start()
      }
      await world.#open(schedule.opening)
      for (const step of schedule.steps) {
        await world.#do(step)
        await world.timeline.run(breathMs)
      }
      await world.#rest()
      await checkAll(world)
      if (world.#decide()) {
        await world.#rest()
        await checkAll(world)
      }
    } finally {
      for (const seat of world.seats) seat.end()
    }
  }

  async #open(cases: number): Promise<void> {
    if (cases === 0) return
    for (let place = 0; place < cases; place += 1)
      await this.#do({ do: 'file', seat: place, by: 'p-agent', confidential: false, refer: place === 2 })
    await this.timeline.run(10_000)
  }

  #add(proofs: SeatProofs): SimSeat {
    const name = `seat${this.seats.length}`
    const { timeline, chance, network, tally } = this
    const added = new SimSeat(name, join(this.#ground.folder, name), {
      proofs,
      timeline,
      chance,
      network,
      tally,
      told: { committed: (seat, commands) => this.ledger.committed(seat, commands) },
    })
    this.seats.push(added)
    return added
  }

  async #do(step: Step): Promise<void> {
    this.tally.count(`step ${step.do}`)
    if (step.do === 'run') return this.timeline.run(step.ms)
    if (step.do === 'new-epoch') return void (await newEpoch(this.centre.central.context))
    const seat = this.seats[step.seat % this.seats.length]
    if (seat === undefined) return
    switch (step.do) {
      case 'fault':
        return void seat.faults.push(step.fault)
      case 'cut':
        seat.cut = true
        return
      case 'mend':
        seat.cut = false
        return
      case 'silence':
        seat.silent = true
        return
      case 'crash':
        if (step.at === 'now') seat.crash()
        else seat.crashAt = step.at
        return
      case 'disk-full':
        seat.fullFor = step.writes
        return
      case 'set-clock':
        seat.skewMs = step.hours * 3_600_000
        return
      case 'old-program':
        seat.old = true
        return
      case 'clone':
        return this.#clone(seat, step)
      case 'back-up': {
        const folder = `${seat.folder}-backup-${this.#made++}`
        seat.copyTo(folder, true)
        this.#backups.set(seat.name, { folder, order: this.ledger.order, starts: seat.starts })
        return
      }
      case 'put-back':
        return this.#putBack(seat, step.withToken)
      case 'file':
      case 'remark':
      case 'edit':
      case 'move':
      case 'relate':
      case 'seat-state':
      case 'discard-draft':
      case 'poison':
      case 'resolve':
      case 'retry':
      case 'few-numbers':
        return this.#operate(seat, step)
      case 'forge':
        return this.#forge(step)
    }
  }

  #clone(seat: SimSeat, { withToken, apart }: { withToken: boolean; apart: boolean }): void {
    if (this.seats.length >= mostSeats) return
    const added = this.#add(seat.proofs)
    seat.copyTo(added.folder, withToken)
    if (withToken) for (const { name } of [seat, added]) this.ledger.twins.add(name)
    if (apart) for (const each of [seat, added]) each.cut = true
    this.tally.count(withToken ? 'clone of the whole folder' : 'clone of the database')
    added.start()
  }

  #putBack(seat: SimSeat, withToken: boolean): void {
    const backup = this.#backups.get(seat.name)
    if (backup === undefined) return
    seat.end()
    seat.putBack(backup.folder, withToken)
    this.ledger.lostAfter(seat, backup.order)
    // The token changes at every start: what was copied since the last one cannot be told from what lay here.
    const unseen = withToken || backup.starts === seat.starts
    if (unseen) this.ledger.twins.add(seat.name)
    this.tally.count(unseen ? 'put back unseen' : 'put back')
    seat.start()
  }

  /** What an operator does at a seat; refusals are answers too. */
  #operate(seat: SimSeat, step: Deed): void {
    const { life } = seat
    if (life === null || !life.alive) return
    const { parts, db } = life
    const operator = 'by' in step ? parts.identity.find(db, step.by) : null
    seat.seated(operator?.operatorId ?? 'p-lead')
    try {
      seat.write(within => this.#act(seat, within, step, operator))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
    }
  }

  #act(seat: SimSeat, db: Database, step: Deed, operator: Operator | null): void {
    const parts = seat.life?.parts
    if (parts === undefined) return
    const { cases, drafts, seatStates, unsent, outbox } = parts
    const id = () => this.chance.uuid()
    const draft = () =>
      drafts.open(db, operator?.operatorId ?? '', {
        callId: null,
        callingNumber: '',
        contactNumber: '19900000001',
        divisionCode: '',
      })
    const picked = (place: number): string | null => {
      const ids = db.prepare('SELECT case_id FROM cases ORDER BY case_id').pluck().all() as string[]
      return ids[place % Math.max(1, ids.length)] ?? null
    }
    const parked = (place: number): string | null => {
      const ids = db.prepare('SELECT command_id FROM parked ORDER BY command_id').pluck().all() as string[]
      return ids[place % Math.max(1, ids.length)] ?? null
    }
    const caseId = 'pick' in step && step.do !== 'resolve' && step.do !== 'retry' ? picked(step.pick) : null
    switch (step.do) {
      case 'file': {
        if (operator === null) return
        this.#made += 1
        const { draftId } = draft()
        cases.submit(db, operator, {
          draftId,
          fields: {
            ...emptyCaseFields,
            contactNumber: '19900000001',
            title: `第 ${this.#made} 件`,
            content: '路灯不亮。',
            confidential: step.confidential,
            disposition: step.refer ? 'refer' : 'accept',
            reasonCode: step.refer ? 'Y01' : '',
            dispositionNote: step.refer ? '一小时内来电二十次。' : '',
          },
        })
        return
      }
      case 'remark':
        if (operator === null || caseId === null) return
        this.#made += 1
        cases.addRemark(db, operator, { caseId, requestId: id(), text: `第 ${this.#made} 条` })
        return
      case 'edit': {
        if (operator === null || caseId === null) return
        const now = caseFields.parse(cases.get(db, operator, caseId).fields)
        cases.edit(db, operator, {
          caseId,
          requestId: id(),
          changes: step.changes.map(each => changeOf(now, each, step.stale)),
        })
        return
      }
      case 'move':
        if (operator === null || caseId === null) return
        cases.move(db, operator, { caseId, requestId: id(), ...moveOf(step.move) })
        return
      case 'relate': {
        const first = picked(step.other)
        const otherId = first === caseId ? picked(step.other + 1) : first
        if (operator === null || caseId === null || otherId === null) return
        const refused = refusedRelations(db)
        const { relation } = step
        cases.relations.relate(db, operator, { caseId, requestId: id(), relation, otherId })
        const left = new Set(refusedRelations(db))
        for (const commandId of refused) if (!left.has(commandId)) this.ledger.givenUp(commandId)
        this.tally.count(`relation ${relation}`)
        return
      }
      case 'seat-state': {
        if (operator === null) return
        const kind = states[this.#made++ % states.length] ?? 'ready'
        seatStates.keep(db, operator.operatorId, {
          kind,
          reason: null,
          since: this.timeline.now + seat.skewMs,
        } as Parameters<typeof seatStates.keep>[2])
        return
      }
      case 'discard-draft':
        if (operator === null) return
        drafts.discard(db, operator.operatorId, draft().draftId)
        return
      case 'poison': {
        if (operator === null) return
        outbox.append(db, {
          name: 'case.addRemark',
          operatorId: operator.operatorId,
          caseId: caseId ?? id(),
          args: JSON.parse(`{"entryId":"${id()}","text":"坏","__proto__":{}}`) as unknown,
          baseVersion: null,
        })
        return
      }
      case 'resolve': {
        const commandId = parked(step.pick)
        if (commandId !== null) this.#resolve(seat, db, commandId, step.mine)
        return
      }
      case 'retry': {
        const commandId = parked(step.pick)
        if (commandId !== null) unsent.retry(db, 'p-lead', commandId)
        return
      }
      case 'forge':
        return
      case 'few-numbers':
        db.prepare('UPDATE number_block SET next = max(next, last + 1 - ?)').run(step.left)
        return
    }
  }

  #resolve(seat: SimSeat, db: Database, commandId: string, mine: boolean): void {
    const detail: unknown = db
      .prepare('SELECT conflict FROM parked WHERE command_id = ?')
      .pluck()
      .get(commandId)
    if (typeof detail !== 'string') return
    const { clashes } = JSON.parse(detail) as { clashes: { field: string }[] }
    const { unsent, identity } = seat.life?.parts ?? {}
    if (unsent === undefined || identity === undefined) return
    // Somebody sits here who may read everything.
    identity.signIn(db, 'p-lead')
    seat.seated('p-lead')
    this.ledger.takenOver(commandId, 'p-lead')
    unsent.resolve(db, 'p-lead', { commandId, mine: mine ? clashes.map(({ field }) => field) : [] })
    if (db.prepare('SELECT 1 FROM outbox WHERE id = ?').get(commandId) === undefined)
      this.ledger.givenUp(commandId)
  }

  /** By the person whose it is, who signs it if nothing proves it. */
  #retry(seat: SimSeat, db: Database, commandId: string): void {
    const by: unknown = db.prepare('SELECT operator_id FROM outbox WHERE id = ?').pluck().get(commandId)
    const operatorId = typeof by === 'string' ? by : 'p-lead'
    seat.seated(operatorId)
    seat.life?.parts.unsent.retry(db, operatorId, commandId)
  }

  async #forge(step: Deed & { do: 'forge' }): Promise<void> {
    const forged = forgeryOf(this.centre.thief, step, {
      honest: [...this.ledger.kept.values()].filter(({ proof }) => proof !== null),
      cases: await this.centre.sql.query<{ case_id: string; branch: string }>(
        'SELECT case_id, branch FROM cases ORDER BY case_id',
      ),
      seq: (this.#made += 1),
      id: () => this.chance.uuid(),
      now: this.timeline.now,
    })
    if (forged === null) return
    if (forged.isHostile) this.ledger.hostile.add(forged.command.id)
    const { central, thief } = this.centre
    const { accessToken } = await central.devices.token(thief.credential)
    const answer = await this.centre.serve({
      method: 'POST',
      path: '/v1/commands',
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify({ commands: [forged.command] })),
    })
    this.tally.count(`forged ${step.way} ${answer.status}`)
  }

  /** Everything heals; then nothing is to be done within an hour. */
  async #rest(): Promise<void> {
    for (const seat of this.seats) {
      seat.cut = false
      seat.silent = false
      seat.faults = []
      seat.fullFor = 0
      seat.crashAt = null
      if (!seat.runs) {
        seat.bury()
        seat.start()
      }
    }
    const before = this.network.requests()
    let unrest: string | null = null
    for (let round = 0; round < mostRounds; round += 1) {
      await this.timeline.run(roundMs)
      await this.#enrolSuperseded()
      if (this.network.requests() - before > mostRequests) break
      unrest = await this.#unrest()
      if (unrest === null) return
    }
    const left = this.seats.map(
      seat =>
        `${seat.name}: ${outboxOf(seat)
          .map(row => row.text)
          .join('; ')}`,
    )
    throw new Error(`it never comes to rest: ${unrest}\n${left.join('\n')}`)
  }

  /** Of two copies of one seat the first to renew went on; an administrator gives the other a code. */
  async #enrolSuperseded(): Promise<void> {
    for (const { life } of this.seats) {
      if (life?.sync.status().centre !== 'refused') continue
      const where = readCredential(life.db)?.branch
      if (where === undefined) continue
      this.tally.count('enrolled anew after a copy took its place')
      const { code } = await this.centre.central.devices.enrolmentCode(where, null)
      void life.sync.enrol(code).catch(() => {})
    }
  }

  /** Why it is not at rest; null: nothing is under way or waits, and everybody has read the feed to its end. */
  async #unrest(): Promise<string | null> {
    if (this.network.underWay() > 0) return `${this.network.underWay()} requests are under way`
    if (this.seats.flatMap(outboxOf).some(({ waits }) => waits)) return 'something waits to be sent'
    const lines = this.seats.map(seat => seat.life?.sync.status())
    if (lines.some(line => line?.centre !== 'online' || line.catchUp !== null))
      return `not online: ${JSON.stringify(lines)}`
    const [feed] = await this.centre.sql.query<{ end: string; unnumbered: number }>(
      `SELECT (SELECT value FROM meta WHERE name = 'epoch') || '.' || (SELECT max(number) FROM change) AS end,
              (SELECT count(*) FROM change_inbox) AS unnumbered`,
    )
    const cursors = this.seats.map(({ life }) => (life === null ? null : readState(life.db, 'sync-cursor')))
    return feed?.unnumbered === 0 && cursors.every(cursor => cursor === feed.end)
      ? null
      : `the feed is at ${JSON.stringify(feed)}, the seats at ${cursors.join(', ')}`
  }

  /** The operators see to what was parked: a conflict is decided, anything else tried once more. */
  #decide(): boolean {
    let any = false
    for (const seat of this.seats) {
      for (const { id, conflict, code } of outboxOf(seat)) {
        if (code === null) continue
        any = true
        seat.write(db => {
          if (conflict) this.#resolve(seat, db, id, this.chance.under(2) === 0)
          else this.#retry(seat, db, id)
        })
      }
    }
    return any
  }
}

/** Taking one back gives it up. */
const refusedRelations = (db: Database) =>
  db
    .prepare("SELECT o.id FROM outbox o JOIN parked p ON p.command_id = o.id WHERE o.name = 'case.relate'")
    .pluck()
    .all() as string[]

const order: DispatchOrder = {
  catalogueVersion: 'simulation',
  categoryCode: '020301',
  lead: { code: 'C07', name: '城管局' },
  assist: [],
  signBy: null,
  replyBy: null,
  opinion: '',
}
/** With what belongs to it. */
const moveOf = (move: CaseMove): MoveInput => ({
  move,
  reason: needsReason(move) ? '原因' : '',
  ...(move === 'dispatch' || move === 'redispatch' ? { order } : {}),
  ...(move === 'extend' ? { replyBy: '2027-01-04T09:00:00.000Z' } : {}),
  ...(move === 'followUp' ? { followUp: { reached: true, solved: true, satisfied: null } } : {}),
})

function changeOf(now: Record<string, unknown>, { field, value }: FieldValue, stale: boolean) {
  const from = stale ? (field === 'confidential' ? true : '从前的值') : now[field]
  return { field, from, to: field === 'confidential' ? value % 2 === 0 : values[value] }
}
