/** The contract between the page and the core: one definition from which both ends are typed. */
import { eventIterator, oc } from '@orpc/contract'
import { z } from 'zod'
import { caseFile } from '../domain/attachment.ts'
import { callEvent, callRecord } from '../domain/call.ts'
import { callEvidence, evidenceBundle, sipDialog } from '../domain/call-evidence.ts'
import { callerProfile } from '../domain/caller-profile.ts'
import {
  caseDetail,
  caseFields,
  caseStatus,
  caseSummary,
  disposition,
  draft,
  urgency,
} from '../domain/case.ts'
import { caseWaiting, moveInput } from '../domain/case-moves.ts'
import { dispatchCatalogue } from '../domain/catalogue.ts'
import { lineFault } from '../domain/certificate.ts'
import { fieldChange } from '../domain/command.ts'
import { operator } from '../domain/operator.ts'
import { seatState } from '../domain/seat-state.ts'
import { seatSettings } from '../domain/settings.ts'
import { presentSeat } from '../domain/specialist.ts'
import { callerHistory, conflictDetail } from './central.ts'
import { seatErrors } from './errors.ts'
import { seatAssist } from './seat-assist.ts'
import { seatCallbacks } from './seat-callbacks.ts'
import { seatDispatch } from './seat-dispatch.ts'
import { seatDispositions } from './seat-dispositions.ts'
import { seatEnterprise } from './seat-enterprise.ts'
import { seatEntry, seatIdentity } from './seat-identity.ts'
import { seatIntake } from './seat-intake.ts'
import { seatLanguageModel } from './seat-language-model.ts'
import { seatOwnMissed } from './seat-own-missed.ts'
import { seatRelations } from './seat-relations.ts'

const nothing = z.object({})
/** Of an attachment in one request, at most. */
export const attachmentPieceBytes = 1024 * 1024
const receivedBytes = z.object({ received: z.number().int().describe('已收到的字节') })
const procedure = oc.errors(seatErrors)

/** How the key of the local database is kept. `demo-file` protects nothing and the page says so. */
export const keyProtection = z.enum(['keyring', 'passphrase', 'demo-file'])
export type KeyProtection = z.infer<typeof keyProtection>

export const storageFailureCode = z.enum([
  'WRONG_KEY', // the key does not open this file
  'CORRUPT', // truncated or damaged
  'NEWER', // written by a newer program
  'READ_ONLY',
  'DISK_FULL',
  'KEY_UNAVAILABLE', // the keyring or the key file is gone
  'FOREIGN', // the data folder, or something in it, belongs to another user of the machine
  'IN_USE', // another core holds it
  'UNKNOWN',
])
export type StorageFailureCode = z.infer<typeof storageFailureCode>

export const storageStatus = z.discriminatedUnion('state', [
  z.object({ state: z.literal('opening') }),
  z.object({ state: z.literal('new-passphrase') }).describe('没有钥匙串，需设置口令'),
  z.object({ state: z.literal('locked') }).describe('需输入口令'),
  z.object({ state: z.literal('open'), protection: keyProtection }),
  z.object({
    state: z.literal('failed'),
    code: storageFailureCode,
    sentence: z.string().describe('发生了什么'),
    advice: z.string().describe('怎么办'),
    file: z.string(),
  }),
])
export type StorageStatus = z.infer<typeof storageStatus>

export const seatStatus = z.object({
  version: z.string(),
  startedAt: z.iso.datetime().describe('core 启动时间'),
  storage: storageStatus,
  operator: operator.nullable(),
  locked: z.boolean().describe('已锁定：解锁之前什么也不显示'),
  entry: seatEntry.describe('登录界面要求什么'),
  notice: z.enum(['enrolled']).nullable().describe('登录界面先说明什么：刚登记到中心'),
  ownAccounts: z.boolean().describe('本坐席自己管理人员：受保护且没有中心'),
  idleLockMinutes: z.number().positive().describe('无操作多少分钟后锁定'),
  training: z.boolean().describe('培训话务台可用'),
  outboxWaiting: z.number().int().describe('待上传的命令数'),
})
export type SeatStatus = z.infer<typeof seatStatus>

