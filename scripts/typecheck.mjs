// Type-checks every environment by itself, so that a DOM type in shared/ or a Node type in the page is an error.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)
const root = join(import.meta.dirname, '..')
const tsc = join(dirname(require.resolve('@typescript/native/package.json')), 'bin', 'tsc')
const projects = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')).references.map(r => r.path)

let failed = false
for (const project of projects) {
  const code = await new Promise(resolve => {
    spawn(process.execPath, [tsc, '-p', project, '--pretty'], { cwd: root, stdio: 'inherit' }).on(
      'close',
      resolve,
    )
  })
  if (code !== 0) {
    failed = true
    console.error(`typecheck: ${project} failed`)
  }
}
process.exit(failed ? 1 : 0)
