// `npm test [-- unit simulation attack e2e electron telephony]`: builds, runs the suites whose tools are here, and adds up what they say.
// A suite whose tools are missing is skipped in one line; with ZUOXI_NO_SKIP=1 whatever is skipped counts as failed.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { delimiter, join, relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { ownNetwork } from './own-network.mjs'

const root = join(import.meta.dirname, '..')
const results = join(root, 'test-results')
const bin = name => join(root, 'node_modules', '.bin', name)
const noSkip = process.env.ZUOXI_NO_SKIP === '1'
const asked = process.argv.slice(2)

const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin']
const has = name => folders.some(folder => existsSync(join(folder, name)))
const hasChromium = () =>
  Boolean(process.env.ZUOXI_CHROMIUM) ||
  ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'].some(has)
const lacking = (...names) => names.filter(name => !(name === 'chromium' ? hasChromium() : has(name)))

function run(command, args, env = {}) {
  return new Promise(resolve => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...env },
    })
    child.on('exit', code => resolve(code ?? 1))
    child.on('error', () => resolve(127))
  })
}

const read = file => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null)

/** What failed, or passed only at the second try, by name: told again at the end, where a long log is read. */
const notes = []
const note = (suite, what, test, message) => {
  const lines = stripVTControlCharacters(message ?? '').split('\n')
  notes.push(
    `${suite}: ${what}: ${test}${lines[0] === '' ? '' : `\n    ${lines.slice(0, 12).join('\n    ')}`}`,
  )
}

async function vitest(name, config) {
  const file = join(results, `${name}.json`)
  const code = await run(bin('vitest'), [
    'run',
    '--config',
    config,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ])
  const report = read(file)
  if (report === null) return { passed: 0, failed: 1, skipped: 0 }
  const {
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: pending,
    numTodoTests: todo,
  } = report
  for (const { name: path, message, assertionResults } of report.testResults) {
    const bad = assertionResults.filter(({ status }) => status === 'failed')
    for (const { fullName, failureMessages } of bad)
      note(name, 'failed', `${relative(root, path)} › ${fullName}`, failureMessages[0])
    if (bad.length === 0 && message) note(name, 'failed', relative(root, path), message)
  }
  // A file that could not be loaded has no failed test of its own.
  return { passed, failed: failed === 0 && code !== 0 ? 1 : failed, skipped: pending + todo }
}

const specsOf = suite => [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specsOf)]

/**
 * Specs with real sound and real time get a second try: a machine that halts for seconds is not a defect of the program.
 * What needed one is told by name.
 */
async function playwright(name, config, args, wrap = [], env = {}) {
  const file = join(results, `${name}.json`)
  const [command, ...rest] = [
    ...wrap,
    bin('playwright'),
    'test',
    '-c',
    config,
    '--reporter=list,json',
    '--retries=1',
    ...args,
  ]
  const code = await run(command, rest, { PLAYWRIGHT_JSON_OUTPUT_NAME: file, ...env })
  const report = read(file)
  if (report === null) return { passed: 0, failed: 1, skipped: 0 }
  for (const spec of report.suites.flatMap(specsOf))
    for (const test of spec.tests) {
      const what = { unexpected: 'failed', flaky: 'passed at the second try' }[test.status]
      if (what) note(name, what, `${spec.file} › ${spec.title}`, test.results[0]?.error?.message)
    }
  const { expected, unexpected, flaky, skipped } = report.stats
  return {
    passed: expected + flaky,
    failed: unexpected + (code !== 0 && unexpected === 0 ? 1 : 0),
    skipped,
  }
}

/** A program that prints a line for each thing that it tries and closes with "N passed, N failed". */
function program(name, file) {
  return new Promise(resolve => {
    const child = spawn(process.execPath, [join(root, file)], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let printed = ''
    child.stdout.on('data', chunk => {
      printed += chunk
      process.stdout.write(chunk)
    })
    child.on('close', code => {
      const [, passed, failed] = /^(\d+) passed, (\d+) failed$/m.exec(printed) ?? []
      for (const line of printed.split('\n')) if (line.startsWith('FOUND')) note(name, 'failed', line, '')
      // One that ended before its closing line has tried nothing that counts.
      const counted = { passed: Number(passed ?? 0), failed: Number(failed ?? 1), skipped: 0 }
      resolve({ ...counted, failed: counted.failed + (code !== 0 && counted.failed === 0 ? 1 : 0) })
    })
  })
}

/** The test runtime's folder, or null when the registry cannot be reached or this is no Linux x64. */
function electronRuntime() {
  const made = spawnSync(
    process.execPath,
    [join(root, 'tests', 'support', 'electron-runtime', 'install.mjs')],
    { encoding: 'utf8' },
  )
  return made.status === 0 ? made.stdout.trim() : null
}

const suites = {
  unit: { missing: () => [], run: () => vitest('unit', 'vitest.config.ts') },
  simulation: {
    missing: () => [],
    run: () => vitest('simulation', 'tests/simulation/vitest.config.ts'),
  },
  attack: {
    missing: () => (existsSync('/usr/lib/postgresql') ? [] : ['postgresql']),
    run: () => program('attack', 'tests/attack/main.ts'),
  },
  e2e: {
    missing: () => lacking('chromium', 'openssl'),
    run: () => playwright('e2e', 'tests/e2e/playwright.config.ts', ['--project=chromium']),
  },
  electron: {
    missing: () => [
      ...lacking('xvfb-run', 'openssl'),
      ...(process.platform === 'linux' && process.arch === 'x64' ? [] : ['Linux x64']),
    ],
    run: () => {
      const runtime = electronRuntime()
      if (runtime === null) return null
      const wrap = ['xvfb-run', '-a', '-s', '-screen 0 1600x1000x24']
      const env = { ZUOXI_TEST_ELECTRON: runtime }
      return playwright('electron', 'tests/e2e/playwright.config.ts', ['--project=electron'], wrap, env)
    },
  },
  telephony: {
    missing: () => lacking('chromium', 'kamailio', 'rtpengine', 'baresip', 'sipp', 'unshare', 'ip'),
    run: () => playwright('telephony', 'tests/telephony/playwright.config.ts', [], ownNetwork),
  },
}

rmSync(results, { recursive: true, force: true })
mkdirSync(results, { recursive: true })
const total = { passed: 0, failed: 0, skipped: 0 }
const built = await run(process.execPath, [join(root, 'scripts', 'build.mjs')])
if (built !== 0) {
  console.log('the build failed')
  total.failed += 1
} else {
  for (const [name, suite] of Object.entries(suites)) {
    if (asked.length > 0 && !asked.includes(name)) continue
    console.log(`\n── ${name}`)
    const missing = suite.missing()
    const counted = missing.length > 0 ? null : await suite.run()
    if (counted === null) {
      const why = missing.length > 0 ? missing.join(', ') : 'a runtime that could not be fetched'
      console.log(`${name}: ${noSkip ? 'FAILED, since nothing may be skipped' : 'skipped'}: needs ${why}`)
      total[noSkip ? 'failed' : 'skipped'] += 1
      continue
    }
    total.passed += counted.passed
    total.failed += counted.failed + (noSkip ? counted.skipped : 0)
    total.skipped += noSkip ? 0 : counted.skipped
  }
}
if (notes.length > 0) console.log(`\n${notes.join('\n')}`)
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exit(total.failed === 0 ? 0 : 1)