/** One thing that is not at the centre yet, in plain words (同步 page). */
export const unsentItem = z.object({
  seq: z.number().int(),
  commandId: z.string(),
  name: z.string().describe('命令名'),
  caseId: z.string().nullable(),
  caseNumber: z.string().nullable(),
  sentence: z.string().describe('用中文说明这一项'),
  operatorName: z.string().nullable(),
  issuedAt: z.iso.datetime(),
  state: z.enum(['waiting', 'parked', 'behind-parked']).describe('等待上传 / 已搁置 / 排在搁置项之后'),
  parked: z
    .object({
      code: z.string(),
      sentence: z.string(),
      at: z.iso.datetime(),
      handedOver: z.boolean().describe('已交班长'),
      conflict: conflictDetail.nullable(),
    })
    .nullable(),
})
export type UnsentItem = z.infer<typeof unsentItem>

export const syncStatus = z.object({
  centre: z
    .enum(['none', 'connecting', 'online', 'offline', 'refused'])
    .describe('中心: 未配置/连接中/在线/离线/拒绝'),
  problem: z.string().nullable().describe('不在线的原因'),
  waiting: z.number().int(),
  parked: z.number().int(),
  oldestWaitingAt: z.iso.datetime().nullable(),
  /** The line is up and still something has waited for too long. */
  alarm: z.boolean(),
  lastContactAt: z.iso.datetime().nullable(),
  commandsPerSecond: z.number().nullable(),
  catchUp: z.object({ done: z.number().int(), remaining: z.number().int() }).nullable(),
  feedLagSeconds: z.number().int().nullable().describe('中心的更新延迟多少秒；没有延迟时为空'),
  clockSkewMs: z.number().nullable().describe('本机时钟比中心快多少毫秒；无需提醒时为空'),
  numbersLeft: z.number().int().nullable().describe('剩余的正式工单编号；没有编号段时为空'),
  filesWaiting: z.number().int().nullable().describe('还没有传到中心的附件数；没有时为空'),
})
export type SyncStatus = z.infer<typeof syncStatus>

/** What the core tells the page unasked. A page that reconnects reads everything afresh. */
export const seatEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('status'), status: seatStatus }),
  z.object({ type: z.literal('cases-changed') }),
  z.object({ type: z.literal('drafts-changed') }),
  z.object({ type: z.literal('calls-changed') }),
  z.object({ type: z.literal('settings-changed') }),
  z.object({ type: z.literal('catalogue-changed') }),
  /** Transfer directory or disposition rules were published. */
  z.object({ type: z.literal('dispositions-changed') }),
  z.object({ type: z.literal('callbacks-changed') }),
  z.object({ type: z.literal('intake-changed') }),
  z.object({ type: z.literal('presence-changed') }),
  z.object({ type: z.literal('callers-changed') }),
  /** Somebody here has looked up many people in a short time: for the leads. */
  z.object({ type: z.literal('lookup-alarm') }),
  z.object({ type: z.literal('sync'), sync: syncStatus }),
  /** A file of a case was added, or has come further. */
  z.object({ type: z.literal('attachments-changed') }),
])
export type SeatEvent = z.infer<typeof seatEvent>

/** The effective settings: the policy file's values win and are listed in `fixed`. The secret never comes back. */
export const settingsView = z.object({
  settings: seatSettings,
  fixed: z.array(z.string()).describe('由策略文件规定的项'),
  hasExtensionSecret: z.boolean(),
  languageModel: z
    .object({ host: z.string(), model: z.string(), hasKey: z.boolean() })
    .nullable()
    .describe('本市大模型；策略文件没有启用时为空'),
  policy: z.object({
    file: z.string().nullable(),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .describe('策略文件的错误；有错误时整个文件不生效'),
  }),
})
export type SettingsView = z.infer<typeof settingsView>

/** What the phone needs to register. Held in the page's memory only, never written or logged there. */
export const phoneCredentials = z.object({
  exchanges: z.array(z.string()).min(1).describe('主用与备用话务台'),
  sipDomain: z.string(),
  extension: z.string(),
  authUser: z.string(),
  secret: z.string(),
})
export type PhoneCredentials = z.infer<typeof phoneCredentials>

/** Screen pop (来电弹屏). `localOnly` is true until a centre has been asked: 仅本机记录. */
export const callerCard = z.object({
  number: z.object({
    raw: z.string(),
    key: z.string().nullable(),
    display: z.string(),
    kind: z.enum(['mobile', 'landline', 'service', 'international', 'extension', 'withheld', 'invalid']),
    extension: z.string().nullable(),
    dialable: z.boolean(),
  }),
  knownName: z.string().describe('最近一次登记的姓名；没有则为空'),
  cases: z.array(caseSummary).describe('未办结在前，其余按时间倒序，最多 20 条'),
  caseCount: z.number().int(),
  openCaseCount: z.number().int(),
  calls: z.array(callRecord).describe('最近通话，最多 10 条，不含本次'),
  callCount: z.number().int().describe('此前通话次数，不含本次'),
  missedCount: z.number().int().describe('其中漏接次数'),
  profile: callerProfile.nullable().describe('来电人档案'),
  localOnly: z.boolean(),
})
export type CallerCard = z.infer<typeof callerCard>

