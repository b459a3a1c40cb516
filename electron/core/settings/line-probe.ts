/**
 * Why a socket to the exchange does not open. A browser never tells its page; this process tries the same address once
 * and looks at what the network or the certificate says. Nothing is sent over the connection.
 */
import { readFileSync } from 'node:fs'
import { connect as connectPlain } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type LineFault, lineFaultOf } from '../../../shared/domain/certificate.ts'
import { trustedAuthorities } from '../trusted-authorities.ts'

const withinMs = 4_000

/** The city's own authorities from the administrator's file (PEM), or none. */
export function readAuthorities(file: string): string[] {
  if (file === '') return []
  try {
    return (
      readFileSync(file, 'utf8').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
    )
  } catch {
    return []
  }
}

/** Null: the address answers, and its certificate is good. */
export function probeLine(url: string, authorities: readonly string[]): Promise<LineFault | null> {
  const { protocol, hostname, port } = new URL(url)
  const secure = protocol === 'wss:'
  const host = hostname.replace(/^\[|\]$/g, '')
  const to = { host, port: port === '' ? (secure ? 443 : 80) : Number(port) }
  return new Promise(resolve => {
    const isAddress = /^[\d.]+$/.test(host) || host.includes(':')
    const socket = secure
      ? connectTls({
          ...to,
          ca: [...trustedAuthorities(), ...authorities],
          ...(isAddress ? {} : { servername: host }),
        })
      : connectPlain(to)
    const done = (fault: LineFault | null) => {
      socket.destroy()
      resolve(fault)
    }
    socket.setTimeout(withinMs, () => done('silent'))
    socket.on('error', error => done(lineFaultOf('code' in error ? String(error.code) : '') ?? 'refused'))
    socket.once(secure ? 'secureConnect' : 'connect', () => done(null))
  })
}
