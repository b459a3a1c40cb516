/**
 * The handling units (承办单位) at the centre: their people sign in on a page of their own, see a copy of what was dispatched to
 * them, and move it on. Everything they look at or do is in the audit.
 */
import type { CentralOperator } from '../../shared/contract/central.ts'
import type { HistoryEntry } from '../../shared/domain/case.ts'
import { isDispatchedTo, type MoveInput, type MoveRefusal } from '../../shared/domain/case-moves.ts'
import type { Attachment } from '../../shared/domain/command.ts'
import { type DispatchCopy, dispatchCopy, filesForUnit } from '../../shared/domain/dispatch-copy.ts'
import { documentsOf } from '../cases/documents.ts'
import { type CaseState, reduceCase } from '../commands/case-reducer.ts'
import { type CaseRow, caseStateOf, fileSender } from '../commands/push-load.ts'
import { caseFilesInsert, saveCase } from '../commands/push-save.ts'
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'
import { checkPassword, type PasswordHolder, signInFailed } from '../identity/check-password.ts'
import { refuseWeak } from '../identity/common-passwords.ts'
import type { CentralIdentity } from '../identity/identity.ts'
import { type OperatorRow, operatorColumns, operatorOf } from '../identity/operators.ts'
import type { Source } from '../identity/passwords.ts'
import { digestOf, newSecret } from '../identity/secrets.ts'
import { changeNeeded, sameAgain, setPassword } from '../identity/set-password.ts'
import { Refusal } from '../refusal.ts'
import { insertAll, isRetryable, type Queries } from '../storage/sql.ts'

const attempts = 6
const sessionMs = 12 * 3_600_000
/** Nobody did anything for so long: whoever sits there signs in anew. */
const idleMs = 30 * 60_000
/** What was closed stays in sight so long. */
const closedDays = 30
const shown = 200

export type UnitSession = { operator: CentralOperator; unitCode: string; formToken: string }
export type UnitFile = Attachment & { own: boolean }
/** A file that comes with a move; `keep` writes its row in the move's own transaction. */
export type AddedFile = Omit<Attachment, 'addedBy'> & { keep(tx: Queries): Promise<void> }
export type UnitMove = Extract<MoveInput['move'], 'sign' | 'reply' | 'return' | 'extend'>

export type Units = {
  /**
   * `browser` names one at which somebody signed in before, or is empty; the answer's name is for the next time. SIGN_IN_FAILED,
   * BUSY; PASSWORD_CHANGE_NEEDED until `newPassword` replaces what an administrator gave or what grew old. PASSWORD_WEAK.
   */
  signIn(input: {
    workNumber: string
    password: string
    newPassword?: string
    from: { address: string; browser: string }
  }): Promise<{ token: string; browser: string }>
  /** Null: nobody, or not any more. */
  of(token: string): Promise<UnitSession | null>
  signOut(token: string): Promise<void>
  /** Open ones first, what is due soonest at the top. */
  list(session: UnitSession): Promise<DispatchCopy[]>
  /** NOT_FOUND for whatever was not dispatched to the unit: it is told nothing of other cases. */
  get(session: UnitSession, caseId: string): Promise<DispatchCopy & { files: UnitFile[] }>
  /** One of the files that `get` names, for reading. NOT_FOUND. */
  file(session: UnitSession, caseId: string, attachmentId: string): Promise<UnitFile>
  /** The same `requestId` again changes nothing. Files become the case's with the move, or not at all. */
  move(
    session: UnitSession,
    caseId: string,
    requestId: string,
    input: MoveInput & { move: UnitMove },
    added?: readonly AddedFile[],
  ): Promise<{ done: true } | { done: false; why: MoveRefusal }>
}

