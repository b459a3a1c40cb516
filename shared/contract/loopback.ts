/**
 * How a page of the loopback shell and its server prove themselves to each other: ADR 10. A cookie goes to every port of a host and to
 * whoever listens there; what a page keeps in its own storage goes nowhere by itself, and belongs to one host and one port.
 */

/** Where a page without a token and without these secrets is sent, and where a token is exchanged for them. */
export const openerPath = '/open'

/** The name in the page's storage. */
export const pageSecretsKey = 'zuoxi.page-secrets'

/** `page` is the first frame of the page on each connection to the core, `shell` the first one of the server. */
export type PageSecrets = { page: string; shell: string }

export const writeSecrets = ({ page, shell }: PageSecrets): string => `${page}.${shell}`

export function readSecrets(stored: string | null): PageSecrets | null {
  const [page = '', shell = '', ...rest] = (stored ?? '').split('.')
  return page === '' || shell === '' || rest.length > 0 ? null : { page, shell }
}
