import { describe, expect, it } from 'vitest'
import { timePhrases } from '../../../shared/domain/assist/time-phrases.ts'
import { sampleUrgencyWords, urgencyOf, urgencyWords } from '../../../shared/domain/assist/urgency-words.ts'

describe('urgency words', () => {
  it.each([
    ['楼道里闻到煤气味很重', { urgency: 'critical', words: ['煤气味', '闻到煤气'] }],
    ['楼道里燃气味特别大', { urgency: 'critical', words: ['燃气味'] }],
    ['厨房煤气泄露', { urgency: 'critical', words: ['煤气泄露'] }],
    ['天然气泄漏，快来人', { urgency: 'critical', words: ['天然气泄漏'] }],
    ['楼下漏燃气', { urgency: 'critical', words: ['漏燃气'] }],
    ['咨询天然气开户', null],
    ['邻居家着火了，还停电', { urgency: 'critical', words: ['着火'] }],
    ['小区停水两天', { urgency: 'urgent', words: ['停水'] }],
    ['楼道堆物存在火灾隐患', null],
    ['楼道堆物有火灾隐患，昨天真发生了火灾', { urgency: 'critical', words: ['火灾'] }],
    ['商场打跳楼价是不是欺诈', null],
    ['咨询社保', null],
    ['', null],
  ])('%s', (text, expected) => {
    expect(urgencyOf(text, sampleUrgencyWords)).toEqual(expected)
  })

  it('is a table that a city can publish, and reads no more than the beginning of a megabyte', () => {
    expect(urgencyWords.parse(sampleUrgencyWords)).toEqual(sampleUrgencyWords)
    expect(urgencyOf(`${'无事'.repeat(500_000)}起火`, sampleUrgencyWords)).toBeNull()
  })
})

