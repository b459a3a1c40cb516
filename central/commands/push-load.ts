/** What a batch claims and reads, each in one statement. */
import type { CentralOperator } from '../../shared/contract/central.ts'
import type { HistoryEntry } from '../../shared/domain/case.ts'
import type { Standing } from '../../shared/domain/case-relations.ts'
import { dispositionRulesName } from '../../shared/domain/disposition-rules.ts'
import { type OperatorRow, operatorColumns, operatorOf } from '../identity/operators.ts'
import { kept, type Queries, rowsOf } from '../storage/sql.ts'
import type { CaseCommand, CaseState, FileOrigin, Given, HiddenWhy } from './case-reducer.ts'
import type { ParsedCommand } from './parse.ts'

/** What a batch is judged against, changed in memory as its commands are. */
export type World = {
  cases: Map<string, CaseState>
  /** Cases that those are merged into, as they stand. */
  mains: ReadonlyMap<string, Standing>
  /** `caseId\nentryId` of entries that stand. */
  entries: Set<string>
  /** Case numbers, and whose they are. */
  numbers: Map<string, string>
  operators: Map<string, CentralOperator>
  reasonKnown: Given['reasonKnown']
  existing: ReadonlySet<string>
  /** Cases that something was done to. */
  touched: Set<string>
  newEntries: { caseId: string; version: number; entry: HistoryEntry }[]
  /** Branches that a case was given to. Loaded only where somebody of another branch works on it. */
  grants: Map<string, string[]>
  newGrants: { caseId: string; branch: string }[]
  files: LoadedFiles
  newFiles: { caseId: string; attachmentId: string; sender: string }[]
  /** By command: what the audit alone says. */
  hidden: Map<string, HiddenWhy>
}

/** Who may attach what, as the files' own rows say. */
type LoadedFiles = {
  /** `attachmentId\nsender`, and whose it is already. */
  taken: Map<string, string>
  /** `attachmentId\nsha256` of a channel's files, and by whom their item is or was held. */
  intake: Map<string, { sender: string; channel: string; operatorId: string }>
}

export const fileSender = {
  seat: (seatId: string) => `seat:${seatId}`,
  intake: (intakeId: string) => `intake:${intakeId}`,
  unit: (unitCode: string) => `unit:${unitCode}`,
}

/**
 * Where a file that is attached comes from: the channel of the intake item that this person holds, or else this seat, whether its
 * upload has come already or not. Undefined: it belongs to another case.
 */
export function originOf(
  { files }: World,
  { caseId, args: { attachment } }: CaseCommand & { name: 'case.attach' },
  by: { operatorId: string; seatId: string },
): (FileOrigin & { sender: string }) | undefined {
  const { attachmentId, sha256 } = attachment
  const given = files.intake.get(`${attachmentId}\n${sha256}`)
  const held = given?.operatorId === by.operatorId ? given : undefined
  const sender = held?.sender ?? fileSender.seat(by.seatId)
  const owner = files.taken.get(`${attachmentId}\n${sender}`)
  if (owner !== undefined && owner !== caseId) return undefined
  return held === undefined ? { sender } : { sender, addedBy: { name: held.channel.slice(0, 250) } }
}

/** A filed case begins at 1; what else a command leads to is known only after it was judged. */
export const expectedVersion = (command: ParsedCommand): number | null =>
  command.command.name === 'case.create' ? 1 : null

/**
 * Takes the ids of a batch. Another transaction that holds one of them is waited for, so the ids go in order: two batches can
 * not wait for each other. Returns those that are new, in the order given.
 */
export async function claim(
  tx: Queries,
  commands: readonly ParsedCommand[],
  now: string,
  isKnown: (command: ParsedCommand, known: { version: number | null } | undefined) => void,
): Promise<ParsedCommand[]> {
  const columns = {
    id: 'text',
    client_id: 'text',
    seq: 'bigint',
    version: 'integer',
    applied_at: 'timestamptz',
  }
  const rows = commands.map(command => ({
    id: command.id,
    client_id: command.clientId,
    seq: command.seq,
    version: expectedVersion(command),
    applied_at: now,
  }))
  const claimed = await kept<{ id: string }>(
    tx,
    `INSERT INTO applied_command (id, client_id, seq, version, applied_at)
     SELECT id, client_id, seq, version, applied_at FROM ${rowsOf(columns, 'r')} ORDER BY id
     ON CONFLICT DO NOTHING RETURNING id`,
    [JSON.stringify(rows)],
  )
  if (claimed.length === commands.length) return [...commands]
  const fresh = new Set(claimed.map(({ id }) => id))
  const rest = commands.filter(({ id }) => !fresh.has(id))
  const known = await tx.query<{ id: string; version: number | null }>(
    'SELECT id, version FROM applied_command WHERE id = ANY($1::text[])',
    [rest.map(({ id }) => id)],
  )
  const versions = new Map(known.map(row => [row.id, row]))
  for (const command of rest) isKnown(command, versions.get(command.id))
  return commands.filter(({ id }) => fresh.has(id))
}

