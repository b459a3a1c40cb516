/**
 * How this program was started. By the launcher: one line of JSON on standard input, whose end means that the launcher is
 * gone; the answer goes out as one line on standard output. By itself (installed): with its own data folder.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { app } from 'electron'
import { type ShellLaunch, type ShellReady, shellLaunch } from '../../shared/contract/launch.ts'

export type ReceivedLaunch = {
  launch: ShellLaunch
  ready(line: ShellReady): void
  /** A second start asks for the window; see scripts/launcher/single.mjs. */
  onShow(listener: () => void): void
}

export async function receiveLaunch(): Promise<ReceivedLaunch> {
  if (process.env['ZUOXI_LAUNCHED'] !== '1') {
    return {
      launch: {
        demo: false,
        port: 0,
        core: {
          dataDir: join(app.getPath('appData'), 'zuoxi'),
          policyFile: existsSync(installedPolicy()) ? installedPolicy() : null,
          training: null,
          central: null,
        },
      },
      ready: () => {},
      onShow: () => {},
    }
  }
  const lines = createInterface({ input: process.stdin })
  const launch = await new Promise<ShellLaunch>((resolve, reject) => {
    lines.once('line', line => {
      try {
        resolve(shellLaunch.parse(JSON.parse(line)))
      } catch (error) {
        reject(error instanceof Error ? error : new Error('bad launch'))
      }
    })
    lines.once('close', () => reject(new Error('the launcher is gone')))
  })
  lines.on('close', () => app.quit())
  return {
    launch,
    ready: line => void process.stdout.write(`${JSON.stringify(line)}\n`),
    onShow: listener => void lines.on('line', listener),
  }
}

/** Where an administrator puts the policy of an installed seat; see docs/administrator.md. */
function installedPolicy(): string {
  if (process.platform === 'win32')
    return join(process.env['ProgramData'] ?? 'C:\\ProgramData', 'Zuoxi', 'policy.json')
  if (process.platform === 'darwin') return '/Library/Application Support/Zuoxi/policy.json'
  return '/etc/zuoxi/policy.json'
}
