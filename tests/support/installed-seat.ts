/**
 * A seat as an installer leaves it, without the installer: the test runtime under the program's own name, the archive with page, main and
 * preload, and the core beside it. Started as an ordinary user, since an installed seat takes no `--no-sandbox`.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPackage } from '@electron/asar'
import { bindingFolder } from '../../electron/core-host/core-digests.ts'
import { root } from './seat-process.ts'

/** nobody, where the tests are root's. */
const ordinary = process.getuid?.() === 0 ? 65_534 : undefined

export type InstalledSeat = {
  unpacked: string
  home: string
  start(
    args: string[],
    env?: NodeJS.ProcessEnv,
  ): { child: ChildProcess; said(): string; ended: Promise<number | null> }
  remove(): void
}

export async function installSeat(runtime: string): Promise<InstalledSeat> {
  const top = mkdtempSync(join(tmpdir(), 'zuoxi-installed-'))
  chmodSync(top, 0o755)
  const program = join(top, 'program')
  cpSync(runtime, program, { recursive: true })
  rmSync(join(program, 'resources', 'default_app.asar'))
  renameSync(join(program, 'electron'), join(program, 'zuoxi'))
  const archive = join(top, 'archive')
  for (const part of ['main', 'preload', 'page'])
    cpSync(join(root, 'out', part), join(archive, 'out', part), { recursive: true })
  cpSync(join(root, 'package.json'), join(archive, 'package.json'))
  await createPackage(archive, join(program, 'resources', 'app.asar'))
  rmSync(archive, { recursive: true })
  const unpacked = join(program, 'resources', 'app.asar.unpacked')
  cpSync(join(root, 'out', 'core'), join(unpacked, 'out', 'core'), { recursive: true })
  for (const part of ['lib', 'prebuilds', 'package.json'])
    cpSync(join(root, bindingFolder, part), join(unpacked, bindingFolder, part), { recursive: true })
  cpSync(join(root, 'resources', 'catalogue'), join(program, 'resources', 'catalogue'), { recursive: true })
  execFileSync('chmod', ['-R', 'a+rX', program])
  const home = join(top, 'home')
  mkdirSync(home)
  // The display's key is root's own.
  const key = process.env['XAUTHORITY']
  if (key !== undefined) cpSync(key, join(home, 'display-key'))
  if (ordinary !== undefined) execFileSync('chown', ['-R', `${ordinary}:${ordinary}`, home])

  return {
    unpacked,
    home,
    start: (args, env = {}) => {
      const child = spawn(join(program, 'zuoxi'), args, {
        cwd: home,
        env: {
          PATH: process.env['PATH'],
          DISPLAY: process.env['DISPLAY'],
          ...(key === undefined ? {} : { XAUTHORITY: join(home, 'display-key') }),
          HOME: home,
          DBUS_SESSION_BUS_ADDRESS: '/dev/null',
          ...env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
        ...(ordinary === undefined ? {} : { uid: ordinary, gid: ordinary }),
      })
      let said = ''
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', (chunk: Buffer) => {
          said += chunk.toString('utf8')
        })
      const ended = new Promise<number | null>(resolve => child.once('exit', code => resolve(code)))
      return { child, said: () => said, ended }
    },
    remove: () => rmSync(top, { recursive: true, force: true }),
  }
}