export type CaseRow = {
  case_id: string
  case_number: string
  version: number
  branch: string
  seat_id: string
  status: CaseState['status']
  disposition: CaseState['disposition']
  operator_id: string
  catalogue_version: string
  call_id: string | null
  fields: string
  attachments: string
  loop: string | null
  relations: string | null
  authors: string
  digest: string
  created_at: string
  updated_at: string
  /** Null: a case that none was made for. */
  progress_code: string | null
}

const relationsOf = ({ relations }: Pick<CaseRow, 'relations'>): CaseState['relations'] =>
  relations === null ? null : (JSON.parse(relations) as CaseState['relations'])

export const caseStateOf = (row: CaseRow): CaseState => ({
  caseId: row.case_id,
  caseNumber: row.case_number,
  version: row.version,
  branch: row.branch,
  seatId: row.seat_id,
  status: row.status,
  disposition: row.disposition,
  operatorId: row.operator_id,
  catalogueVersion: row.catalogue_version,
  callId: row.call_id,
  fields: JSON.parse(row.fields) as CaseState['fields'],
  attachments: JSON.parse(row.attachments) as CaseState['attachments'],
  loop: row.loop === null ? null : (JSON.parse(row.loop) as CaseState['loop']),
  relations: relationsOf(row),
  authors: JSON.parse(row.authors) as CaseState['authors'],
  digest: row.digest,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})

/** Any constant; advisory locks of the centre begin with these digits. */
const mergeLock = 12_345_004
const isMerge = ({ of, command }: ParsedCommand): boolean =>
  of === 'case' && command.name === 'case.relate' && command.args.relation === 'merge'

/** Follows the pointers of merges to their ends. */
async function mainsOf(tx: Queries, rows: readonly CaseRow[]): Promise<Map<string, Standing>> {
  const mains = new Map<string, Standing>()
  let wanted = rows.flatMap(row => relationsOf(row)?.mergedInto?.caseId ?? [])
  while (wanted.length > 0) {
    const found = await tx.query<Pick<CaseRow, 'case_id' | 'case_number' | 'status' | 'relations'>>(
      'SELECT case_id, case_number, status, relations FROM cases WHERE case_id = ANY($1::text[])',
      [wanted],
    )
    wanted = []
    for (const row of found) {
      if (mains.has(row.case_id)) continue
      const relations = relationsOf(row)
      mains.set(row.case_id, {
        caseId: row.case_id,
        caseNumber: row.case_number,
        status: row.status,
        relations,
      })
      if (relations?.mergedInto != null) wanted.push(relations.mergedInto.caseId)
    }
  }
  return mains
}

/** Of any version: what a seat filed by the rules that it had is not undone by those that came after. */
async function knownReasons(tx: Queries, commands: readonly ParsedCommand[]): Promise<Given['reasonKnown']> {
  const asked = commands.flatMap(({ command }) =>
    command.name === 'case.create' && command.args.fields.reasonCode !== ''
      ? [command.args.fields.reasonCode]
      : [],
  )
  if (asked.length === 0) return () => true
  const [first] = await tx.query<{ effective_at: Date | null }>(
    'SELECT min(effective_at) AS effective_at FROM publication WHERE name = $1',
    [dispositionRulesName],
  )
  const from = first?.effective_at
  if (from == null) return () => true
  const rows = await tx.query<{ disposition: string; code: string }>(
    `SELECT DISTINCT reason->>'disposition' AS disposition, reason->>'code' AS code
     FROM publication, jsonb_array_elements(content::jsonb->'reasons') AS reason
     WHERE name = $1 AND reason->>'code' = ANY($2::text[])`,
    [dispositionRulesName, asked],
  )
  const known = new Set(rows.map(({ disposition, code }) => `${disposition} ${code}`))
  return ({ disposition, reasonCode }, at) =>
    reasonCode === '' || Date.parse(at) < from.getTime() || known.has(`${disposition} ${reasonCode}`)
}

const none = async <R>(): Promise<R[]> => []

