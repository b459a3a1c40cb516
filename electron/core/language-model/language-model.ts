/**
 * A city's own language model (本市大模型). Off unless the policy file names one. A text is masked and shown first; only what was
 * shown is sent, once the operator says so; what comes back is a draft. Each text that leaves and each answer is in the audit.
 */
import {
  foreignIn,
  type KnownValue,
  maskText,
  type Secret,
  unmaskText,
} from '../../../shared/domain/language-model/mask.ts'
import {
  draftOf,
  type ModelPurpose,
  modelMessages,
  mostSent,
} from '../../../shared/domain/language-model/request.ts'
import type { Operator } from '../../../shared/domain/operator.ts'
import type { Audit } from '../audit/audit.ts'
import { type Clock, isoNow, type Random } from '../context.ts'
import { Refusal } from '../refusal.ts'
import type { Database } from '../storage/database.ts'
import type { Outbox } from '../sync/outbox.ts'
import { type AskModel, ModelFailure, type ModelFault } from './model-line.ts'

export type ModelInUse = { url: string; model: string; timeLimitSeconds: number; key: string }

export type ModelQuestion = {
  purpose: ModelPurpose
  text: string
  /** What the form knows, and what the operator marked besides. */
  known: KnownValue[]
}
export type ModelPrepared = {
  requestId: string
  masked: string
  /** How many values are masked. */
  hidden: number
  host: string
  model: string
}
export type ModelDraft = { text: string; cut: boolean; foreign: string[] }

export type LanguageModel = {
  /** Masks and keeps what would be sent; sends nothing. MODEL_OFF, MODEL_TEXT_EMPTY, MODEL_TEXT_TOO_LONG. */
  prepare(by: Operator, question: ModelQuestion): ModelPrepared
  /** Sends what was shown. MODEL_REQUEST_GONE, MODEL_FAILED with the reason in its sentence. */
  send(by: Operator, requestId: string): Promise<ModelDraft>
  /** Nothing more is waited for. */
  cancel(by: Operator, requestId: string): void
  stop(): void
}

/** Nobody has more of them open; the oldest goes. */
const mostPrepared = 8

const sentences: Record<ModelFault, string> = {
  unreachable: '连不上本市大模型，可以照常手工填写',
  certificate: '本市大模型的安全证书不能用，没有发送；请通知管理员',
  silent: '本市大模型没有在规定时间内答复',
  cancelled: '已取消',
  busy: '本市大模型正忙，请稍后再试',
  'key-refused': '本市大模型没有接受密钥，请通知管理员',
  refused: '本市大模型没有接受这次请求',
  redirect: '本市大模型要转到另一个地址，没有跟随；请通知管理员',
  'too-long': '本市大模型的答复过长，没有采用',
  cut: '与本市大模型的连接中途断开，答复不完整',
  unusable: '本市大模型的答复不是约定的格式，没有采用',
}

type Prepared = {
  operatorId: string
  purpose: ModelPurpose
  masked: string
  secrets: Secret[]
  model: string
  sending: AbortController | null
}

