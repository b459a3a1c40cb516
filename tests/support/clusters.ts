/**
 * A new cluster costs seconds of initdb, and nearly every file of tests wants one. A run's `globalSetup` (this file) names a folder in
 * which the first of each kind is kept; the others are copies of it: what initdb leaves, and nothing of ours. Without that folder each
 * is made anew.
 */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'

const variable = 'ZUOXI_TEST_CLUSTERS'

/** Both Vitest and Playwright call what it returns at the end; their workers inherit the environment. */
export default function keepClusters(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'zuoxi-clusters-'))
  // initdb refuses to be root: it makes its own below as somebody else, who must be able to go there.
  chmodSync(folder, 0o711)
  process.env[variable] = folder
  return () => {
    delete process.env[variable]
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The kept one; made by whoever wants it first. Of two that make it at once one is kept. Null: nothing is kept in this run. */
export async function keptCluster(
  name: string,
  make: (folder: string) => void | Promise<void>,
): Promise<string | null> {
  const folder = process.env[variable]
  if (folder === undefined) return null
  const kept = join(folder, name)
  if (existsSync(kept)) return kept
  const own = mkdtempSync(join(folder, 'making-'))
  await make(own)
  try {
    renameSync(own, kept)
  } catch (error) {
    if (!existsSync(kept)) throw error
    rmSync(own, { recursive: true, force: true })
  }
  return kept
}

const keptPglite = () =>
  keptCluster('pglite', async folder => {
    const made = await PGlite.create(join(folder, 'data'))
    const dump = await made.dumpDataDir('none')
    await made.close()
    writeFileSync(join(folder, 'dump.tar'), new Uint8Array(await dump.arrayBuffer()))
  })

/** For an embedded database in memory. */
export async function clusterInMemory(): Promise<Blob | undefined> {
  const kept = await keptPglite()
  return kept === null ? undefined : new Blob([readFileSync(join(kept, 'dump.tar'))])
}

/** Before a centre opens its data folder for the first time; one that it has opened already is left alone. */
export async function clusterIn(dataDir: string): Promise<void> {
  if (existsSync(join(dataDir, 'pglite'))) return
  const kept = await keptPglite()
  if (kept === null) return
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  cpSync(join(kept, 'data'), join(dataDir, 'pglite'), { recursive: true })
}
