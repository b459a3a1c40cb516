/**
 * A batch of commands: one transaction, a result for each. Ids are claimed first, so that a command which arrives twice, at two
 * processes at once, takes effect once; cases are locked in one order, judged in memory and written in bulk. Batches of several
 * seats that arrive together go in one transaction where nothing of the one could stop the other.
 */

import { commandNameAccess } from '../../shared/contract/access.ts'
import type { CentralOperator, CommandResult } from '../../shared/contract/central.ts'
import { type CommandRefusal, commandRefusals } from '../../shared/contract/central-errors.ts'
import type { HistoryEntry } from '../../shared/domain/case.ts'
import { type CommandAccess, may, worksFor } from '../../shared/domain/permission.ts'
import { isPrivileged } from '../../shared/domain/privileged.ts'
import type { Callbacks } from '../callbacks/callbacks.ts'
import type { CentralContext } from '../context.ts'
import { createGatherer } from '../gather.ts'
import type { ActorProofs } from '../identity/actor-proofs.ts'
import type { Device } from '../identity/devices.ts'
import type { LiveSession } from '../identity/sessions.ts'
import { newProgressCode } from '../intake/progress.ts'
import { isDataError, isRetryable, type Queries } from '../storage/sql.ts'
import { actorRefusal, attribute, type JudgedCommand } from './attribute.ts'
import { type CaseCommand, type CaseState, hiddenFrom, type Outcome, reduceCase } from './case-reducer.ts'
import { type ParsedCommand, parseCommand } from './parse.ts'
import { claim, loadWorld, originOf, type World } from './push-load.ts'
import { saveWorld } from './push-save.ts'

const attempts = 6
/** Transactions at once. */
const lanes = 4
/** Commands in one transaction, when it is of several seats. */
const mostTogether = 200
type Batch = Required<PushGiven> & { device: Device; commands: readonly ParsedCommand[] }
type FromSeat = Awaited<ReturnType<Callbacks['fromSeat']>>

const rejected = (id: string, code: CommandRefusal, version: number | null = null): CommandResult => ({
  id,
  outcome: 'rejected',
  code,
  sentence: commandRefusals[code],
  version,
})

export type PushGiven = {
  /** Who is signed in at the centre while this is sent; null: nobody, as far as the request shows. */
  live?: LiveSession | null
  /** The seat's clock when it was sent. */
  sentAt?: string | null
}
export type Push = (
  device: Device,
  commands: readonly unknown[],
  given?: PushGiven,
) => Promise<CommandResult[]>

