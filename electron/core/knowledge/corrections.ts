/**
 * 知识纠错 at the seat: said in one transaction with its command, with or without a line. The list of what others said, and the
 * decision, are the centre's.
 */
import { z } from 'zod'
import type { Article } from '../../../shared/domain/knowledge/article.ts'
import {
  type Correction,
  type CorrectionState,
  correction,
} from '../../../shared/domain/knowledge/correction.ts'
import type { Operator } from '../../../shared/domain/operator.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database } from '../storage/database.ts'
import type { Centre } from '../sync/centre.ts'
import { createCentreAsk } from '../sync/centre-ask.ts'
import type { Outbox } from '../sync/outbox.ts'

export type OwnCorrection = { remark: string; at: string; articleVersion: number }

export type Corrections = {
  /** The same id again says nothing twice. */
  say(
    db: Database,
    operator: Operator,
    input: { correctionId: string; article: Article; remark: string },
  ): void
  /** What was said of this article here, the latest first. */
  saidHere(db: Database, articleId: string): OwnCorrection[]
}

export function createCorrections({ audit, outbox }: { audit: Audit; outbox: Outbox }): Corrections {
  return {
    say: (db, operator, { correctionId, article, remark }) => {
      const known = db.prepare('SELECT 1 FROM article_correction WHERE correction_id = ?').get(correctionId)
      if (known !== undefined) return
      const { articleId, version: articleVersion, title, owner } = article
      const { operatorId } = operator
      const { issuedAt } = outbox.append(db, {
        name: 'knowledge.correct',
        operatorId,
        caseId: null,
        args: { correctionId, articleId, articleVersion, title, owner, remark },
        baseVersion: null,
      })
      db.prepare(
        'INSERT INTO article_correction (correction_id, article_id, article_version, remark, at) VALUES (?, ?, ?, ?, ?)',
      ).run(correctionId, articleId, articleVersion, remark, issuedAt)
      audit.append(db, {
        operatorId,
        action: 'knowledge.correct',
        subjectKind: 'knowledge',
        subjectId: articleId,
        result: 'done',
      })
    },
    saidHere: (db, articleId) =>
      db
        .prepare(
          `SELECT remark, at, article_version AS articleVersion FROM article_correction
           WHERE article_id = ? ORDER BY at DESC LIMIT 20`,
        )
        .all(articleId) as OwnCorrection[],
  }
}

/** CENTRE_UNREACHABLE, CENTRE_SESSION_NEEDED, FORBIDDEN. */
export function correctionsAtCentre(centre: Pick<Centre, 'asOperator'>) {
  const ask = createCentreAsk(centre, 'CORRECTION_NOT_FOUND')
  return {
    list: async (state: CorrectionState): Promise<Correction[]> =>
      (
        await ask(
          'GET',
          `/v1/knowledge/corrections?state=${state}`,
          z.object({ corrections: z.array(correction) }),
        )
      ).corrections,
    decide: ({ correctionId, ...decision }: { correctionId: string; accepted: boolean; answer: string }) =>
      ask(
        'POST',
        `/v1/knowledge/corrections/${encodeURIComponent(correctionId)}/decision`,
        correction,
        decision,
      ),
  }
}
