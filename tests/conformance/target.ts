/** The server under test, over plain HTTP: every answer is read by the contract's own schema. */
import { createHmac, randomUUID } from 'node:crypto'
import { z } from 'zod'
import { type CommandResult, centralContract, type OperatorSession } from '../../shared/contract/central.ts'
import { emptyCaseFields } from '../../shared/domain/case.ts'
import { type Command, commandSchemaVersion } from '../../shared/domain/command.ts'
import { commandProofText } from '../../shared/domain/command-proof.ts'

type Headers = Record<string, string>
const refusal = z.object({ code: z.string(), message: z.string().min(1) })

export class Failure extends Error {}
export const that = (holds: boolean, what: string): void => {
  if (!holds) throw new Failure(what)
}
export const same = (actual: unknown, expected: unknown, what: string): void =>
  that(
    JSON.stringify(actual) === JSON.stringify(expected),
    `${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`,
  )

export type Target = ReturnType<typeof createTarget>

export function createTarget(base: string) {
  const ask = (method: string, path: string, headers: Headers, body?: unknown) =>
    fetch(new URL(path, base), {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    })

  /** The answer to a request that must succeed. */
  const get = async <S extends z.ZodType>(
    schema: S,
    method: string,
    path: string,
    headers: Headers,
    body?: unknown,
  ): Promise<z.output<S>> => {
    const response = await ask(method, path, headers, body)
    const text = await response.text()
    if (response.status !== 200)
      throw new Failure(`${method} ${path} answered ${response.status}: ${text.slice(0, 200)}`)
    const read = schema.safeParse(JSON.parse(text))
    if (!read.success)
      throw new Failure(`${method} ${path} does not answer by the contract: ${z.prettifyError(read.error)}`)
    return read.data
  }

  /** The status and the code of a request that must be refused. */
  const refused = async (method: string, path: string, headers: Headers, body?: unknown) => {
    const response = await ask(method, path, headers, body)
    const text = await response.text()
    that(response.status >= 400, `${method} ${path} was not refused`)
    const read = refusal.safeParse(JSON.parse(text))
    if (!read.success)
      throw new Failure(`${method} ${path} was refused without a code: ${text.slice(0, 200)}`)
    return `${response.status} ${read.data.code}`
  }
  return { base, ask, get, refused }
}

type Procedure = { '~orpc': { outputSchema?: unknown } }
export const outputOf = <P extends Procedure>(procedure: P): NonNullable<P['~orpc']['outputSchema']> => {
  const schema = procedure['~orpc'].outputSchema
  if (schema === undefined || schema === null) throw new Error('a procedure without an output')
  return schema
}

/** A seat with its token, and the commands that it counts. */
export function createSeat(
  target: Target,
  clientId: string,
  accessToken: string,
  { operator: { operatorId }, proof }: Pick<OperatorSession, 'operator' | 'proof'>,
) {
  if (proof === undefined) throw new Failure('the sign-in gave no secret to prove commands with')
  const secret = Buffer.from(proof.secret, 'base64url')
  const sign = (of: Omit<Command, 'proof'>): Command => {
    const session = proof.sessionId
    const text = commandProofText({ ...of, session, client: of.clientId })
    const mac = createHmac('sha256', secret).update(text).digest('base64url')
    return { ...of, proof: { session, client: of.clientId, seq: of.seq, mac } }
  }
  const headers: Headers = { authorization: `Bearer ${accessToken}` }
  let seq = 0
  const command = (name: string, caseId: string | null, args: unknown, part: Partial<Command> = {}) => {
    seq += 1
    return sign({
      clientId,
      seq,
      id: randomUUID(),
      operatorId,
      caseId,
      schemaVersion: commandSchemaVersion,
      name,
      args,
      baseVersion: null,
      issuedAt: new Date().toISOString(),
      ...part,
    })
  }
  const fields = {
    ...emptyCaseFields,
    callerName: '测试人',
    callingNumber: '19900009999',
    contactNumber: '19900009999',
    title: '接口一致性测试',
    content: '这张工单由一致性测试写入，可以删除。',
    kind: 'consult',
    disposition: 'accept',
  }
  return {
    headers,
    clientId,
    command,
    sign,
    create: (caseId: string, part: Partial<Command> = {}, fieldPart: object = {}) =>
      command(
        'case.create',
        caseId,
        {
          caseNumber: `CT-${caseId}`.slice(0, 40),
          callId: null,
          catalogueVersion: 'conformance',
          createdAt: new Date().toISOString(),
          fields: { ...fields, ...fieldPart },
        },
        part,
      ),
    remark: (caseId: string, text: string, part: Partial<Command> = {}) =>
      command('case.addRemark', caseId, { entryId: randomUUID(), text }, part),
    edit: (caseId: string, field: string, from: unknown, to: unknown) =>
      command('case.edit', caseId, { entryId: randomUUID(), changes: [{ field, from, to }] }),
    push: async (...commands: unknown[]): Promise<CommandResult[]> => {
      const { results } = await target.get(
        outputOf(centralContract.commands.push),
        'POST',
        '/v1/commands',
        headers,
        { commands },
      )
      same(results.length, commands.length, 'results')
      return results
    },
    page: (cursor?: string, limit?: number) => {
      const query = new URLSearchParams()
      if (cursor !== undefined) query.set('cursor', cursor)
      if (limit !== undefined) query.set('limit', String(limit))
      return target.get(outputOf(centralContract.changes.list), 'GET', `/v1/changes?${query}`, headers)
    },
  }
}
export type ConformingSeat = ReturnType<typeof createSeat>

export const told = (results: readonly CommandResult[]): string[] =>
  results.map(result =>
    'code' in result ? `${result.outcome} ${result.code}` : `${result.outcome} ${result.version}`,
  )
