/** `/openapi.json`, and `/docs` to read it: one page from the server, without scripts and without anything from elsewhere. */
import { OpenAPIGenerator } from '@orpc/openapi'
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { centralProcedureAccess } from '../../shared/contract/access.ts'
import { centralContract } from '../../shared/contract/central.ts'
import { missedCall } from '../../shared/contract/central-callbacks.ts'
import { centralErrors, commandRefusals, missedCallRefusals } from '../../shared/contract/central-errors.ts'
import { command, commandArgs } from '../../shared/domain/command.ts'
import { pageAccess } from '../../shared/domain/page-access.ts'
import type { CentralAccess } from '../../shared/domain/permission.ts'
import { examples } from './examples.ts'
import type { Gate } from './gate.ts'
import { guarded } from './html.ts'

type Operation = {
  operationId?: string
  summary?: string
  description?: string
  security?: Record<string, string[]>[]
  requestBody?: { content?: Record<string, { example?: unknown; schema?: unknown }> }
  responses?: Record<string, { description?: string; content?: Record<string, { example?: unknown }> }>
}
type Document = {
  paths?: Record<string, Record<string, Operation>>
  components?: { schemas?: Record<string, unknown> }
}

/** Without `$schema`: the document says its dialect once. */
const schemaOf = (schema: z.ZodType): unknown => {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return rest
}

/** Commands and missed calls are judged one by one, so the request itself takes anything; here is what one must look like. */
const commandSchemas = () => ({
  MissedCall: schemaOf(missedCall),
  Command: schemaOf(command),
  ...Object.fromEntries(Object.entries(commandArgs).map(([name, args]) => [`Args.${name}`, schemaOf(args)])),
})

/** Beside the procedures: what is no request with a JSON answer. */
const otherPaths: Record<string, Record<string, Operation>> = {
  '/v1/events': {
    get: {
      operationId: 'events',
      summary: '等待变更',
      description:
        'text/event-stream。有变更时收到 `data: changed`，随后用 /v1/changes 读取；每 15 秒一次心跳。通知可能丢失，坐席仍须定时读取。',
      responses: { 200: { description: '事件流' } },
    },
  },
  '/v1/files': {
    post: {
      operationId: 'files',
      summary: '上传附件',
      description:
        'tus 1.0 断点续传。Upload-Metadata 必须有 attachmentId 与 sha256；内容与摘要不符时答复 460 并丢弃。坐席传完后再发 case.attach 命令；互联网渠道用接口密钥上传，再在 /v1/intake 中列出，一天内没有列出的会被清除。',
      responses: { 201: { description: '上传地址在 Location 中' } },
    },
  },
  '/v1/cases/{caseId}/attachments/{attachmentId}': {
    get: {
      operationId: 'attachments.get',
      summary: '读取附件',
      description: '按工单的权限读取附件内容。',
      responses: { 200: { description: '附件内容' } },
    },
  },
  '/v1/intake/{intakeId}/attachments/{attachmentId}': {
    get: {
      operationId: 'intake.attachments.get',
      summary: '读取互联网诉求的附件',
      description: '领取了这件诉求的人读取附件内容。?fence= 是领取时得到的序号。',
      responses: { 200: { description: '附件内容' } },
    },
  },
}

const bearers: Record<CentralAccess['who'], Record<string, string[]>[]> = {
  public: [],
  device: [{ device: [] }],
  person: [{ device: [], operator: [] }],
  key: [],
}
/** As the tables of access say it. */
const securityOf = ({ who, scope }: CentralAccess) => [
  ...bearers[who],
  ...(scope === undefined ? [] : [{ key: [] }]),
]
const accessRows: Record<string, CentralAccess> = {
  ...centralProcedureAccess,
  events: pageAccess['GET /v1/events'],
  files: pageAccess['POST /v1/files'],
  'attachments.get': pageAccess['GET /v1/cases/:caseId/attachments/:attachmentId'],
  'intake.attachments.get': pageAccess['GET /v1/intake/:intakeId/attachments/:attachmentId'],
}

