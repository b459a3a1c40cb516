/**
 * `npm run judge -- FILE…`: judges JSON files of rule cases. Each file is a list of `{ kind, why?, …input, right }`; files that a
 * case names lie beside it. Prints a line for each case and a count at the end; exits with 1 if any fails.
 */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { judgeCase, type Verdict } from './judges.ts'

const files = process.argv.slice(2)
if (files.length === 0) {
  console.error('usage: npm run judge -- cases.json …')
  process.exit(2)
}

let passes = 0
let failures = 0
const print = ({ pass, got }: Verdict, what: string, right?: unknown) => {
  if (pass) passes += 1
  else failures += 1
  const wanted = pass || right === undefined ? '' : `  right ${JSON.stringify(right)}`
  console.log(`${pass ? 'PASS' : 'FAIL'}  ${what}${wanted}  got ${JSON.stringify(got)}`)
}

/** The cases of a file, or a sentence that says why there are none. */
function casesIn(file: string): { cases: unknown[] } | { problem: string } {
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8').replace(/^\ufeff/, ''))
    return Array.isArray(content) ? { cases: content } : { problem: 'the file is no list of cases' }
  } catch (error) {
    return { problem: `cannot be read: ${error instanceof Error ? error.message : String(error)}` }
  }
}

const told = z.looseObject({
  why: z.string().optional(),
  raw: z.unknown().optional(),
  in: z.unknown().optional(),
  text: z.unknown().optional(),
  name: z.unknown().optional(),
  kind: z.unknown().optional(),
  right: z.unknown().optional(),
})

for (const file of files) {
  console.log(`== ${file}`)
  const found = casesIn(file)
  if ('problem' in found) {
    print({ pass: false, got: found.problem }, file)
    continue
  }
  for (const one of found.cases) {
    const { why, raw, in: given, text, name, kind, right } = told.safeParse(one).data ?? {}
    const what = why ?? JSON.stringify(raw ?? given ?? text ?? name ?? kind ?? one)
    print(await judgeCase(one, dirname(resolve(file))), what, right)
  }
}
console.log(`${passes} PASS, ${failures} FAIL`)
process.exit(failures === 0 ? 0 : 1)