/** A Wednesday, 15:20 in China. */
const now = Date.parse('2026-11-25T15:20:00+08:00')
const china = (at: number) => new Date(at + 8 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ')

describe('time phrases', () => {
  it.each([
    ['今天上午', '2026-11-25 08:00', 'part-of-day'],
    ['昨晚10点', '2026-11-24 22:00', 'hour'],
    ['11月20日', '2026-11-20 00:00', 'day'],
    ['12月20日', '2025-12-20 00:00', 'day'],
    ['2025年3月5号下午三点半', '2025-03-05 15:30', 'minute'],
    ['去年十月一日', '2025-10-01 00:00', 'day'],
    ['前天', '2026-11-23 00:00', 'day'],
    ['大前天晚上', '2026-11-22 18:00', 'part-of-day'],
    ['明天上午9点', '2026-11-26 09:00', 'hour'],
    ['今早七点二十', '2026-11-25 07:20', 'minute'],
    ['昨天22:45', '2026-11-24 22:45', 'minute'],
    ['本月5号', '2026-11-05 00:00', 'day'],
    ['上个月二十八号', '2026-10-28 00:00', 'day'],
    ['周五', '2026-11-20 00:00', 'day'],
    ['周三', '2026-11-25 00:00', 'day'],
    ['上周五下午', '2026-11-20 13:00', 'part-of-day'],
    ['下周一', '2026-11-30 00:00', 'day'],
    ['星期天', '2026-11-22 00:00', 'day'],
    ['三天前', '2026-11-22 00:00', 'day'],
    ['两个小时前', '2026-11-25 13:20', 'hour'],
    ['10分钟前', '2026-11-25 15:10', 'minute'],
    ['半个小时前', '2026-11-25 14:50', 'hour'],
    ['晚上10点', '2026-11-24 22:00', 'hour'],
    ['下午两点一刻', '2026-11-25 14:15', 'minute'],
    ['中午12点', '2026-11-25 12:00', 'hour'],
    ['昨天中午11点半', '2026-11-24 11:30', 'minute'],
    ['昨天晚上12点', '2026-11-25 00:00', 'hour'],
    ['昨天凌晨12点', '2026-11-24 00:00', 'hour'],
    ['一个半小时前', '2026-11-25 13:50', 'hour'],
    ['1.5小时前', '2026-11-25 13:50', 'hour'],
    ['两小时半前', '2026-11-25 12:50', 'hour'],
    ['1小时20分钟前', '2026-11-25 14:00', 'minute'],
    ['一百二十分钟前', '2026-11-25 13:20', 'minute'],
    ['两个半月前', '2026-09-11 00:00', 'day'],
    ['三天前下午3点', '2026-11-22 15:00', 'hour'],
    ['昨晚1点', '2026-11-25 01:00', 'hour'],
    ['昨晚零点', '2026-11-25 00:00', 'hour'],
    ['昨天深夜11点', '2026-11-24 23:00', 'hour'],
    ['昨天半夜11点', '2026-11-24 23:00', 'hour'],
    ['昨晚凌晨2点', '2026-11-25 02:00', 'hour'],
    ['今天夜里3点', '2026-11-25 03:00', 'hour'],
    ['半夜2点', '2026-11-25 02:00', 'hour'],
    ['夜里12点', '2026-11-25 00:00', 'hour'],
    ['下午12点', '2026-11-25 12:00', 'hour'],
    ['中午1点', '2026-11-25 13:00', 'hour'],
    ['午后2点', '2026-11-25 14:00', 'hour'],
    ['前晚10点', '2026-11-23 22:00', 'hour'],
    ['明早8点', '2026-11-26 08:00', 'hour'],
    ['大后天', '2026-11-28 00:00', 'day'],
    ['上上个月5号', '2026-09-05 00:00', 'day'],
    ['25年10月3日', '2025-10-03 00:00', 'day'],
    ['82年9月25日', '1982-09-25 00:00', 'day'],
    ['今年的五月三十一号', '2026-05-31 00:00', 'day'],
    ['二〇二五年十月三日', '2025-10-03 00:00', 'day'],
    ['昨天２２：４５', '2026-11-24 22:45', 'minute'],
    ['１１月⑳日', '2026-11-20 00:00', 'day'],
    ['昨天下\u200b午3点', '2026-11-24 15:00', 'hour'],
  ])('%s', (phrase, at, exact) => {
    const found = timePhrases(`来电人称${phrase}，楼下施工`, now)
    expect(found.map(one => ({ text: one.text, at: china(one.at), exact: one.exact }))).toEqual([
      { text: phrase, at, exact },
    ])
  })

  it('takes several in their order and says where they stand', () => {
    const text = '昨天上午报修，今天下午3点还没人来'
    const found = timePhrases(text, now)
    expect(found.map(({ from, to }) => text.slice(from, to))).toEqual(['昨天上午', '今天下午3点'])
  })

  it.each([
    '13月40日',
    '2月30日',
    '三点建议',
    '早就反映过',
    '第12点意见',
    '晚点再说',
    '天天如此',
    '月月涨价',
    '半天前',
    '一天半前',
    '三四天前',
    '两三个小时前',
    '二三十分钟前',
    '几十分钟前',
    '10多分钟前',
    '1000分钟前',
    '两年前',
    '1年2个月前',
    '三天前后',
    '大半个月前',
    '晚上13点',
    '早上12点',
    '凌晨11点',
    '上午14点',
    '傍晚12点',
    '昨天晚上24:30',
    '昨天25点',
    '下午三四点',
    '下午十一二点',
    '8月8号楼',
    '3月5号线',
    '大上周五',
    '每周五晚上',
    '每天晚上10点',
    '经常半夜施工',
    '周一至周五',
    '当晚10点',
    '第二天早上8点',
    '以前天气不好',
    '之前天天下雨',
    '早高峰',
    '稍晚一点',
    '每天早上和晚上',
    '周一到周四晚上6:20到8:40',
  ])('%s is no time', text => {
    expect(timePhrases(text, now)).toEqual([])
  })

  it('knows the last day of a leap year and the turn of the year', () => {
    const january = Date.parse('2028-01-03T09:00:00+08:00')
    expect(timePhrases('12月31日', january).map(({ at }) => china(at))).toEqual(['2027-12-31 00:00'])
    expect(timePhrases('上个月31号', january).map(({ at }) => china(at))).toEqual(['2027-12-31 00:00'])
    const march = Date.parse('2028-03-01T09:00:00+08:00')
    expect(timePhrases('昨天', march).map(({ at }) => china(at))).toEqual(['2028-02-29 00:00'])
  })

  it('ends on a text of a megabyte', () => {
    expect(timePhrases('昨天'.repeat(500_000), now).length).toBe(50)
    expect(timePhrases('一二三四五六七八九十'.repeat(100_000), now)).toEqual([])
  })
})
