/** The certificate authorities that the operating system trusts, where this Node can read them, beside Mozilla's. */
import { getCACertificates, rootCertificates } from 'node:tls'

export function trustedAuthorities(): readonly string[] {
  try {
    return [...rootCertificates, ...getCACertificates('system')]
  } catch {
    return rootCertificates
  }
}
