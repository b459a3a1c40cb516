/** Certificates for tests, made by openssl: an authority, and what it signs for 127.0.0.1. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type Certificate = { key: string; cert: string }
export type Authority = {
  file: string
  pem: string
  /** `days`: how long from now; negative is already over. `name`: the subject's alternative name. */
  sign(options?: { days?: number; name?: string }): Certificate
}

/** Skipped suites count as failures in CI, which installs it. */
export const hasOpenssl = spawnSync('openssl', ['version']).status === 0

export function createAuthority(folder: string): Authority {
  mkdirSync(folder, { recursive: true })
  const at = (name: string) => join(folder, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.pem'),
    '-days',
    '30',
    '-subj',
    '/CN=City CA',
  )
  let count = 0
  return {
    file: at('ca.pem'),
    pem: readFileSync(at('ca.pem'), 'utf8'),
    sign: ({ days = 10, name = 'IP:127.0.0.1' } = {}) => {
      count += 1
      const [own, request, cert, extensions] = ['key', 'csr', 'pem', 'ext'].map(kind =>
        at(`server-${count}.${kind}`),
      ) as [string, string, string, string]
      writeFileSync(extensions, `subjectAltName=${name}\n`)
      openssl('req', ...key, '-keyout', own, '-out', request, '-subj', '/CN=exchange')
      const from = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', String(days)]
      openssl('x509', '-req', '-in', request, ...from, '-extfile', extensions, '-out', cert)
      return { key: readFileSync(own, 'utf8'), cert: readFileSync(cert, 'utf8') }
    },
  }
}
