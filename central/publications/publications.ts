/** What the centre publishes by version: catalogue, knowledge, policies. A version never changes its content. */
import { createHash } from 'node:crypto'
import type { Publication } from '../../shared/contract/central.ts'
import { modelFault } from '../../shared/domain/assist/model-file.ts'
import { assistModel, assistModelName } from '../../shared/domain/assist/published-model.ts'
import { urgencyWords, urgencyWordsName } from '../../shared/domain/assist/urgency-words.ts'
import { calendarFaults, calendarName, workCalendar } from '../../shared/domain/calendar.ts'
import { callbackPolicy, callbackPolicyName } from '../../shared/domain/callback-policy.ts'
import { dispatchCatalogue, dispatchCatalogueName } from '../../shared/domain/catalogue.ts'
import { catalogueFaults } from '../../shared/domain/catalogue-faults.ts'
import { dialectGlossary, dialectGlossaryName, glossaryFaults } from '../../shared/domain/dialect/glossary.ts'
import { dispositionRules, dispositionRulesName, rulesFaults } from '../../shared/domain/disposition-rules.ts'
import { identityPolicy, identityPolicyName } from '../../shared/domain/identity-policy.ts'
import { knowledgeName } from '../../shared/domain/knowledge/article.ts'
import { lookupPolicy, lookupPolicyName } from '../../shared/domain/lookup-policy.ts'
import {
  directoryFaults,
  transferDirectory,
  transferDirectoryName,
} from '../../shared/domain/transfer-directory.ts'
import { writeChanges } from '../changes/inbox.ts'
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'
import { knowledgeFrom } from '../knowledge/incoming.ts'
import { Refusal } from '../refusal.ts'

export type PublicationRow = { name: string; version: string; effective_at: Date; sha256: string }
export const publicationColumns = 'name, version, effective_at, sha256'
export const publicationOf = (row: PublicationRow): Publication => ({
  name: row.name,
  version: row.version,
  effectiveAt: row.effective_at.toISOString(),
  sha256: row.sha256,
})

export type Publications = {
  list(): Promise<Publication[]>
  get(name: string, version: string): Promise<Publication & { content: unknown }>
  publish(
    input: { name: string; version: string; effectiveAt: string; content: unknown },
    by: string,
  ): Promise<Publication>
}

/** The content as it is kept; undefined: seats could not use it; a refusal says what of it. What this program does not know is kept as it came. */
function soundContent(name: string, version: string, content: unknown): unknown {
  switch (name) {
    case callbackPolicyName:
      return callbackPolicy.safeParse(content).success ? content : undefined
    case lookupPolicyName:
      return lookupPolicy.safeParse(content).success ? content : undefined
    case identityPolicyName:
      return identityPolicy.safeParse(content).success ? content : undefined
    case urgencyWordsName:
      return urgencyWords.safeParse(content).success ? content : undefined
    case knowledgeName:
      return knowledgeFrom(content) ?? undefined
    case dialectGlossaryName: {
      const [fault] = glossaryFaults(content)
      if (fault !== undefined) throw new Refusal('PUBLICATION_INVALID', fault.sentence)
      return dialectGlossary.parse(content)
    }
    case assistModelName: {
      const read = assistModel.safeParse(content)
      return read.success && modelFault(Buffer.from(read.data.model, 'base64')) === null ? content : undefined
    }
    case dispatchCatalogueName: {
      const read = dispatchCatalogue.safeParse(content)
      const sound = read.success && read.data.version === version && catalogueFaults(read.data).length === 0
      return sound ? content : undefined
    }
    case calendarName: {
      const read = workCalendar.safeParse(content)
      const sound = read.success && read.data.version === version && calendarFaults(read.data).length === 0
      return sound ? content : undefined
    }
    case transferDirectoryName: {
      const read = transferDirectory.safeParse(content)
      const sound = read.success && read.data.version === version && directoryFaults(read.data).length === 0
      return sound ? content : undefined
    }
    case dispositionRulesName: {
      const read = dispositionRules.safeParse(content)
      const sound = read.success && read.data.version === version && rulesFaults(read.data).length === 0
      return sound ? content : undefined
    }
    default:
      return content ?? null
  }
}

export function createPublications({ sql, clock }: CentralContext, changed: () => void): Publications {
  return {
    list: async () => {
      const rows = await sql.query<PublicationRow>(
        `SELECT ${publicationColumns} FROM publication p
         WHERE effective_at > $1 OR NOT EXISTS (
           SELECT 1 FROM publication n WHERE n.name = p.name AND n.effective_at <= $1
             AND (n.effective_at, n.published_at) > (p.effective_at, p.published_at))
         ORDER BY name, effective_at`,
        [isoNow(clock)],
      )
      return rows.map(publicationOf)
    },
    get: async (name, version) => {
      if (`${name}${version}`.includes('\u0000')) throw new Refusal('NOT_FOUND')
      const [row] = await sql.query<PublicationRow & { content: string }>(
        `SELECT ${publicationColumns}, content FROM publication WHERE name = $1 AND version = $2`,
        [name, version],
      )
      if (row === undefined) throw new Refusal('NOT_FOUND')
      return { ...publicationOf(row), content: JSON.parse(row.content) as unknown }
    },
    publish: async ({ name, version, effectiveAt, content }, by) => {
      const effective = new Date(effectiveAt)
      if (version.includes('\u0000') || !version.isWellFormed() || effective.getUTCFullYear() < 1)
        throw new Refusal('BAD_REQUEST')
      const sound = soundContent(name, version, content)
      if (sound === undefined) throw new Refusal('PUBLICATION_INVALID')
      const text = JSON.stringify(sound)
      const sha256 = createHash('sha256').update(text).digest('hex')
      const row = { name, version, effective_at: effective, sha256 }
      await sql.transaction(async tx => {
        const now = isoNow(clock)
        const added = await tx.query(
          `INSERT INTO publication (name, version, effective_at, sha256, content, published_by, published_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING name`,
          [name, version, effective.toISOString(), sha256, text, by, now],
        )
        if (added.length === 0) {
          const [before] = await tx.query<PublicationRow>(
            `SELECT ${publicationColumns} FROM publication WHERE name = $1 AND version = $2`,
            [name, version],
          )
          if (before?.sha256 !== sha256 || before.effective_at.getTime() !== effective.getTime())
            throw new Refusal('PUBLICATION_EXISTS')
          return
        }
        await tx.query(
          `INSERT INTO audit (at, operator_id, action, subject_kind, subject_id, result)
           VALUES ($1, $2, 'publication.publish', 'publication', $3, 'done')`,
          [now, by, `${name} ${version}`],
        )
        await writeChanges(tx, now, [{ kind: 'publication', subject: `${name} ${version}`, branch: null }])
      })
      changed()
      return publicationOf(row)
    },
  }
}
