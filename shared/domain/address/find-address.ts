/**
 * The place that a text names (来电人说的地点), apart into division, road, number and place. A text has no labels, so only what shows
 * itself is taken: what follows the name of one of the city's divisions, or a road with a number. Nothing else is guessed. Pure.
 */
import { foldLooks, foldWithPlaces } from '../fold-text.ts'
import type { AddressField } from './bio.ts'
import { type AddressPart, fieldsOf, type KnownDivision, splitByRules } from './split-address.ts'

const readCharacters = 4_000
const noAddress: Record<AddressField, string> = { division: '', road: '', number: '', place: '' }
const clauses = /[^，。；！？、,;!?\n]+/gu
const roadEnd = '(?:大道|大街|公路|胡同|路|街|巷|弄)'
/** 走投无路1年, 修路3天, 这条路2公里, 糊弄2年: words that end as roads do, and numbers of something else. */
const noRoad =
  '(?<!(?:[走投]无|[修堵占让问迷绕顺思铁线道网短管油岔弯条段的没泥]|[离过在条大的边个到占走上]马|水泥|柏油|石子|砂石|断头|机耕|入户|通村)路|[上逛满]街|[糊捉戏愚摆玩卖舞]弄)'
const noHouse =
  '(?!第?[0-9]+(?:[.,][0-9]+)?\\s?(?:[年月天个次米元块万亿人辆点时分秒多余路站条处线%度岁户盏根棵张件级期]|公里|千米|小时|公交|平方))'
const roadAndNumber = new RegExp(
  `[\\u3400-\\u9fff]{2,9}?${roadEnd}${noRoad}${noHouse}(?=\\s?第?(?:[0-9]|[一二三四五六七八九十百]{1,4}号(?!线)))`,
  'u',
)
/** Words that lead to a place and are no part of a road's name. */
const leadsThere =
  /^.*(?:位于|住在|来电|反映|就在|这里是|我家|家住|说|在|住|从|是|的)(?=[\u4e00-\u9fff]{2,}$)/u
const placeEnd =
  /^(.{0,14}?(?:小区|花园|家园|公寓|大厦|大楼|广场|市场|学校|中学|小学|幼儿园|医院|公园|超市|商场|车站|工地|门口|路口|桥下|桥头|楼下))/u

/** From where the clause speaks of a place; -1: it does not. */
function beginningOf(clause: string, names: readonly string[]): number {
  const known = names.map(name => clause.indexOf(name)).filter(at => at >= 0)
  if (known.length > 0) return Math.min(...known)
  const road = roadAndNumber.exec(clause)
  if (road === null) return -1
  return road.index + (leadsThere.exec(road[0].replace(new RegExp(`${roadEnd}$`, 'u'), ''))?.[0].length ?? 0)
}

/** Up to the last road or number, and the name of a place behind it. */
function upToItsEnd(parts: readonly AddressPart[]): AddressPart[] {
  // Digits alone are a house only behind its road.
  const last = parts.findLastIndex(
    ({ field, text }, at) =>
      field === 'road' ||
      (field === 'number' &&
        (!/^\d+$/.test(text) || ['road', 'number'].includes(parts[at - 1]?.field ?? ''))),
  )
  if (last < 0) return []
  const after = parts[last + 1]
  const place = after?.field === 'place' ? placeEnd.exec(after.text)?.[1] : undefined
  return [
    ...parts.slice(0, last + 1).filter(({ field }) => field !== 'place'),
    ...(after === undefined || place === undefined ? [] : [{ ...after, text: place }]),
  ]
}

export function findAddress(text: string, known: readonly KnownDivision[]): Record<AddressField, string> {
  const names = known.map(({ name }) => foldLooks(name)).filter(name => name.length > 1)
  const { folded, placeOf } = foldWithPlaces(text.slice(0, readCharacters))
  for (const { 0: clause, index } of folded.matchAll(clauses)) {
    const from = beginningOf(clause, names)
    if (from < 0) continue
    const place = placeOf(index + from, index + clause.length)
    const parts = upToItsEnd(splitByRules(text.slice(place.from, place.to), known).parts)
    if (parts.length > 0) return fieldsOf(parts)
  }
  return noAddress
}