/** Somebody has looked up many people in a short time (连续查询提醒). */
export const lookupAlarm = z.object({
  operatorId: z.string(),
  operatorName: z.string(),
  at: z.iso.datetime(),
})
export type LookupAlarm = z.infer<typeof lookupAlarm>

export const trainingScript = z.object({
  scriptId: z.string(),
  title: z.string(),
  description: z.string(),
  lines: z.array(z.string()).describe('市民的话'),
  from: z.string().describe('主叫号码，可改'),
})
export type TrainingScript = z.infer<typeof trainingScript>

export const trainingCall = z.object({
  callId: z.string(),
  state: z.string().describe('calling / ringing / talking / ended'),
  heardSeconds: z.number().describe('市民听到坐席声音的秒数'),
  heardLevelDbfs: z.number().nullable().describe('听到的电平, dBFS'),
})
export type TrainingCall = z.infer<typeof trainingCall>

export const caseFilter = z.object({
  text: z.string().max(200).describe('子串，两个字起'),
  status: z.array(caseStatus),
  waiting: z.array(caseWaiting).describe('待审批、待回访'),
  disposition: z.array(disposition),
  urgency: z.array(urgency),
  divisionCode: z.string().max(32),
  categoryCode: z.string().max(32).describe('含下级分类'),
  mineOnly: z.boolean(),
})
export type CaseFilter = z.infer<typeof caseFilter>
export const noCaseFilter: CaseFilter = {
  text: '',
  status: [],
  waiting: [],
  disposition: [],
  urgency: [],
  divisionCode: '',
  categoryCode: '',
  mineOnly: false,
}

