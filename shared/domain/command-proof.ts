/**
 * Who gave a command (命令的签名). A sign-in at the centre yields a secret for one operator at one seat; the command carries a MAC
 * made with it over the text below. The one rule for both ends: docs/sync.md and ADR 9 explain it.
 */
import { z } from 'zod'

export const commandProof = z.object({
  session: z.string().min(1).max(64).describe('登录'),
  client: z.string().min(1).max(64).describe('写下命令的坐席设备'),
  seq: z.number().int().positive().describe('写下命令时的序号'),
  mac: z.base64url().length(43).describe('HMAC-SHA256，base64url'),
})
export type CommandProof = z.infer<typeof commandProof>

/** What a sign-in gives to prove commands with. */
export const sessionProof = z.object({
  sessionId: z.string().min(1).max(64),
  secret: z.base64url().length(43).describe('32 字节，base64url；不得写入日志'),
  until: z.iso.datetime().describe('此后写下的命令不再有效'),
})
export type SessionProof = z.infer<typeof sessionProof>

/** Everything of a command that counts. `client` and `seq` are those it was written under, whoever sends it. */
export type ProvedParts = {
  session: string
  id: string
  client: string
  seq: number
  operatorId: string | null
  caseId: string | null
  schemaVersion: number
  name: string
  args: unknown
  baseVersion: number | null
  issuedAt: string
}

/** Null: the secret of the operator whom the command names is not open here. */
export type SignCommand = (command: Omit<ProvedParts, 'session'>) => CommandProof | null

/** No form is nested deeper. */
const deepest = 32

export class TooDeep extends Error {
  override name = 'TooDeep'
}

/** What JSON writes as it is: two thirds of the time went into asking JSON.stringify for every short text. */
const plainText = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/
const quoted = (text: string): string => (plainText.test(text) ? `"${text}"` : JSON.stringify(text))

/**
 * JSON with sorted keys and no white space (RFC 8785). A half character, which the RFC leaves out and a form may hold, is written
 * as JSON.stringify writes it (`\ud83d`). What JSON leaves out (undefined) is left out. Throws TooDeep.
 */
export function canonicalJson(value: unknown, levels = deepest): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (levels === 0) throw new TooDeep()
  if (Array.isArray(value)) return `[${value.map(each => canonicalJson(each, levels - 1)).join(',')}]`
  const object = value as Record<string, unknown>
  let text = ''
  for (const key of Object.keys(object).sort()) {
    const member = object[key]
    if (member === undefined) continue
    text += `${text === '' ? '' : ','}${quoted(key)}:${canonicalJson(member, levels - 1)}`
  }
  return `{${text}}`
}

/** What the MAC is made over. Throws TooDeep. */
export const commandProofText = (of: ProvedParts): string =>
  canonicalJson([
    'zuoxi command 1',
    of.session,
    of.id,
    of.client,
    of.seq,
    of.operatorId,
    of.caseId,
    of.schemaVersion,
    of.name,
    of.args,
    of.baseVersion,
    of.issuedAt,
  ])
