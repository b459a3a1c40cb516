/**
 * `/units`: the page of the handling units (承办单位). Plain forms without any script: it works in whatever browser a unit has, and
 * by keyboard. The session is a cookie that no other site's form can use (SameSite, origin, and a token in each form).
 */
import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Central } from '../central.ts'
import type { Files } from '../files/files.ts'
import { digestOf } from '../identity/secrets.ts'
import { Refusal } from '../refusal.ts'
import type { AddedFile, UnitSession } from '../units/units.ts'
import { sendFile } from './files.ts'
import { type FormFile, type FormWithFiles, isMultipart, readForm } from './form-files.ts'
import type { Gate } from './gate.ts'
import { type Form, formOf, guarded, isOwnForm, ofChinaInput, pageStyle } from './html.ts'
import { createLimiter } from './limiter.ts'
import { isUnitMove } from './units-text.ts'
import { unitsStyle, unitsViews } from './units-views.ts'

/** Of the browser's name for the counting of failures. */
const browserSeconds = 90 * 86_400
const formBytes = 64 * 1024
/** Of one address. */
const signInsPerMinute = 30
const mostKnown = 5_000
const knownMs = 30 * 60_000
const most = { files: 5, fileBytes: 20 * 1024 * 1024 }

export function addUnitsPage(
  app: FastifyInstance,
  central: Central,
  files: Files | null,
  { gate, behindTls }: { gate: Gate; behindTls: boolean },
): void {
  const { units } = central
  // A browser takes a cookie of this prefix from this very host over TLS only: no neighbour can plant one.
  const cookieName = behindTls ? '__Host-zuoxi_units' : 'zuoxi_units'
  const cookiePattern = new RegExp(`(?:^|;\\s*)${cookieName}=([\\w-]{16,200})(?:;|$)`)
  const fileLimits =
    files === null
      ? null
      : { most: most.files, size: Math.floor(Math.min(most.fileBytes, files.maxBytes) / 1024 / 1024) }
  const viewsFor = (request: FastifyRequest, reply: FastifyReply) =>
    unitsViews(request, reply, { ...central.context, fileLimits })

  // Names this browser to the counting of failures; it lets nobody in.
  const browserCookie = behindTls ? '__Host-zuoxi_browser' : 'zuoxi_browser'
  const browserPattern = new RegExp(`(?:^|;\\s*)${browserCookie}=([\\w-]{16,200})(?:;|$)`)
  const browserOf = ({ headers }: FastifyRequest): string =>
    browserPattern.exec(headers.cookie ?? '')?.[1] ?? ''
  const tokenOf = ({ headers }: FastifyRequest): string => cookiePattern.exec(headers.cookie ?? '')?.[1] ?? ''
  const cookie = (value: string, seconds: number, name = cookieName) =>
    `${name}=${value}; Path=${behindTls ? '/' : '/units'}; HttpOnly; SameSite=Strict; Max-Age=${seconds}${behindTls ? '; Secure' : ''}`
  /** Sessions that were right a moment ago, by digest: theirs is not the limit of whoever shares their address. */
  const known = createLimiter(central.context.clock, mostKnown)
  const knownKeyOf = (request: FastifyRequest) => {
    const token = tokenOf(request)
    const key = token === '' ? null : digestOf(token)
    return key !== null && known.has(key) ? key : null
  }
  const sessionOf = async (request: FastifyRequest) => {
    const token = tokenOf(request)
    const session = token === '' ? null : await units.of(token)
    if (session !== null) known.take(digestOf(token), Number.POSITIVE_INFINITY, knownMs)
    return session
  }
  const back = (reply: FastifyReply, to: string) => guarded(reply).redirect(to, 303)
  const bodyOf = async (request: FastifyRequest): Promise<FormWithFiles> => {
    if (files !== null && isMultipart(request)) return readForm(request, files, most)
    const fields = request.body instanceof URLSearchParams ? request.body : new URLSearchParams()
    return { fields, files: [], refused: [] }
  }

  /** Who it is, if the form is this page's own; otherwise it is answered here, and nothing that came with it is kept. */
  const own = async (request: FastifyRequest, reply: FastifyReply) => {
    const { say, signIn, failure } = viewsFor(request, reply)
    const session = await sessionOf(request)
    if (session === null) {
      void signIn(401, say('signInAgain'))
      return null
    }
    const body = isOwnForm(request) ? await bodyOf(request) : null
    if (body !== null && formOf(body.fields)('formToken') === session.formToken) return { session, ...body }
    await files?.drop(body?.files ?? [])
    void failure(403, say('notOwn'))
    return null
  }

  const moveFrom = async (
    session: UnitSession,
    { caseId, move }: { caseId: string; move: string },
    form: Form,
    given: readonly FormFile[],
  ) => {
    if (!isUnitMove(move)) throw new Refusal('NOT_FOUND')
    const reason = form('reason').trim()
    const requestId = form('requestId')
    const round = Number(form('round'))
    const replyBy = move === 'extend' ? ofChinaInput(form('replyBy')) : null
    const fits =
      reason.length <= 2_000 && /^[\w-]{1,64}$/.test(requestId) && Number.isSafeInteger(round) && round >= 0
    if (!fits) return { done: false as const, why: 'MOVE_INCOMPLETE' as const }
    const input = { move, reason, round, ...(replyBy === null ? {} : { replyBy }) }
    const { unitCode } = session
    const added = given.map((file, place): AddedFile => {
      const { name, mediaType, bytes, sha256 } = file
      const attachmentId = createHash('sha256').update(`${requestId}\n${place}`).digest('hex').slice(0, 32)
      const keep: AddedFile['keep'] = async tx => files?.add(tx, file, attachmentId, { unitCode })
      return { attachmentId, name, mediaType, bytes, sha256, keep }
    })
    return units.move(session, caseId, requestId, input, added)
  }

  void app.register(async scope => {
    scope.addHook('onRequest', gate.anonymous('units', { keyOf: knownKeyOf }))
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: formBytes },
      (_request, body, done) => done(null, new URLSearchParams(String(body))),
    )
    // Read by its route, once it is known who sends it.
    scope.addContentTypeParser('multipart/form-data', (_request, _payload, done) => done(null))
    scope.setErrorHandler<Error & { statusCode?: number }>((error, request, reply) => {
      const { say, failure } = viewsFor(request, reply)
      const code = error instanceof Refusal ? error.code : null
      const status = error.statusCode ?? 500
      if (code === 'NOT_FOUND') return failure(404, say('notFound'))
      if (code === 'RATE_LIMITED' || status === 429) return failure(429, say('limited'))
      if (code === 'BODY_TOO_LARGE' || status === 413) return failure(413, say('tooLarge'))
      if (code === 'BAD_REQUEST') return failure(400, say('invalid'))
      if (status < 500) return failure(status, say('invalid'))
      central.context.log.error({ where: 'units', kind: error.name }, 'a request failed')
      return failure(503, say('unavailable'))
    })

    scope.get(unitsStyle, (_request, reply) => guarded(reply).type('text/css; charset=utf-8').send(pageStyle))

    scope.get('/units', async (request, reply) => {
      const session = await sessionOf(request)
      const { signIn, list } = viewsFor(request, reply)
      return session === null ? signIn(200, null) : list(session, await units.list(session))
    })

    scope.post(
      '/units/sign-in',
      { onRequest: gate.anonymous('units sign-in', { perMinute: signInsPerMinute }) },
      async (request, reply) => {
        const { say, signIn } = viewsFor(request, reply)
        const form = formOf(request.body)
        const workNumber = form('workNumber').trim().slice(0, 20)
        const password = form('password').slice(0, 1_024)
        if (!isOwnForm(request)) return signIn(403, say('signInHere'))
        if (workNumber === '' || password === '') return signIn(401, say('signInFailed'), workNumber)
        const newPassword = form('newPassword').slice(0, 1_024)
        try {
          const { token, browser } = await units.signIn({
            workNumber,
            password,
            ...(newPassword === '' ? {} : { newPassword }),
            from: { address: gate.sourceOf(request), browser: browserOf(request) },
          })
          // Whoever sat here before, or planted a session here, has none of it any more.
          await units.signOut(tokenOf(request))
          void reply.header('set-cookie', [
            cookie(token, 12 * 3_600),
            cookie(browser, browserSeconds, browserCookie),
          ])
          return back(reply, '/units')
        } catch (error) {
          if (!(error instanceof Refusal)) throw error
          const { code, data } = error
          if (code === 'PASSWORD_CHANGE_NEEDED') return signIn(403, say('changeNeeded'), workNumber, true)
          if (code === 'PASSWORD_WEAK') return signIn(400, say('passwordWeak'), workNumber, true)
          if (code === 'BUSY') return signIn(429, say('limited'), workNumber)
          const { retryAfterSeconds = 0 } = (data ?? {}) as { retryAfterSeconds?: number }
          const failed =
            retryAfterSeconds > 0
              ? say('signInWait', { seconds: String(retryAfterSeconds) })
              : say('signInFailed')
          return signIn(401, failed, workNumber)
        }
      },
    )

    scope.post('/units/sign-out', async (request, reply) => {
      const mine = await own(request, reply)
      if (mine === null) return reply
      await files?.drop(mine.files)
      await units.signOut(tokenOf(request))
      void reply.header('set-cookie', cookie('', 0))
      return back(reply, '/units')
    })

    scope.get<{ Params: { caseId: string } }>('/units/cases/:caseId', async (request, reply) => {
      const { signIn, one } = viewsFor(request, reply)
      const session = await sessionOf(request)
      if (session === null) return signIn(401, null)
      return one(200, session, await units.get(session, request.params.caseId))
    })

    scope.get<{ Params: { caseId: string; attachmentId: string } }>(
      '/units/cases/:caseId/files/:attachmentId',
      async (request, reply) => {
        const session = await sessionOf(request)
        if (session === null) return viewsFor(request, reply).signIn(401, null)
        if (files === null) throw new Refusal('NOT_FOUND')
        const { caseId, attachmentId } = request.params
        const file = await units.file(session, caseId, attachmentId)
        return sendFile(guarded(reply), files, { ...file, of: { caseId } }, file.name)
      },
    )

    scope.post<{ Params: { caseId: string; move: string } }>(
      '/units/cases/:caseId/:move',
      async (request, reply) => {
        const mine = await own(request, reply)
        if (mine === null) return reply
        const { session, fields, files: given, refused } = mine
        const { caseId, move } = request.params
        const form = formOf(fields)
        const { say, one } = viewsFor(request, reply)
        // What was typed stands in the form still; files a browser does not put back.
        const again = async (status: number, words: readonly string[]) =>
          one(status, session, await units.get(session, caseId), words.join('；'), { move, form })
        try {
          if (refused.length > 0) {
            const words = refused.map(({ name, code }) => say(`file.${code}`, { ...fileLimits, name }))
            return await again(400, [...new Set(words), say('filesAgain')])
          }
          const result = await moveFrom(session, { caseId, move }, form, given)
          if (result.done) return back(reply, `/units/cases/${encodeURIComponent(caseId)}`)
          return await again(409, [say(result.why), ...(given.length > 0 ? [say('filesAgain')] : [])])
        } finally {
          await files?.drop(given)
        }
      },
    )
  })
}
