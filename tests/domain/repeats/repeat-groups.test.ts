import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRarity, likeness, profileOf, sharedWords } from '../../../shared/domain/repeats/likeness.ts'
import { placeStems, placesDiffer } from '../../../shared/domain/repeats/place-names.ts'
import { createRepeatGroups, type StreamCase } from '../../../shared/domain/repeats/repeat-groups.ts'

const day = 86_400_000
let made = 0
const caseOf = (title: string, content: string, onDay: number, user = `u${(made += 1)}`): StreamCase => ({
  id: `${onDay}-${title}`,
  user,
  title,
  content,
  at: onDay * day,
})

const dish = [
  caseOf('河东区青石巷百味夜宵摊油烟扰民', '楼下百味夜宵摊每晚炒到两点，油烟飘进家里。', 1),
  caseOf('青石巷百味夜宵摊半夜油烟熏人', '百味夜宵摊没有油烟净化器，居民睡不着。', 9),
  caseOf('投诉百味夜宵摊油烟污染', '青石巷的百味夜宵摊油烟太大。', 30),
]
const otherDish = caseOf('河西区文昌路烧烤店油烟扰民', '文昌路的烧烤店油烟很大，无人管。', 12)
const lamp = [
  caseOf('云澜大道路灯不亮', '云澜大道到新桥路口的路灯坏了两周。', 3),
  caseOf('云澜大道新桥路口路灯坏了', '晚上很黑，云澜大道路灯不亮。', 40),
]
const others = [
  caseOf('咨询异地就医备案流程', '在外地住院如何办理备案。', 5),
  caseOf('小学学区如何划分', '孩子明年上学，想知道学区。', 6),
  caseOf('公交十二路等候时间太长', '早高峰等了四十分钟。', 7),
  caseOf('电梯停运一周无人维修', '阳光花园三栋的电梯坏了。', 8),
]

const grouped = (cases: StreamCase[]) => {
  const grouping = createRepeatGroups<StreamCase>()
  for (const one of cases.toSorted((a, b) => a.at - b.at)) grouping.add(one)
  return grouping
}

describe('groups of repeated cases', () => {
  it('brings together what is the same matter at the same place, over months, and keeps the rest apart', () => {
    const groups = grouped([...dish, otherDish, ...lamp, ...others]).groups(2)
    expect(
      groups.map(({ cases }) => cases.map(({ title }) => title)).toSorted((a, b) => b.length - a.length),
    ).toEqual([dish.map(({ title }) => title), lamp.map(({ title }) => title)])
  })

  it('tells what a group is about in words that stand in its cases', () => {
    const [group] = grouped([...others, ...dish]).groups(3)
    expect(group?.words.length).toBeGreaterThan(0)
    expect(group?.words.join(' ')).toContain('百味夜宵摊')
  })

  it('answers a new case with the earlier ones of its matter, and never with later ones', () => {
    const grouping = createRepeatGroups<StreamCase>()
    for (const one of others) grouping.add(one)
    expect(grouping.add(dish[0] as StreamCase)).toEqual([])
    expect(grouping.add(dish[1] as StreamCase)).toEqual([dish[0]])
  })

  it('puts a matter of many people before one of a person who writes often', () => {
    const often = ['一', '二', '三', '四'].map((word, at) =>
      caseOf('文昌路法桐飘絮影响健康', `文昌路的法桐飘絮，第${word}次反映。`, 20 + at, 'same'),
    )
    const many = ['一', '二', '三', '四'].map((word, at) =>
      caseOf('南湖街自来水发黄', `南湖街自来水发黄，${word}号楼也是。`, 20 + at),
    )
    const [first, second] = grouped([...others, ...often, ...many]).groups(4)
    expect(first?.people).toBe(4)
    expect(second?.people).toBe(1)
    expect(first?.heat).toBeGreaterThan(second?.heat ?? Number.POSITIVE_INFINITY)
  })

  it('takes anything: every case is in exactly one group, however strange its text', () => {
    const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[路灯坏小区A7县 。]{0,30}$/u))
    fc.assert(
      fc.property(fc.array(fc.record({ title: text, content: text }), { maxLength: 25 }), texts => {
        const cases = texts.map(({ title, content }, at) => caseOf(title, content, at))
        const inGroups = grouped(cases)
          .groups(1)
          .flatMap(({ cases }) => cases)
        expect(inGroups.toSorted((a, b) => a.at - b.at)).toEqual(cases)
      }),
      { numRuns: 60 },
    )
  })
})

describe('likeness', () => {
  it('is the same from both sides, one for the same text and nothing for texts without a pair in common', () => {
    const rarity = createRarity()
    const [one, other] = [profileOf(dish[0] as StreamCase), profileOf(dish[1] as StreamCase)]
    for (const { whole } of [one, other, ...others.map(profileOf)]) rarity.add(whole.index.keys())
    expect(likeness(one, other, rarity)).toBeCloseTo(likeness(other, one, rarity))
    expect(likeness(one, one, rarity)).toBeCloseTo(1)
    expect(
      likeness(profileOf({ title: '甲乙', content: '' }), profileOf({ title: '丙丁', content: '' }), rarity),
    ).toBe(0)
    expect(sharedWords(other, one, rarity)[0]).toContain('百味夜宵摊')
  })

  it('is less when both titles name a place, and not the same one', () => {
    expect(placeStems('投诉文昌路阳光花园噪声')).toEqual(['文昌', '文昌路阳光'])
    expect(placesDiffer(['文昌'], ['文昌路阳光'])).toBe(false)
    expect(placesDiffer(['文昌'], ['新桥'])).toBe(true)
    expect(placesDiffer([], ['新桥'])).toBe(false)
  })
})
