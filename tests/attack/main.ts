/**
 * `npm run attack [-- --only TEXT] [--no-matrix]`: plays the attacks of docs/security.md as each kind of attacker against a centre of
 * two processes on PostgreSQL and against the loopback shell of a seat, and prints who may call what. A line for each attack; exits
 * with 1 if one of them finds something.
 */
import { parseArgs } from 'node:util'
import { accountAttacks } from './accounts.ts'
import { worldActors } from './actors.ts'
import type { Attack } from './attack.ts'
import { centralMatrix } from './central-matrix.ts'
import { commandAttacks } from './commands.ts'
import { doors } from './doors.ts'
import { readingAttacks } from './reading.ts'
import { walkSeatAsEverybody } from './seat-people.ts'
import { openWorld, ownBranch } from './world.ts'

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, 'no-matrix': { type: 'boolean', default: false } },
})

let passed = 0
let failed = 0
function report(name: string, findings: readonly string[]): void {
  if (findings.length === 0) passed += 1
  else failed += 1
  console.log(`${findings.length === 0 ? 'HELD ' : 'FOUND'} ${name}`)
  for (const finding of findings.slice(0, 12)) console.log(`      ${finding}`)
}

async function play<On>(section: string, attacks: readonly Attack<On>[], target: On): Promise<void> {
  console.log(`\n── ${section}`)
  for (const { name, by = 'stranger', run } of attacks) {
    if (!`${section} ${by} ${name}`.includes(values.only)) continue
    const findings = await run(target).catch((error: unknown) => [
      `the attack itself failed: ${error instanceof Error ? error.message : String(error)}`,
    ])
    report(`${by}: ${name}`, findings)
  }
}

const world = await openWorld()
try {
  await play('commands', commandAttacks, world)
  await play('reading', readingAttacks, world)
  await play('accounts', accountAttacks, world)
  const [url = '', other = ''] = world.centres.map(centre => centre.url)
  const { credential } = await world.enrol(ownBranch)
  await play('doors', doors, { url, seat: credential })
  if (!values['no-matrix'] && values.only === '') {
    console.log('\n── who may call what at the centre')
    // The other process: the doors of the first have used up what an address may ask in a minute.
    const matrix = await centralMatrix(other, await worldActors(world))
    console.log(matrix.text)
    report('every route answers everybody as its row in the tables of access says', matrix.unexpected)
    console.log('\n── who may call what at a seat')
    const seat = await walkSeatAsEverybody()
    console.log(seat.text)
    report('every procedure answers everybody as its row in the table says', seat.unexpected)
  }
} finally {
  await world.end()
}
console.log(`\n${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
