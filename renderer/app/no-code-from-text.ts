/**
 * Before any schema is made: the page's policy refuses code that is made from text, and the schemas' library tries it once, which
 * the browser reports as a violation of the policy.
 */
import { config } from 'zod'

config({ jitless: true })
