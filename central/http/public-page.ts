/**
 * `/public`: a sample of an internet channel, without any script: a form that puts a request into the shared list, with files, and
 * how far it is, by its number and the code that was given with it. It tells nothing else.
 */
import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type IntakeFile, intakeContent } from '../../shared/contract/central-intake.ts'
import { attachmentName, outsideEndings } from '../../shared/domain/attachment.ts'
import type { Central } from '../central.ts'
import type { Files } from '../files/files.ts'
import { publicChannel } from '../intake/intake.ts'
import { newProgressCode } from '../intake/progress.ts'
import { Refusal } from '../refusal.ts'
import { type FormWithFiles, isMultipart, readForm } from './form-files.ts'
import type { Gate } from './gate.ts'
import {
  chinaTime,
  type Form,
  formOf,
  guarded,
  type Html,
  html,
  isOwnForm,
  languageLink,
  pageStyle,
  sendPage,
} from './html.ts'
import { languageOf, rememberLanguage, sayIn } from './languages.ts'
import { progressText, publicText } from './public-text.ts'

const style = '/public/style.css'
/** Longer than anything that the form takes, in any encoding. */
const formBytes = 64 * 1024
/** Forms with files that come at once, of everybody and from one address: each holds a connection and disk. */
const formsAtOnce = 24
const formsOfOne = 3
/** Of one address. */
const postsPerMinute = 6
const looksPerMinute = 10
const most = { files: 4, fileBytes: 10 * 1024 * 1024 }

const never = { name: '', phone: '', content: '' }
/** Four and four, as one reads it out. */
const shownCode = (code: string): string => code.replace(/^(\d{4})(\d{4})$/, '$1 $2')
const isFormId = (text: string): boolean => /^[\w-]{1,64}$/.test(text)
/** The same file of the same form is the same attachment, however often the form is sent. */
const attachmentIdOf = (formId: string, sha256: string): string =>
  createHash('sha256').update(`${formId}\n${sha256}`).digest('hex').slice(0, 32)