export function createUnits(
  context: CentralContext,
  options: Pick<CentralIdentity, 'passwords' | 'failures' | 'endings' | 'identityPolicy'> & {
    areaCode: string
    changed(): void
  },
): Units {
  const { sql, clock, random } = context

  const audit = (
    tx: Queries,
    who: { operatorId: string | null; employer: string },
    action: string,
    [kind, id]: [kind: string, id: string | null],
    result: string,
  ) =>
    tx.query(
      `INSERT INTO audit (at, client_id, operator_id, employer, action, subject_kind, subject_id, result)
       VALUES ($1, 'units', $2, $3, $4, $5, $6, $7)`,
      [isoNow(clock), who.operatorId, who.employer, action, kind, id, result],
    )

  /** For a list, which shows no content: parting it from who called takes most of the time. */
  const listedOf = async (rows: readonly CaseRow[]): Promise<DispatchCopy[]> =>
    (await documentsOf(sql, rows)).flatMap(({ loop, fields, ...document }) =>
      loop == null
        ? []
        : dispatchCopy({ ...document, fields: { ...fields, content: '' }, loop, history: [] }),
    )

  /** Null: it was not dispatched to the unit. */
  const documentFor = async (unitCode: string, caseId: string) => {
    // PostgreSQL's text holds no U+0000: no case has such a name.
    if (caseId.includes('\u0000')) throw new Refusal('NOT_FOUND')
    const rows = await sql.query<CaseRow>(
      'SELECT * FROM cases WHERE case_id = $1 AND unit_codes @> ARRAY[$2]',
      [caseId, unitCode],
    )
    const [document] = await documentsOf(sql, rows)
    return document?.loop == null ? null : { ...document, loop: document.loop }
  }

  const attempt = async (
    tx: Queries,
    { operator, unitCode }: UnitSession,
    caseId: string,
    requestId: string,
    input: MoveInput,
    added: readonly AddedFile[],
  ) => {
    const [row] = await tx.query<CaseRow>('SELECT * FROM cases WHERE case_id = $1 FOR UPDATE', [caseId])
    const state = row === undefined ? null : caseStateOf(row)
    if (state === null || !isDispatchedTo(state.loop, unitCode)) throw new Refusal('NOT_FOUND')
    const known = await tx.query('SELECT 1 FROM case_history WHERE case_id = $1 AND entry_id = $2', [
      caseId,
      requestId,
    ])
    const now = isoNow(clock)
    const unit = [state.loop?.order?.lead, ...(state.loop?.order?.assist ?? [])].find(
      each => each?.code === unitCode,
    )
    const addedBy = { name: `${unit?.name ?? ''} ${operator.name}`.trim().slice(0, 250), unitCode }
    const withFiles = added.map(({ keep: _keep, ...file }) => ({ ...file, addedBy }))
    const attached = attach(state, withFiles, operator, now)
    const outcome = reduceCase(
      attached.state,
      { name: 'case.move', caseId, args: { ...input, entryId: requestId } },
      {
        operator,
        live: true,
        seat: { seatId: '', branch: state.branch },
        grantedTo: () => [],
        at: now,
        counted: () => now,
        now,
        entryKnown: known.length > 0,
        reasonKnown: () => true,
        numberTakenBy: undefined,
      },
    )
    const why = outcome.kind === 'rejected' ? outcome.code : outcome.kind === 'conflict' ? 'FORBIDDEN' : null
    await audit(tx, operator, `unit.${input.move}`, ['case', caseId], why ?? 'done')
    if (outcome.kind === 'applied') {
      const { entry, state: after } = outcome
      if (entry !== null) {
        for (const file of added) await file.keep(tx)
        const sender = fileSender.unit(unitCode)
        const files = added.map(({ attachmentId }) => ({ caseId, attachmentId, sender }))
        await insertAll(tx, [caseFilesInsert(files)])
        const entries = [...attached.entries, { version: after.version, entry }]
        await saveCase(tx, after, entries, { now, areaCode: options.areaCode })
      }
      return { done: true } as const
    }
    return { done: false, why: refusalOf(why) } as const
  }

  /** PASSWORD_CHANGE_NEEDED without another one. */
  const replaceIfNeeded = async (
    row: PasswordHolder,
    given: { password: string; newPassword: string | undefined; source: Source },
  ) => {
    const { operator_id: operatorId, employer } = row
    if (changeNeeded(row, await options.identityPolicy(), clock.now()) === null) return
    if (given.newPassword === undefined) throw new Refusal('PASSWORD_CHANGE_NEEDED')
    if (given.newPassword === given.password) throw sameAgain()
    refuseWeak(given.newPassword, row.work_number)
    const hash = await options.passwords.hash(given.newPassword, given.source)
    await sql.transaction(async tx => {
      await setPassword({ tx, now: isoNow(clock), endings: options.endings }, { operatorId, hash })
      await audit(tx, { operatorId, employer }, 'unit.changePassword', ['operator', operatorId], 'done')
    })
  }

  return {
    signIn: async ({ workNumber, password, newPassword, from }) => {
      const sources: Source[] = [`address:${from.address}`]
      if (from.browser !== '') sources.unshift(`browser:${digestOf(from.browser)}`)
      const checked = await checkPassword(
        context,
        options,
        { workNumber, password, sources },
        row => row.role === 'unit' && row.unit_code !== '',
      )
      const { right } = checked
      if (right === null) {
        const { operatorId } = checked
        await audit(
          sql,
          { operatorId, employer: '' },
          'unit.signIn',
          ['operator', operatorId],
          'SIGN_IN_FAILED',
        )
        throw signInFailed(checked)
      }
      const { operator_id: operatorId, employer } = right.row
      const browser = from.browser === '' ? newSecret(random) : from.browser
      await right.succeed(`browser:${digestOf(browser)}`)
      await replaceIfNeeded(right.row, { password, newPassword, source: right.source })
      const token = newSecret(random)
      const now = isoNow(clock)
      await sql.transaction(async tx => {
        await tx.query(
          `INSERT INTO unit_session (token_hash, operator_id, form_token, created_at, used_at)
           VALUES ($1, $2, $3, $4, $4)`,
          [digestOf(token), operatorId, newSecret(random), now],
        )
        await audit(tx, { operatorId, employer }, 'unit.signIn', ['operator', operatorId], 'done')
      })
      return { token, browser }
    },

    of: async token => {
      const now = clock.now()
      const [row] = await sql.query<OperatorRow & { form_token: string }>(
        `UPDATE unit_session s SET used_at = $2 FROM operator o
         WHERE s.token_hash = $1 AND s.ended_at IS NULL AND s.created_at > $3 AND s.used_at > $4
           AND o.operator_id = s.operator_id AND NOT o.disabled AND o.role = 'unit' AND o.unit_code <> ''
         RETURNING s.form_token, ${operatorColumns
           .split(', ')
           .map(name => `o.${name}`)
           .join(', ')}`,
        [
          digestOf(token),
          new Date(now).toISOString(),
          new Date(now - sessionMs).toISOString(),
          new Date(now - idleMs).toISOString(),
        ],
      )
      if (row === undefined) return null
      return { operator: operatorOf(row), unitCode: row.unit_code, formToken: row.form_token }
    },

    signOut: async token => {
      const [row] = await sql.query<{ operator_id: string }>(
        'UPDATE unit_session SET ended_at = $2 WHERE token_hash = $1 AND ended_at IS NULL RETURNING operator_id',
        [digestOf(token), isoNow(clock)],
      )
      if (row === undefined) return
      const operatorId = row.operator_id
      await audit(sql, { operatorId, employer: '' }, 'unit.signOut', ['operator', operatorId], 'done')
    },

    list: async ({ operator, unitCode }) => {
      const rows = await sql.query<CaseRow>(
        `SELECT * FROM cases WHERE unit_codes @> ARRAY[$1] AND (status <> 'closed' OR updated_at > $2)
         ORDER BY status IN ('closed', 'replied'), loop::json ->> 'replyBy', created_at DESC LIMIT ${shown}`,
        [unitCode, new Date(clock.now() - closedDays * 86_400_000).toISOString()],
      )
      await audit(sql, operator, 'unit.list', ['unit', unitCode], 'done')
      return listedOf(rows)
    },

    get: async ({ operator, unitCode }, caseId) => {
      const document = await documentFor(unitCode, caseId)
      await audit(sql, operator, 'unit.read', ['case', caseId], document === null ? 'NOT_FOUND' : 'done')
      if (document === null) throw new Refusal('NOT_FOUND')
      return { ...dispatchCopy(document), files: filesForUnit(document, unitCode) }
    },

    file: async ({ operator, unitCode }, caseId, attachmentId) => {
      const document = await documentFor(unitCode, caseId)
      const file =
        document === null
          ? undefined
          : filesForUnit(document, unitCode).find(each => each.attachmentId === attachmentId)
      await audit(sql, operator, 'unit.file', ['case', caseId], file === undefined ? 'NOT_FOUND' : 'done')
      if (file === undefined) throw new Refusal('NOT_FOUND')
      return file
    },

    move: async (session, caseId, requestId, input, added = []) => {
      if (caseId.includes('\u0000') || requestId.includes('\u0000')) throw new Refusal('NOT_FOUND')
      for (let left = attempts; ; left -= 1) {
        try {
          const result = await sql.transaction(tx => attempt(tx, session, caseId, requestId, input, added))
          if (result.done) options.changed()
          return result
        } catch (error) {
          if (left === 1 || !isRetryable(error)) throw error
        }
      }
    },
  }
}

/** The case with these files, and what its history says of them. */
function attach(
  before: CaseState,
  files: readonly Attachment[],
  { operatorId, name: operatorName }: CentralOperator,
  at: string,
): { state: CaseState; entries: { version: number; entry: HistoryEntry }[] } {
  const entries = files.map(({ attachmentId, name }, place) => ({
    version: before.version + place + 1,
    entry: {
      // As a seat names it.
      entryId: attachmentId,
      kind: 'attached' as const,
      detail: name,
      at,
      operatorId,
      operatorName,
    },
  }))
  const version = before.version + files.length
  return { state: { ...before, version, attachments: [...before.attachments, ...files] }, entries }
}

const refusalOf = (why: string | null): MoveRefusal =>
  why === 'MOVE_NOT_POSSIBLE' || why === 'MOVE_INCOMPLETE' ? why : 'FORBIDDEN'