export function createPush(
  context: CentralContext,
  options: {
    areaCode: string
    changed(): void
    fromSeat: Callbacks['fromSeat']
    proofs: ActorProofs
  },
): Push {
  const { sql } = context
  const { proofs } = options

  const attempt = async (batches: readonly Batch[]) => {
    const fromSeat = await options.fromSeat()
    for (let left = attempts; ; left -= 1) {
      try {
        return await sql.transaction(tx => applyBatches(tx, batches, fromSeat))
      } catch (error) {
        if (left === 1 || !isRetryable(error)) throw error
      }
    }
  }

  /** No id is in two of them. */
  const applyBatches = async (tx: Queries, batches: readonly Batch[], fromSeat: FromSeat) => {
    const nowMs = context.clock.now()
    const now = new Date(nowMs).toISOString()
    const results = new Map<string, CommandResult>()
    const commands = batches.flatMap(batch => batch.commands)
    // What the batch is judged against is asked for together with the ids. It may be more than is needed, where some are known.
    const claimed = claim(tx, commands, now, (command, known) =>
      results.set(
        command.id,
        known === undefined
          ? rejected(command.id, 'SEQ_TAKEN')
          : { id: command.id, outcome: 'duplicate', version: known.version },
      ),
    )
    const [fresh, world, proving] = await Promise.all([
      claimed,
      loadWorld(tx, commands),
      proofs.load(tx, commands),
    ])
    const isFresh = new Set(fresh)
    const { operators } = world
    const seats = batches.map(batch => ({
      ...batch,
      commands: batch.commands
        .filter(command => isFresh.has(command))
        .map(command => attribute(command, batch, { proofs, proving, now: nowMs })),
    }))
    for (const { device, live, commands: ones } of seats)
      for (const command of ones) {
        // Before anything is said of a case, even that it exists.
        const code = actorRefusal(command, device, operators, { proving, now: nowMs })
        results.set(command.id, code === null ? judge(world, live, command, now) : rejected(command.id, code))
      }
    for (const { device, commands: ones } of seats)
      await fromSeat(tx, { device, operators, commands: ones, results, now })
    await saveWorld(tx, world, {
      seats,
      results,
      now,
      areaCode: options.areaCode,
      progressCode: () => newProgressCode(context.random),
    })
    return results
  }

  const together = createGatherer<Batch, ReadonlyMap<string, CommandResult>>({
    lanes,
    joins,
    work: async batches => {
      const results = batches.length === 1 ? null : await all(batches)
      if (results !== null) return batches.map(() => results)
      const each: ReadonlyMap<string, CommandResult>[] = []
      for (const batch of batches) each.push(await judged(batch))
      return each
    },
  })

  /** Null: something in the way of one of them was in the way of all. Each goes by itself then. */
  const all = async (batches: readonly Batch[]) => {
    try {
      return await attempt(batches)
    } catch (error) {
      if (!isDataError(error) && !isRetryable(error)) throw error
      context.log.warn({ batches: batches.length }, 'batches of several seats go one by one')
      return null
    }
  }

  return async (device, commands, { live = null, sentAt = null } = {}) => {
    const parsed = commands.map((raw, place) => parseCommand(raw, place, device))
    const results = new Map<string, CommandResult>()
    const seqs = new Map<number, string>()
    const wanted: ParsedCommand[] = []
    for (const each of parsed) {
      if (each.kind === 'refused') continue
      const { id, seq } = each.command
      const before = seqs.get(seq)
      if (before === id) continue
      if (before !== undefined) {
        results.set(id, rejected(id, 'SEQ_TAKEN'))
        continue
      }
      seqs.set(seq, id)
      wanted.push(each.command)
    }
    // In the order in which they were done, whatever order they were sent in; one id only once.
    const once = [...new Map(wanted.map(command => [command.id, command])).values()]
    once.sort((a, b) => a.seq - b.seq)
    if (once.length > 0) {
      const judgedNow = await together({ device, commands: once, live, sentAt })
      for (const { id } of once) {
        const result = judgedNow.get(id)
        if (result !== undefined) results.set(id, result)
      }
      options.changed()
    }
    const told = new Set<string>()
    return parsed.map(each => {
      if (each.kind === 'refused') return rejected(each.id, each.code)
      const { id } = each.command
      const result = results.get(id) ?? rejected(id, 'COMMAND_INVALID')
      if (result.outcome === 'applied' && told.has(id)) return { ...result, outcome: 'duplicate' }
      told.add(id)
      return result
    })
  }

  /** Should the whole batch fail for some datum that the schemas let through, each command stands for itself. */
  async function judged(batch: Batch): Promise<Map<string, CommandResult>> {
    const { commands } = batch
    try {
      return await attempt([batch])
    } catch (error) {
      if (!isDataError(error)) throw error
      context.log.warn({ commands: commands.length }, 'a batch failed as a whole; its commands go one by one')
    }
    const results = new Map<string, CommandResult>()
    for (const command of commands) {
      try {
        for (const [id, result] of await attempt([{ ...batch, commands: [command] }])) results.set(id, result)
      } catch (error) {
        if (!isDataError(error)) throw error
        results.set(command.id, rejected(command.id, 'COMMAND_INVALID'))
      }
    }
    return results
  }
}

/** Rows and locks of its own (callbacks, calls, callers' numbers, people): such a batch goes by itself. */
const isPlain = ({ of, command }: ParsedCommand): boolean => of === 'case' || command.name === 'seat.state'

/** Of different seats, without an id in common. */
function joins(group: readonly Batch[], { device, commands }: Batch): boolean {
  const count = group.reduce((sum, batch) => sum + batch.commands.length, commands.length)
  if (count > mostTogether || !commands.every(isPlain)) return false
  const ids = new Set(commands.map(({ id }) => id))
  return group.every(
    batch =>
      batch.device.seatId !== device.seatId &&
      batch.commands.every(command => isPlain(command) && !ids.has(command.id)),
  )
}

/** The names under which integrations (X-API-Key) are written down. They give no commands. */
const isKey = (operatorId: string): boolean => operatorId.startsWith('key:')

