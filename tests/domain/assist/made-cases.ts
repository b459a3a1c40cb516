/** Cases made up for the tests: four matters, each with its own sentences, in no order. */
import type { Example } from '../../../shared/domain/assist/train-model.ts'

const matters: Record<string, string[]> = {
  道路设施: ['路面有一个大坑', '窨井盖不见了', '人行道的砖松动', '路灯整夜不亮', '护栏被撞断'],
  社会保险: [
    '养老金还没有到账',
    '医保卡不能结算',
    '社保断缴如何补缴',
    '工伤认定要什么材料',
    '失业金怎么申请',
  ],
  噪声污染: [
    '工地半夜还在施工',
    '广场舞的音响太响',
    '楼下酒吧吵到凌晨',
    '空调外机声音很大',
    '早上五点就敲锣',
  ],
  学校教育: ['学区怎么划分', '幼儿园乱收费', '老师在外面补课', '中考报名的时间', '校服价格太高'],
}
const places = ['青石巷', '云澜大道', '文昌路', '南湖街', '新桥路', '东岭街']
const pleas = ['请尽快处理', '希望有人来看看', '已经反映过两次', '麻烦给个答复', '居民意见很大']

const at = <T>(list: readonly T[], place: number): T => list[place % list.length] as T

export function madeCases(count: number, random: () => number): Example[] {
  const names = Object.keys(matters)
  return Array.from({ length: count }, () => {
    const category = at(names, Math.floor(random() * names.length))
    const sentences = matters[category] as string[]
    const pick = () => at(sentences, Math.floor(random() * sentences.length))
    const place = `${at(places, Math.floor(random() * places.length))}${Math.floor(random() * 900)}号`
    const plea = at(pleas, Math.floor(random() * pleas.length))
    const mark = Array.from({ length: 12 }, () =>
      String.fromCharCode(0x4e00 + Math.floor(random() * 3_000)),
    ).join('')
    return {
      title: `${place}${pick()}`,
      content: `市民反映${place}${pick()}，${pick()}，${mark}，${plea}。`,
      answers: { category, kind: plea.startsWith('麻烦') ? 'consult' : 'complaint' },
    }
  })
}
