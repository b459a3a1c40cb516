/**
 * `/public`: a sample of an internet channel, without any script: a form that puts a request into the shared list, and how far it
 * is, by its number and the telephone number that was given. It tells nothing else.
 */
import type { FastifyInstance, FastifyReply } from 'fastify'
import { intakeContent } from '../../shared/contract/central-intake.ts'
import type { Central } from '../central.ts'
import { type Progress, publicChannel } from '../intake/intake.ts'
import { Refusal } from '../refusal.ts'
import {
  chinaTime,
  type Form,
  formOf,
  guarded,
  type Html,
  html,
  isOwnForm,
  pageStyle,
  sendPage,
} from './html.ts'

const style = '/public/style.css'
/** Longer than anything that the form takes, in any encoding. */
const formBytes = 96 * 1024
/** Of one address. */
const postsPerMinute = 6
const looksPerMinute = 10

const progressWords: Record<Progress['status'], string> = {
  waiting: '已收到，等待受理',
  dropped: '未予受理',
  accepted: '已受理',
  'awaiting-approval': '已受理',
  dispatched: '已交承办单位',
  handling: '办理中',
  returning: '办理中',
  replied: '已答复，待办结',
  closed: '已办结',
}
const never = { name: '', phone: '', content: '' }

export function addPublicPage(app: FastifyInstance, central: Central): void {
  const { intake } = central
  const { random } = central.context
  const page = (reply: FastifyReply, status: number, title: string, main: Html) =>
    sendPage(
      reply,
      status,
      `${title} · 12345 政务服务便民热线（示例）`,
      style,
      html`<header><h1><a href="/public">12345 网上受理（示例）</a></h1><a href="/public/progress">查进度</a></header>
<main id="main">${main}</main>`,
    )
  const problemOf = (text: string | null): Html | null =>
    text === null ? null : html`<p class="problem" role="alert">${text}</p>`

  const formPage = (reply: FastifyReply, status: number, problem: string | null, form: Form) => {
    const checked = (name: string) => (form(name) === 'on' ? html` checked` : null)
    return page(
      reply,
      status,
      '我要反映',
      html`<form class="card" method="post" action="/public" aria-label="我要反映">
<h2>我要反映</h2>
${problemOf(problem)}
<input type="hidden" name="channelId" value="${form('channelId') === '' ? random.uuid() : form('channelId')}">
<label for="name">姓名</label><input id="name" name="name" type="text" maxlength="100" autocomplete="name" value="${form('name')}">
<label for="phone">联系电话（必填）</label><input id="phone" name="phone" type="tel" required maxlength="64" autocomplete="tel" value="${form('phone')}">
<label for="title">标题</label><input id="title" name="title" type="text" maxlength="200" value="${form('title')}">
<label for="content">诉求内容（必填，不超过 5000 字）</label><textarea id="content" name="content" rows="8" required maxlength="5000">${form('content')}</textarea>
<label for="place">地点</label><input id="place" name="place" type="text" maxlength="500" value="${form('place')}">
<label><input name="confidential" type="checkbox"${checked('confidential')}> 要求保密</label>
<div class="trap" aria-hidden="true"><label for="website">请勿填写</label><input id="website" name="website" type="text" tabindex="-1" autocomplete="off"></div>
<button type="submit">提交</button>
</form>`,
    )
  }

  const progressPage = (reply: FastifyReply, status: number, form: Form, answer: Html | null) =>
    page(
      reply,
      status,
      '查进度',
      html`<form class="card" method="post" action="/public/progress" aria-label="查进度">
<h2>查进度</h2>
<label for="number">工单编号或受理号</label><input id="number" name="number" type="text" required maxlength="64" autocomplete="off" value="${form('number')}">
<label for="phone">登记的联系电话</label><input id="phone" name="phone" type="tel" required maxlength="64" autocomplete="tel">
<button type="submit">查询</button>
${answer}
</form>`,
    )

  void app.register(async scope => {
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: formBytes },
      (_request, body, done) => done(null, new URLSearchParams(String(body))),
    )
    scope.setErrorHandler<Error & { statusCode?: number }>((error, _request, reply) => {
      const limited = (error instanceof Refusal && error.code === 'RATE_LIMITED') || error.statusCode === 429
      const status = limited ? 429 : (error.statusCode ?? 500) < 500 ? (error.statusCode ?? 400) : 503
      if (status === 503) central.context.log.error({ where: 'public', kind: error.name }, 'a request failed')
      const words = limited
        ? '请求过于频繁，请稍后再试，或拨打 12345'
        : status === 413
          ? '内容过长，没有提交'
          : status === 503
            ? '暂时不能受理，请稍后再试，或拨打 12345'
            : '提交的内容不符合规定'
      return page(reply, status, '没有成功', html`<p class="problem" role="alert">${words}</p>`)
    })
    const limit = (max: number) => ({ config: { rateLimit: { max, timeWindow: 60_000 } } })

    scope.get(style, (_request, reply) => guarded(reply).type('text/css; charset=utf-8').send(pageStyle))
    scope.get('/public', (_request, reply) => formPage(reply, 200, null, () => ''))
    scope.get('/public/progress', (_request, reply) => progressPage(reply, 200, () => '', null))

    scope.post('/public', limit(postsPerMinute), async (request, reply) => {
      const form = formOf(request.body)
      if (!isOwnForm(request)) return formPage(reply, 403, '请在本页填写和提交', form)
      // A field that nobody sees was filled in: a robot is thanked, and nothing is kept.
      const isRobot = form('website') !== ''
      const given = intakeContent.safeParse({
        ...never,
        ...Object.fromEntries(['name', 'phone', 'title', 'content', 'place'].map(name => [name, form(name)])),
        confidential: form('confidential') === 'on',
      })
      const channelId = form('channelId')
      if (!given.success || !/^[\w-]{1,64}$/.test(channelId))
        return formPage(reply, 400, '请填写联系电话和诉求内容；内容不超过 5000 字', form)
      try {
        const { intakeId } = isRobot
          ? { intakeId: `W${random.uuid().slice(0, 8).toUpperCase()}` }
          : await intake.post(publicChannel, channelId, given.data)
        return await page(
          reply,
          200,
          '已收到',
          html`<section aria-label="已收到"><h2>已收到</h2><p role="status">受理号 <strong>${intakeId}</strong></p>
<p>凭受理号和联系电话可以<a href="/public/progress">查进度</a>。</p></section>`,
        )
      } catch (error) {
        if (!(error instanceof Refusal) || error.code === 'RATE_LIMITED') throw error
        const words =
          error.code === 'INTAKE_DIFFERS'
            ? '这份表单已经提交过了，请重新打开本页'
            : '请检查联系电话和诉求内容'
        return formPage(reply, 400, words, form)
      }
    })

    scope.post('/public/progress', limit(looksPerMinute), async (request, reply) => {
      const form = formOf(request.body)
      const found = isOwnForm(request) ? await intake.progress(form('number'), form('phone')) : null
      return progressPage(
        reply,
        200,
        form,
        found === null
          ? html`<p class="problem" role="alert">没有找到：请核对编号和登记的联系电话</p>`
          : html`<p role="status">${found.number}：${progressWords[found.status]}（${chinaTime(found.receivedAt)} 登记）</p>`,
      )
    })
  })
}
