/**
 * 派单 in the page, with 5,000 entries: a category search by Chinese and by initials, and a time limit in working days, each
 * beside a plain scan of the same data; and what a key costs the page until the list is drawn.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { build } from 'vite'
import { createReadings } from '../../electron/core/catalogue/readings.ts'
import type { DispatchCatalogue } from '../../shared/domain/catalogue.ts'
import { startCentralProcess } from '../central/processes.ts'
import { sampleCalendar, sampleCatalogue } from '../domain/some-catalogue.ts'
import { chromiumPath, quietSwitches } from '../support/chromium.ts'
import { root, startSeat } from '../support/seat-process.ts'
import { printRow, quantile } from './row.ts'

const entries = 5_000
/** Milliseconds: one frame for what is computed; what is drawn seems to be there at once. */
const most = 16
const drawnMs = 100
const executablePath = chromiumPath()
if (executablePath === null) {
  console.log('dispatch: skipped, there is no Chromium')
  process.exit(0)
}
const scratch = mkdtempSync(join(tmpdir(), 'zuoxi-bench-dispatch-'))

/** The sample's own matters, again and again under other districts' names. */
const parents = new Set(sampleCatalogue.categories.map(({ parentCode }) => parentCode))
const leaves = sampleCatalogue.categories.filter(({ code }) => !parents.has(code))
const places = sampleCatalogue.divisions.map(({ name }) => name)
const catalogue: DispatchCatalogue = {
  ...sampleCatalogue,
  version: 'bench',
  categories: [
    ...sampleCatalogue.categories,
    ...Array.from({ length: entries - leaves.length }, (_, at) => {
      const leaf = leaves[at % leaves.length] ?? leaves[0]
      if (leaf === undefined) throw new Error('the sample is empty')
      return {
        ...leaf,
        code: `${leaf.code}${String(at).padStart(5, '0')}`,
        name: `${places[Math.floor(at / leaves.length) % places.length]}${leaf.name}`,
      }
    }),
  ],
}
const readings = await createReadings()(catalogue)

// ── the functions, in a page ────────────────────────────────────────────────────────────────────────────────────────

const source = join(scratch, 'page')
mkdirSync(source)
const own = (path: string) => JSON.stringify(join(root, 'shared', 'domain', path))
writeFileSync(join(source, 'data.json'), JSON.stringify({ readings, calendar: sampleCalendar }))
writeFileSync(
  join(source, 'page.js'),
  `import { categoryIndex, searchCategories } from ${own('category-search.ts')}
import { dayAt, dayOf, workDays } from ${own('calendar.ts')}
import { dueAt } from ${own('working-time.ts')}
import data from './data.json'
const { readings, calendar } = data
const index = categoryIndex(readings)
const days = workDays(calendar)
const scan = typed => {
  const found = []
  for (const { code, name, path, pinyin } of readings) {
    const initials = pinyin.split('|').map(way => way.split(' ').map(syllable => syllable[0]).join(''))
    if ([name, code, path, ...initials].some(text => text.includes(typed))) found.push(code)
  }
  return found.slice(0, 50)
}
const holidays = new Set(calendar.holidays.map(({ date }) => dayOf(date)))
const extra = new Set(calendar.workdays.map(({ date }) => dayOf(date)))
const walk = (start, amount) => {
  let day = dayAt(start)
  for (let left = amount; left > 0; ) {
    day += 1
    const weekend = [0, 6].includes((day + 4) % 7)
    if (extra.has(day) || (!weekend && !holidays.has(day))) left -= 1
  }
  return day
}
const begin = Date.parse('2026-01-05T10:00:00+08:00')
// The page's clock is coarse: each figure is of a row of calls.
const time = (work, calls) => {
  const at = performance.now()
  for (let call = 0; call < calls; call += 1) work(call)
  return (performance.now() - at) / calls
}
const measure = (work, calls) => Array.from({ length: 100 }, () => time(work, calls))
window.run = words => ({
  chinese: measure(call => searchCategories(index, words.chinese[call % words.chinese.length], 50), 4),
  chineseScan: measure(call => scan(words.chinese[call % words.chinese.length]), 4),
  initials: measure(call => searchCategories(index, words.initials[call % words.initials.length], 50), 4),
  initialsScan: measure(call => scan(words.initials[call % words.initials.length]), 4),
  due: measure(call => dueAt(begin + call * 60_000, { amount: 15, unit: 'working-day' }, days), 1_000),
  dueWalk: measure(call => walk(begin + call * 60_000, 15), 1_000),
  found: [...words.chinese, ...words.initials].map(word => searchCategories(index, word, 50).length),
})
`,
)
writeFileSync(join(source, 'index.html'), '<!doctype html><script type="module" src="./page.js"></script>')
const built = join(scratch, 'built')
await build({
  configFile: false,
  root: source,
  base: './',
  logLevel: 'silent',
  build: {
    outDir: built,
    target: 'chrome114',
    rollupOptions: { input: join(source, 'page.js'), output: { format: 'iife', entryFileNames: 'page.js' } },
  },
})
const context = await chromium.launchPersistentContext(join(scratch, 'profile'), {
  executablePath,
  chromiumSandbox: false,
  args: [...quietSwitches],
  viewport: { width: 1366, height: 768 },
})
const words = {
  chinese: ['水压', '停', '工资', '河东区', '路灯 不亮', '异味'],
  initials: ['sy', 'tszx', 'tqgz', 'hdq', 'l', 'wysf'],
}
type Times = Record<'chinese' | 'chineseScan' | 'initials' | 'initialsScan' | 'due' | 'dueWalk', number[]>
const bare = await context.newPage()
await bare.addScriptTag({ path: join(built, 'page.js') })
const times = await bare.evaluate<Times, typeof words>(
  given => (Reflect.get(window, 'run') as (of: typeof given) => Times)(given),
  words,
)
await bare.close()
let failed = false
const row = (
  what: string,
  ours: readonly number[],
  limit: readonly number[],
  { unit = 'ms', scale = 1, aimMs = most, aim = 'beside a plain scan' } = {},
) => {
  const p95 = quantile(ours, 0.95)
  failed ||= p95 > aimMs
  printRow({
    what: `${what}, p95`,
    ours: p95 * scale,
    limit: quantile(limit, 0.95) * scale,
    unit,
    aim: `< ${aimMs} ms; ${aim}`,
  })
}
row('category search by Chinese, 5,000 entries', times.chinese, times.chineseScan)
row('category search by initials, 5,000 entries', times.initials, times.initialsScan)
row('time limit of 15 working days', times.due, times.dueWalk, { unit: 'µs', scale: 1_000 })

