/** The page's files and its security policy, the same for both shells. */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
}

/** `nonce` is fresh for each response; `sources` are the exchange's origins. */
export function contentSecurityPolicy(nonce: string, sources: readonly string[]): string {
  const exchange = sources.filter(source => /^wss?:\/\/[A-Za-z0-9.:[\]-]+$/.test(source))
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src-elem 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    // Pictures of cases are shown from memory; nothing else of a file is.
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "media-src 'self' blob:",
    "worker-src 'self'",
    ['connect-src', "'self'", ...exchange].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

export type PageFile = { status: number; headers: Record<string, string>; body: Buffer | string }

const always = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy':
    'microphone=(self), camera=(), geolocation=(), display-capture=(), usb=(), serial=(), payment=()',
}

const notFound: PageFile = {
  status: 404,
  headers: { ...always, 'content-type': 'text/plain; charset=utf-8' },
  body: 'not found\n',
}

/**
 * One file of the built page. `pathname` comes from outside; nothing beside the folder is ever read. `sources` is asked for the page
 * itself, whose policy has them.
 */
export async function pageFile(
  folder: string,
  pathname: string,
  sources: () => Promise<readonly string[]>,
): Promise<PageFile> {
  const isPage = pathname === '/' || pathname === '/index.html'
  let decoded: string
  try {
    decoded = decodeURIComponent(isPage ? '/index.html' : pathname)
  } catch {
    return notFound
  }
  const file = normalize(join(folder, decoded))
  const type = types[extname(file)]
  if (!file.startsWith(folder + sep) || decoded.includes('\0') || type === undefined) return notFound
  let body: Buffer
  try {
    body = await readFile(file)
  } catch {
    return notFound
  }
  if (!isPage) {
    const cache = decoded.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-store'
    return { status: 200, headers: { ...always, 'content-type': type, 'cache-control': cache }, body }
  }
  const nonce = randomBytes(18).toString('base64')
  return {
    status: 200,
    headers: {
      ...always,
      'content-type': type,
      'cache-control': 'no-store',
      'content-security-policy': contentSecurityPolicy(nonce, await sources()),
    },
    body: body.toString('utf8').replaceAll('__CSP_NONCE__', nonce),
  }
}