export function addPublicPage(
  app: FastifyInstance,
  central: Central,
  files: Files | null,
  { gate }: { gate: Gate },
): void {
  const { intake } = central
  const { random, sql } = central.context
  const megabytes = Math.floor(Math.min(most.fileBytes, files?.maxBytes ?? 0) / 1024 / 1024)
  const limits = { most: most.files, size: megabytes }

  /** In the language of whoever asks. */
  const pagesFor = (request: FastifyRequest, reply: FastifyReply) => {
    const language = languageOf(request)
    rememberLanguage(request, reply, '/public')
    const say = sayIn(publicText, language)
    const page = (status: number, title: string, path: string, main: Html) =>
      sendPage(reply, status, {
        title: say('title', { page: title }),
        style,
        language,
        body: html`<header><h1><a href="/public">${say('site')}</a></h1><a href="/public/progress">${say('progress')}</a>${languageLink(language, path)}</header>
<main id="main">${main}</main>`,
      })

    const form = (
      status: number,
      problems: readonly string[],
      given: Form,
      kept: readonly IntakeFile[] = [],
    ) => {
      const checked = given('confidential') === 'on' ? html` checked` : null
      return page(
        status,
        say('form'),
        '/public',
        html`<form class="card" method="post" action="/public"${files === null ? null : html` enctype="multipart/form-data"`} aria-label="${say('form')}">
<h2>${say('form')}</h2>
${problems.length === 0 ? null : html`<ul class="problem" role="alert">${problems.map(text => html`<li>${text}</li>`)}</ul>`}
<input type="hidden" name="channelId" value="${isFormId(given('channelId')) ? given('channelId') : random.uuid()}">
<label for="name">${say('name')}</label><input id="name" name="name" type="text" maxlength="100" autocomplete="name" value="${given('name')}">
<label for="phone">${say('phone')}</label><input id="phone" name="phone" type="tel" required maxlength="64" autocomplete="tel" value="${given('phone')}">
<label for="title">${say('subject')}</label><input id="title" name="title" type="text" maxlength="200" value="${given('title')}">
<label for="content">${say('content')}</label><textarea id="content" name="content" rows="8" required maxlength="5000">${given('content')}</textarea>
<label for="place">${say('place')}</label><input id="place" name="place" type="text" maxlength="500" value="${given('place')}">
${files === null ? null : fileFields(kept)}
<label><input name="confidential" type="checkbox"${checked}> ${say('confidential')}</label>
<div class="trap" aria-hidden="true"><label for="website">${say('trap')}</label><input id="website" name="website" type="text" tabindex="-1" autocomplete="off"></div>
<button type="submit">${say('submit')}</button>
</form>`,
      )
    }
    const fileFields = (kept: readonly IntakeFile[]): Html => html`${
      kept.length === 0
        ? null
        : html`<fieldset><legend>${say('kept')}</legend>
${kept.map(({ name, sha256 }) => html`<label><input name="kept" type="checkbox" checked value="${sha256} ${name}"> ${name}</label>`)}
</fieldset>`
    }
<label for="files">${say('files', limits)}</label>
<input id="files" name="files" type="file" multiple accept="${outsideEndings.join(',')}" aria-describedby="files-hint">
<p id="files-hint" class="quiet">${say('filesHint')}</p>`

    const received = (number: string, code: string | null, count: number) =>
      page(
        200,
        say('received'),
        '/public',
        html`<section aria-label="${say('received')}"><h2>${say('received')}</h2><p role="status">${say('receipt')} <strong>${number}</strong>${code === null ? null : html`，${say('code')} <strong>${shownCode(code)}</strong>`}</p>
${count === 0 ? null : html`<p>${say('withFiles', { count })}</p>`}
<p>${say(code === null ? 'noCode' : 'receiptHint')} <a href="/public/progress">${say('progress')}</a></p></section>`,
      )

    const progress = (given: Form, answer: Html | null) =>
      page(
        200,
        say('progress'),
        '/public/progress',
        html`<form class="card" method="post" action="/public/progress" aria-label="${say('progress')}">
<h2>${say('progress')}</h2>
<label for="number">${say('number')}</label><input id="number" name="number" type="text" required maxlength="64" autocomplete="off" value="${given('number')}">
<label for="code">${say('code')}</label><input id="code" name="code" type="text" inputmode="numeric" required maxlength="20" autocomplete="off" aria-describedby="code-hint">
<p id="code-hint" class="quiet">${say('codeHint')}</p>
<button type="submit">${say('look')}</button>
${answer}
</form>`,
      )
    return { say, language, page, form, received, progress }
  }

  /** What this form brought before, and still wants: never what another one brought. */
  const keptOf = async (fields: URLSearchParams, formId: string) => {
    const kept: IntakeFile[] = []
    let gone = false
    for (const value of fields.getAll('kept').slice(0, most.files)) {
      const [, sha256 = '', said = ''] = /^([0-9a-f]{64}) (.+)$/.exec(value) ?? []
      const name = attachmentName(said)
      const attachmentId = attachmentIdOf(formId, sha256)
      if (name !== null && (await isKnown(attachmentId, sha256))) kept.push({ attachmentId, name, sha256 })
      else gone = true
    }
    return { kept, gone }
  }
  const isKnown = async (attachmentId: string, sha256: string) =>
    (
      await sql.query('SELECT 1 FROM file WHERE channel = $1 AND attachment_id = $2 AND sha256 = $3', [
        publicChannel,
        attachmentId,
        sha256,
      ])
    ).length > 0

  /** Each file once, and no more than there may be. What is not kept is dropped. */
  const addFiles = async (formId: string, kept: IntakeFile[], given: FormWithFiles['files']) => {
    let over = false
    for (const file of given) {
      const { name, sha256 } = file
      const attachmentId = attachmentIdOf(formId, sha256)
      const again = kept.some(each => each.attachmentId === attachmentId)
      if (!again && kept.length >= most.files) over = true
      if (again || over) continue
      if (!(await isKnown(attachmentId, sha256)))
        await files?.add(sql, file, attachmentId, { channel: publicChannel })
      kept.push({ attachmentId, name, sha256 })
    }
    await files?.drop(given)
    return over
  }

  const bodyOf = async (request: FastifyRequest): Promise<FormWithFiles> => {
    if (files === null || !isMultipart(request)) {
      const fields = request.body instanceof URLSearchParams ? request.body : new URLSearchParams()
      return { fields, files: [], refused: [] }
    }
    const source = gate.sourceOf(request)
    if (coming.length >= formsAtOnce || coming.filter(each => each === source).length >= formsOfOne)
      throw new Refusal('TOO_MANY_AT_ONCE')
    coming.push(source)
    try {
      await files.mayBegin(publicChannel, most.files * most.fileBytes)
      return await readForm(request, files, most)
    } finally {
      coming.splice(coming.indexOf(source), 1)
    }
  }
  const coming: string[] = []

  void app.register(async scope => {
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: formBytes },
      (_request, body, done) => done(null, new URLSearchParams(String(body))),
    )
    // Read by its route, once it is known that it is this page's own.
    scope.addContentTypeParser('multipart/form-data', (_request, _payload, done) => done(null))
    scope.setErrorHandler<Error & { statusCode?: number }>((error, request, reply) => {
      const code = error instanceof Refusal ? error.code : null
      const status =
        code === 'RATE_LIMITED' || code === 'TOO_MANY_AT_ONCE' || error.statusCode === 429
          ? 429
          : code === 'BODY_TOO_LARGE'
            ? 413
            : code === 'BAD_REQUEST'
              ? 400
              : (error.statusCode ?? 500) < 500
                ? (error.statusCode ?? 400)
                : 503
      if (status === 503) central.context.log.error({ where: 'public', kind: error.name }, 'a request failed')
      const { say, page } = pagesFor(request, reply)
      const words =
        status === 429 ? 'limited' : status === 413 ? 'tooLong' : status === 503 ? 'unavailable' : 'invalid'
      return page(status, say('failed'), '/public', html`<p class="problem" role="alert">${say(words)}</p>`)
    })
    const limit = (name: string, perMinute: number) => ({
      onRequest: gate.anonymous(`public ${name}`, { perMinute }),
    })
    scope.addHook('onRequest', gate.anonymous('public'))

    scope.get(style, (_request, reply) => guarded(reply).type('text/css; charset=utf-8').send(pageStyle))
    scope.get('/public', (request, reply) => pagesFor(request, reply).form(200, [], () => ''))
    scope.get('/public/progress', (request, reply) => pagesFor(request, reply).progress(() => '', null))

    scope.post('/public', limit('form', postsPerMinute), async (request, reply) => {
      const { say, form: formPage, received } = pagesFor(request, reply)
      if (!isOwnForm(request)) return formPage(403, [say('notOwn')], formOf(request.body))
      const body = await bodyOf(request)
      const form = formOf(body.fields)
      const formId = form('channelId')
      // A field that nobody sees was filled in: a robot is thanked, and nothing is kept.
      if (form('website') !== '') {
        await files?.drop(body.files)
        return received(`W${random.uuid().slice(0, 8).toUpperCase()}`, newProgressCode(random), 0)
      }
      if (!isFormId(formId)) {
        await files?.drop(body.files)
        return formPage(400, [say('incomplete')], form)
      }
      const { kept, gone } = await keptOf(body.fields, formId)
      const over = await addFiles(formId, kept, body.files)
      const told = [...body.refused, ...(over ? [{ name: '', code: 'FILES_TOO_MANY' as const }] : [])]
      const problems = new Set(told.map(({ name, code }) => say(`file.${code}`, { ...limits, name })))
      const given = intakeContent.safeParse({
        ...never,
        ...Object.fromEntries(['name', 'phone', 'title', 'content', 'place'].map(name => [name, form(name)])),
        confidential: form('confidential') === 'on',
      })
      if (gone) problems.add(say('filesGone'))
      if (!given.success) problems.add(say('incomplete'))
      // Somebody who sent a picture that was not taken shall know it before the rest is gone.
      if (!given.success || problems.size > 0) return formPage(400, [...problems, say('notSent')], form, kept)
      try {
        const { intakeId, progressCode } = await intake.post(publicChannel, formId, given.data, kept)
        return await received(intakeId, progressCode, kept.length)
      } catch (error) {
        if (!(error instanceof Refusal) || error.code === 'RATE_LIMITED') throw error
        const words =
          error.code === 'INTAKE_DIFFERS'
            ? 'differs'
            : error.code === 'INTAKE_FILE_MISSING'
              ? 'filesGone'
              : 'check'
        return formPage(400, [say(words)], form, words === 'check' ? kept : [])
      }
    })

    scope.post('/public/progress', limit('progress', looksPerMinute), async (request, reply) => {
      const { say, language, progress } = pagesFor(request, reply)
      const form = formOf(request.body)
      const found = isOwnForm(request) ? await intake.progress(form('number'), form('code')) : null
      if (found === null) return progress(form, html`<p class="problem" role="alert">${say('notFound')}</p>`)
      const { number, status, receivedAt } = found
      const state = sayIn(progressText, language)(status)
      return progress(
        form,
        html`<p role="status">${say('state', { number, state, time: chinaTime(receivedAt) })}</p>`,
      )
    })
  })
}
