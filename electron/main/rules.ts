/** What the page may do, as pure decisions, so that each has its test. */

export const pageOrigin = 'zuoxi://app'

export function isOwnPage(url: string): boolean {
  try {
    const { protocol, host } = new URL(url)
    return `${protocol}//${host}` === pageOrigin
  } catch {
    return false
  }
}

/** A request for devices: only the microphone, only by our own page, only in its main frame. */
export function mayUse(
  permission: string,
  details: { requestingUrl?: string; isMainFrame?: boolean; mediaTypes?: readonly string[] },
): boolean {
  if (permission !== 'media' || details.isMainFrame === false) return false
  const { mediaTypes = [] } = details
  return isOwnPage(details.requestingUrl ?? '') && mediaTypes.length === 1 && mediaTypes[0] === 'audio'
}

/** The synchronous check that goes before a request, e.g. for the names of devices. */
export function mayCheck(permission: string, origin: string, details: { mediaType?: string }): boolean {
  return permission === 'media' && isOwnPage(origin) && details.mediaType === 'audio'
}

/** A file that the page has made and the operator saves; nothing that comes from elsewhere. */
export const mayDownload = (url: string): boolean => url.startsWith(`blob:${pageOrigin}/`)

/**
 * What a session may ask for at all, whatever a page says: our own page, what it made itself, and the exchange, whose address its security
 * policy has. Never a file, and nothing over HTTP: the page has no business there.
 */
export function mayLoad(url: string): boolean {
  try {
    const { protocol } = new URL(url)
    return isOwnPage(url) || mayDownload(url) || ['ws:', 'wss:', 'data:', 'devtools:'].includes(protocol)
  } catch {
    return false
  }
}

/** Whether a message to the main process comes from our page's main frame. */
export const isTrustedSender = (frame: { url: string; parent: unknown } | null): boolean =>
  frame !== null && frame.parent === null && isOwnPage(frame.url)
