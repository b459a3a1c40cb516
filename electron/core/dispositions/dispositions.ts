/**
 * The transfer directory and the disposition rules in force at this seat: what the centre published last and holds already, else
 * the sample. Read and checked whole: one that is not sound never comes into force, and the one before it stays.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CaseFields } from '../../../shared/domain/case.ts'
import {
  type DispositionRules,
  dispositionRules,
  dispositionRulesName,
  neededFor,
  reasonOf,
  rulesFaults,
} from '../../../shared/domain/disposition-rules.ts'
import {
  directoryFaults,
  lookUp,
  type TransferDirectory,
  transferDirectory,
  transferDirectoryName,
} from '../../../shared/domain/transfer-directory.ts'
import { Refusal } from '../refusal.ts'
import type { Database } from '../storage/database.ts'

export type Dispositions = {
  directory(db: Database): TransferDirectory
  rules(db: Database): DispositionRules
  /** DISPOSITION_REASON_UNKNOWN, DISPOSITION_INCOMPLETE, TRANSFER_REFUSED: how the call was disposed of cannot be filed so. */
  check(db: Database, fields: CaseFields): void
}

type Row = { version: string; sha256: string; content: string }

const published = (db: Database, name: string, now: number): Row[] =>
  db
    .prepare(
      `SELECT version, sha256, content FROM publication
       WHERE name = ? AND content IS NOT NULL AND julianday(effective_at) <= julianday(?)
       ORDER BY julianday(effective_at) DESC, told DESC LIMIT 5`,
    )
    .all(name, new Date(now).toISOString()) as Row[]

export function createDispositions(parts: {
  resourcesDir: string
  now(): number
  onFault(what: string, faults: string[]): void
}): Dispositions {
  const sound =
    <T extends { version: string }>(
      read: (content: unknown) => { success: true; data: T } | { success: false; error: Error },
      faultsOf: (value: T) => { sentence: string }[],
    ) =>
    (content: unknown, what: string): T | null => {
      const result = read(content)
      const faults = result.success
        ? faultsOf(result.data).map(({ sentence }) => sentence)
        : [result.error.message.slice(0, 400)]
      if (result.success && faults.length === 0) return result.data
      parts.onFault(what, faults)
      return null
    }
  const soundDirectory = sound(content => transferDirectory.safeParse(content), directoryFaults)
  const soundRules = sound(content => dispositionRules.safeParse(content), rulesFaults)
  const fromFile = (name: string): unknown => {
    try {
      return JSON.parse(readFileSync(join(parts.resourcesDir, 'catalogue', name), 'utf8'))
    } catch (error) {
      parts.onFault(name, [error instanceof Error ? error.message : String(error)])
      return null
    }
  }
  const sample = {
    directory: soundDirectory(fromFile('transfer-directory.json'), 'transfer-directory.json') ?? {
      version: 'none',
      sample: false,
      entries: [],
    },
    rules: soundRules(fromFile('disposition-rules.json'), 'disposition-rules.json') ?? {
      version: 'none',
      sample: false,
      reasons: [],
    },
  }

  /** Reads what is in force; what was judged before, by its digest, is told of once. */
  const keeper = <T extends { version: string }>(
    name: string,
    judge: (content: unknown, what: string) => T | null,
    otherwise: T,
  ) => {
    const judged = new Map<string, T | null>()
    const valueOf = ({ version, sha256, content }: Row): T | null => {
      const key = `${version} ${sha256}`
      let value = judged.get(key)
      if (value === undefined) {
        // The publication's version is the one that counts, whatever its content calls itself.
        const read = judge(JSON.parse(content), `${name} ${version}`)
        value = read === null ? null : { ...read, version }
        judged.set(key, value)
      }
      return value
    }
    return {
      inForce: (db: Database): T => {
        for (const row of published(db, name, parts.now())) {
          const value = valueOf(row)
          if (value !== null) return value
        }
        return otherwise
      },
      /** Null: it is no longer here. */
      ofVersion: (db: Database, version: string): T | null => {
        const row = db
          .prepare(
            'SELECT version, sha256, content FROM publication WHERE name = ? AND version = ? AND content IS NOT NULL',
          )
          .get(name, version) as Row | undefined
        if (row !== undefined) return valueOf(row)
        return version === otherwise.version ? otherwise : null
      },
    }
  }
  const directories = keeper(transferDirectoryName, soundDirectory, sample.directory)
  const rules = keeper(dispositionRulesName, soundRules, sample.rules)

  const refuseDead = (directory: TransferDirectory, number: string, at: number) => {
    const { entry, refusal } = lookUp(directory, number, at)
    if (refusal !== null) throw new Refusal('TRANSFER_REFUSED', refusal, refusal.sentence)
    return entry
  }

  return {
    directory: directories.inForce,
    rules: rules.inForce,
    check: (db, fields) => {
      const inForce = rules.inForce(db)
      if (fields.reasonCode !== '' && reasonOf(inForce, fields) === undefined)
        throw new Refusal('DISPOSITION_REASON_UNKNOWN', { code: fields.reasonCode })
      let consentWanted = false
      if (fields.disposition === 'transfer' && fields.handOverNumber !== '') {
        // Judged by what held when the call was handed over: what is published later makes no citizen's call undone.
        const at = fields.handOverAt === '' ? parts.now() : Date.parse(fields.handOverAt)
        const directory =
          fields.handOverDirectory === ''
            ? directories.inForce(db)
            : directories.ofVersion(db, fields.handOverDirectory)
        if (directory !== null)
          consentWanted = refuseDead(directory, fields.handOverNumber, at)?.consentWanted ?? false
      }
      const missing = neededFor(fields, inForce, consentWanted)
      if (missing.length > 0) throw new Refusal('DISPOSITION_INCOMPLETE', { missing })
    },
  }
}
