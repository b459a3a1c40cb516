/**
 * `/units`: the page of the handling units (承办单位). Plain forms without any script: it works in whatever browser a unit has, and
 * by keyboard. The session is a cookie that no other site's form can use (SameSite, origin, and a token in each form).
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { caseMove, needsReason, possibleMoves } from '../../shared/domain/case-moves.ts'
import type { DispatchCopy } from '../../shared/domain/dispatch-copy.ts'
import type { Central } from '../central.ts'
import { Refusal } from '../refusal.ts'
import type { UnitMove, UnitSession } from '../units/units.ts'
import {
  chinaInput,
  chinaTime,
  type Form,
  formOf,
  guarded,
  type Html,
  html,
  isOwnForm,
  ofChinaInput,
  pageStyle,
  sendPage,
} from './html.ts'

const cookieName = 'zuoxi_units'
const formBytes = 64 * 1024
const style = '/units/style.css'
/** Of one address. */
const signInsPerMinute = 30

const statusWords: Record<DispatchCopy['status'], string> = {
  accepted: '已受理',
  'awaiting-approval': '待审批',
  dispatched: '待签收',
  handling: '办理中',
  returning: '退单待审',
  replied: '已答复',
  closed: '已办结',
}
const kindWords: Record<NonNullable<DispatchCopy['kind']>, string> = {
  consult: '咨询',
  help: '求助',
  complaint: '投诉',
  report: '举报',
  suggestion: '意见建议',
  praise: '表扬',
}
const urgencyWords: Record<DispatchCopy['urgency'], string> = {
  normal: '一般',
  urgent: '紧急',
  critical: '特急',
}
const moveWords: Record<string, string> = {
  dispatch: '派单',
  redispatch: '改派',
  sign: '签收',
  reply: '答复',
  return: '申请退单',
  approveReturn: '同意退单',
  denyReturn: '不同意退单',
  extend: '申请延期',
  approveExtension: '同意延期',
  denyExtension: '不同意延期',
  rehandle: '重办',
  urge: '催办',
  supervise: '督办',
  handTo: '转交跟办',
  followUp: '回访',
  close: '办结',
  reopen: '重开',
  approve: '批准',
  reject: '驳回',
}
const refusals = {
  FORBIDDEN: '只有主办单位可以这样做',
  MOVE_NOT_POSSIBLE: '工单的状态刚刚有了变化，现在不能这样做；请看最新的办理过程',
  MOVE_INCOMPLETE: '还缺少必填内容，或新的时限不晚于现在的时限',
} as const
const unitMoves: Record<UnitMove, { name: string; label: string; rows: number }> = {
  sign: { name: '签收', label: '说明（可不填）', rows: 2 },
  reply: { name: '答复', label: '答复内容', rows: 6 },
  extend: { name: '申请延期', label: '延期的原因', rows: 3 },
  return: { name: '退单', label: '退单的原因', rows: 3 },
}
const isUnitMove = (name: string): name is UnitMove => Object.hasOwn(unitMoves, name)

