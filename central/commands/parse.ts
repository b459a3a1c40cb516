/** Reads one command of a batch. A bad one is refused by itself. */
import { hash } from 'node:crypto'
import type { CommandRefusal } from '../../shared/contract/central-errors.ts'
import {
  type Command,
  type CommandArgs,
  type CommandName,
  command,
  commandArgs,
  commandSchemaVersion,
  isCommandName,
  oldestCommandSchemaVersion,
} from '../../shared/domain/command.ts'
import type { CaseCommand } from './case-reducer.ts'

type Envelope = {
  id: string
  clientId: string
  seq: number
  operatorId: string | null
  issuedAt: string
  /** As it was sent, which is what its proof is about. */
  sent: Pick<
    Command,
    'proof' | 'operatorId' | 'caseId' | 'schemaVersion' | 'name' | 'args' | 'baseVersion' | 'issuedAt'
  >
}
type SeatCommandName = Exclude<CommandName, CaseCommand['name']>
type SeatCommand = { [N in SeatCommandName]: { name: N; args: CommandArgs<N> } }[SeatCommandName]

export type ParsedCommand = Envelope &
  ({ of: 'case'; operatorId: string; command: CaseCommand } | { of: 'seat'; command: SeatCommand })
export type Parsed =
  | { kind: 'command'; command: ParsedCommand }
  | { kind: 'refused'; id: string; code: CommandRefusal }

/** What the database keeps as plain text must be text: no U+0000, no half characters. */
const isPlain = (text: unknown): boolean =>
  typeof text !== 'string' || (!text.includes('\u0000') && text.isWellFormed())

const plainArgs = [
  'caseNumber',
  'callId',
  'catalogueVersion',
  'entryId',
  'operatorId',
  'workNumber',
  'name',
  'branch',
  'numberKey',
  'caseId',
  'otherId',
  'correctionId',
  'articleId',
  'title',
  'owner',
  'remark',
  'reason',
  'draftId',
  'taskId',
  'originalCallId',
  'attemptId',
  'exportId',
  'requestId',
] as const

export function parseCommand(raw: unknown, place: number, device: { clientId: string }): Parsed {
  const given = typeof raw === 'object' && raw !== null && 'id' in raw ? raw.id : undefined
  const id = typeof given === 'string' && given !== '' && given.length <= 64 ? given : `#${place}`
  const refused = (code: CommandRefusal): Parsed => ({ kind: 'refused', id, code })

  const envelope = command.safeParse(raw)
  if (!envelope.success) return refused('COMMAND_INVALID')
  const { clientId, seq, ...sent } = envelope.data
  const { operatorId, caseId, schemaVersion, name, issuedAt } = sent
  if (![id, clientId, operatorId, caseId].every(isPlain)) return refused('COMMAND_INVALID')
  if (clientId !== device.clientId) return refused('CLIENT_MISMATCH')
  if (schemaVersion < oldestCommandSchemaVersion) return refused('SCHEMA_TOO_OLD')
  if (schemaVersion > commandSchemaVersion) return refused('SCHEMA_TOO_NEW')
  // What a seat of the version before wrote.
  if (name === 'operator.create') return refused('PEOPLE_AT_CENTRE_ONLY')
  if (!isCommandName(name)) return refused('COMMAND_UNKNOWN')
  const args = commandArgs[name].safeParse(envelope.data.args)
  if (!args.success) return refused('COMMAND_INVALID')
  const values = args.data as Record<string, unknown>
  if (!plainArgs.every(key => (name === 'case.move' && key === 'reason') || isPlain(values[key])))
    return refused('COMMAND_INVALID')

  const common = { id, clientId, seq, issuedAt: new Date(issuedAt).toISOString(), sent }
  // The pair of name and args was just parsed by that name's schema.
  const body = { name, args: args.data } as SeatCommand | Omit<CaseCommand, 'caseId'>
  if (!isCaseCommand(body))
    return { kind: 'command', command: { ...common, operatorId, of: 'seat', command: body } }
  if (caseId === null || operatorId === null) return refused('COMMAND_INVALID')
  const about = { ...body, caseId, ...digestOf(body) } as CaseCommand
  return { kind: 'command', command: { ...common, operatorId, of: 'case', command: about } }
}

const isCaseCommand = (
  body: SeatCommand | Omit<CaseCommand, 'caseId'>,
): body is Omit<CaseCommand, 'caseId'> => body.name.startsWith('case.')

function digestOf(body: Omit<CaseCommand, 'caseId'>): { digest?: string } {
  if (body.name !== 'case.create') return {}
  const args = body.args as CommandArgs<'case.create'>
  args.createdAt = new Date(args.createdAt).toISOString()
  return { digest: hash('sha256', JSON.stringify(args), 'base64url') }
}
