/** What a launcher tells the shell that it starts, as one message or one line of JSON; and what the shell answers. */
import { z } from 'zod'
import { centralMessage, coreStart } from './core-host.ts'

export const shellLaunch = z.object({
  core: coreStart.omit({ resourcesDir: true, version: true, keyMode: true }),
  demo: z.boolean(),
  /** The loopback shell's port; 0 is any free one. */
  port: z.number().int().min(0).max(65_535),
  /** The loopback shell answers under 127.0.0.1, for browsers that do not find names under `localhost`. */
  plainAddress: z.boolean(),
})
export type ShellLaunch = z.infer<typeof shellLaunch>

/** What the launcher says after that. `show`: the window to the front; `opener`: a fresh address for another browser. */
export const launcherMessage = z.discriminatedUnion('type', [
  centralMessage,
  z.object({ type: z.literal('show') }),
  z.object({ type: z.literal('opener') }),
])
export type LauncherMessage = z.infer<typeof launcherMessage>

export const shellReady = z.object({
  type: z.literal('shell-ready'),
  url: z.string(),
  pid: z.number().int(),
  corePid: z.number().int(),
})
export type ShellReady = z.infer<typeof shellReady>

/** An opening address was used: the launcher removes the file that it lay in. */
export type Opened = { type: 'opened'; url: string }
