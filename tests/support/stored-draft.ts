import { type Draft, emptyCaseFields } from '../../shared/domain/case.ts'

/** A draft as the core tells of it, by hand and empty unless `stored` says otherwise. */
export const draft = (draftId: string, stored: Partial<Draft> = {}): Draft => ({
  draftId,
  callId: null,
  revision: 0,
  fields: emptyCaseFields,
  createdAt: '2026-11-23T00:00:00.000Z',
  updatedAt: '2026-11-23T00:00:00.000Z',
  ...stored,
})
