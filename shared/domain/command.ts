/**
 * Commands (命令): what a seat did and the centre is told. Written in the transaction of the change itself, sent later, applied
 * once. A command of the version before is still accepted.
 */
import { z } from 'zod'
import { callRecord } from './call.ts'
import { callbackOutcome } from './callback.ts'
import { callerProfile } from './caller-profile.ts'
import { caseFields } from './case.ts'
import { moveInput } from './case-moves.ts'
import { relateInput } from './case-relations.ts'
import { commandProof } from './command-proof.ts'
import { correctionInput } from './knowledge/correction.ts'
import { modelPurpose } from './language-model/request.ts'
import { seatStateKind } from './seat-state.ts'

/** Raised when a command's `args` or the envelope change shape. */
export const commandSchemaVersion = 4
export const oldestCommandSchemaVersion = 1
/** The first version that carries a proof. */
export const firstProvedSchemaVersion = 4

const entryId = z.string().min(1).max(64)

/** One field of a form as the operator saw it and as it shall be. What it was makes a three-way merge possible. */
export const fieldChange = z.object({
  field: z.string().min(1).max(40),
  from: z.unknown().describe('操作人看到的值'),
  to: z.unknown().describe('改成的值'),
})
export type FieldChange = z.infer<typeof fieldChange>

/** A file that was stored for a case (附件). Its content went by tus before. */
export const attachment = z.object({
  attachmentId: z.string().min(1).max(64),
  name: z.string().min(1).max(200),
  mediaType: z.string().max(100),
  bytes: z.number().int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Nobody at a seat: an internet channel, or a unit with its reply. */
  addedBy: z
    .object({
      name: z.string().min(1).max(250),
      unitCode: z.string().max(32).optional().describe('承办单位代码'),
    })
    .optional()
    .describe('由渠道或承办单位添加'),
})
export type Attachment = z.infer<typeof attachment>

export const ledgerExport = z.object({
  exportId: z.string().min(1).max(64),
  ledger: z.enum(['enterprise']).describe('涉企台账'),
  format: z.enum(['csv', 'xlsx']),
  rows: z.number().int().min(0),
})

export const commandArgs = {
  'case.create': z.object({
    caseNumber: z.string().min(1).max(40),
    callId: z.string().max(256).nullable(),
    catalogueVersion: z.string().max(64),
    createdAt: z.iso.datetime(),
    fields: caseFields,
  }),
  'case.addRemark': z.object({ entryId, text: z.string().min(1).max(2_000) }),
  'case.edit': z.object({ entryId, changes: z.array(fieldChange).min(1).max(40) }),
  'case.move': moveInput.extend({ entryId }),
  /** 关联、并单 and taking them back. It is about two cases; the command stands with the one that follows the other. */
  'case.relate': relateInput.extend({ entryId }),
  'case.attach': z.object({ entryId, attachment }),
  /** Somebody looked at what lists mask (查看完整号码). Only the audit keeps it. */
  'case.reveal': z.object({
    what: z.enum(['contactNumber', 'callingNumber', 'partyPhone']),
    reason: z.string().max(200),
  }),
  'draft.discard': z.object({ draftId: z.string().max(64), callId: z.string().max(256).nullable() }),
  'call.record': callRecord,
  /** As /v1/callbacks/{taskId}/outcome, for when the centre could not be reached. Kept as history if it comes too late. */
  'callback.outcome': z.object({
    taskId: z.string().min(1).max(64),
    fence: z.number().int().min(1),
    outcome: callbackOutcome,
    caseId: z.string().max(64).nullable(),
    note: z.string().max(2_000),
    at: z.iso.datetime(),
  }),
  /** A seat without a centre called its own missed call back, as its branch allows (outside the guarantee of one caller). */
  'callback.offline': z.object({
    attemptId: z.string().min(1).max(64),
    numberKey: z.string().min(2).max(64),
    originalCallId: z.string().max(256).nullable().describe('漏接的来电'),
    callId: z.string().max(256).describe('拨出的通话'),
    outcome: callbackOutcome,
    at: z.iso.datetime(),
  }),
  /** What a caller's number is remembered for. The later one holds, wherever it was written. */
  'caller.remember': callerProfile.extend({ callId: z.string().max(256).nullable() }),
  /** Rows that left the seat as a file (导出). Only the audit keeps it; the centre refuses whoever may not export in bulk. */
  'ledger.export': ledgerExport,
  /** A masked text left the seat for the city's language model, and how that ended. Only the audit keeps them. */
  'model.ask': z.object({
    requestId: z.string().min(1).max(64),
    purpose: modelPurpose,
    model: z.string().max(100),
    masked: z.string().max(8_000),
  }),
  'model.answer': z.object({
    requestId: z.string().min(1).max(64),
    outcome: z.string().max(40),
    characters: z.number().int().min(0),
  }),
  /** 纠错 of an article; of no case. */
  'knowledge.correct': correctionInput,
  'seat.state': z.object({
    kind: seatStateKind,
    reason: z.string().max(40).nullable(),
    since: z.iso.datetime(),
  }),
} as const

export type CommandName = keyof typeof commandArgs
export type CommandArgs<N extends CommandName> = z.infer<(typeof commandArgs)[N]>

export const isCommandName = (name: string): name is CommandName => Object.hasOwn(commandArgs, name)

/** The envelope. `args` are judged by name, so that one bad command never refuses the others of its batch. */
export const command = z.object({
  clientId: z.string().min(1).max(64).describe('坐席设备'),
  seq: z.number().int().positive().describe('设备内递增'),
  id: z.string().min(1).max(64).describe('命令标识；同一标识只生效一次'),
  operatorId: z.string().min(1).max(64).nullable().describe('操作人'),
  caseId: z.string().min(1).max(64).nullable(),
  schemaVersion: z.number().int(),
  name: z.string().min(1).max(40),
  args: z.unknown(),
  baseVersion: z.number().int().nullable().describe('操作人所见的工单版本'),
  issuedAt: z.iso.datetime(),
  /** Absent where nobody is named, and from a seat at which the person's secret was not open. */
  proof: commandProof.optional().describe('操作人的签名'),
})
export type Command = z.infer<typeof command>
