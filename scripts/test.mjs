// `npm test [-- unit simulation e2e electron telephony]`: builds, runs the suites whose tools are here, and adds up what they say.
// A suite whose tools are missing is skipped in one line; with ZUOXI_NO_SKIP=1 whatever is skipped counts as failed.
// Suites that compute run beside those that wait for real sound and real time; what each prints is shown whole, one after another.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { constants, getPriority, setPriority } from 'node:os'
import { delimiter, join, relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { inTurn } from './in-turn.mjs'
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

/** `out`: prints of a suite, or null for what goes to the terminal as it is. */
function run(command, args, env = {}, out = null, lowly = false) {
  return new Promise(resolve => {
    const to = out === null ? 'inherit' : 'pipe'
    const colour = out !== null && process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', to, to],
      env: { ...process.env, ...colour, ...env },
    })
    child.stdout?.on('data', out)
    child.stderr?.on('data', out)
    // Its workers inherit it.
    if (lowly && child.pid !== undefined)
      setPriority(child.pid, Math.min(getPriority() + 10, constants.priority.PRIORITY_LOW))
    // Not `exit`: its last words may still be on their way.
    child.on('close', code => resolve(code ?? 1))
    child.on('error', () => resolve(127))
  })
}

const read = file => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null)

/** What failed, or passed only at the second try, by name: told again at the end, where a long log is read. */
const notes = {}
const note = (suite, what, test, message) => {
  const lines = stripVTControlCharacters(message ?? '').split('\n')
  notes[suite] ??= []
  notes[suite].push(
    `${suite}: ${what}: ${test}${lines[0] === '' ? '' : `\n    ${lines.slice(0, 12).join('\n    ')}`}`,
  )
}

async function vitest(out, name, config) {
  const file = join(results, `${name}.json`)
  const code = await run(
    bin('vitest'),
    ['run', '--config', config, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    {},
    out,
    true,
  )
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
async function playwright(out, name, config, args, wrap = [], env = {}) {
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
  const code = await run(command, rest, { PLAYWRIGHT_JSON_OUTPUT_NAME: file, ...env }, out)
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
  unit: { missing: () => [], run: out => vitest(out, 'unit', 'vitest.config.ts') },
  simulation: {
    missing: () => [],
    run: out => vitest(out, 'simulation', 'tests/simulation/vitest.config.ts'),
  },
  e2e: {
    missing: () => lacking('chromium', 'openssl'),
    run: out => playwright(out, 'e2e', 'tests/e2e/playwright.config.ts', ['--project=chromium']),
  },
  electron: {
    missing: () => [
      ...lacking('xvfb-run', 'openssl'),
      ...(process.platform === 'linux' && process.arch === 'x64' ? [] : ['Linux x64']),
    ],
    run: out => {
      const runtime = electronRuntime()
      if (runtime === null) return null
      const wrap = ['xvfb-run', '-a', '-s', '-screen 0 1600x1000x24']
      const env = { ZUOXI_TEST_ELECTRON: runtime }
      return playwright(out, 'electron', 'tests/e2e/playwright.config.ts', ['--project=electron'], wrap, env)
    },
  },
  telephony: {
    missing: () => lacking('chromium', 'kamailio', 'rtpengine', 'baresip', 'sipp', 'unshare', 'ip'),
    run: out => playwright(out, 'telephony', 'tests/telephony/playwright.config.ts', [], ownNetwork),
  },
}

/**
 * Each list one after another, the lists beside each other. Telephony leaves three quarters of a core to what computes, which gives way
 * to it; a browser's suites come after.
 */
const beside = [
  ['unit', 'simulation'],
  ['telephony', 'e2e', 'electron'],
]

rmSync(results, { recursive: true, force: true })
mkdirSync(results, { recursive: true })
const total = { passed: 0, failed: 0, skipped: 0 }
const built = await run(process.execPath, [join(root, 'scripts', 'build.mjs')])
if (built !== 0) {
  console.log('the build failed')
  total.failed += 1
} else {
  const wanted = name => asked.length === 0 || asked.includes(name)
  const turns = inTurn(Object.keys(suites).filter(wanted), text => process.stdout.write(text))
  const runSuite = async name => {
    const suite = suites[name]
    const { print, end } = turns(name)
    print(`\n── ${name}\n`)
    const missing = suite.missing()
    const counted = missing.length > 0 ? null : await suite.run(print)
    if (counted === null) {
      const why = missing.length > 0 ? missing.join(', ') : 'a runtime that could not be fetched'
      print(`${name}: ${noSkip ? 'FAILED, since nothing may be skipped' : 'skipped'}: needs ${why}\n`)
      total[noSkip ? 'failed' : 'skipped'] += 1
    } else {
      total.passed += counted.passed
      total.failed += counted.failed + (noSkip ? counted.skipped : 0)
      total.skipped += noSkip ? 0 : counted.skipped
    }
    end()
  }
  await Promise.all(
    beside.map(async names => {
      for (const name of names.filter(wanted)) await runSuite(name)
    }),
  )
}
const told = Object.keys(suites).flatMap(name => notes[name] ?? [])
if (told.length > 0) console.log(`\n${told.join('\n')}`)
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exit(total.failed === 0 ? 0 : 1)
