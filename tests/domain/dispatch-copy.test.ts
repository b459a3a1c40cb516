import { describe, expect, it } from 'vitest'
import { type CaseFields, emptyCaseFields } from '../../shared/domain/case.ts'
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
  expect(maskNumbersIn('电话19900000101，身份证 990101199001010011')).toBe(
    '电话199****0101，身份证 990****0011',
  )
  expect(maskNumbersIn('199 0000 0101 或 0999-55501234')).toBe('199****0101 或 099****1234')
  expect(maskNumbersIn('座机 6660123，宅电5550-1234')).toBe('座机 ****0123，宅电****1234')
  expect(maskNumbersIn('2026年11月24日，12 号楼 301 室，欠费 1500 元')).toBe(
    '2026年11月24日，12 号楼 301 室，欠费 1500 元',
  )
})

const copyOf = (given: Partial<CaseFields>, confidential = true) => {
  const all = dispatchCopy({
    caseId: 'c',
    caseNumber: '2026-00000001',
    status: 'dispatched',
    createdAt: '2026-11-24T02:00:00.000Z',
    fields: { ...emptyCaseFields, contactNumber: '19900000101', confidential, ...given },
    loop: {
      ...newLoop,
      reply: given.content ?? '',
      returnAsked: given.content ?? '',
      extensionAsked: { reason: given.content ?? '', replyBy: '2026-12-01T02:00:00.000Z' },
    },
    history: [],
  })
  return JSON.stringify(all)
}

describe('who called is taken out in whatever spelling', () => {
  it.each<[callerName: string, text: string, gone: string[]]>([
    ['诸葛小月', '诸葛女士、诸葛姐、老诸葛、诸葛某、諸葛小月、诸葛某月、姓诸葛', ['诸葛', '諸葛']],
    ['尉迟安', '尉迟先生报修，尉迟来电', ['尉迟']],
    [
      '张建国',
      '张先生，老张，张哥，小张，张某，张**，张×国，张总，建国来电，姓张，張建國',
      ['张', '張', '建国'],
    ],
    ['张 建国', '张建国、张　建国、张\u200b建国、张-建国、⾼张建国', ['建国']],
    ['王女士', '王女士反映，王某称，老王，王 女士', ['王']],
    ['李小燕', '小燕说，燕姐，阿燕来电，李・小燕', ['燕']],
    ['阿依古丽·买合苏提', '阿依古丽称，阿依古丽．买合苏提，买合苏提阿依古丽', ['阿依古丽', '买合苏提']],
    ['Joan Baker', 'JOAN BAKER, Baker, Joan; Mrs baker; Ｊｏａｎ', ['JOAN', 'aker', 'Joan', 'Ｊｏａｎ']],
    ['赵四海、钱多多', '赵四海和钱多多，赵女士，老钱', ['赵', '钱多多', '老钱']],
    ['', '我叫孙五岳，家住3号楼。联系人：周六顺。本人姓吴', ['孙五岳', '周六顺', '姓吴']],
  ])('%s', (callerName, text, gone) => {
    for (const field of ['title', 'content', 'place', 'partyName'] as const)
      for (const confidential of [true, false]) {
        const copy = copyOf({ callerName, [field]: text }, confidential)
        const shown = confidential ? copy : copy.replace(/"caller":\{[^}]*\}/, '')
        for (const each of gone) expect(shown, `${field} ${each}`).not.toContain(each)
      }
  })

  it('the number, the mail address and the firm too', () => {
    for (const [given, text, gone] of [
      [
        { contactNumber: '0999-6660123' },
        '6660123，666-0123，0999 666 0123，八六六六零一二三，尾号0123',
        ['0123', '零一二三'],
      ],
      [
        { contactNumber: '', callingNumber: '+8619900000102' },
        '１９９ ０００００１０２，尾号0102',
        ['0102', '０１０２'],
      ],
      [
        { email: 'Li.Si99@example.org' },
        'li.si99@EXAMPLE.org，ｌｉ．ｓｉ９９＠ｅｘａｍｐｌｅ．ｏｒｇ，微信li.si99',
        ['i99', 'ｉ９９'],
      ],
      [{}, '发到 nobody@example.org 或 nobody(at)example.com', ['nobody']],
      [{}, '微信：wx_abc123，QQ 123456789，护照E12345678', ['abc123', '3456', 'E123']],
      [
        { company: '云澜市青禾餐饮管理有限公司' },
        '青禾餐饮、青禾公司、云澜市青禾 餐饮管理有限公司',
        ['青禾'],
      ],
      [{ company: '云澜（江南）绿洲科技有限公司' }, '云澜(江南)绿洲科技有限公司', ['绿洲']],
    ] as const)
      for (const each of gone) expect(copyOf({ ...given, content: text }), text).not.toContain(each)
  })

  it('the words of whoever else is spoken of stay', () => {
    for (const [callerName, text] of [
      ['匿名', '匿名举报，市民先生'],
      ['市民', '市民反映'],
      ['王建设', '建设路，建设工程'],
      ['施小华', '施工扰民，施工方'],
      ['于海', '由于某种原因，对于某些人'],
      ['区志强', '小区停水'],
      ['时新', '三小时，小时'],
      ['牛大力', '牛奶变质'],
      ['汪总明', '汇总'],
      ['高阳', '高阳路12号，提高'],
      ['', '我是房东，本人强调，我是广西人，被举报人：张三丰，被申请人为申请人'],
      ['赵四海', '钱先生打人，老板钱多多，四海为家，赵家村'],
    ] as const)
      expect(copyOf({ callerName, content: text }), callerName).toContain(text)
    expect(copyOf({ content: '违停车苏B54321，户号 23456789，热线400-823-4567' })).toContain(
      '违停车苏B54321，户号 23456789，热线400-823-4567',
    )
  })

  it('of a caller who is not confidential little of the number is shown', () => {
    const shown = (callerName: string, contactNumber: string) =>
      /"caller":(\{[^}]*\})/.exec(copyOf({ callerName, contactNumber }, false))?.[1]
    expect(shown('欧阳小明', '１９９ ００００ ０１０１')).toBe('{"name":"欧阳**","number":"199****0101"}')
    expect(shown('王女士', '6660123')).toBe('{"name":"王**","number":"****0123"}')
    expect(shown('', '微信 wx_abc123')).toBe('{"name":"","number":"****"}')
  })
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