async function filesOf(tx: Queries, commands: readonly ParsedCommand[]): Promise<LoadedFiles> {
  const ids = commands.flatMap(({ command }) =>
    command.name === 'case.attach' ? [command.args.attachment.attachmentId] : [],
  )
  const files: LoadedFiles = { taken: new Map(), intake: new Map() }
  if (ids.length === 0) return files
  const taken = await tx.query<{ attachment_id: string; sender: string; case_id: string }>(
    'SELECT attachment_id, sender, case_id FROM case_file WHERE attachment_id = ANY($1::text[])',
    [ids],
  )
  for (const row of taken) files.taken.set(`${row.attachment_id}\n${row.sender}`, row.case_id)
  const given = await tx.query<{
    attachment_id: string
    sha256: string
    intake_id: string
    channel: string
    lease_operator: string
  }>(
    `SELECT f.attachment_id, f.sha256, f.intake_id, f.channel, i.lease_operator FROM file f JOIN intake i USING (intake_id)
     WHERE f.attachment_id = ANY($1::text[]) AND i.state IN ('claimed', 'filed') AND i.lease_operator IS NOT NULL`,
    [ids],
  )
  for (const row of given)
    files.intake.set(`${row.attachment_id}\n${row.sha256}`, {
      sender: fileSender.intake(row.intake_id),
      channel: row.channel,
      operatorId: row.lease_operator,
    })
  return files
}

/** Asked for only after the rows are locked: a grant is written under the lock of its case. */
async function grantsOf(
  tx: Queries,
  rows: readonly CaseRow[],
  operators: readonly OperatorRow[],
): Promise<Map<string, string[]>> {
  const foreign = rows.filter(({ branch }) => operators.some(each => each.branch !== branch))
  const grants = new Map<string, string[]>()
  if (foreign.length === 0) return grants
  const found = await tx.query<{ case_id: string; branch: string }>(
    'SELECT case_id, branch FROM case_grant WHERE case_id = ANY($1::text[])',
    [foreign.map(row => row.case_id)],
  )
  for (const { case_id: caseId, branch } of found) grants.set(caseId, [...(grants.get(caseId) ?? []), branch])
  return grants
}

export async function loadWorld(tx: Queries, commands: readonly ParsedCommand[]): Promise<World> {
  const merges = commands.some(isMerge)
  // One at a time: two that know nothing of each other could close a circle.
  if (merges) await tx.query('SELECT pg_advisory_xact_lock($1)', [mergeLock])
  const caseIds = new Set<string>()
  const entryIds: string[] = []
  const numbers: string[] = []
  const operatorIds = new Set<string>()
  for (const each of commands) {
    if (each.operatorId !== null) operatorIds.add(each.operatorId)
    if (each.of === 'case') {
      caseIds.add(each.command.caseId)
      if (each.command.name === 'case.relate') caseIds.add(each.command.args.otherId)
      if ('entryId' in each.command.args) entryIds.push(each.command.args.entryId)
      if (each.command.name === 'case.move' && each.command.args.owner !== undefined)
        operatorIds.add(each.command.args.owner.operatorId)
      if (each.command.name === 'case.create') numbers.push(each.command.args.caseNumber)
    }
  }
  /** Under way together: one trip to the database and back for all of them, in this order. */
  const [rows, taken, entries, operators, reasonKnown, files] = await Promise.all([
    caseIds.size === 0
      ? none<CaseRow>()
      : tx.query<CaseRow>('SELECT * FROM cases WHERE case_id = ANY($1::text[]) ORDER BY case_id FOR UPDATE', [
          [...caseIds],
        ]),
    numbers.length === 0
      ? none<{ case_number: string; case_id: string }>()
      : tx.query<{ case_number: string; case_id: string }>(
          'SELECT case_number, case_id FROM cases WHERE case_number = ANY($1::text[])',
          [numbers],
        ),
    entryIds.length === 0
      ? none<{ case_id: string; entry_id: string }>()
      : tx.query<{ case_id: string; entry_id: string }>(
          'SELECT case_id, entry_id FROM case_history WHERE case_id = ANY($1::text[]) AND entry_id = ANY($2::text[])',
          [[...caseIds], entryIds],
        ),
    operatorIds.size === 0
      ? none<OperatorRow>()
      : kept<OperatorRow>(tx, `SELECT ${operatorColumns} FROM operator WHERE operator_id = ANY($1::text[])`, [
          [...operatorIds],
        ]),
    knownReasons(tx, commands),
    filesOf(tx, commands),
  ])
  return {
    mains: merges ? await mainsOf(tx, rows) : new Map(),
    cases: new Map(rows.map(row => [row.case_id, caseStateOf(row)])),
    entries: new Set(entries.map(row => `${row.case_id}\n${row.entry_id}`)),
    numbers: new Map(taken.map(row => [row.case_number, row.case_id])),
    operators: new Map(operators.map(row => [row.operator_id, operatorOf(row)])),
    reasonKnown,
    existing: new Set(rows.map(row => row.case_id)),
    touched: new Set(),
    newEntries: [],
    grants: await grantsOf(tx, rows, operators),
    newGrants: [],
    files,
    newFiles: [],
    hidden: new Map(),
  }
}
