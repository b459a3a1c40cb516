/** The loopback shell with an empty page and no core: the bare limit of a start. Prints its address. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLoopbackServer } from '../../electron/loopback/server.ts'

const pageDir = mkdtempSync(join(tmpdir(), 'zuoxi-empty-'))
writeFileSync(join(pageDir, 'index.html'), '<!doctype html><p>ready')
const host = { relay: () => null, connectSources: async () => [], whenReady: async () => {} }
const server = await startLoopbackServer({ pageDir, host, port: 0 })
console.log(server.opener())
