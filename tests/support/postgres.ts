/** A PostgreSQL of the test's own, on a free port of 127.0.0.1, in a temporary folder; as nobody when the test is root. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { keptCluster } from './clusters.ts'
import { freePort } from './lab/ports.ts'

export type Postgres = {
  url: string
  port: number
  /** An empty database of its own; its address. */
  database(): Promise<string>
  /** The server dies at once, as in a power cut. `restart` brings it back at the same address. */
  crash(): Promise<void>
  restart(): Promise<void>
  stop(): Promise<void>
}

function installed(): string | undefined {
  const root = '/usr/lib/postgresql'
  return (existsSync(root) ? readdirSync(root) : [])
    .filter(name => Number(name) >= 15)
    .sort((a, b) => Number(a) - Number(b))
    .map(name => join(root, name, 'bin'))
    .find(folder => existsSync(join(folder, 'initdb')))
}

/** Without one, tests on it are skipped, which CI counts as failures. */
export const hasPostgres = installed() !== undefined

function binaries(): string {
  const found = installed()
  if (found === undefined)
    throw new Error('no PostgreSQL 15 or newer is here (Debian package: postgresql-15)')
  return found
}

export const postgresProgram = (name: string): string => join(binaries(), name)

/** initdb and postgres refuse to run as root. */
function unprivileged(): { uid: number; gid: number } | Record<string, never> {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string) => Number(spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout.trim())
  return { uid: id('-u'), gid: id('-g') }
}

/**
 * `fsync` off unless what is measured is a real database (`durable`). `crashes`: what it has confirmed outlives `crash`, which the
 * machine survives.
 */
export async function startPostgres(
  options: { durable?: boolean; crashes?: boolean } = {},
): Promise<Postgres> {
  const bin = binaries()
  const as = unprivileged()
  const folder = mkdtempSync(join(tmpdir(), 'zuoxi-postgres-'))
  if (as.uid !== undefined) chownSync(folder, as.uid, as.gid ?? as.uid)
  const data = join(folder, 'data')
  const initdb = (into: string) => {
    if (as.uid !== undefined) chownSync(into, as.uid, as.gid ?? as.uid)
    const made = spawnSync(
      join(bin, 'initdb'),
      ['-D', join(into, 'data'), '-U', 'zuoxi', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'],
      { ...as, cwd: into, encoding: 'utf8' },
    )
    if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`)
  }
  const kept = await keptCluster('postgres', initdb)
  if (kept === null) initdb(folder)
  // With its owner and its permissions, without which it does not start.
  else execFileSync('cp', ['-a', join(kept, 'data'), data])

  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '120',
    ...(options.durable === true
      ? {}
      : {
          fsync: 'off',
          synchronous_commit: options.crashes === true ? 'on' : 'off',
          full_page_writes: 'off',
        }),
  }
  const start = async (port: number) => {
    const started = spawn(
      join(bin, 'postgres'),
      [
        '-D',
        data,
        '-c',
        `port=${port}`,
        ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      { ...as, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
    )
    let stderr = ''
    started.stderr?.on('data', (chunk: Buffer) => {
      stderr = `${stderr}${chunk.toString('utf8')}`.slice(-8_000)
    })
    const url = `postgres://zuoxi@127.0.0.1:${port}/postgres`
    const answers = await untilAnswers({ url, data, child: started, said: () => stderr })
    return answers ? { child: started, port } : null
  }
  let started: Awaited<ReturnType<typeof start>> = null
  // Between looking for a free port and listening on it, another test's program may have taken it.
  while (started === null) started = await start(await freePort())
  let { child } = started
  const { port } = started
  const endWithTest = () => void child.kill('SIGQUIT')
  process.once('exit', endWithTest)
  const end = async (signal: 'SIGINT' | 'SIGQUIT') => {
    if (child.exitCode !== null) return
    const ended = new Promise(resolve => child.once('exit', resolve))
    child.kill(signal)
    await ended
  }

  const address = (name: string) => `postgres://zuoxi@127.0.0.1:${port}/${name}`
  let databases = 0
  return {
    url: address('postgres'),
    port,
    database: async () => {
      databases += 1
      const name = `test_${databases}`
      const client = new pg.Client({ connectionString: address('postgres') })
      await client.connect()
      await client.query(`CREATE DATABASE ${name}`)
      await client.end()
      return address(name)
    },
    // Immediate shutdown: no goodbye to clients, and the next start recovers from the log.
    crash: () => end('SIGQUIT'),
    restart: async () => {
      const again = await start(port)
      if (again === null) throw new Error(`another program has taken port ${port}`)
      ;({ child } = again)
    },
    stop: async () => {
      process.off('exit', endWithTest)
      // Fast shutdown: open connections are ended, nothing is waited for.
      await end('SIGINT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** False: the port is another's. */
async function untilAnswers(server: {
  url: string
  data: string
  child: ChildProcess
  said(): string
}): Promise<boolean> {
  const { url, data, child, said } = server
  const until = Date.now() + 30_000
  for (;;) {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory')
      await client.end()
      if (rows[0]?.data_directory === data) return true
    } catch (error) {
      if (Date.now() > until) throw new Error(`PostgreSQL did not start: ${said()}`, { cause: error })
    }
    if (child.exitCode !== null) {
      if (said().includes('Address already in use')) return false
      throw new Error(`PostgreSQL did not start: ${said()}`)
    }
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}