async function generate() {
  const generator = new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] })
  const document = await generator.generate(centralContract, {
    info: {
      title: '坐席台中心接口',
      version: '1.0.0',
      description:
        '12345 热线坐席台与中心之间的接口。城市自有平台实现本接口后，坐席即可与之同步。语义与保证见 docs/sync.md、docs/callbacks.md 与 docs/central.md。',
    },
    components: {
      securitySchemes: {
        device: { type: 'http', scheme: 'bearer', description: '坐席设备令牌，15 分钟有效' },
        operator: {
          type: 'apiKey',
          in: 'header',
          name: 'X-Operator-Session',
          description: '坐席人员登录后的访问令牌，与设备令牌一起使用',
        },
        key: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: '其他系统的接口密钥' },
      },
    },
  })
  const whole = document as Document
  whole.paths = { ...whole.paths, ...structuredClone(otherPaths) }
  whole.components = { ...whole.components, schemas: { ...whole.components?.schemas, ...commandSchemas() } }
  for (const operation of operationsOf(whole)) {
    const id = operation.operationId ?? ''
    const row = accessRows[id]
    operation.security = row === undefined ? [{ device: [] }] : securityOf(row)
    const example = examples[id]
    const body = operation.requestBody?.content?.['application/json']
    if (body !== undefined && example?.request !== undefined) body.example = example.request
    const answer = operation.responses?.['200']?.content?.['application/json']
    if (answer !== undefined && example?.response !== undefined) answer.example = example.response
  }
  return document
}

const operationsOf = (document: Document) =>
  Object.values(document.paths ?? {}).flatMap(Object.values) as Operation[]

const escape = (text: string) =>
  text.replace(/[&<>"]/g, letter => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[letter] ?? '')
const json = (value: unknown) => `<pre>${escape(JSON.stringify(value, null, 2))}</pre>`
const rows = (table: [string, ...string[]][]) =>
  `<table>${table.map(row => `<tr>${row.map(cell => `<td>${escape(cell)}</td>`).join('')}</tr>`).join('')}</table>`

function page(document: Document): string {
  const sections = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const example = examples[operation.operationId ?? '']
      const who = (operation.security ?? []).map(each => Object.keys(each).join(' + ')).join(' 或 ')
      const schema = operation.requestBody?.content?.['application/json']?.schema
      return `<section><h2><code>${method.toUpperCase()} ${escape(path)}</code> ${escape(operation.summary ?? '')}</h2>
<p>${escape(operation.description ?? '')}</p><p>认证：${escape(who === '' ? '无' : who)}</p>
${example?.request === undefined ? '' : `<h3>请求示例</h3>${json(example.request)}`}
${example?.response === undefined ? '' : `<h3>应答示例</h3>${json(example.response)}`}
${schema === undefined ? '' : `<details><summary>请求的结构</summary>${json(schema)}</details>`}</section>`
    }),
  )
  return `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>坐席台中心接口</title>
<link rel="stylesheet" href="/docs/style.css"></head><body><h1>坐席台中心接口</h1>
<p>机器可读：<a href="/openapi.json">/openapi.json</a>（OpenAPI 3.1）</p>${sections.join('\n')}
${Object.entries(document.components?.schemas ?? {})
  .map(
    ([name, schema]) => `<section><h2>单项的结构 <code>${escape(name)}</code></h2>${json(schema)}</section>`,
  )
  .join('\n')}
<section><h2>拒绝代码</h2>${rows(Object.entries(centralErrors).map(([code, { status, message }]) => [code, String(status), message]))}</section>
<section><h2>单条命令的拒绝代码</h2>${rows(Object.entries(commandRefusals))}</section>
<section><h2>单个漏接来电的拒绝代码</h2>${rows(Object.entries(missedCallRefusals))}</section></body></html>`
}

const style = `body{font:16px/1.6 "Noto Sans CJK SC","Microsoft YaHei",sans-serif;max-width:960px;margin:2rem auto;padding:0 1rem;color:#1f2328}
h2{font-size:1.1rem;margin-top:2rem;border-top:1px solid #d0d7de;padding-top:1rem}h3{font-size:1rem;margin:.5rem 0}
pre{background:#f6f8fa;padding:.75rem;overflow:auto;font-size:13px}code{color:#0550ae}td{padding:.2rem .8rem .2rem 0;vertical-align:top}`

export async function addDocumentation(app: FastifyInstance, gate: Gate): Promise<void> {
  const document = await generate()
  const html = page(document as Document)
  const door = { onRequest: gate.anonymous('docs') }
  app.get('/openapi.json', door, async (_request, reply) =>
    guarded(reply).type('application/json').send(JSON.stringify(document)),
  )
  app.get('/docs', door, async (_request, reply) =>
    guarded(reply).type('text/html; charset=utf-8').send(html),
  )
  app.get('/docs/style.css', door, async (_request, reply) => guarded(reply).type('text/css').send(style))
}
