/**
 * How this program was started. By the launcher: one line of JSON on standard input, whose end means that the launcher is
 * gone; the answer goes out as one line on standard output. By itself (installed): with its own data folder.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { app } from 'electron'
import type { CentreBeside } from '../../shared/contract/core-host.ts'
import {
  type LauncherMessage,
  launcherMessage,
  type ShellLaunch,
  type ShellReady,
  shellLaunch,
} from '../../shared/contract/launch.ts'

export type ReceivedLaunch = {
  launch: ShellLaunch
  /** The centre that the launcher brings up beside the seat; settles when that is known. */
  centre: Promise<CentreBeside | null>
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
        plainAddress: false,
        core: {
          dataDir: join(app.getPath('appData'), 'zuoxi'),
          policyFile: existsSync(installedPolicy()) ? installedPolicy() : null,
          training: null,
          central: 'none',
        },
      },
      centre: Promise.resolve(null),
      ready: () => {},
      onShow: () => {},
    }
  }
  const lines = createInterface({ input: process.stdin })
  let show = () => {}
  let tellCentre = (_centre: CentreBeside | null) => {}
  const centre = new Promise<CentreBeside | null>(resolve => {
    tellCentre = resolve
  })
  const launch = await new Promise<ShellLaunch>((resolve, reject) => {
    lines.once('line', first => {
      try {
        resolve(shellLaunch.parse(JSON.parse(first)))
      } catch (error) {
        reject(error instanceof Error ? error : new Error('bad launch'))
      }
      // From the first line on: the next one may come in the same breath.
      lines.on('line', line => {
        const message = messageOf(line)
        if (message === null) console.error('zuoxi: a line of the launcher was not understood')
        if (message?.type === 'central') tellCentre(message.centre)
        if (message?.type === 'show') show()
      })
    })
    lines.once('close', () => reject(new Error('the launcher is gone')))
  })
  lines.on('close', () => app.quit())
  return {
    launch,
    centre,
    ready: line => void process.stdout.write(`${JSON.stringify(line)}\n`),
    onShow: listener => {
      show = listener
    },
  }
}

function messageOf(line: string): LauncherMessage | null {
  try {
    return launcherMessage.parse(JSON.parse(line))
  } catch {
    return null
  }
}

/** Where an administrator puts the policy of an installed seat; see docs/administrator.md. */
function installedPolicy(): string {
  // Not by %ProgramData%: whoever starts the seat could name a folder of their own there.
  if (process.platform === 'win32') return 'C:\\ProgramData\\Zuoxi\\policy.json'
  if (process.platform === 'darwin') return '/Library/Application Support/Zuoxi/policy.json'
  return '/etc/zuoxi/policy.json'
}
