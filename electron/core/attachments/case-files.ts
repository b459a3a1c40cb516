/** Files of cases, put together: taken in, sent, read back. */
import { join } from 'node:path'
import type { Attachment } from '../../../shared/domain/command.ts'
import type { Audit } from '../audit/audit.ts'
import type { CoreContext } from '../context.ts'
import type { Database } from '../storage/database.ts'
import { errorCode } from '../storage/failure.ts'
import type { CentreLink } from '../sync/centre.ts'
import { type CaseFiles, createAttachments } from './attachments.ts'
import { checked, fromCentre, pathOfCaseFile } from './from-centre.ts'
import { createUploads } from './upload.ts'

export function createCaseFiles(parts: {
  /** The seat's data folder. */
  folder: string
  context: CoreContext
  audit: Audit
  cases: CaseFiles
  read(): Database
  write<T>(work: (db: Database) => T): T
  /** How many files wait has changed. */
  changed(): void
}) {
  const { context, read, write, changed } = parts
  let link: CentreLink | null = null
  const attachments = createAttachments({
    ...parts,
    folder: join(parts.folder, 'attachments'),
    current: () => uploads.current(),
    fromCentre: (attachment, caseId) => fromCentre(link, pathOfCaseFile(attachment, caseId)),
  })
  const uploads = createUploads({ context, read, write, changed, open: file => attachments.open(file) })
  let opened = false

  return {
    attachments,
    uploads,
    /** A file that is no case's yet, whole or refused. */
    contentAt: (path: string, attachment: Attachment) => checked(attachment, fromCentre(link, path)),
    linked: (given: CentreLink | null) => {
      link = given
      uploads.linked(given)
      if (opened) uploads.wake()
    },
    /** The database is open. */
    start: () => {
      opened = true
      attachments
        .tidy()
        .catch((error: unknown) =>
          context.log.warn({ code: errorCode(error) }, 'attachments were not tidied'),
        )
      uploads.wake()
    },
    stop: () => {
      opened = false
      uploads.stop()
    },
  }
}
