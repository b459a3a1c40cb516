import fc from 'fast-check'
import { expect, it } from 'vitest'
import { emptyCaseFields } from '../../shared/domain/case.ts'
import { newLoop } from '../../shared/domain/case-loop.ts'
import { dispatchCopy, filesForUnit, maskNumbersIn } from '../../shared/domain/dispatch-copy.ts'

const fields = {
  ...emptyCaseFields,
  callerName: '王小明',
  callingNumber: '19900000001',
  contactNumber: '05126666123',
  email: 'wang@example.org',
  title: '王小明反映路灯不亮',
  content: '来电人王小明（19900000001，座机 0512-6666123）称王女士家河东路 12 号门前路灯三天不亮。',
}
const of = (confidential: boolean) =>
  dispatchCopy({
    caseId: 'c',
    caseNumber: '2026-00000001',
    status: 'dispatched',
    createdAt: '2026-11-24T02:00:00.000Z',
    fields: { ...fields, confidential },
    loop: newLoop,
    history: [
      {
        entryId: 'a',
        kind: 'remark',
        at: '',
        operatorId: 'o',
        operatorName: '林晓岚',
        detail: '王小明再次来电',
      },
      {
        entryId: 'b',
        kind: 'moved',
        at: '',
        operatorId: 'o',
        operatorName: '林晓岚',
        detail: 'dispatch 请联系王小明',
      },
    ],
  })

it('parts the facts from who told them', () => {
  const copy = of(false)
  expect(copy.caller).toEqual({ name: '王**', number: '051****6123' })
  expect(copy.title).toBe('来电人反映路灯不亮')
  expect(copy.content).toContain('来电人家河东路 12 号门前路灯三天不亮')
  expect(copy.history).toEqual([{ at: '', by: '林晓岚', detail: 'dispatch 请联系来电人' }])
  for (const identity of ['王小明', '19900000001', '6666123', 'wang@'])
    expect(JSON.stringify(copy)).not.toContain(identity)
})

it('leaves nothing of a confidential caller', () => {
  expect(of(true).caller).toBeNull()
  expect(JSON.stringify(of(true))).not.toMatch(/王|1990|6123/)
})

it('masks numbers that people wrote into a text, and no house numbers, sums or dates', () => {
  expect(maskNumbersIn('电话13800138000，身份证 110101199003070011')).toBe(
    '电话138****8000，身份证 110****0011',
  )
  expect(maskNumbersIn('138 0013 8000 或 021-55501234')).toBe('138****8000 或 021****1234')
  expect(maskNumbersIn('2026年11月24日，12 号楼 301 室，欠费 1500 元')).toBe(
    '2026年11月24日，12 号楼 301 室，欠费 1500 元',
  )
  fc.assert(
    fc.property(
      fc.stringMatching(/^1[3-9]\d{9}$/),
      fc.constantFrom('', '，', '电话', ' '),
      (number, around) => {
        expect(maskNumbersIn(`${around}${number}${around}`)).not.toContain(number)
      },
    ),
  )
})

it('gives a unit the files that its dispatch names and its own, by names that say nothing of who called', () => {
  const file = (attachmentId: string, name: string, unitCode?: string) => ({
    attachmentId,
    name,
    mediaType: 'image/jpeg',
    bytes: 1,
    sha256: 'a'.repeat(64),
    ...(unitCode === undefined ? {} : { addedBy: { name: '经办', unitCode } }),
  })
  const attachments = [
    file('named', '王小明 19900000001.jpg'),
    file('other', '身份证.jpg'),
    file('ours', '修复后.jpg', 'C07'),
    file('theirs', '现场.jpg', 'C01'),
  ]
  const loop = {
    ...newLoop,
    order: {
      catalogueVersion: '1',
      categoryCode: '0101',
      lead: { code: 'C07', name: '照明' },
      assist: [],
      signBy: null,
      replyBy: null,
      opinion: '',
      attachments: ['named', 'no such one'],
    },
  }
  const seen = (confidential: boolean, order: typeof loop.order | null = loop.order) =>
    filesForUnit({ fields: { ...fields, confidential }, loop: { ...loop, order }, attachments }, 'C07').map(
      ({ name, own }) => [name, own],
    )
  expect(seen(false)).toEqual([
    ['来电人 199****0001.jpg', false],
    ['修复后.jpg', true],
  ])
  expect(seen(true)).toEqual([['修复后.jpg', true]])
  expect(seen(false, null)).toEqual([['修复后.jpg', true]])
})
