/**
 * The wire between a shell (Electron's main process, or the loopback server) and the core process.
 * Frames are oRPC peer messages of one page connection, passed on unread. Under a utility process a page's MessagePort is
 * handed over instead (`connect` with a port) and no frames flow here.
 */
import { z } from 'zod'

/** Where the training exchange of this start is, when there is one. Its secret is made anew at every start. */
export const trainingExchange = z.object({
  sipUrl: z.string(),
  controlUrl: z.string(),
  sipDomain: z.string(),
  extension: z.string(),
  secret: z.string(),
})
export type TrainingExchange = z.infer<typeof trainingExchange>

/** The centre that the launcher brought up beside the seat. The code enrols a seat that is not enrolled yet. */
export const centreBeside = z.object({ url: z.string(), enrolmentCode: z.string().nullable() })
export type CentreBeside = z.infer<typeof centreBeside>

/** Said once when that centre is ready; `null`: it did not start in time. */
export const centralMessage = z.object({ type: z.literal('central'), centre: centreBeside.nullable() })

export const coreStart = z.object({
  dataDir: z.string(),
  resourcesDir: z.string(),
  policyFile: z.string().nullable(),
  version: z.string(),
  /** `keyring`: the shell wraps with safeStorage. `passphrase`: the operator gives one. `demo`: a 0600 file, protects nothing. */
  keyMode: z.enum(['keyring', 'passphrase', 'demo']),
  training: trainingExchange.nullable(),
  /** `expected`: a centre starts beside the seat; a `central` message says later where it is. Nothing waits for it. */
  central: z.enum(['none', 'expected']),
})
export type CoreStart = z.infer<typeof coreStart>

/** oRPC's peer messages are text as long as no file is sent, and none is. */
const frame = z.string()
const bytes = z.custom<Uint8Array>(value => value instanceof Uint8Array)

export const toCore = z.discriminatedUnion('type', [
  /** `resume`: what the core before this one said of its session; null: the program has just been started. */
  z.object({ type: z.literal('start'), start: coreStart, resume: bytes.nullable() }),
  centralMessage,
  z.object({ type: z.literal('connect'), connection: z.number().int() }),
  z.object({ type: z.literal('frame'), connection: z.number().int(), data: frame }),
  z.object({ type: z.literal('disconnect'), connection: z.number().int() }),
  /** Answer to a `key` request. `null`: the keyring could not do it. */
  z.object({ type: z.literal('key-reply'), id: z.number().int(), data: bytes.nullable() }),
])
export type ToCore = z.infer<typeof toCore>

export const fromCore = z.discriminatedUnion('type', [
  /** Connections may be opened now. Sent before the database is open. */
  z.object({ type: z.literal('ready'), pid: z.number().int() }),
  z.object({ type: z.literal('frame'), connection: z.number().int(), data: frame }),
  z.object({ type: z.literal('disconnect'), connection: z.number().int() }),
  z.object({ type: z.literal('key'), id: z.number().int(), verb: z.enum(['wrap', 'unwrap']), data: bytes }),
  /** Somebody signed in: the shell keeps this in memory, and hands it to the next core. Null: nobody is signed in any more. */
  z.object({ type: z.literal('session'), resume: bytes.nullable() }),
  /** Addresses that the page may connect to, for the content security policy of its next load. */
  z.object({ type: z.literal('connect-sources'), sources: z.array(z.string()) }),
  /** The city's own certificate authorities (PEM), which the page's connections may be vouched for by. */
  z.object({ type: z.literal('authorities'), pem: z.array(z.string()) }),
])
export type FromCore = z.infer<typeof fromCore>
