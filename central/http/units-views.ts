/** The pages of `/units`, in the language of whoever asks. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { outsideEndings } from '../../shared/domain/attachment.ts'
import { caseMove, needsReason, possibleMoves } from '../../shared/domain/case-moves.ts'
import type { DispatchCopy } from '../../shared/domain/dispatch-copy.ts'
import type { CentralContext } from '../context.ts'
import type { UnitFile, UnitMove, UnitSession } from '../units/units.ts'
import { chinaInput, chinaTime, type Form, type Html, html, languageLink, sendPage } from './html.ts'
import { languageOf, rememberLanguage, sayIn } from './languages.ts'
import {
  isUnitMove,
  kindText,
  moveText,
  statusText,
  unitMoves,
  unitsText,
  urgencyText,
} from './units-text.ts'

export const unitsStyle = '/units/style.css'

type Given = Pick<CentralContext, 'clock' | 'random'> & {
  /** Null: this centre takes no files. */
  fileLimits: { most: number; size: number } | null
}
type Shown = DispatchCopy & { files: readonly UnitFile[] }

export function unitsViews(request: FastifyRequest, reply: FastifyReply, given: Given) {
  const { clock, random, fileLimits } = given
  const language = languageOf(request)
  rememberLanguage(request, reply, '/units')
  const say = sayIn(unitsText, language)
  const status = sayIn(statusText, language)
  const place = language === 'zh' ? 0 : 1
  const orNone = (text: string) => (text === '' ? '—' : text)

  const page = (code: number, title: string, path: string, header: Html, main: Html) =>
    sendPage(reply, code, {
      title: say('title', { page: title }),
      style: unitsStyle,
      language,
      body: html`<header>${header}${languageLink(language, path)}</header>
<main id="main">
${main}
</main>`,
    })
  const problemOf = (text: string | null): Html | null =>
    text === null ? null : html`<p class="problem" role="alert">${text}</p>`

  const signIn = (code: number, problem: string | null, workNumber = '', change = false) =>
    page(
      code,
      say('signIn'),
      '/units',
      html`<h1>${say('desk')}</h1>`,
      html`<form class="card" method="post" action="/units/sign-in">
<h2>${say('signIn')}</h2>
${problemOf(problem)}
<label for="work-number">${say('workNumber')}</label>
<input id="work-number" name="workNumber" type="text" required maxlength="20" autocomplete="username" value="${workNumber}" autofocus>
<label for="password">${say('password')}</label>
<input id="password" name="password" type="password" required maxlength="1024" autocomplete="current-password">
${
  change
    ? html`<label for="new-password">${say('newPassword')}</label>
<input id="new-password" name="newPassword" type="password" required maxlength="1024" autocomplete="new-password">`
    : null
}
<button type="submit">${say('signIn')}</button>
</form>`,
    )

  const failure = (code: number, words: string) =>
    page(
      code,
      say('failed'),
      '/units',
      html`<h1><a href="/units">${say('desk')}</a></h1>`,
      html`<p class="problem" role="alert">${words}</p><p><a href="/units">${say('back')}</a></p>`,
    )

  const head = ({
    operator,
    formToken,
  }: UnitSession): Html => html`<h1><a href="/units">${say('desk')}</a></h1>
<span>${operator.name}（${operator.workNumber}）</span>
<form method="post" action="/units/sign-out"><input type="hidden" name="formToken" value="${formToken}"><button type="submit">${say('signOut')}</button></form>`

  const due = (at: string | null, done: string | null): Html => {
    const late = at !== null && Date.parse(at) < (done === null ? clock.now() : Date.parse(done))
    return html`${chinaTime(at)}${late ? html` <span class="late">${say('late')}</span>` : null}`
  }
  const titleOf = ({ title }: DispatchCopy) => (title === '' ? say('untitled') : title)

  const rowOf = (session: UnitSession, copy: DispatchCopy): Html => {
    const { loop } = copy
    return html`<tr>
<td><a href="/units/cases/${copy.caseId}">${copy.caseNumber}</a></td>
<td>${titleOf(copy)}${loop.supervised ? html` <span class="late">${say('supervised')}</span>` : null}${loop.urged > 0 ? html` <span class="late">${say('urged', { count: loop.urged })}</span>` : null}</td>
<td>${urgencyText[copy.urgency][place]}</td>
<td>${status(copy.status)}${loop.order?.lead.code === session.unitCode ? null : say('assisting')}</td>
<td>${due(loop.signBy, loop.signedAt)}</td>
<td>${due(loop.replyBy, loop.repliedAt)}</td>
</tr>`
  }
  const list = (session: UnitSession, copies: readonly DispatchCopy[]) =>
    page(
      200,
      say('list'),
      '/units',
      head(session),
      html`<section aria-label="${say('list')}">
<h2>${say('counted', { count: copies.length })}</h2>
${
  copies.length === 0
    ? html`<p>${say('none')}</p>`
    : html`<table>
<thead><tr>${(['number', 'subject', 'urgency', 'state', 'signBy', 'replyBy'] as const).map(name => html`<th>${say(name)}</th>`)}</tr></thead>
<tbody>
${copies.map(copy => rowOf(session, copy))}
</tbody>
</table>`
}
</section>`,
    )

  const moveForm = (
    session: UnitSession,
    copy: DispatchCopy,
    move: UnitMove,
    kept: { move: string; form: Form } | null,
  ): Html => {
    const { name, label, rows } = unitMoves[move]
    const form = kept?.move === move ? kept.form : () => ''
    const files = move === 'reply' ? fileLimits : null
    const least = copy.loop.replyBy === null ? '' : chinaInput(copy.loop.replyBy)
    return html`<form class="card" method="post" action="/units/cases/${copy.caseId}/${move}"${files === null ? null : html` enctype="multipart/form-data"`} aria-label="${name[place]}">
<input type="hidden" name="formToken" value="${session.formToken}">
<input type="hidden" name="requestId" value="${random.uuid()}">
<input type="hidden" name="round" value="${copy.loop.round}">
${
  move === 'extend'
    ? html`<label for="extend-until">${say('until', { time: chinaTime(copy.loop.replyBy) })}</label>
<input id="extend-until" name="replyBy" type="datetime-local" required min="${least}" value="${form('replyBy')}">`
    : null
}
<label for="${move}-reason">${label[place]}</label>
<textarea id="${move}-reason" name="reason" rows="${rows}" maxlength="2000"${needsReason(move) ? html` required` : null}>${form('reason')}</textarea>
${
  files === null
    ? null
    : html`<label for="reply-files">${say('addFiles', files)}</label>
<input id="reply-files" name="files" type="file" multiple accept="${outsideEndings.join(',')}" aria-describedby="reply-files-hint">
<p id="reply-files-hint" class="quiet">${say('addFilesHint')}</p>`
}
<button type="submit">${name[place]}</button>
</form>`
  }

  const filesOf = ({ caseId, files }: Shown): Html | null =>
    files.length === 0
      ? null
      : html`<dt>${say('files')}</dt><dd><ul class="files">${files.map(
          ({ attachmentId, name, own }) =>
            html`<li><a href="/units/cases/${caseId}/files/${attachmentId}" download>${name}</a>${own ? say('ownFile') : null}</li>`,
        )}</ul></dd>`

  const entryOf = ({ at, by, detail }: DispatchCopy['history'][number]): Html => {
    const [code = '', ...rest] = detail.split(' ')
    const move = caseMove.safeParse(code)
    return html`<li><time datetime="${at}">${chinaTime(at)}</time> ${by} · ${move.success ? moveText[move.data][place] : code} ${rest.join(' ')}</li>`
  }

  const one = (
    code: number,
    session: UnitSession,
    copy: Shown,
    problem: string | null = null,
    kept: { move: string; form: Form } | null = null,
  ) => {
    const { loop, caller } = copy
    const moves = possibleMoves(copy, { role: 'unit', unitCode: session.unitCode }).filter(isUnitMove)
    return page(
      code,
      copy.caseNumber,
      `/units/cases/${copy.caseId}`,
      head(session),
      html`<section aria-label="${say('copy')}">
<h2>${titleOf(copy)}</h2>
${problemOf(problem)}
<dl>
<dt>${say('number')}</dt><dd>${copy.caseNumber}</dd>
<dt>${say('state')}</dt><dd>${status(copy.status)}</dd>
<dt>${say('content')}</dt><dd>${copy.content}</dd>
${filesOf(copy)}
<dt>${say('kind')}</dt><dd>${copy.kind === null ? '—' : kindText[copy.kind][place]}</dd>
<dt>${say('urgency')}</dt><dd>${urgencyText[copy.urgency][place]}</dd>
<dt>${say('place')}</dt><dd>${orNone(copy.place)}</dd>
<dt>${say('party')}</dt><dd>${orNone(copy.partyName)}</dd>
<dt>${say('caller')}</dt><dd>${caller === null ? say('confidential') : `${caller.name} ${caller.number}`}</dd>
<dt>${say('replyWanted')}</dt><dd>${say(copy.replyWanted ? 'yes' : 'no')}</dd>
<dt>${say('lead')}</dt><dd>${loop.order?.lead.name ?? '—'}</dd>
<dt>${say('assist')}</dt><dd>${orNone(loop.order?.assist.map(({ name }) => name).join('、') ?? '')}</dd>
<dt>${say('opinion')}</dt><dd>${orNone(loop.order?.opinion ?? '')}</dd>
<dt>${say('signBy')}</dt><dd>${due(loop.signBy, loop.signedAt)}</dd>
<dt>${say('replyBy')}</dt><dd>${due(loop.replyBy, loop.repliedAt)}</dd>
</dl>
<p class="quiet">${say('viaHotline')}</p>
</section>
${loop.extensionAsked === null ? null : html`<p role="status">${say('extensionAsked', { time: chinaTime(loop.extensionAsked.replyBy) })}</p>`}
${loop.returnAsked === null ? null : html`<p role="status">${say('returnAsked')}</p>`}
${moves.map(move => moveForm(session, copy, move, kept))}
<section aria-label="${say('process')}">
<h2>${say('process')}</h2>
<ol>
${copy.history.map(entryOf)}
</ol>
</section>`,
    )
  }
  return { say, signIn, failure, list, one }
}