export const seatContract = {
  seat: {
    status: procedure.input(nothing).output(seatStatus),
    /** The first event is the present status. */
    events: procedure.input(nothing).output(eventIterator(seatEvent)),
  },
  vault: {
    /** Makes the key of a new database and wraps it with this passphrase. By the rules of a password, else PASSPHRASE_WEAK. */
    create: procedure.input(z.object({ passphrase: z.string().max(1024) })).output(storageStatus),
    unlock: procedure.input(z.object({ passphrase: z.string().max(1024) })).output(storageStatus),
    /** Tries again to open after a failure, e.g. when the disk has room again. */
    retry: procedure.input(nothing).output(storageStatus),
    /** Copies the database file (still encrypted, with its -wal) beside itself; returns the folder of the copy. */
    copyFiles: procedure.input(nothing).output(z.object({ folder: z.string() })),
  },
  identity: seatIdentity,
  settings: {
    get: procedure.input(nothing).output(settingsView),
    save: procedure
      .input(
        z.object({
          settings: seatSettings.partial(),
          extensionSecret: z.string().max(256).optional(),
          languageModelKey: z.string().max(512).optional(),
        }),
      )
      .output(settingsView),
    /** Why the socket to this exchange does not open; null when nothing is wrong with it, or nobody can say. */
    lineFault: procedure
      .input(z.object({ url: z.string().max(2_048) }))
      .output(z.object({ fault: lineFault.nullable() })),
    phoneCredentials: procedure.input(nothing).output(phoneCredentials.nullable()),
  },
  catalogue: {
    get: procedure.input(nothing).output(dispatchCatalogue),
  },
  dispatch: seatDispatch,
  dispositions: seatDispositions,
  callers: {
    lookup: procedure
      .input(
        z.object({ number: z.string().max(256).nullable(), excludeCallId: z.string().max(256).nullable() }),
      )
      .output(callerCard),
    /** Remembers the dialect and the kind of a caller for the number, here and at the centre. */
    remember: procedure
      .input(callerProfile.omit({ at: true }).extend({ callId: z.string().max(256).nullable() }))
      .output(callerProfile),
    /** What the centre knows of a number (key form), within 800 ms; null when it does not answer. */
    atCentre: procedure.input(z.object({ number: z.string().max(256) })).output(callerHistory.nullable()),
    /** Runs of lookups at this seat in the last seven days, the latest first. */
    alarms: procedure.input(nothing).output(z.array(lookupAlarm)),
  },
  calls: {
    /** Applies events in order; replays are harmless. Returns null when no event could begin a record. */
    report: procedure
      .input(
        z.object({
          callId: z.string().min(1).max(256),
          events: z.array(callEvent).min(1).max(100),
          caseId: z.string().max(64).optional().describe('为哪张工单拨出（回访）'),
        }),
      )
      .output(callRecord.nullable()),
    list: procedure
      .input(z.object({ limit: z.number().int().min(1).max(200), before: z.iso.datetime().nullable() }))
      .output(z.array(callRecord)),
    /** Kept while the call lives, so that a page that was lost can take it back. Null forgets it. */
    keepDialog: procedure
      .input(z.object({ callId: z.string().max(256), dialog: sipDialog.nullable() }))
      .output(nothing),
    /** Live calls that no page has: each can be taken back if its dialog is known. */
    lost: procedure
      .input(nothing)
      .output(z.array(z.object({ record: callRecord, dialog: sipDialog.nullable() }))),
    keepEvidence: procedure
      .input(z.object({ callId: z.string().max(256), evidence: callEvidence }))
      .output(nothing),
    /** For the exchange's people: numbers masked. CALL_NOT_FOUND. */
    evidence: procedure.input(z.object({ callId: z.string().max(256) })).output(evidenceBundle),
    /** Answered calls of the last seven days without a case (待补工单). */
    unfiled: procedure.input(nothing).output(z.array(callRecord)),
  },
  sync: {
    status: procedure.input(nothing).output(syncStatus),
    /** Unsent items, the oldest first. */
    items: procedure.input(z.object({ limit: z.number().int().min(1).max(500) })).output(z.array(unsentItem)),
    /** Everything that waits is tried now. */
    now: procedure.input(nothing).output(nothing),
    /** 重试: the parked command is tried again. */
    retry: procedure.input(z.object({ commandId: z.string() })).output(nothing),
    /** 交班长: marked for the team lead; it stays here and in the export. */
    handOver: procedure.input(z.object({ commandId: z.string() })).output(nothing),
    /** The operator chose between both values, field by field: `mine` holds those fields whose own value shall stand. */
    resolve: procedure
      .input(z.object({ commandId: z.string(), mine: z.array(z.string()).max(40) }))
      .output(nothing),
    /** 导出未同步: an encrypted file of everything unsent, under a passphrase (PASSPHRASE_WEAK); the path of it. */
    exportUnsent: procedure
      .input(z.object({ passphrase: z.string().max(1_024) }))
      .output(z.object({ file: z.string() })),
    /** At another seat. PASSPHRASE_WRONG, FILE_UNREADABLE. Commands that are here already are not taken twice. */
    importUnsent: procedure
      .input(z.object({ file: z.string().max(1_024), passphrase: z.string().max(1_024) }))
      .output(z.object({ taken: z.number().int(), known: z.number().int() })),
    /**
     * Registers this seat at the centre and signs out whoever is there: the people are the centre's from then on.
     * ENROLMENT_REFUSED, CENTRE_UNREACHABLE, CALL_IN_PROGRESS.
     */
    enrol: procedure.input(z.object({ code: z.string().max(200) })).output(syncStatus),
  },
  seatState: {
    /** The operator's last one here; null when there is none. */
    get: procedure.input(nothing).output(seatState.nullable()),
    report: procedure.input(z.object({ state: seatState })).output(nothing),
  },
  presence: {
    /** Specialists who are at other seats now, as the centre says; empty when it cannot be asked. */
    list: procedure.input(nothing).output(z.array(presentSeat)),
  },
  drafts: {
    /** One's own. */
    list: procedure.input(nothing).output(z.array(draft)),
    /** How many others have open at this seat: whose, and what is in them, stays theirs. */
    others: procedure.input(nothing).output(z.object({ count: z.number().int() })),
    /** The call's draft, made if there is none; `callId: null` makes a new one by hand. DRAFT_NOT_FOUND: it is another's. */
    open: procedure
      .input(
        z.object({
          callId: z.string().max(256).nullable(),
          callingNumber: z.string().max(64),
          contactNumber: z.string().max(64),
        }),
      )
      .output(draft),
    /**
     * Keeps the fields if `revision` is newer than what is stored; an older or equal one changes nothing. `base`: the revision that
     * this page knows to be stored. Where another page has saved since, nothing is kept and `elsewhere` is what it saved.
     */
    save: procedure
      .input(
        z.object({
          draftId: z.string(),
          revision: z.number().int().positive(),
          base: z.number().int().nonnegative().optional(),
          fields: caseFields,
        }),
      )
      .output(z.object({ revision: z.number().int(), elsewhere: draft.nullable() })),
    discard: procedure.input(z.object({ draftId: z.string() })).output(nothing),
  },
  cases: {
    /** One transaction: case, search row, history, audit, outbox; the draft ends. Submitting a draft twice returns the same case. */
    submit: procedure.input(z.object({ draftId: z.string(), fields: caseFields })).output(caseDetail),
    list: procedure
      .input(
        z.object({
          filter: caseFilter,
          limit: z.number().int().min(1).max(200),
          cursor: z.string().nullable(),
        }),
      )
      .output(z.object({ cases: z.array(caseSummary), nextCursor: z.string().nullable() })),
    get: procedure.input(z.object({ caseId: z.string() })).output(caseDetail),
    /** Changes fields of a case that was filed. `requestId` makes a repeated request harmless. CASE_READ_ONLY for others' confidential ones. */
    edit: procedure
      .input(
        z.object({
          caseId: z.string(),
          requestId: z.string().min(1).max(64),
          changes: z.array(fieldChange).min(1).max(40),
        }),
      )
      .output(caseDetail),
    /** Proposes a move (办结 etc.); the centre decides. MOVE_NOT_POSSIBLE, MOVE_INCOMPLETE, FORBIDDEN by what is known here. */
    move: procedure
      .input(moveInput.extend({ caseId: z.string(), requestId: z.string().min(1).max(64) }))
      .output(caseDetail),
    /** The whole of a number that lists mask; audited here and at the centre. */
    reveal: procedure
      .input(
        z.object({
          caseId: z.string(),
          what: z.enum(['contactNumber', 'callingNumber', 'partyPhone']),
          reason: z.string().max(200),
        }),
      )
      .output(z.object({ value: z.string() })),
    addRemark: procedure
      .input(z.object({ caseId: z.string(), requestId: z.uuid(), text: z.string().trim().min(1).max(2_000) }))
      .output(caseDetail),
  },
  relations: seatRelations,
  assist: seatAssist,
  callbacks: seatCallbacks,
  ownMissed: seatOwnMissed,
  intake: seatIntake,
  enterprise: seatEnterprise,
  languageModel: seatLanguageModel,
  /**
   * Files of a filed case. One is added in pieces, in order, and is there only when it is whole; a core that dies meanwhile
   * knows nothing of it (ATTACHMENT_NOT_FOUND), and it is begun anew.
   */
  attachments: {
    /** The id is the page's: a repeated request goes on where the first one is. CASE_READ_ONLY, ATTACHMENT_TOO_LARGE, _EMPTY, _NAME_INVALID. */
    begin: procedure
      .input(
        z.object({
          caseId: z.string().max(64),
          attachmentId: z.uuid(),
          name: z.string().max(1_024),
          mediaType: z.string().max(200),
          bytes: z.number().int().min(0),
        }),
      )
      .output(receivedBytes),
    /** At most 1 MiB. What was received before is taken again without harm. ATTACHMENT_OUT_OF_ORDER tells where to go on. */
    append: procedure
      .input(
        z.object({
          attachmentId: z.uuid(),
          offset: z.number().int().min(0),
          content: z.base64().max(Math.ceil(attachmentPieceBytes / 3) * 4),
        }),
      )
      .output(receivedBytes),
    /** One transaction: the file, the case's history, audit, outbox. Sent to the centre by itself. ATTACHMENT_INCOMPLETE. */
    finish: procedure.input(z.object({ attachmentId: z.uuid() })).output(caseFile),
    /** Gives up what is not finished. */
    cancel: procedure.input(z.object({ attachmentId: z.uuid() })).output(nothing),
    list: procedure.input(z.object({ caseId: z.string().max(64) })).output(z.array(caseFile)),
    /**
     * The content in pieces, in order, from this seat or from the centre; audited. It may be used only when all of it has come:
     * ATTACHMENT_DAMAGED, CENTRE_UNREACHABLE and ATTACHMENT_NOT_ARRIVED may come last.
     */
    read: procedure
      .input(z.object({ caseId: z.string().max(64), attachmentId: z.string().max(64) }))
      .output(eventIterator(z.object({ offset: z.number().int(), content: z.base64() }))),
    /** 重试: one that the centre refused is sent again. */
    retry: procedure
      .input(z.object({ caseId: z.string().max(64), attachmentId: z.string().max(64) }))
      .output(nothing),
  },
  training: {
    scripts: procedure.input(nothing).output(z.array(trainingScript)),
    startCall: procedure
      .input(z.object({ scriptId: z.string(), from: z.string().max(64) }))
      .output(z.object({ callId: z.string() })),
    call: procedure.input(z.object({ callId: z.string().max(256) })).output(trainingCall),
  },
}
export type SeatContract = typeof seatContract
