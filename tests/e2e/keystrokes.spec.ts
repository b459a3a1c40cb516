/** What help is worth: three calls written down with it and without, key by key, to the same form. And a city's own dialect words. */
import { join } from 'node:path'
import { assistModelName } from '../../shared/domain/assist/published-model.ts'
import { dialectGlossaryName } from '../../shared/domain/dialect/glossary.ts'
import { startCallbackCentre } from '../support/callback-centre.ts'
import { trainedModel } from './made-model.ts'
import { expect, type Seat, test } from './seat-fixture.ts'
import { enrolAt } from './with-centre.ts'

type Call = {
  said: string
  kind: [name: string, place: number]
  urgent: boolean
  category: string
  typed: string
}
const calls: Call[] = [
  {
    said: '来电反映窨井盖不见了，人行道的砖松动，请尽快处理',
    kind: ['投诉', 2],
    urgent: true,
    category: '窨井盖缺失或损坏',
    typed: '窨井盖缺失',
  },
  {
    said: '工地半夜还在施工，楼下酒吧吵到凌晨，居民意见很大',
    kind: ['投诉', 2],
    urgent: false,
    category: '夜间施工噪声',
    typed: '夜间施工',
  },
  {
    said: '昨天停水，另问学区怎么划分，幼儿园乱收费，麻烦给个答复',
    kind: ['咨询', 0],
    urgent: true,
    category: '入学划片',
    typed: '入学划片',
  },
]

/** Counts what an operator presses: a character or a chord is one. */
function typist(seat: Seat) {
  let pressed = 0
  return {
    count: () => pressed,
    type: async (text: string) => {
      pressed += Array.from(text).length
      await seat.page.keyboard.type(text)
    },
    press: async (key: string) => {
      pressed += 1
      await seat.page.keyboard.press(key)
    },
  }
}

async function begin(seat: Seat, keys: ReturnType<typeof typist>, said: string) {
  await keys.press('Alt+n')
  await expect(seat.text('标题')).toBeFocused()
  await expect(seat.text('诉求内容')).toHaveValue('')
  await keys.press('Tab')
  await keys.type(said)
}

const category = (seat: Seat) => seat.region('工单').locator('.category-picker')

async function filledIn(seat: Seat, call: Call) {
  const form = seat.region('工单')
  await expect(form.getByRole('radio', { name: call.kind[0], exact: true })).toBeChecked()
  await expect(form.getByRole('radio', { name: call.urgent ? '紧急' : '一般', exact: true })).toBeChecked()
  await expect(category(seat)).toContainText(call.category)
  await expect(seat.text('诉求内容')).toHaveValue(call.said)
}

async function byHand(seat: Seat, call: Call): Promise<number> {
  const keys = typist(seat)
  await begin(seat, keys, call.said)
  await keys.press('Tab')
  if (call.kind[1] === 0) await keys.press('Space')
  for (let each = 0; each < call.kind[1]; each += 1) await keys.press('ArrowRight')
  await keys.press('Tab')
  if (call.urgent) await keys.press('ArrowRight')
  await keys.press('Tab')
  await keys.type(call.typed)
  await expect(seat.page.locator('.ant-select-item-option-active .category-name')).toHaveText(call.category)
  await keys.press('Enter')
  await filledIn(seat, call)
  return keys.count()
}

async function withHelp(seat: Seat, call: Call): Promise<number> {
  const keys = typist(seat)
  const drafts = seat.region('填单建议')
  const offer = (name: string) => drafts.getByRole('listitem', { name })
  await begin(seat, keys, call.said)
  await expect(offer('诉求分类').first()).toContainText(call.category)
  for (const name of [...(call.urgent ? ['紧急程度'] : []), '诉求分类', '诉求类型']) {
    await expect(drafts.getByRole('listitem').first()).toHaveAccessibleName(name)
    await keys.press('Alt+a')
    await expect(offer(name)).toHaveCount(0)
  }
  await filledIn(seat, call)
  return keys.count()
}

test('three calls take fewer keys with help than without', async ({ seat }) => {
  test.setTimeout(240_000)
  const centre = await startCallbackCentre(join(seat.scratch, 'centre'))
  try {
    await centre.publish('1', trainedModel(), assistModelName)
    const entries = [{ word: '窨井凼凼', dialect: '西南官话', normal: '窨井', note: '' }]
    await centre.publish('1', { sample: false, entries }, dialectGlossaryName)
    await seat.start()
    await seat.signIn()
    await enrolAt(seat, centre.url, centre.enrolmentCodes[0] ?? '')
    const { page } = seat
    await page.keyboard.press('Alt+1')
    await page.keyboard.press('Alt+n')
    await expect(seat.text('标题')).toBeFocused()
    await page.keyboard.press('Tab')
    await page.keyboard.type('门口的窨井凼凼没得盖盖')
    const words = seat.region('方言词汇')
    // What is published comes with the first catch-up; the next pause in typing asks again.
    await expect(async () => {
      await page.keyboard.type('。')
      await expect(words.getByRole('listitem', { name: '窨井凼凼' })).toContainText('窨井西南官话', {
        timeout: 2_000,
      })
      await expect(seat.region('填单建议').getByRole('listitem', { name: '诉求分类' }).first()).toBeVisible({
        timeout: 2_000,
      })
    }).toPass({ timeout: 60_000 })
    await expect(words).not.toContainText('示例词汇表')

    const rows: string[] = []
    let [all, helped] = [0, 0]
    for (const [place, call] of calls.entries()) {
      const without = await byHand(seat, call)
      const with_ = await withHelp(seat, call)
      rows.push(`call ${place + 1}: ${without} keys without help, ${with_} with it`)
      expect(with_).toBeLessThan(without)
      all += without
      helped += with_
    }
    console.log([...rows, `together: ${all} without, ${helped} with`].join('\n'))

    // The ledger of a seat whose centre is away says so, and is there all the same.
    await centre.end()
    await expect(seat.region('连接状态')).toContainText('中心 离线', { timeout: 60_000 })
    await page.keyboard.press('Alt+q')
    await expect(seat.region('涉企台账')).toContainText('与中心断开')
    await expect(seat.region('涉企台账')).toContainText('没有您跟办的未了结涉企工单')
    await seat.picture('ledger-offline')
  } finally {
    await centre.end()
  }
})
