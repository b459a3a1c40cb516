/** What a batch writes: what is new in one statement, whatever the tables and the number of rows. */
import type { CommandResult } from '../../shared/contract/central.ts'
import type { HistoryEntry } from '../../shared/domain/case.ts'
import { normalizeNumber } from '../../shared/domain/phone-number.ts'
import { changesInsert } from '../changes/inbox.ts'
import type { Device } from '../identity/devices.ts'
import { correctionsInsert } from '../knowledge/corrections.ts'
import { type Insert, insertAll, kept, type Queries, rowsOf } from '../storage/sql.ts'
import type { JudgedCommand } from './attribute.ts'
import type { CaseState } from './case-reducer.ts'
import { expectedVersion, type World } from './push-load.ts'

const caseColumns = {
  case_id: 'text',
  case_number: 'text',
  version: 'integer',
  branch: 'text',
  seat_id: 'text',
  status: 'text',
  disposition: 'text',
  confidential: 'boolean',
  operator_id: 'text',
  catalogue_version: 'text',
  call_id: 'text',
  calling_key: 'text',
  contact_key: 'text',
  fields: 'text',
  attachments: 'text',
  loop: 'text',
  relations: 'text',
  unit_codes: 'text[]',
  authors: 'text',
  digest: 'text',
  created_at: 'text',
  updated_at: 'text',
  progress_code: 'text',
}
/** What a command may change of a case that is there. */
const changeable = [
  'version',
  'status',
  'confidential',
  'calling_key',
  'contact_key',
  'fields',
  'attachments',
  'loop',
  'relations',
  'unit_codes',
  'authors',
  'updated_at',
]

/** The unit that leads and those that help, each between spaces; null: it is with no unit. */
const unitCodesOf = ({ loop }: CaseState): string[] | null =>
  loop?.order == null ? null : [loop.order.lead, ...loop.order.assist].map(({ code }) => code)

const caseRowOf = (state: CaseState, areaCode: string): Record<string, unknown> => ({
  case_id: state.caseId,
  case_number: state.caseNumber,
  version: state.version,
  branch: state.branch,
  seat_id: state.seatId,
  status: state.status,
  disposition: state.disposition,
  confidential: state.fields.confidential,
  operator_id: state.operatorId,
  catalogue_version: state.catalogueVersion,
  call_id: state.callId,
  calling_key: normalizeNumber(state.fields.callingNumber, { areaCode }).key,
  contact_key: normalizeNumber(state.fields.contactNumber, { areaCode }).key,
  fields: JSON.stringify(state.fields),
  attachments: JSON.stringify(state.attachments),
  loop: state.loop === null ? null : JSON.stringify(state.loop),
  relations: state.relations === null ? null : JSON.stringify(state.relations),
  unit_codes: unitCodesOf(state),
  authors: JSON.stringify(state.authors),
  digest: state.digest,
  created_at: state.createdAt,
  updated_at: state.updatedAt,
})

const updateCases = (tx: Queries, states: readonly CaseState[], areaCode: string) =>
  tx.query(
    `UPDATE cases c SET ${changeable.map(name => `${name} = r.${name}`).join(', ')}
     FROM ${rowsOf(caseColumns, 'r')} WHERE c.case_id = r.case_id`,
    [JSON.stringify(states.map(state => caseRowOf(state, areaCode)))],
  )

const historyInsert = (entries: World['newEntries']): Insert => ({
  table: 'case_history',
  columns: { case_id: 'text', entry_id: 'text', version: 'integer', entry: 'text' },
  rows: entries.map(({ caseId, version, entry }) => ({
    case_id: caseId,
    entry_id: entry.entryId,
    version,
    entry: JSON.stringify(entry),
  })),
})

/** From which sender a case has its file: nobody else's content is ever given out for it. */
export const caseFilesInsert = (
  files: readonly { caseId: string; attachmentId: string; sender: string }[],
): Insert => ({
  table: 'case_file',
  columns: { attachment_id: 'text', sender: 'text', case_id: 'text' },
  rows: files.map(({ caseId, attachmentId, sender }) => ({
    attachment_id: attachmentId,
    sender,
    case_id: caseId,
  })),
  onConflict: 'ON CONFLICT DO NOTHING',
})

/** One case that was changed by no command of a seat. The caller has its row locked. */
export async function saveCase(
  tx: Queries,
  state: CaseState,
  entries: readonly { version: number; entry: HistoryEntry }[],
  { now, areaCode }: { now: string; areaCode: string },
): Promise<void> {
  const { caseId, branch } = state
  await updateCases(tx, [state], areaCode)
  await insertAll(tx, [
    historyInsert(entries.map(each => ({ caseId, ...each }))),
    changesInsert(now, [{ kind: 'case', subject: caseId, branch }]),
  ])
}

