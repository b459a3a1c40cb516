/** Pages that the centre writes itself: no script at all, nothing from elsewhere, everything that people wrote escaped. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Language, otherOf, tagOf } from './languages.ts'

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escape = (text: string) => text.replace(/[&<>"']/g, found => entities[found] ?? '')

export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Part = string | number | Html | null | readonly Html[]

/** Whatever is not `Html` itself is escaped. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  const written = parts.map(part => {
    if (part === null) return ''
    if (part instanceof Html) return part.text
    if (typeof part === 'object') return part.map(({ text }) => text).join('')
    return escape(String(part))
  })
  return new Html(strings.map((text, place) => text + (written[place] ?? '')).join(''))
}

const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

export function sendPage(
  reply: FastifyReply,
  status: number,
  { title, style, language, body }: { title: string; style: string; language: Language; body: Html },
) {
  const page = html`<!doctype html>
<html lang="${tagOf(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="${style}">
</head>
<body>
<a class="skip" href="#main">${language === 'zh' ? '跳到正文' : 'Skip to the content'}</a>
${body}
</body>
</html>
`
  return guarded(reply).status(status).type('text/html; charset=utf-8').send(page.text)
}

/** To the same page in the other language. */
export function languageLink(language: Language, path: string): Html {
  const other = otherOf(language)
  return html`<a class="language" href="${path}?language=${other}" lang="${tagOf(other)}" hreflang="${tagOf(other)}">${other === 'en' ? 'English' : '中文'}</a>`
}

export const guarded = (reply: FastifyReply) =>
  reply.headers({
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    // With `no-referrer` a browser tells no origin for a form, and there is none to compare.
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'no-store',
  })

/** A form that another site sends is refused, cookie or not. */
export function isOwnForm({ headers, host }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin'
  const { origin } = headers
  if (origin === undefined) return false
  try {
    return new URL(origin).host === host
  } catch {
    return false
  }
}

export type Form = (name: string) => string

/** A browser ends the lines of a text with CR LF. */
const fieldOf = (fields: URLSearchParams, name: string): string =>
  (fields.get(name) ?? '').replaceAll('\r\n', '\n')

/** The fields of a form, each once. */
export function formOf(body: unknown): Form {
  const fields = body instanceof URLSearchParams ? body : new URLSearchParams()
  return name => fieldOf(fields, name)
}

const chinaMs = 8 * 3_600_000
export const chinaTime = (iso: string | null): string =>
  iso === null ? '—' : new Date(Date.parse(iso) + chinaMs).toISOString().slice(0, 16).replace('T', ' ')
/** For a field of date and time. */
export const chinaInput = (iso: string): string =>
  new Date(Date.parse(iso) + chinaMs).toISOString().slice(0, 16)
export function ofChinaInput(text: string): string | null {
  const at = Date.parse(`${text}Z`)
  return Number.isNaN(at) ? null : new Date(at - chinaMs).toISOString()
}

export const pageStyle = `
:root { color-scheme: light dark; --line: #8888; --strong: #0b57a4; --warn: #a41414; }
@media (prefers-color-scheme: dark) { :root { --strong: #8ec1ff; --warn: #ff9b9b; } }
body { font: 16px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif; margin: 0 auto; padding: 1rem; max-width: 60rem; }
.skip { position: absolute; left: -99rem; }
.skip:focus { position: static; }
header { display: flex; gap: .25rem 1rem; align-items: baseline; flex-wrap: wrap; border-bottom: 1px solid var(--line); }
header h1 { font-size: 1.25rem; margin: .25rem auto .25rem 0; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .5rem; border-bottom: 1px solid var(--line); vertical-align: top; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; }
dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
form.card, section { border: 1px solid var(--line); border-radius: .5rem; padding: .5rem 1rem 1rem; margin: 1rem 0; }
label { display: block; margin-top: .5rem; }
input, textarea, select, button { font: inherit; padding: .4rem .6rem; box-sizing: border-box; }
input[type=text], input[type=password], input[type=tel], input[type=datetime-local], textarea, select { width: 100%; max-width: 40rem; }
button { margin-top: .75rem; cursor: pointer; }
form.card > button { display: block; }
fieldset { border: 1px solid var(--line); border-radius: .5rem; margin: .75rem 0 0; max-width: 40rem; box-sizing: border-box; }
fieldset label { margin-top: .25rem; overflow-wrap: anywhere; }
input[type=file] { display: block; width: 100%; max-width: 40rem; padding-left: 0; }
ul.problem, ul.files { margin: 0; padding-left: 1.25rem; }
:focus-visible { outline: 3px solid var(--strong); outline-offset: 2px; }
.late, .problem { color: var(--warn); font-weight: 600; }
.quiet { opacity: .75; }
p.quiet { margin: .25rem 0 0; max-width: 40rem; }
.trap { position: absolute; left: -99rem; }
`
