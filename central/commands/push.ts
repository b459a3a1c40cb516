/**
 * A batch of commands: one transaction, a result for each. Ids are claimed first, so that a command which arrives twice, at two
 * processes at once, takes effect once; cases are locked in one order, judged in memory and written in bulk.
 */
import type { CentralOperator, CommandResult } from '../../shared/contract/central.ts'
import { type CommandRefusal, commandRefusals } from '../../shared/contract/central-errors.ts'
import type { Callbacks } from '../callbacks/callbacks.ts'
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'
import type { Device } from '../identity/devices.ts'
import { isDataError, isRetryable, type Queries } from '../storage/sql.ts'
import { type CaseState, type Outcome, reduceCase } from './case-reducer.ts'
import { type ParsedCommand, parseCommand } from './parse.ts'
import { claim, loadWorld, type World } from './push-load.ts'
import { saveWorld } from './push-save.ts'

const attempts = 6
type FromSeat = Awaited<ReturnType<Callbacks['fromSeat']>>

const rejected = (id: string, code: CommandRefusal, version: number | null = null): CommandResult => ({
  id,
  outcome: 'rejected',
  code,
  sentence: commandRefusals[code],
  version,
})

export type Push = (device: Device, commands: readonly unknown[]) => Promise<CommandResult[]>

export function createPush(
  context: CentralContext,
  options: { areaCode: string; changed(): void; fromSeat: Callbacks['fromSeat'] },
): Push {
  const { sql } = context

  const attempt = async (device: Device, commands: readonly ParsedCommand[]) => {
    const fromSeat = await options.fromSeat()
    for (let left = attempts; ; left -= 1) {
      try {
        return await sql.transaction(tx => applyBatch(tx, device, commands, fromSeat))
      } catch (error) {
        if (left === 1 || !isRetryable(error)) throw error
      }
    }
  }

  const applyBatch = async (
    tx: Queries,
    device: Device,
    commands: readonly ParsedCommand[],
    fromSeat: FromSeat,
  ) => {
    const now = isoNow(context.clock)
    const results = new Map<string, CommandResult>()
    const fresh = await claim(tx, commands, now, (command, known) =>
      results.set(
        command.id,
        known === undefined
          ? rejected(command.id, 'SEQ_TAKEN')
          : { id: command.id, outcome: 'duplicate', version: known.version },
      ),
    )
    const world = await loadWorld(tx, fresh)
    for (const command of fresh) results.set(command.id, judge(world, device, command, now))
    await fromSeat(tx, { device, operators: world.operators, commands: fresh, results, now })
    await saveWorld(tx, world, { device, commands: fresh, results, now, areaCode: options.areaCode })
    return results
  }

  return async (device, commands) => {
    const parsed = commands.map((raw, place) => parseCommand(raw, place, device))
    const results = new Map<string, CommandResult>()
    const seqs = new Map<number, string>()
    const wanted: ParsedCommand[] = []
    for (const each of parsed) {
      if (each.kind === 'refused') continue
      const { id, seq } = each.command
      const before = seqs.get(seq)
      if (before === id) continue
      if (before !== undefined || device.superseded) {
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
      for (const [id, result] of await judged(device, once)) results.set(id, result)
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
  async function judged(device: Device, commands: ParsedCommand[]): Promise<Map<string, CommandResult>> {
    try {
      return await attempt(device, commands)
    } catch (error) {
      if (!isDataError(error)) throw error
      context.log.warn({ commands: commands.length }, 'a batch failed as a whole; its commands go one by one')
    }
    const results = new Map<string, CommandResult>()
    for (const command of commands) {
      try {
        for (const [id, result] of await attempt(device, [command])) results.set(id, result)
      } catch (error) {
        if (!isDataError(error)) throw error
        results.set(command.id, rejected(command.id, 'COMMAND_INVALID'))
      }
    }
    return results
  }
}

function judge(world: World, device: Device, parsed: ParsedCommand, now: string): CommandResult {
  const { id, operatorId } = parsed
  const operator = operatorId === null ? null : world.operators.get(operatorId)
  const introduces =
    parsed.of === 'seat' && parsed.command.name === 'operator.create' ? parsed.command.args : null
  if (introduces === null && operator === undefined) return rejected(id, 'OPERATOR_UNKNOWN')
  if (operator?.disabled === true) return rejected(id, 'OPERATOR_DISABLED')
  if (introduces !== null) {
    if (!world.operators.has(introduces.operatorId)) {
      const known: CentralOperator = { ...introduces, role: 'agent', disabled: false, employer: '' }
      world.operators.set(known.operatorId, known)
      world.newOperators.push(known)
    }
    return { id, outcome: 'applied', version: null }
  }
  if (parsed.of === 'seat') return { id, outcome: 'applied', version: null }

  const { command } = parsed
  if (operator === null || operator === undefined) return rejected(id, 'OPERATOR_UNKNOWN')
  const before: CaseState | undefined = world.cases.get(command.caseId)
  const entryId = 'entryId' in command.args ? `${command.caseId}\n${command.args.entryId}` : null
  const outcome: Outcome = reduceCase(before, command, {
    operator,
    seat: device,
    issuedAt: parsed.issuedAt,
    now,
    entryKnown: entryId !== null && world.entries.has(entryId),
    numberTakenBy: command.name === 'case.create' ? world.numbers.get(command.args.caseNumber) : undefined,
  })
  switch (outcome.kind) {
    case 'rejected':
      return rejected(id, outcome.code, before?.version ?? null)
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
      const { state, entry } = outcome
      if (entry !== null) {
        world.cases.set(state.caseId, state)
        world.numbers.set(state.caseNumber, state.caseId)
        world.entries.add(`${state.caseId}\n${entry.entryId}`)
        world.newEntries.push({ caseId: state.caseId, version: state.version, entry })
        world.touched.add(state.caseId)
      }
      return { id, outcome: 'applied', version: state.version }
    }
  }
}
