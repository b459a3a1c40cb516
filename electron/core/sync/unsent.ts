/** What has not reached the centre (同步 page), and what an operator can do about what the centre refused. */
import { type ConflictDetail, conflictDetail } from '../../../shared/contract/central.ts'
import type { UnsentItem } from '../../../shared/contract/seat.ts'
import { sameValue } from '../../../shared/domain/case-merge.ts'
import { commandArgs, type FieldChange } from '../../../shared/domain/command.ts'
import type { Audit } from '../audit/audit.ts'
import { Refusal } from '../refusal.ts'
import type { Database } from '../storage/database.ts'
import type { Outbox } from './outbox.ts'
import { commandWords, fieldName, valueWords } from './unsent-words.ts'

type Row = {
  seq: number
  commandId: string
  name: string
  caseId: string | null
  caseNumber: string | null
  operatorName: string | null
  issuedAt: string
  args: string
  code: string | null
  sentence: string | null
  at: string | null
  conflict: string | null
  handedOver: number | null
  behind: number
}

export type Unsent = {
  /** The oldest first. Values of a case that `by` may not read are not told. */
  list(db: Database, limit: number): UnsentItem[]
  /** 重试. COMMAND_NOT_FOUND: nothing of this id is parked. AUTHOR_NEEDED: only whoever did it can send it again. */
  retry(db: Database, by: string | null, commandId: string): void
  /** What waited for this person's session at the centre, who has one now. True: something is sent again. */
  retryLive(db: Database, operatorId: string): boolean
  /** 交班长: a mark. It stays parked, and in the export. */
  handOver(db: Database, by: string | null, commandId: string): void
  /** `mine`: those clashing fields whose own value shall stand. COMMAND_NOT_FOUND: a case that may not be read, too. */
  resolve(db: Database, by: string, input: { commandId: string; mine: readonly string[] }): void
}

/** The longest remark that a command takes; a longer one is told in several. */
const remarkLength = 1_900

