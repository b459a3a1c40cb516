/** What leaves the seat: nothing that a rule finds, and back again without loss. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  foreignIn,
  isSensitive,
  type KnownValue,
  maskText,
  unmaskText,
} from '../../../shared/domain/language-model/mask.ts'

const placeholder = /〔(?:标记|姓名|单位|电话|证件|银行卡|号码|车牌|邮箱|地址|其他)\d+〕/g

describe('what is masked', () => {
  it.each([
    ['手机 19900000101 打不通', '手机 〔电话1〕 打不通'],
    ['电话199-0000-0101和0999 88880001', '电话〔电话1〕和〔电话2〕'],
    ['全角１９９００００００１０１', '全角〔电话1〕'],
    ['幺九九零零零零零幺零幺', '〔号码1〕'],
    ['身份证99010119900101001X。', '身份证〔证件1〕。'],
    ['卡号 6200 0000 0000 0000 000 被扣', '卡号 〔银行卡1〕 被扣'],
    ['云A·12345堵在门口', '〔车牌1〕堵在门口'],
    ['新能源 苏AD12345', '新能源 〔车牌1〕'],
    ['写信到 wang.x@example.org 没有回', '写信到 〔邮箱1〕 没有回'],
    ['住在文昌路23号3栋2单元501室', '住在〔地址1〕'],
    ['阳光花园5号楼漏水', '〔地址1〕漏水'],
    ['云澜市河东区', '〔地址1〕'],
    ['我叫李建国，王女士也在', '我叫〔姓名1〕，〔姓名2〕也在'],
    ['欧阳先生和老张、小王', '〔姓名1〕和〔姓名2〕、〔姓名3〕'],
    ['19900000101，还是19900000101', '〔电话1〕，还是〔电话1〕'],
    ['电话199\u22120000\u22120101。', '电话〔电话1〕。'],
    ['199\u200b0000\u200b0101', '〔电话1〕'],
    ['199,0000,0101', '〔电话1〕'],
    ['199、0000、0101', '〔电话1〕'],
    ['199：0000：0101', '〔电话1〕'],
    ['199\u00ad0000\u20600101', '〔电话1〕'],
    ['1️⃣9️⃣9️⃣00000101', '〔电话1〕'],
    ['199零零零零零一零一', '〔电话1〕'],
    ['0999杠666杠0123', '〔电话1〕'],
    ['6222=0000=1111=2222=333', '〔银行卡1〕'],
    ['99010119900101００１Ｘ', '〔证件1〕'],
    ['微信 wx_abc123', '微信 〔号码1〕'],
    ['护照E12345678', '护照〔证件1〕'],
    ['ｗａｎｇ＠ｅｘａｍｐｌｅ．ｏｒｇ 和 wang(at)example.org', '〔邮箱1〕 和 〔邮箱2〕'],
    ['王 女士和王\u200b女士', '〔姓名1〕和〔姓名2〕'],
    ['张某某、诸葛先生、尉迟总', '〔姓名1〕、〔姓名2〕、〔姓名3〕'],
    ['我叫 李\u200b建国，', '我叫〔姓名1〕，'],
    ['云 Ａ\u200b12345', '〔车牌1〕'],
    ['文昌路\u200b２３号', '〔地址1〕'],
  ])('%s', (text, expected) => {
    expect(maskText(text).text).toBe(expected)
  })

  it.each(['路灯不亮，马路上很黑', '12345 答复过', '小区里的道路塌了', '公路两边', '下周三前办'])(
    'leaves %s',
    text => expect(maskText(text).text).toBe(text),
  )

  it('finds what the form knows in whatever spelling', () => {
    const known: KnownValue[] = [
      { kind: '姓名', value: '赵四海' },
      { kind: '单位', value: '云澜市青禾餐饮管理有限公司' },
      { kind: '电话', value: '0999-6660123' },
      { kind: '邮箱', value: 'li.si99@example.org' },
      { kind: '其他', value: '三号 仓库' },
    ]
    const { text } = maskText(
      '趙四海、赵 四海、赵·四海，老赵，四海来电；青禾餐饮，青禾 餐饮管理有限公司；尾号0123，66 60 123；LI.SI99 @ example.org，li.si99；三\u200b号仓库',
      known,
    )
    expect(text).not.toMatch(/赵|趙|四海|青禾|0123|66|si99|仓库/i)
  })

  it('finds what the form knows wherever it stands, and what looks like a placeholder is no placeholder', () => {
    const known: KnownValue[] = [
      { kind: '姓名', value: '赵四海' },
      { kind: '单位', value: '甲乙丙商行' },
    ]
    const { text, secrets } = maskText('甲乙丙商行的赵四海说〔电话1〕没人接', known)
    expect(text).not.toMatch(/赵四海|甲乙丙/)
    expect(unmaskText(text, secrets)).toBe('甲乙丙商行的赵四海说〔电话1〕没人接')
    expect(unmaskText('回〔电话9〕', secrets)).toBe('回〔电话9〕')
  })
})

const piece = fc.oneof(
  fc.constantFrom(
    '19900000101',
    '1990000',
    '0101',
    ' ',
    '-',
    '云A12345',
    '云',
    'A12345',
    '990101199001010012',
    'X',
    '王女士',
    '王',
    '女士',
    '我叫',
    '李建国',
    '文昌路',
    '文昌',
    '路23号',
    '阳光花园',
    '3栋',
    '501室',
    '〔',
    '〕',
    '〔电话1〕',
    '电话1〕',
    'a@b.cn',
    '@',
    '。',
    '漏水',
    '幺三八零零零零一一一一',
    '６２００００',
    '①②③',
  ),
  fc.string({ maxLength: 5 }),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
)
const texts = fc.array(piece, { maxLength: 14 }).map(pieces => pieces.join(''))
const knowns = fc.array(
  fc.record({
    kind: fc.constantFrom('姓名' as const, '地址' as const, '其他' as const),
    value: fc.constantFrom('漏水', '李建国', '文昌', '电话', '1〕', '零一'),
  }),
  { maxLength: 3 },
)

describe('whatever the text', () => {
  it('nothing leaves that a rule or the form would find', () => {
    fc.assert(
      fc.property(texts, knowns, (text, known) => {
        for (const left of maskText(text, known).text.split(placeholder))
          expect(isSensitive(left, known)).toBe(false)
      }),
      { numRuns: 400 },
    )
  })

  it('comes back as it was', () => {
    fc.assert(
      fc.property(texts, knowns, (text, known) => {
        const { text: masked, secrets } = maskText(text, known)
        expect(unmaskText(masked, secrets)).toBe(text)
      }),
      { numRuns: 400 },
    )
  })

  it('takes a long text in a moment, whatever is in it', () => {
    for (const text of ['1'.repeat(4_000), '王'.repeat(4_000), '路1号'.repeat(1_300), '一'.repeat(4_000)])
      expect(unmaskText(maskText(text).text, maskText(text).secrets)).toBe(text)
  })
})

it('tells what an answer has that was not sent', () => {
  expect(foreignIn('请看 https://evil.example/a 或〔电话2〕、〔电话1〕', '说〔电话1〕')).toEqual([
    '〔电话2〕',
    'https://evil.example/a',
  ])
})