export function addUnitsPage(app: FastifyInstance, central: Central): void {
  const { units } = central
  const { random, clock } = central.context

  const tokenOf = ({ headers }: FastifyRequest): string =>
    /(?:^|;\s*)zuoxi_units=([\w-]{16,200})/.exec(headers.cookie ?? '')?.[1] ?? ''
  const cookie = (request: FastifyRequest, value: string, seconds: number) => {
    const secure = request.protocol === 'https' || request.headers['x-forwarded-proto'] === 'https'
    return `${cookieName}=${value}; Path=/units; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure ? '; Secure' : ''}`
  }
  const page = (reply: FastifyReply, status: number, title: string, body: Html) =>
    sendPage(reply, status, `${title} · 承办单位 · 12345`, style, body)
  const back = (reply: FastifyReply, to: string) => guarded(reply).redirect(to, 303)
  const problemOf = (text: string | null): Html | null =>
    text === null ? null : html`<p class="problem" role="alert">${text}</p>`

  const signIn = (reply: FastifyReply, status: number, problem: string | null, workNumber = '') =>
    page(
      reply,
      status,
      '登录',
      html`<header><h1>承办单位工作台</h1></header>
<main id="main">
<form class="card" method="post" action="/units/sign-in">
<h2>登录</h2>
${problemOf(problem)}
<label for="work-number">工号</label>
<input id="work-number" name="workNumber" type="text" required maxlength="20" autocomplete="username" value="${workNumber}" autofocus>
<label for="password">口令</label>
<input id="password" name="password" type="password" required maxlength="1024" autocomplete="current-password">
<button type="submit">登录</button>
</form>
</main>`,
    )

  const head = ({ operator, formToken }: UnitSession): Html => html`<header>
<h1><a href="/units">承办单位工作台</a></h1>
<span>${operator.name}（${operator.workNumber}）</span>
<form method="post" action="/units/sign-out"><input type="hidden" name="formToken" value="${formToken}"><button type="submit">退出</button></form>
</header>`

  const due = (at: string | null, done: string | null): Html => {
    const late = at !== null && Date.parse(at) < (done === null ? clock.now() : Date.parse(done))
    return html`${chinaTime(at)}${late ? html` <span class="late">已超时</span>` : null}`
  }

  const listPage = (reply: FastifyReply, session: UnitSession, copies: readonly DispatchCopy[]) =>
    page(
      reply,
      200,
      '派给本单位的工单',
      html`${head(session)}
<main id="main">
<section aria-label="派给本单位的工单">
<h2>派给本单位的工单（${copies.length}）</h2>
${
  copies.length === 0
    ? html`<p>现在没有派给本单位的工单。</p>`
    : html`<table>
<thead><tr><th>编号</th><th>标题</th><th>紧急程度</th><th>状态</th><th>签收时限</th><th>答复时限</th></tr></thead>
<tbody>
${copies.map(
  copy => html`<tr>
<td><a href="/units/cases/${copy.caseId}">${copy.caseNumber}</a></td>
<td>${copy.title === '' ? '（无标题）' : copy.title}${copy.loop.supervised ? html` <span class="late">督办</span>` : null}${copy.loop.urged > 0 ? html` <span class="late">催办 ${copy.loop.urged} 次</span>` : null}</td>
<td>${urgencyWords[copy.urgency]}</td>
<td>${statusWords[copy.status]}${copy.loop.order?.lead.code === session.unitCode ? null : html`（协办）`}</td>
<td>${due(copy.loop.signBy, copy.loop.signedAt)}</td>
<td>${due(copy.loop.replyBy, copy.loop.repliedAt)}</td>
</tr>`,
)}
</tbody>
</table>`
}
</section>
</main>`,
    )

  const moveForm = (
    session: UnitSession,
    copy: DispatchCopy,
    move: UnitMove,
    kept: { move: string; form: Form } | null,
  ): Html => {
    const { name, label, rows } = unitMoves[move]
    const form = kept?.move === move ? kept.form : () => ''
    const needed = needsReason(move)
    const least = copy.loop.replyBy === null ? '' : chinaInput(copy.loop.replyBy)
    return html`<form class="card" method="post" action="/units/cases/${copy.caseId}/${move}" aria-label="${name}">
<input type="hidden" name="formToken" value="${session.formToken}">
<input type="hidden" name="requestId" value="${random.uuid()}">
<input type="hidden" name="round" value="${copy.loop.round}">
${
  move === 'extend'
    ? html`<label for="extend-until">延至（现在是 ${chinaTime(copy.loop.replyBy)}）</label>
<input id="extend-until" name="replyBy" type="datetime-local" required min="${least}" value="${form('replyBy')}">`
    : null
}
<label for="${move}-reason">${label}</label>
<textarea id="${move}-reason" name="reason" rows="${rows}" maxlength="2000"${needed ? html` required` : null}>${form('reason')}</textarea>
<button type="submit">${name}</button>
</form>`
  }

  const casePage = (
    reply: FastifyReply,
    status: number,
    session: UnitSession,
    copy: DispatchCopy,
    problem: string | null = null,
    kept: { move: string; form: Form } | null = null,
  ) => {
    const { loop, caller } = copy
    const moves = possibleMoves(copy, { role: 'unit', unitCode: session.unitCode }).filter(isUnitMove)
    const assist = loop.order?.assist.map(({ name }) => name).join('、') ?? ''
    return page(
      reply,
      status,
      copy.caseNumber,
      html`${head(session)}
<main id="main">
<section aria-label="派单内容">
<h2>${copy.title === '' ? '（无标题）' : copy.title}</h2>
${problemOf(problem)}
<dl>
<dt>编号</dt><dd>${copy.caseNumber}</dd>
<dt>状态</dt><dd>${statusWords[copy.status]}</dd>
<dt>诉求内容</dt><dd>${copy.content}</dd>
<dt>类型</dt><dd>${copy.kind === null ? '—' : kindWords[copy.kind]}</dd>
<dt>紧急程度</dt><dd>${urgencyWords[copy.urgency]}</dd>
<dt>地点</dt><dd>${copy.place === '' ? '—' : copy.place}</dd>
<dt>被反映对象</dt><dd>${copy.partyName === '' ? '—' : copy.partyName}</dd>
<dt>诉求人</dt><dd>${caller === null ? '要求保密' : `${caller.name} ${caller.number}`}</dd>
<dt>需要回复</dt><dd>${copy.replyWanted ? '是' : '否'}</dd>
<dt>主办单位</dt><dd>${loop.order?.lead.name ?? '—'}</dd>
<dt>协办单位</dt><dd>${assist === '' ? '—' : assist}</dd>
<dt>派单意见</dt><dd>${loop.order?.opinion === '' ? '—' : (loop.order?.opinion ?? '—')}</dd>
<dt>签收时限</dt><dd>${due(loop.signBy, loop.signedAt)}</dd>
<dt>答复时限</dt><dd>${due(loop.replyBy, loop.repliedAt)}</dd>
</dl>
<p class="quiet">联系诉求人请经 12345 热线转接。</p>
</section>
${loop.extensionAsked === null ? null : html`<p role="status">已申请延期至 ${chinaTime(loop.extensionAsked.replyBy)}，等待审批。</p>`}
${loop.returnAsked === null ? null : html`<p role="status">已申请退单，等待审批。</p>`}
${moves.map(move => moveForm(session, copy, move, kept))}
<section aria-label="办理过程">
<h2>办理过程</h2>
<ol>
${copy.history.map(({ at, by, detail }) => {
  const [code = '', ...rest] = detail.split(' ')
  const move = caseMove.safeParse(code)
  return html`<li><time datetime="${at}">${chinaTime(at)}</time> ${by} · ${move.success ? (moveWords[move.data] ?? code) : code} ${rest.join(' ')}</li>`
})}
</ol>
</section>
</main>`,
    )
  }

  void app.register(async scope => {
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: formBytes },
      (_request, body, done) => done(null, new URLSearchParams(String(body))),
    )
    scope.setErrorHandler<Error & { statusCode?: number }>((error, _request, reply) => {
      const known = error instanceof Refusal ? error.code : null
      const [status, words] =
        known === 'NOT_FOUND'
          ? [404, '没有这张工单，或它已不在本单位']
          : known === 'RATE_LIMITED' || error.statusCode === 429
            ? [429, '请求过于频繁，请稍后再试']
            : (error.statusCode ?? 500) < 500
              ? [error.statusCode ?? 400, '提交的内容不符合规定']
              : [503, '中心暂时不可用，请稍后再试']
      if (status === 503) central.context.log.error({ where: 'units', kind: error.name }, 'a request failed')
      return page(
        reply,
        status,
        '没有成功',
        html`<main id="main"><p class="problem" role="alert">${words}</p><p><a href="/units">返回</a></p></main>`,
      )
    })

    scope.get(style, (_request, reply) => guarded(reply).type('text/css; charset=utf-8').send(pageStyle))

    scope.get('/units', async (request, reply) => {
      const session = await units.of(tokenOf(request))
      return session === null ? signIn(reply, 200, null) : listPage(reply, session, await units.list(session))
    })

    scope.post(
      '/units/sign-in',
      { config: { rateLimit: { max: signInsPerMinute, timeWindow: 60_000 } } },
      async (request, reply) => {
        const form = formOf(request.body)
        const workNumber = form('workNumber').trim().slice(0, 20)
        if (!isOwnForm(request)) return signIn(reply, 403, '请从本页登录')
        try {
          const token = await units.signIn({ workNumber, password: form('password').slice(0, 1_024) })
          void reply.header('set-cookie', cookie(request, token, 12 * 3_600))
          return back(reply, '/units')
        } catch (error) {
          if (!(error instanceof Refusal)) throw error
          const locked = error.code === 'SIGN_IN_LOCKED'
          return signIn(
            reply,
            locked ? 423 : 401,
            locked ? '失败次数过多，请 30 分钟后再试' : '工号或口令不正确',
            workNumber,
          )
        }
      },
    )

    /** Who it is, if the form is this page's own; otherwise it is answered here. */
    const own = async (request: FastifyRequest, reply: FastifyReply): Promise<UnitSession | null> => {
      const session = await units.of(tokenOf(request))
      if (session === null) {
        void signIn(reply, 401, '登录已到时，请重新登录；刚才填写的内容没有提交')
        return null
      }
      if (isOwnForm(request) && formOf(request.body)('formToken') === session.formToken) return session
      void page(
        reply,
        403,
        '没有成功',
        html`<main id="main"><p class="problem" role="alert">这个表单不是从本页提交的</p><p><a href="/units">返回</a></p></main>`,
      )
      return null
    }

    scope.post('/units/sign-out', async (request, reply) => {
      const session = await own(request, reply)
      if (session === null) return reply
      await units.signOut(tokenOf(request))
      void reply.header('set-cookie', cookie(request, '', 0))
      return back(reply, '/units')
    })

    scope.get<{ Params: { caseId: string } }>('/units/cases/:caseId', async (request, reply) => {
      const session = await units.of(tokenOf(request))
      if (session === null) return signIn(reply, 401, null)
      return casePage(reply, 200, session, await units.get(session, request.params.caseId))
    })

    scope.post<{ Params: { caseId: string; move: string } }>(
      '/units/cases/:caseId/:move',
      async (request, reply) => {
        const session = await own(request, reply)
        if (session === null) return reply
        const { caseId, move } = request.params
        if (!isUnitMove(move)) throw new Refusal('NOT_FOUND')
        const form = formOf(request.body)
        const reason = form('reason').replaceAll('\r\n', '\n').trim()
        const requestId = form('requestId')
        const round = Number(form('round'))
        const replyBy = move === 'extend' ? ofChinaInput(form('replyBy')) : null
        const fits =
          reason.length <= 2_000 &&
          /^[\w-]{1,64}$/.test(requestId) &&
          Number.isSafeInteger(round) &&
          round >= 0
        const result = fits
          ? await units.move(session, caseId, requestId, {
              move,
              reason,
              round,
              ...(replyBy === null ? {} : { replyBy }),
            })
          : { done: false as const, why: 'MOVE_INCOMPLETE' as const }
        if (result.done) return back(reply, `/units/cases/${encodeURIComponent(caseId)}`)
        // What was typed stands in the form still.
        const copy = await units.get(session, caseId)
        return casePage(reply, 409, session, copy, refusals[result.why], { move, form })
      },
    )
  })
}
