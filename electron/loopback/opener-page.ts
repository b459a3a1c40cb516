/** The page behind an opening address: it exchanges the token, which the browser sends to nobody by itself, and goes on to the seat. */
import { createHash } from 'node:crypto'
import { openerPath, pageSecretsKey } from '../../shared/contract/loopback.ts'

const refused =
  '这个地址已经用过或已过期，请从坐席台重新打开。This address was used or has expired: open the seat again.'

/** The token leaves the address bar before anything else happens. */
const script = `
const token = location.hash.slice(1)
history.replaceState(null, '', ${JSON.stringify(openerPath)})
const open = async () => {
  if (token === '') throw new Error('no token')
  const answer = await fetch(${JSON.stringify(openerPath)}, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: token })
  if (!answer.ok) throw new Error('refused')
  localStorage.setItem(${JSON.stringify(pageSecretsKey)}, await answer.text())
  location.replace('/')
}
open().catch(() => {
  // Loaded once more before it had gone on to the seat: this browser has what the token was exchanged for.
  if (localStorage.getItem(${JSON.stringify(pageSecretsKey)}) !== null) return location.replace('/')
  document.body.textContent = ${JSON.stringify(refused)}
})
`

export const openerPage = {
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'content-security-policy': [
      "default-src 'none'",
      `script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`,
      "connect-src 'self'",
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  },
  body: `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>坐席台</title><link rel="icon" href="data:,"></head><body>正在打开…<script>${script}</script></body></html>\n`,
}
