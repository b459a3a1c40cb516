/**
 * Who may use the centre's routes that are no procedures of its contract: files, events, pages. A route that is registered without
 * a row stops the centre at its start (central/http/access.ts).
 */
import type { CentralAccess } from './permission.ts'

/** `unit`: the cookie of the units' page, of a handling unit's person. The page itself answers whoever has none with its sign-in. */
export type PageAccess = CentralAccess | { who: 'unit'; branch: 'case' }

const everybody = { who: 'public', branch: 'none' } as const
const unit = { who: 'unit', branch: 'case' } as const
/** A seat's own uploads, or an internet channel's own. */
const upload = { who: 'device', branch: 'case', scope: 'intake.post' } as const

export const pageAccess = {
  'GET /healthz': everybody,
  'GET /readyz': everybody,
  'GET /openapi.json': everybody,
  'GET /docs': everybody,
  'GET /docs/style.css': everybody,
  'GET /v1/events': { who: 'device', branch: 'none' },
  'POST /v1/files': upload,
  'HEAD /v1/files': upload,
  'PATCH /v1/files': upload,
  'DELETE /v1/files': upload,
  'OPTIONS /v1/files': upload,
  'POST /v1/files/:fileId': upload,
  'HEAD /v1/files/:fileId': upload,
  'PATCH /v1/files/:fileId': upload,
  'DELETE /v1/files/:fileId': upload,
  'OPTIONS /v1/files/:fileId': upload,
  'GET /v1/cases/:caseId/attachments/:attachmentId': { who: 'person', action: 'case.write', branch: 'case' },
  'GET /v1/intake/:intakeId/attachments/:attachmentId': {
    who: 'person',
    action: 'case.write',
    branch: 'case',
  },
  /** A citizen's form and what became of it. */
  'GET /public/style.css': everybody,
  'GET /public': everybody,
  'POST /public': everybody,
  'GET /public/progress': everybody,
  'POST /public/progress': everybody,
  'GET /units/style.css': everybody,
  'GET /units': unit,
  'POST /units/sign-in': everybody,
  'POST /units/sign-out': unit,
  'GET /units/cases/:caseId': unit,
  'GET /units/cases/:caseId/files/:attachmentId': unit,
  'POST /units/cases/:caseId/:move': unit,
} as const satisfies Record<string, PageAccess>