/** Why this person gives no such command at the seat where it was given, whatever it is about; null: they may. */
function mayNot(operator: CentralOperator | null, { command, seat }: JudgedCommand): CommandRefusal | null {
  const access: Record<string, CommandAccess> = commandNameAccess
  const row = Object.hasOwn(access, command.name) ? access[command.name] : undefined
  // Not in the table: nobody may.
  if (row === undefined) return 'FORBIDDEN'
  if (operator === null) return row.by === 'seat' ? null : 'ACTOR_UNPROVED'
  // A unit's people work on the page of the units and nowhere else.
  if (operator.role === 'unit') return 'ACTOR_UNPROVED'
  if (row.by === 'person' && !worksFor(operator, seat.branch)) return 'SEAT_OTHER_BRANCH'
  // About a case, the action is asked after for whoever may read it.
  if (row.branch === 'none' && row.action !== undefined && !may(operator.role, row.action)) return 'FORBIDDEN'
  return null
}

function judge(world: World, live: LiveSession | null, parsed: JudgedCommand, now: string): CommandResult {
  const { id, operatorId } = parsed
  const operator = operatorId === null ? null : world.operators.get(operatorId)
  if (operator === undefined)
    return rejected(id, operatorId !== null && isKey(operatorId) ? 'ACTOR_UNPROVED' : 'OPERATOR_UNKNOWN')
  if (operator?.disabled === true) return rejected(id, 'OPERATOR_DISABLED')
  const why = mayNot(operator, parsed)
  if (why !== null) return rejected(id, why)
  const isLive = live !== null && live.operatorId === operatorId
  if (parsed.of === 'seat') {
    const privileged = operator !== null && isPrivileged(parsed.command, operator.role)
    return privileged && !isLive
      ? rejected(id, 'LIVE_SESSION_NEEDED')
      : { id, outcome: 'applied', version: null }
  }

  const { command } = parsed
  if (operator === null) return rejected(id, 'ACTOR_UNPROVED')
  const before: CaseState | undefined = world.cases.get(command.caseId)
  const entryId = 'entryId' in command.args ? `${command.caseId}\n${command.args.entryId}` : null
  const grantedTo = (caseId: string) => world.grants.get(caseId) ?? []
  const file =
    command.name === 'case.attach' ? originOf(world, command, { ...parsed.seat, ...operator }) : undefined
  const outcome: Outcome = reduceCase(before, command, {
    operator,
    live: isLive,
    seat: parsed.seat,
    at: parsed.at,
    reportedAt: parsed.reportedAt,
    counted: parsed.counted,
    now,
    grantedTo,
    file,
    owner:
      command.name === 'case.move' ? world.operators.get(command.args.owner?.operatorId ?? '') : undefined,
    reasonKnown: world.reasonKnown,
    entryKnown: entryId !== null && world.entries.has(entryId),
    other: command.name === 'case.relate' ? world.cases.get(command.args.otherId) : undefined,
    standing: caseId => world.cases.get(caseId) ?? world.mains.get(caseId),
    numberTakenBy: command.name === 'case.create' ? world.numbers.get(command.args.caseNumber) : undefined,
  })
  switch (outcome.kind) {
    case 'rejected': {
      if (outcome.hidden !== undefined) world.hidden.set(id, outcome.hidden)
      const isSeen = before !== undefined && hiddenFrom(operator, before, { grantedTo }) === null
      return rejected(id, outcome.code, isSeen ? before.version : null)
    }
    case 'conflict':
      return {
        id,
        outcome: 'conflict',
        code: 'EDIT_CONFLICT',
        sentence: '他人已修改同一内容，请选择保留哪一个',
        version: before?.version ?? 0,
        detail: outcome.detail,
      }
    case 'applied': {
      const { state, entry, also, grants } = outcome
      if (entry !== null) changed(world, state, entry)
      if (also !== undefined) changed(world, also.state, also.entry)
      if (grants !== undefined) grant(world, state.caseId, grants)
      if (command.name === 'case.attach' && entry !== null && file !== undefined)
        attached(world, command, file.sender)
      return { id, outcome: 'applied', version: state.version }
    }
  }
}

function changed(world: World, state: CaseState, entry: HistoryEntry): void {
  world.cases.set(state.caseId, state)
  world.numbers.set(state.caseNumber, state.caseId)
  world.entries.add(`${state.caseId}\n${entry.entryId}`)
  world.newEntries.push({ caseId: state.caseId, version: state.version, entry })
  world.touched.add(state.caseId)
}

function grant(world: World, caseId: string, branch: string): void {
  world.grants.set(caseId, [...(world.grants.get(caseId) ?? []), branch])
  world.newGrants.push({ caseId, branch })
}

function attached(
  world: World,
  { caseId, args }: CaseCommand & { name: 'case.attach' },
  sender: string,
): void {
  const { attachmentId } = args.attachment
  world.files.taken.set(`${attachmentId}\n${sender}`, caseId)
  world.newFiles.push({ caseId, attachmentId, sender })
}