// ── a key in the form ───────────────────────────────────────────────────────────────────────────────────────────────

const folder = join(scratch, 'centre')
const cli = (...args: string[]) =>
  execFileSync(process.execPath, [join(root, 'central', 'main.ts'), ...args, '--data-dir', folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim()
const key = cli('api-key', '--name', 'bench')
const centre = await startCentralProcess(['--data-dir', folder, '--port', '0'])
const answer = await fetch(new URL('/v1/publications/dispatch-catalogue/bench', centre.url), {
  method: 'PUT',
  headers: { 'content-type': 'application/json', 'x-api-key': key },
  body: JSON.stringify({ effectiveAt: new Date(Date.now() - 1_000).toISOString(), content: catalogue }),
})
if (!answer.ok) throw new Error(`the catalogue was not published: ${answer.status}`)
const dataDir = join(scratch, 'data')
mkdirSync(dataDir)
const seat = await startSeat({ dataDir, args: ['--no-training'] })
const page = context.pages()[0] ?? (await context.newPage())
await page.goto(seat.ready.url)
await page.getByRole('textbox', { name: '按工号或姓名查找' }).waitFor()
await page.keyboard.type('9001')
await page.keyboard.press('Enter')
await page.getByRole('button', { name: '新建工单', exact: true }).waitFor()
await page.keyboard.press('Alt+4')
await page.getByRole('textbox', { name: '中心平台地址', exact: true }).fill(centre.url)
await page.getByRole('button', { name: '保存设置', exact: true }).click()
await page.getByRole('status').filter({ hasText: '已保存' }).waitFor()
await page.keyboard.press('Alt+0')
await page.getByRole('button', { name: '登记本坐席' }).click()
await page.getByLabel('登记码').fill(centre.enrolmentCode)
await page.keyboard.press('Enter')
// The enrolment ends the session; the centre's people sign in.
await page.getByText('本坐席已登记到中心，请用中心的工号登录').waitFor()
await page.keyboard.type('1001')
await page.keyboard.press('Enter')
await page.getByLabel('口令', { exact: true }).waitFor()
await page.keyboard.type('yanshi-12345')
await page.keyboard.press('Enter')
await page.getByRole('button', { name: '新建工单', exact: true }).waitFor()
await page.keyboard.press('Alt+1')
await page.keyboard.press('Alt+n')
await page.getByRole('region', { name: '派单' }).getByText('目录 bench').waitFor()
await page.getByRole('combobox', { name: '诉求分类', exact: true }).focus()
await page.evaluate(() => {
  const spent: number[] = []
  Reflect.set(window, '__spent', spent)
  document.addEventListener(
    'input',
    () => {
      const at = performance.now()
      // After everything that the key brought about, its layout too.
      setTimeout(() => {
        void document.body.offsetHeight
        spent.push(performance.now() - at)
      })
    },
    true,
  )
})
/** As a person types: the page has come to rest before the next key. */
const quiet = () => page.evaluate(() => new Promise(resolve => requestIdleCallback(resolve)))
const shown = page.locator('.ant-select-item-option-active .category-name')
for (let round = 0; round < 10; round += 1)
  for (const word of ['sybz', 'tuoqian', '河东区路灯']) {
    for (const letter of word) {
      await page.keyboard.insertText(letter)
      await shown.waitFor()
      await quiet()
    }
    for (const _letter of word) await page.keyboard.press('Backspace')
  }
const spent = (await page.evaluate(() => Reflect.get(window, '__spent') as number[])).slice(20)
row('a key in 诉求分类 until its list is drawn', spent, times.initialsScan, { aimMs: drawnMs })

/** What each key costs in a text of the form. */
const typing = async (): Promise<number[]> => {
  const from = await page.evaluate(() => (Reflect.get(window, '__spent') as number[]).length)
  await page.getByRole('textbox', { name: '诉求内容', exact: true }).focus()
  for (let key = 0; key < 120; key += 1) {
    await page.keyboard.insertText('水')
    await quiet()
  }
  return page.evaluate(start => (Reflect.get(window, '__spent') as number[]).slice(start), from)
}
await page.getByRole('combobox', { name: '诉求分类', exact: true }).focus()
await page.keyboard.insertText('水压不足')
await shown.waitFor()
await page.keyboard.press('Enter')
await page.getByRole('region', { name: '办理时限' }).waitFor()
const beside = await typing()
await page.keyboard.press('Alt+8')
await page.getByRole('region', { name: '派单' }).waitFor({ state: 'detached' })
const alone = await typing()
row('a key in 诉求内容 beside 派单', beside, alone, { aimMs: drawnMs, aim: 'beside the form without it' })

await context.close()
await seat.stop()
await centre.end()
rmSync(scratch, { recursive: true, force: true })
process.exit(failed ? 1 : 0)