export async function saveWorld(
  tx: Queries,
  world: World,
  batch: {
    /** What of each seat is new. */
    seats: readonly { device: Device; commands: readonly JudgedCommand[] }[]
    results: ReadonlyMap<string, CommandResult>
    now: string
    areaCode: string
    /** A new one each time, for cases that are filed. */
    progressCode(): string
  },
): Promise<void> {
  const { seats, results, now, areaCode } = batch
  const commands = seats.flatMap(seat => seat.commands)
  const touched = [...world.touched].sort().flatMap(caseId => world.cases.get(caseId) ?? [])

  const added = touched.filter(({ caseId }) => !world.existing.has(caseId))
  const filed = (state: CaseState) => ({
    ...caseRowOf(state, areaCode),
    progress_code: batch.progressCode(),
  })
  const updated = touched.filter(({ caseId }) => world.existing.has(caseId))
  /** Under way together: one trip to the database and back, in this order. What fails fails all that come after it. */
  const saving: Promise<unknown>[] = []
  if (updated.length > 0) saving.push(updateCases(tx, updated, areaCode))
  const inserts: Insert[] = [
    { table: 'cases', columns: caseColumns, rows: added.map(filed) },
    historyInsert(world.newEntries),
    {
      table: 'case_grant',
      columns: { case_id: 'text', branch: 'text' },
      rows: world.newGrants.map(({ caseId, branch }) => ({ case_id: caseId, branch })),
      onConflict: 'ON CONFLICT DO NOTHING',
    },
    caseFilesInsert(world.newFiles),
    ...seatRecords(
      seats.flatMap(({ device, commands }) =>
        commands
          .filter(({ id }) => results.get(id)?.outcome === 'applied')
          .map(command => ({ device, command })),
      ),
      now,
    ),
    {
      table: 'audit',
      columns: {
        at: 'timestamptz',
        client_id: 'text',
        operator_id: 'text',
        employer: 'text',
        action: 'text',
        subject_kind: 'text',
        subject_id: 'text',
        result: 'text',
        detail: 'text',
        command_id: 'text',
        issued_at: 'text',
        proved_by: 'text',
      },
      rows: commands.map(command => auditRow(command, world, results.get(command.id), now)),
    },
    changesInsert(
      now,
      touched.map(({ caseId, branch }) => ({ kind: 'case' as const, subject: caseId, branch })),
    ),
  ]
  saving.push(insertAll(tx, inserts), ...settleClaims(tx, commands, results))
  // Last, since every other batch of these seats waits for these rows.
  saving.push(
    raiseHighest(
      tx,
      seats.map(({ device, commands: done }) => ({
        client_id: device.clientId,
        seq: done.reduce((last, { seq }) => Math.max(last, seq), 0),
      })),
    ),
  )
  await Promise.all(saving)
}

async function raiseHighest(
  tx: Queries,
  seats: readonly { client_id: string; seq: number }[],
): Promise<void> {
  const [first, another] = seats
  if (first === undefined) return
  if (another === undefined) {
    await kept(tx, 'UPDATE device SET highest_seq = greatest(highest_seq, $2) WHERE client_id = $1', [
      first.client_id,
      first.seq,
    ])
    return
  }
  // In one order, so that nobody waits in a circle.
  await tx.query(
    `WITH r AS (
       SELECT client_id, seq FROM ${rowsOf({ client_id: 'text', seq: 'bigint' }, 'told')}
     ), locked AS MATERIALIZED (
       SELECT client_id FROM device WHERE client_id IN (SELECT client_id FROM r) ORDER BY client_id FOR UPDATE
     )
     UPDATE device d SET highest_seq = greatest(d.highest_seq, r.seq)
     FROM r JOIN locked USING (client_id) WHERE d.client_id = r.client_id`,
    [JSON.stringify(seats)],
  )
}

/** Only what took effect is remembered: what was refused is judged anew when it comes again. */
function settleClaims(
  tx: Queries,
  commands: readonly JudgedCommand[],
  results: ReadonlyMap<string, CommandResult>,
): Promise<unknown>[] {
  const refused: string[] = []
  const versions: { id: string; version: number | null }[] = []
  for (const command of commands) {
    const result = results.get(command.id)
    if (result?.outcome !== 'applied') refused.push(command.id)
    else if (result.version !== expectedVersion(command)) versions.push(result)
  }
  const settling: Promise<unknown>[] = []
  if (refused.length > 0)
    settling.push(tx.query('DELETE FROM applied_command WHERE id = ANY($1::text[])', [refused]))
  if (versions.length > 0)
    settling.push(
      tx.query(
        `UPDATE applied_command a SET version = r.version
       FROM ${rowsOf({ id: 'text', version: 'integer' }, 'r')} WHERE a.id = r.id`,
        [JSON.stringify(versions.map(({ id, version }) => ({ id, version })))],
      ),
    )
  return settling
}