export function createLanguageModel(parts: {
  clock: Clock
  random: Random
  audit: Audit
  outbox: Outbox
  inUse(): ModelInUse | null
  authorities(): readonly string[]
  ask: AskModel
  write<T>(work: (db: Database) => T): T
}): LanguageModel {
  const { clock, random, audit, outbox, write } = parts
  const prepared = new Map<string, Prepared>()

  const own = (by: Operator, requestId: string): Prepared => {
    const found = prepared.get(requestId)
    if (found === undefined || found.operatorId !== by.operatorId) throw new Refusal('MODEL_REQUEST_GONE')
    return found
  }

  const about = (requestId: string) => ({ subjectKind: 'model', subjectId: requestId }) as const

  /** Before it leaves: what dies on the way is in the audit too. */
  const logSent = (requestId: string, { operatorId, purpose, model, masked }: Prepared) =>
    write(db => {
      db.prepare(
        'INSERT INTO model_request (request_id, at, operator_id, purpose, model, masked) VALUES (?, ?, ?, ?, ?, ?)',
      ).run(requestId, isoNow(clock), operatorId, purpose, model, masked)
      audit.append(db, { operatorId, action: 'model.ask', ...about(requestId), result: 'done' })
      const args = { requestId, purpose, model, masked }
      outbox.append(db, { name: 'model.ask', operatorId, caseId: null, args, baseVersion: null })
    })
  const logAnswer = (requestId: string, { operatorId }: Prepared, outcome: string, characters: number) =>
    write(db => {
      db.prepare('INSERT INTO model_answer (request_id, at, outcome, characters) VALUES (?, ?, ?, ?)').run(
        requestId,
        isoNow(clock),
        outcome,
        characters,
      )
      const result = outcome === 'answered' ? 'done' : 'refused'
      audit.append(db, { operatorId, action: 'model.answer', ...about(requestId), result })
      const args = { requestId, outcome, characters }
      outbox.append(db, { name: 'model.answer', operatorId, caseId: null, args, baseVersion: null })
    })

  return {
    prepare: (by, { purpose, text, known }) => {
      const inUse = parts.inUse()
      if (inUse === null) throw new Refusal('MODEL_OFF')
      if (text.trim() === '') throw new Refusal('MODEL_TEXT_EMPTY')
      if (text.length > mostSent) throw new Refusal('MODEL_TEXT_TOO_LONG')
      const { text: masked, secrets } = maskText(text, known)
      // Many short values become longer by being masked.
      if (masked.length > mostSent * 2) throw new Refusal('MODEL_TEXT_TOO_LONG')
      const requestId = random.uuid()
      const { operatorId } = by
      prepared.set(requestId, { operatorId, purpose, masked, secrets, model: inUse.model, sending: null })
      for (const [oldest, { sending }] of prepared)
        if (prepared.size > mostPrepared && sending === null) prepared.delete(oldest)
      const { host } = new URL(inUse.url)
      return { requestId, masked, hidden: secrets.length, host, model: inUse.model }
    },

    send: async (by, requestId) => {
      const one = own(by, requestId)
      const inUse = parts.inUse()
      if (inUse === null || inUse.model !== one.model) throw new Refusal('MODEL_OFF')
      if (one.sending !== null) throw new Refusal('MODEL_REQUEST_GONE')
      // What cannot be logged does not leave, and can be tried again.
      logSent(requestId, one)
      const sending = new AbortController()
      one.sending = sending
      const { url, key, model, timeLimitSeconds } = inUse
      const target = { url, key, authorities: parts.authorities(), limitMs: timeLimitSeconds * 1_000 }
      const body = {
        model,
        messages: modelMessages(one.purpose, one.masked),
        stream: false,
        temperature: 0.2,
        max_tokens: 1_024,
      }
      try {
        const draft = draftOf(await parts.ask(target, body, sending.signal))
        if (draft === null) throw new ModelFailure('unusable')
        logAnswer(requestId, one, 'answered', draft.text.length)
        const foreign = foreignIn(draft.text, one.masked)
        return { ...draft, text: unmaskText(draft.text, one.secrets), foreign }
      } catch (error) {
        if (!(error instanceof ModelFailure)) throw error
        logAnswer(requestId, one, error.fault, 0)
        throw new Refusal('MODEL_FAILED', { fault: error.fault }, sentences[error.fault])
      } finally {
        prepared.delete(requestId)
      }
    },

    cancel: (by, requestId) => {
      const one = prepared.get(requestId)
      if (one === undefined || one.operatorId !== by.operatorId) return
      if (one.sending === null) prepared.delete(requestId)
      else one.sending.abort()
    },

    stop: () => {
      for (const { sending } of prepared.values()) sending?.abort()
      prepared.clear()
    },
  }
}
