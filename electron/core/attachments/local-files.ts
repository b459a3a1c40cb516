/** What this seat knows of the files that were added at it: where the content lies, and how far the centre has it. */
import type { Database } from '../storage/database.ts'

export type LocalFile = {
  attachmentId: string
  caseId: string
  key: Uint8Array
  bytes: number
  sha256: string
  state: 'waiting' | 'uploaded' | 'failed'
  /** At the centre, once it has been asked to take the file. */
  uploadPath: string | null
  code: string | null
  sentence: string | null
}

const columns = `attachment_id AS attachmentId, case_id AS caseId, key, bytes, sha256, state, upload_path AS uploadPath, code,
  sentence`

export const localFiles = {
  add: (
    db: Database,
    file: Pick<LocalFile, 'attachmentId' | 'caseId' | 'key' | 'bytes' | 'sha256'>,
    at: string,
  ): void => {
    db.prepare(
      `INSERT INTO local_file (attachment_id, case_id, key, bytes, sha256, added_at)
       VALUES (@attachmentId, @caseId, @key, @bytes, @sha256, @at)`,
    ).run({ ...file, key: Buffer.from(file.key), at })
  },
  find: (db: Database, attachmentId: string): LocalFile | undefined =>
    db.prepare(`SELECT ${columns} FROM local_file WHERE attachment_id = ?`).get(attachmentId) as
      | LocalFile
      | undefined,
  ofCase: (db: Database, caseId: string): LocalFile[] =>
    db.prepare(`SELECT ${columns} FROM local_file WHERE case_id = ?`).all(caseId) as LocalFile[],
  /** The oldest first. */
  waiting: (db: Database): LocalFile[] =>
    db
      .prepare(
        `SELECT ${columns} FROM local_file WHERE state = 'waiting'
         ORDER BY added_at, attachment_id`,
      )
      .all() as LocalFile[],
  sendingTo: (db: Database, attachmentId: string, path: string): void => {
    db.prepare('UPDATE local_file SET upload_path = ? WHERE attachment_id = ?').run(path, attachmentId)
  },
  uploaded: (db: Database, attachmentId: string, at: string): void => {
    db.prepare(
      `UPDATE local_file SET state = 'uploaded', uploaded_at = ?, code = NULL, sentence = NULL WHERE attachment_id = ?`,
    ).run(at, attachmentId)
  },
  failed: (
    db: Database,
    attachmentId: string,
    { code, sentence }: { code: string; sentence: string },
  ): void => {
    db.prepare(`UPDATE local_file SET state = 'failed', code = ?, sentence = ? WHERE attachment_id = ?`).run(
      code,
      sentence,
      attachmentId,
    )
  },
  /** From the beginning: the centre forgets what it refused. False: it is not one that failed. */
  again: (db: Database, attachmentId: string): boolean =>
    db
      .prepare(
        `UPDATE local_file SET state = 'waiting', code = NULL, sentence = NULL, upload_path = NULL
         WHERE attachment_id = ? AND state = 'failed'`,
      )
      .run(attachmentId).changes > 0,
  /**
   * Forgets those that need not be here any more, and returns them: the case is gone and the centre has the file or will not
   * take it, or the centre has had it since before `keptSince`. A file whose command is unsent is never among them.
   */
  prune: (db: Database, keptSince: string): string[] =>
    db
      .prepare(
        `DELETE FROM local_file
         WHERE state <> 'waiting'
           AND (NOT EXISTS (SELECT 1 FROM cases c WHERE c.case_id = local_file.case_id)
                OR (state = 'uploaded' AND uploaded_at < ?))
           AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.case_id = local_file.case_id AND o.name = 'case.attach'
                           AND json_extract(o.args, '$.attachment.attachmentId') = local_file.attachment_id)
         RETURNING attachment_id`,
      )
      .pluck()
      .all(keptSince) as string[],
  knows: (db: Database, attachmentId: string): boolean =>
    db.prepare('SELECT 1 FROM local_file WHERE attachment_id = ?').get(attachmentId) !== undefined,
}
