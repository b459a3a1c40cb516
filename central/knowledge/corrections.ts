/** 知识纠错 at the centre: what seats sent, for those who answer for the articles. */
import type { CentralOperator } from '../../shared/contract/central.ts'
import { maxCorrections } from '../../shared/contract/central-knowledge.ts'
import type { Correction, CorrectionState } from '../../shared/domain/knowledge/correction.ts'
import { worksFor } from '../../shared/domain/permission.ts'
import type { JudgedCommand } from '../commands/attribute.ts'
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'
import { Refusal } from '../refusal.ts'
import type { Insert, Queries } from '../storage/sql.ts'

/** `operator` null: an integration. */
type Reviewer = { id: string; name: string; operator: CentralOperator | null }

export type Corrections = {
  /** What the seats of one's own branch sent; all of it for whoever works for the city, and for integrations. */
  list(by: Reviewer, asked: { state: CorrectionState; owner?: string | undefined }): Promise<Correction[]>
  /** NOT_FOUND, also of another branch; CORRECTION_DECIDED. The same decision again is no other one. */
  decide(
    by: Reviewer,
    input: { correctionId: string; accepted: boolean; answer: string },
  ): Promise<Correction>
}

type Row = {
  correction_id: string
  article_id: string
  article_version: number
  title: string
  owner: string
  remark: string
  operator_name: string | null
  branch: string
  issued_at: Date
  state: CorrectionState
  answer: string
  decided_by: string | null
  decided_at: Date | null
}

const correctionOf = (row: Row): Correction => ({
  correctionId: row.correction_id,
  articleId: row.article_id,
  articleVersion: row.article_version,
  title: row.title,
  owner: row.owner,
  remark: row.remark,
  operatorName: row.operator_name ?? '',
  branch: row.branch,
  at: row.issued_at.toISOString(),
  state: row.state,
  answer: row.answer,
  decidedBy: row.decided_by,
  decidedAt: row.decided_at?.toISOString() ?? null,
})

const select =
  'SELECT k.*, o.name AS operator_name FROM knowledge_correction k LEFT JOIN operator o USING (operator_id)'
const plain = (text: string): string => text.replaceAll('\u0000', '').toWellFormed()

export function createCorrections({ sql, clock }: CentralContext): Corrections {
  const one = async (tx: Queries, correctionId: string, lock: boolean) => {
    const [row] = await tx.query<Row>(`${select} WHERE correction_id = $1${lock ? ' FOR UPDATE OF k' : ''}`, [
      plain(correctionId),
    ])
    if (row === undefined) throw new Refusal('NOT_FOUND')
    return row
  }
  return {
    list: async ({ operator }, { state, owner }) =>
      (
        await sql.query<Row>(
          `${select} WHERE state = $1 AND ($2::text IS NULL OR owner = $2) AND ($3::text IS NULL OR k.branch = $3)
           ORDER BY received_at, correction_id LIMIT ${maxCorrections}`,
          [
            state,
            owner === undefined ? null : plain(owner),
            operator === null || operator.allBranches === true ? null : operator.branch,
          ],
        )
      ).map(correctionOf),

    decide: (by, { correctionId, accepted, answer }) =>
      sql.transaction(async tx => {
        const row = await one(tx, correctionId, true)
        if (by.operator !== null && !worksFor(by.operator, row.branch)) throw new Refusal('NOT_FOUND')
        const state = accepted ? 'accepted' : 'declined'
        if (row.state === state && row.answer === plain(answer)) return correctionOf(row)
        if (row.state !== 'open') throw new Refusal('CORRECTION_DECIDED')
        const now = isoNow(clock)
        await tx.query(
          `UPDATE knowledge_correction SET state = $2, answer = $3, decided_by = $4, decided_at = $5 WHERE correction_id = $1`,
          [row.correction_id, state, plain(answer), by.name, now],
        )
        await tx.query(
          `INSERT INTO audit (at, operator_id, action, subject_kind, subject_id, result)
           VALUES ($1, $2, $3, 'knowledge', $4, 'done')`,
          [now, by.id, `knowledge.${state}`, row.article_id],
        )
        return correctionOf(await one(tx, correctionId, false))
      }),
  }
}

/** What seats sent, each once. */
export function correctionsInsert(applied: readonly { command: JudgedCommand }[], now: string): Insert {
  return {
    table: 'knowledge_correction',
    columns: {
      correction_id: 'text',
      article_id: 'text',
      article_version: 'integer',
      title: 'text',
      owner: 'text',
      remark: 'text',
      operator_id: 'text',
      branch: 'text',
      seat_id: 'text',
      issued_at: 'timestamptz',
      received_at: 'timestamptz',
    },
    rows: applied.flatMap(({ command: { operatorId, issuedAt, command, seat } }) => {
      if (command.name !== 'knowledge.correct') return []
      const { correctionId, articleId, articleVersion, title, owner, remark } = command.args
      return [
        {
          correction_id: correctionId,
          article_id: articleId,
          article_version: articleVersion,
          title,
          owner,
          remark,
          operator_id: operatorId ?? '',
          branch: seat.branch,
          seat_id: seat.seatId,
          issued_at: issuedAt,
          received_at: now,
        },
      ]
    }),
    onConflict: 'ON CONFLICT (correction_id) DO NOTHING',
  }
}