export function createUnsent(parts: {
  audit: Audit
  outbox: Pick<Outbox, 'signAnew'>
  /** Whether whoever is signed in may read the case; true for one that is not here. */
  mayRead(db: Database, caseId: string): boolean
  renumber(db: Database, caseId: string): string | null
  decided(
    db: Database,
    edit: {
      caseId: string
      entryId: string
      operatorId: string
      issuedAt: string
      values: Record<string, unknown>
      changed: string[]
    },
  ): void
  /** Adds a remark to the case, here and in the outbox. */
  remark(db: Database, by: string, caseId: string, text: string): void
}): Unsent {
  const { audit } = parts

  const parked = (db: Database, commandId: string) => {
    const row = db
      .prepare(
        `SELECT o.name, o.args, o.case_id AS caseId, o.operator_id AS operatorId, o.issued_at AS issuedAt, p.code, p.conflict
         FROM outbox o JOIN parked p ON p.command_id = o.id WHERE o.id = ?`,
      )
      .get(commandId) as
      | {
          name: string
          args: string
          caseId: string | null
          operatorId: string | null
          issuedAt: string
          code: string
          conflict: string | null
        }
      | undefined
    if (row === undefined) throw new Refusal('COMMAND_NOT_FOUND')
    return row
  }

  const audited = (
    db: Database,
    by: string | null,
    action: string,
    caseId: string | null,
    commandId: string,
  ) =>
    audit.append(db, {
      operatorId: by,
      action,
      subjectKind: caseId === null ? 'seat' : 'case',
      subjectId: caseId ?? commandId,
      result: 'done',
    })

  return {
    list: (db, limit) =>
      (
        db
          .prepare(
            `SELECT o.seq, o.id AS commandId, o.name, o.case_id AS caseId, c.case_number AS caseNumber,
                    w.name AS operatorName, o.issued_at AS issuedAt, o.args,
                    p.code, p.sentence, p.at, p.conflict, p.handed_over AS handedOver,
                    EXISTS (SELECT 1 FROM outbox b JOIN parked q ON q.command_id = b.id
                            WHERE b.case_id = o.case_id AND b.seq < o.seq AND b.name <> 'case.relate') AS behind
             FROM outbox o LEFT JOIN cases c ON c.case_id = o.case_id
               LEFT JOIN operator w ON w.operator_id = o.operator_id LEFT JOIN parked p ON p.command_id = o.id
             ORDER BY o.seq LIMIT ?`,
          )
          .all(limit) as Row[]
      ).map(row =>
        itemOf(row, row.conflict !== null && row.caseId !== null && parts.mayRead(db, row.caseId)),
      ),

    retry: (db, by, commandId) => {
      const { caseId, code, operatorId } = parked(db, commandId)
      // Only the person named can prove it.
      if (code === 'ACTOR_UNPROVED' && (by !== operatorId || !parts.outbox.signAnew(db, commandId)))
        throw new Refusal('AUTHOR_NEEDED')
      if (code === 'CATALOGUE_ENTRY_GONE') throw new Refusal('CATALOGUE_ENTRY_GONE')
      // The same number again would be refused again.
      if (code === 'CASE_NUMBER_TAKEN' && caseId !== null) parts.renumber(db, caseId)
      db.prepare('DELETE FROM parked WHERE command_id = ?').run(commandId)
      audited(db, by, 'sync.retry', caseId, commandId)
    },

    retryLive: (db, operatorId) =>
      db
        .prepare(
          `DELETE FROM parked WHERE code = 'LIVE_SESSION_NEEDED'
             AND command_id IN (SELECT id FROM outbox WHERE operator_id = ?)`,
        )
        .run(operatorId).changes > 0,

    handOver: (db, by, commandId) => {
      const { caseId } = parked(db, commandId)
      db.prepare('UPDATE parked SET handed_over = 1 WHERE command_id = ?').run(commandId)
      audited(db, by, 'sync.handOver', caseId, commandId)
    },

    resolve: (db, by, { commandId, mine }) => {
      const row = parked(db, commandId)
      const { caseId } = row
      if (row.name !== 'case.edit' || row.conflict === null || caseId === null)
        throw new Refusal('COMMAND_NOT_FOUND')
      if (!parts.mayRead(db, caseId)) throw new Refusal('COMMAND_NOT_FOUND')
      const { entryId, changes } = commandArgs['case.edit'].parse(JSON.parse(row.args))
      const conflict = conflictDetail.parse(JSON.parse(row.conflict))
      const clashes = new Map(conflict.clashes.map(clash => [clash.field, clash]))
      const keeps = new Set(mine)

      const values: Record<string, unknown> = {}
      const decided = changes.flatMap(change => {
        const clash = clashes.get(change.field)
        if (clash === undefined) return [change]
        values[change.field] = keeps.has(change.field) ? change.to : clash.theirs
        return keeps.has(change.field) ? [{ ...change, from: clash.theirs }] : []
      })
      const left = withoutItsFirstWording(changes, decided)
      // The same command, since later ones of this case may build on it: what is left of it keeps its place before them. The
      // centre remembers nothing of what it refused, so that it is judged anew.
      // It is the decision of whoever makes it, and they prove it.
      if (left.length > 0)
        parts.outbox.signAnew(db, commandId, { args: { entryId, changes: left }, operatorId: by })
      else db.prepare('DELETE FROM outbox WHERE id = ?').run(commandId)
      db.prepare('DELETE FROM parked WHERE command_id = ?').run(commandId)
      parts.decided(db, {
        caseId,
        entryId,
        operatorId: by,
        issuedAt: row.issuedAt,
        values,
        changed: left.map(({ field }) => field),
      })
      audited(db, by, 'case.resolve', caseId, commandId)
      // The values that do not stand are in the case's history, for everybody.
      const text = givenUp(conflict, keeps)
      const letters = Array.from(text)
      for (let start = 0; start < letters.length; start += remarkLength)
        parts.remark(db, by, caseId, letters.slice(start, start + remarkLength).join(''))
    },
  }
}

function itemOf(row: Row, showConflict: boolean): UnsentItem {
  const { seq, commandId, name, caseId, caseNumber, operatorName, issuedAt } = row
  const refused = row.code !== null
  return {
    seq,
    commandId,
    name,
    caseId,
    caseNumber,
    sentence: commandWords(name, JSON.parse(row.args)),
    operatorName,
    issuedAt,
    state: refused ? 'parked' : row.behind === 1 ? 'behind-parked' : 'waiting',
    parked: refused
      ? {
          code: row.code ?? '',
          sentence: row.sentence ?? '',
          at: row.at ?? issuedAt,
          handedOver: row.handedOver === 1,
          conflict:
            row.conflict === null || !showConflict ? null : conflictDetail.parse(JSON.parse(row.conflict)),
        }
      : null,
  }
}

/** A rewording of the content that is given up keeps no first wording: the content was never put into other words. */
function withoutItsFirstWording(changes: readonly FieldChange[], left: FieldChange[]): FieldChange[] {
  const reworded = changes.find(({ field }) => field === 'content')
  if (reworded === undefined || left.some(({ field }) => field === 'content')) return left
  return left.filter(({ field, to }) => field !== 'callerWords' || !sameValue(to, reworded.from))
}

function givenUp({ clashes, by }: ConflictDetail, keeps: ReadonlySet<string>): string {
  const lines = clashes
    .filter(({ mine, theirs }) => !sameValue(mine, theirs))
    .map(({ field, mine, theirs }) => {
      const own = keeps.has(field)
      const whose = own ? `被替换的内容${by === null ? '' : `（${by.operatorName}）`}` : '未采用的修改'
      return `${fieldName(field)}：${whose}：${valueWords(field, own ? theirs : mine)}`
    })
  return ['同时修改，已由坐席人员选择。', ...lines].join('\n')
}
