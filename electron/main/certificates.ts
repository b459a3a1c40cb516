/** Whether a city's own authority stands behind a certificate that the operating system does not know. */
import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'

const longestChain = 6

const isInDate = (certificate: X509Certificate, now: number) =>
  Date.parse(certificate.validFrom) <= now && now <= Date.parse(certificate.validTo)

/**
 * `chain`: PEM, the server's own first. True only when each link is in date and signed by the next, the last by one of
 * `authorities` (PEM), and the first is for `hostname`. Anything that cannot be read is no proof.
 */
export function vouchedFor(
  chain: readonly string[],
  hostname: string,
  authorities: readonly string[],
  now: number,
): boolean {
  try {
    const [leaf, ...rest] = chain.map(pem => new X509Certificate(pem))
    const anchors = authorities.map(pem => new X509Certificate(pem))
    if (leaf === undefined || !isInDate(leaf, now)) return false
    const named =
      isIP(hostname) === 0 ? leaf.checkHost(hostname, { subject: 'never' }) : leaf.checkIP(hostname)
    if (named === undefined) return false
    const signs = (issuer: X509Certificate, of: X509Certificate) =>
      issuer.ca && isInDate(issuer, now) && of.checkIssued(issuer) && of.verify(issuer.publicKey)
    let link = leaf
    for (let depth = 0; depth < longestChain; depth += 1) {
      const of = link
      if (anchors.some(anchor => signs(anchor, of))) return true
      const next = rest.find(issuer => issuer.fingerprint256 !== of.fingerprint256 && signs(issuer, of))
      if (next === undefined) return false
      link = next
    }
    return false
  } catch {
    return false
  }
}
