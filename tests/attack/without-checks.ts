/** Takes each check of checks.ts away and plays the attack that is to miss it. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { attackFailed } from './attack.ts'
import { type Check, checks } from './checks.ts'

const takeAway = pathToFileURL(join(import.meta.dirname, 'take-away.ts')).href

/** What `npm run attack` prints without this check. Its centres and its seat inherit the loader that takes it away. */
function attackWithout({ name, found }: Check): Promise<string> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), '--only', found], {
    env: { ...process.env, ZUOXI_WITHOUT_CHECK: name, NODE_OPTIONS: `--import=${takeAway}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text
    })
  return new Promise(resolve => child.once('close', () => resolve(printed)))
}

/** The first finding of that attack; null: it held, or could not be played. */
function findingIn(printed: string, { found }: Check): string | null {
  const lines = printed.split('\n')
  const line = lines.findIndex(each => each.startsWith('FOUND') && each.includes(found))
  const finding = line < 0 ? undefined : lines[line + 1]?.trim()
  return finding === undefined || finding.startsWith(attackFailed) ? null : finding
}

/** Resolves with the exit code: 0 when each missing check was found. `only`: part of a check's name. */
export async function playWithoutChecks(only: string): Promise<number> {
  let missed = 0
  for (const check of checks.filter(({ name }) => name.includes(only))) {
    const printed = await attackWithout(check)
    const finding = findingIn(printed, check)
    if (finding === null) missed += 1
    console.log(`${finding === null ? 'MISSED' : 'FOUND '} without "${check.name}": ${finding ?? printed}`)
  }
  console.log(`\n${missed} missing checks were not found`)
  return missed === 0 ? 0 : 1
}