function seatRecords(applied: readonly { device: Device; command: JudgedCommand }[], now: string): Insert[] {
  // Several states of one call in a batch: the last one is what it became.
  const calls = new Map<string, Record<string, unknown>>()
  const states: Record<string, unknown>[] = []
  const profiles = new Map<string, { at: string } & Record<string, unknown>>()
  for (const { device, command: done } of applied) {
    const { seq, operatorId, command, seat } = done
    if (command.name === 'call.record') {
      const key = `${seat.seatId}\n${command.args.callId}`
      // Whoever took the call is named by the command's proof and never by its arguments.
      const by = operatorId ?? calls.get(key)?.operator_id ?? null
      calls.set(key, {
        seat_id: seat.seatId,
        call_id: command.args.callId,
        client_id: device.clientId,
        seq,
        branch: seat.branch,
        number_key: command.args.numberKey,
        operator_id: by,
        case_id: command.args.caseId,
        record: JSON.stringify({ ...command.args, operatorId: by }),
        received_at: now,
      })
    }
    if (command.name === 'caller.remember') {
      const { numberKey, dialect, callerKind: kind, at } = command.args
      const before = profiles.get(numberKey)
      // A clock that is ahead would keep every later one out.
      const told = new Date(Math.min(Date.parse(at), Date.parse(now))).toISOString()
      if (before === undefined || before.at <= told)
        profiles.set(numberKey, {
          number_key: numberKey,
          dialect,
          caller_kind: kind,
          at: told,
          operator_id: operatorId,
        })
    }
    if (command.name === 'seat.state')
      states.push({
        seat_id: seat.seatId,
        operator_id: operatorId,
        kind: command.args.kind,
        reason: command.args.reason,
        since: new Date(command.args.since).toISOString(),
        received_at: now,
      })
  }
  return [
    {
      table: 'call_record',
      columns: {
        seat_id: 'text',
        call_id: 'text',
        client_id: 'text',
        seq: 'bigint',
        branch: 'text',
        number_key: 'text',
        operator_id: 'text',
        case_id: 'text',
        record: 'text',
        received_at: 'timestamptz',
      },
      rows: [...calls.values()],
      // One seat's view of a call; a state that was sent late never replaces a newer one.
      onConflict: `ON CONFLICT (seat_id, call_id) DO UPDATE SET
       client_id = excluded.client_id, seq = excluded.seq, number_key = excluded.number_key,
       operator_id = coalesce(excluded.operator_id, call_record.operator_id), case_id = excluded.case_id, record = excluded.record, received_at = excluded.received_at
     WHERE call_record.client_id <> excluded.client_id OR call_record.seq < excluded.seq`,
    },
    {
      table: 'seat_state',
      columns: {
        seat_id: 'text',
        operator_id: 'text',
        kind: 'text',
        reason: 'text',
        since: 'text',
        received_at: 'timestamptz',
      },
      rows: states,
    },
    {
      table: 'caller_profile',
      columns: {
        number_key: 'text',
        dialect: 'text',
        caller_kind: 'text',
        at: 'timestamptz',
        operator_id: 'text',
      },
      rows: [...profiles.values()].sort((a, b) => (String(a.number_key) < String(b.number_key) ? -1 : 1)),
      onConflict: `ON CONFLICT (number_key) DO UPDATE SET
       dialect = excluded.dialect, caller_kind = excluded.caller_kind, at = excluded.at, operator_id = excluded.operator_id
     WHERE caller_profile.at <= excluded.at`,
    },
    correctionsInsert(applied, now),
  ]
}

function detailOf({ id, command }: JudgedCommand, world: World): string | null {
  const hidden = world.hidden.get(id)
  if (hidden !== undefined) return JSON.stringify({ hidden })
  return toldWhole.has(command.name) ? JSON.stringify(command.args) : null
}

/** Nothing else is kept of these. */
const toldWhole: ReadonlySet<string> = new Set(['case.reveal', 'ledger.export', 'model.ask', 'model.answer'])

function auditRow(
  command: JudgedCommand,
  world: World,
  result: CommandResult | undefined,
  now: string,
): Record<string, unknown> {
  const { operatorId, command: what } = command
  const about = (): [kind: string, id: string] => {
    switch (what.name) {
      case 'draft.discard':
        return ['draft', what.args.draftId]
      case 'call.record':
        return ['call', what.args.callId]
      case 'callback.outcome':
        return ['callback', what.args.taskId]
      case 'callback.offline':
        return ['call', what.args.callId]
      case 'caller.remember':
        return ['call', what.args.callId ?? '']
      case 'ledger.export':
        return ['export', what.args.exportId]
      case 'model.ask':
      case 'model.answer':
        return ['model', what.args.requestId]
      case 'knowledge.correct':
        return ['knowledge', what.args.articleId]
      case 'seat.state':
        return ['seat', command.clientId]
      case 'case.create':
      case 'case.addRemark':
      case 'case.edit':
      case 'case.move':
      case 'case.relate':
      case 'case.attach':
      case 'case.reveal':
        return ['case', what.caseId]
    }
  }
  const [kind, id] = about()
  const told =
    result?.outcome === 'applied' ? 'done' : result?.outcome === 'rejected' ? result.code : 'conflict'
  return {
    at: now,
    client_id: command.clientId,
    operator_id: operatorId,
    employer: operatorId === null ? '' : (world.operators.get(operatorId)?.employer ?? ''),
    action: what.name,
    subject_kind: kind,
    subject_id: id,
    result: told,
    detail: detailOf(command, world),
    command_id: command.id,
    issued_at: command.issuedAt,
    proved_by: command.provedBy,
  }
}
