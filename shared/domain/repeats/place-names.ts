/**
 * What stands in a title before an ending that names of places and bodies have (小区, 路, 学校): enough to see that two titles
 * mean different places. Names without such an ending are left to the likeness of the wording.
 */

const ending =
  /(?:小区|社区|新城|花园|花苑|家园|嘉园|佳园|公寓|公馆|广场|国际城|国际|大厦|豪庭|华府|名邸|名城|幼儿园|中学|小学|学校|学院|大学|医院|公司|集团|公园|车站|街道|大道|公路|苑|城|府|湾|村|镇|路|街|桥)/gu

/** Characters that a name is not written with: function words, what one does with a place, marks, and ends of divisions. */
const outside = new Set(
  '的在于是了和与到从对向把被及或等我你他她它这那有没请因为就也都还又很来去住位反映投诉咨询关举报请求希望建议强烈要求附近旁边对面周边门口里内后前上下各该本某全每，,。.；;：:、！!？?（）()“”"《》【】[] \t\n市区县省'.split(
    '',
  ),
)
const longestStem = 7

export function placeStems(title: string): string[] {
  const stems: string[] = []
  for (const match of title.matchAll(ending)) {
    let from = match.index
    while (from > 0 && match.index - from < longestStem && !outside.has(title[from - 1] ?? '')) from -= 1
    if (match.index - from >= 2) stems.push(title.slice(from, match.index))
  }
  return stems
}

/** Two stems with two characters in a row in common: 劳动东 and 劳动东路魅力之. */
function alike(one: string, other: string): boolean {
  for (let at = 0; at + 2 <= one.length; at += 1) if (other.includes(one.slice(at, at + 2))) return true
  return false
}

/** Both name places, and none of them is the same. */
export const placesDiffer = (one: readonly string[], other: readonly string[]): boolean =>
  one.length > 0 && other.length > 0 && !one.some(stem => other.some(known => alike(stem, known)))
