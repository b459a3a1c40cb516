/**
 * `npm run attack [-- --only TEXT] [--without-checks]`: plays the attacks of docs/security.md as each kind of attacker against a
 * centre of two processes on PostgreSQL and against the loopback shell of a seat, and prints who may call what. A line for each
 * attack; exits with 1 if one of them finds something. `--without-checks` takes the checks of checks.ts away, one after another, and
 * exits with 1 unless an attack finds each of them missing.
 */
import { parseArgs } from 'node:util'
import { accountAttacks } from './accounts.ts'
import { worldActors } from './actors.ts'
import { type Attack, attackFailed } from './attack.ts'
import { centralMatrix } from './central-matrix.ts'
import { commandAttacks } from './commands.ts'
import { doors } from './doors.ts'
import { loopbackAttacks } from './loopback.ts'
import { openLoopbackShell } from './loopback-shell.ts'
import { readingAttacks } from './reading.ts'
import { walkSeatAsEverybody } from './seat-people.ts'
import { playWithoutChecks } from './without-checks.ts'
import { openWorld, ownBranch } from './world.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    'without-checks': { type: 'boolean', default: false },
  },
})
if (values['without-checks']) process.exit(await playWithoutChecks(values.only))

let passed = 0
let failed = 0
const isAsked = (name: string) => name.includes(values.only)
function report(name: string, findings: readonly string[]): void {
  if (findings.length === 0) passed += 1
  else failed += 1
  console.log(`${findings.length === 0 ? 'HELD ' : 'FOUND'} ${name}`)
  for (const finding of findings.slice(0, 12)) console.log(`      ${finding}`)
}

async function play<On>(section: string, attacks: readonly Attack<On>[], target: On): Promise<void> {
  console.log(`\n── ${section}`)
  for (const { name, by = 'stranger', run } of attacks) {
    if (!isAsked(`${section} ${by} ${name}`)) continue
    const findings = await run(target).catch((error: unknown) => [
      `${attackFailed}: ${error instanceof Error ? error.message : String(error)}`,
    ])
    report(`${by}: ${name}`, findings)
  }
}

async function playMatrix(
  section: string,
  name: string,
  walk: () => Promise<{ text: string; unexpected: string[] }>,
): Promise<void> {
  console.log(`\n── ${section}`)
  if (!isAsked(name)) return
  const { text, unexpected } = await walk()
  console.log(text)
  report(name, unexpected)
}

const world = await openWorld()
try {
  await play('commands', commandAttacks, world)
  await play('reading', readingAttacks, world)
  await play('accounts', accountAttacks, world)
  const [url = '', other = ''] = world.centres.map(centre => centre.url)
  const { credential } = await world.enrol(ownBranch)
  await play('doors', doors, { url, seat: credential })
  const shell = await openLoopbackShell()
  try {
    await play('loopback', loopbackAttacks, shell.server)
  } finally {
    await shell.end()
  }
  await playMatrix(
    'who may call what at the centre',
    'every route answers everybody as its row in the tables of access says',
    // The other process: the doors of the first have used up what an address may ask in a minute.
    async () => centralMatrix(other, await worldActors(world)),
  )
  await playMatrix(
    'who may call what at a seat',
    'every procedure answers everybody as its row in the table says',
    walkSeatAsEverybody,
  )
} finally {
  await world.end()
}
console.log(`\n${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
