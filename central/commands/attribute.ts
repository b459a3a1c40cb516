/** Whose each command of a batch is, as its proof says, at which seat it was given, and which of its times count. */
import type { CommandRefusal } from '../../shared/contract/central-errors.ts'
import type { Operator } from '../../shared/domain/operator.ts'
import { effectiveTime, reportedTime } from '../../shared/domain/command-time.ts'
import { commandAccess } from '../../shared/domain/permission.ts'
import { isPrivileged } from '../../shared/domain/privileged.ts'
import { type ActorProofs, floorAt, isOfFormerVersion, type Proving } from '../identity/actor-proofs.ts'
import type { Device } from '../identity/devices.ts'
import type { ParsedCommand } from './parse.ts'

export type Seat = Pick<Device, 'seatId' | 'branch'>

export type JudgedCommand = ParsedCommand & {
  /** Where it was given: another seat than the one that sends it, where a file was taken in. */
  seat: Seat
  /** The session whose secret proves it. Null: nothing proves it. */
  provedBy: string | null
  /** When it was done, as far as that counts. */
  at: string
  /** What the seat's clock said, where that is something else. */
  reportedAt: string | undefined
  /** As `at`, for a time within the arguments. */
  counted(said: string): string
}

export function attribute(
  command: ParsedCommand,
  { device, sentAt }: { device: Device; sentAt: string | null },
  { proofs, proving, now }: { proofs: Pick<ActorProofs, 'prove'>; proving: Proving; now: number },
): JudgedCommand {
  const skewMs = sentAt === null ? 0 : Date.parse(sentAt) - now
  const proved = command.operatorId === null ? null : proofs.prove(proving, command, { now, skewMs })
  const isOwn = proved === null || proved.seatId === device.seatId
  const receivedAt = new Date(now).toISOString()
  const floor = floorAt(isOwn ? device.contact : proved.contact, now)
  const counted = (said: string) => effectiveTime({ issuedAt: said, floor, receivedAt, skewMs })
  const at = counted(command.issuedAt)
  const { seatId, branch } = proved ?? device
  return {
    ...command,
    seat: { seatId, branch },
    provedBy: proved?.sessionId ?? null,
    at,
    reportedAt: reportedTime({ issuedAt: command.issuedAt, skewMs }, at),
    counted,
  }
}

/** Why a command is not taken for its operator's. Null: it is theirs, or it names nobody and need not. */
export function actorRefusal(
  { provedBy, operatorId, command, ...rest }: JudgedCommand,
  device: Device,
  operators: ReadonlyMap<string, Pick<Operator, 'role'>>,
  { proving, now }: { proving: Proving; now: number },
): CommandRefusal | null {
  const role = operatorId === null ? undefined : operators.get(operatorId)?.role
  // Units work on their own page, and keys are nobody.
  if (role === 'unit') return 'ACTOR_UNPROVED'
  if (provedBy !== null) return null
  if (operatorId === null && commandAccess[command.name].by === 'seat') return null
  const isOfFormer =
    device.beforeProofs && isOfFormerVersion({ ...rest, operatorId, command } as JudgedCommand)
  const isAccepted = isOfFormer && proving.acceptUntil !== null && now < proving.acceptUntil
  return isAccepted && !isPrivileged(command, role ?? 'admin') ? null : 'ACTOR_UNPROVED'
}
