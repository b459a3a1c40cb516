/** Surnames, and the words by which people speak of somebody with them. Pure. */
import { foldLooks } from '../fold-text.ts'

const compound =
  '欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 夏侯 宇文 长孙 司徒 司空 司寇 轩辕 端木 百里 呼延 东郭 南宫 西门 独孤 南门 北堂 公冶 公羊 澹台 宗政 濮阳 淳于 单于 太叔 申屠 仲孙 钟离 鲜于 闾丘 赫连 拓跋 完颜 纳兰 叶赫 第五 公西 漆雕 乐正 壤驷 公良 夹谷 宰父 谷梁 段干 巫马 公仲 左丘 东门 梁丘 万俟 闻人 即墨 羊舌 微生 梁邱 欧侯 哈丹 爱新觉罗'.split(
    ' ',
  )
const single =
  '赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕张孔曹严华金魏陶姜戚谢邹喻柏窦章苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安乐于傅卞齐康伍余元顾孟黄穆萧尹姚邵汪祁毛禹狄米贝明臧计成戴宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍虞万柯管卢莫房丁邓石崔吉龚程邢裴陆翁荀甄段侯宁仇甘武刘景詹龙叶黎白蒲邰赖卓蔺屠蒙池乔闻翟谭贡姬申冉桑桂牛边尚温庄晏柴瞿阎连艾向古易廖终耿满匡国文寇广欧沃利蔚越师巩聂晁敖冷辛简饶曾关查游权付肖代解覃佟佘佴丘邸衣候冼闫阚阙亓逄仝佟苟缪嵇鞠楚隋单'

/** Written otherwise in traditional characters, one pair after another. */
const traditionalPairs =
  '歐欧陽阳張张陳陈劉刘楊杨趙赵吳吴孫孙馬马許许謝谢韓韩馮冯鄧邓葉叶蘇苏盧卢蔣蒋賈贾閻阎鍾钟譚谭鄒邹陸陆鄭郑羅罗蕭萧韋韦東东遲迟長长寧宁齊齐嚴严華华龔龚喬乔顧顾莊庄畢毕賀贺湯汤錢钱雲云魯鲁鳳凤竇窦費费貝贝關关龐庞項项紀纪閔闵婁娄駱骆單单蘭兰國国麗丽偉伟軍军紅红傑杰夢梦龍龙飛飞風风榮荣藝艺寶宝貴贵曉晓諸诸門门鮑鲍蔺藺褚諶谌穌稣澤泽詩诗靜静鵬鹏麟麒玲娟娥'
const written = new Map<string, string>()
const pairs = Array.from(traditionalPairs)
for (let at = 0; at + 1 < pairs.length; at += 2) {
  const [traditional = '', simplified = ''] = [pairs[at], pairs[at + 1]]
  for (const one of [traditional, simplified]) written.set(one, `[${traditional}${simplified}]`)
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)
/** What people put between the characters of a name: blanks, points, hyphens. */
export const nameGap = String.raw`[^\S\n]?[·•‧∙⋅・･.\-–—_'’]?[^\S\n]?`

/** A pattern for a text in folded form: other blanks, points and traditional characters are the same text. */
export const spelling = (text: string, gap: string = nameGap): string =>
  Array.from(foldLooks(text).replace(/[\s·•‧∙⋅・･.\-–—_'’]/gu, ''))
    .map(character => written.get(character) ?? escaped(character))
    .join(gap)

/** What stands in a class for every character that a spelling of the text may have. */
export const spellingClass = (text: string): string =>
  [...new Set(foldLooks(text))]
    .filter(character => /[\p{L}\p{N}]/u.test(character))
    .map(character => written.get(character)?.slice(1, -1) ?? character)
    .join('')

/** Either kind of surname, the long ones first. */
export const anySurname = `(?:${compound.map(each => spelling(each)).join('|')}|[${single}歐張陳劉楊趙吳孫馬許謝韓馮鄧葉蘇盧蔣賈閻鍾譚鄒陸鄭羅蕭韋齊嚴龔喬顧莊畢賀湯錢魯竇費關龐項紀閔婁駱單])`

/** 欧阳 of 欧阳小明; the first character of any other name. */
export function surnameOf(name: string): string {
  const folded = foldLooks(name).replace(/\s/gu, '')
  const found = compound.find(each => new RegExp(`^${spelling(each)}`, 'u').test(folded))
  return Array.from(folded)
    .slice(0, found === undefined ? 1 : Array.from(found).length)
    .join('')
}

/** Said behind a surname or a name, and behind nothing else. */
export const titles =
  '(?:老?先生|女士|小姐|小妹|太太|夫人|男士|女生|男生|老师|师傅|师父|阿姨|阿婆|阿公|阿伯|阿叔|大爷|大妈|大娘|大叔|大伯|大哥|大姐|大嫂|大婶|叔叔|伯伯|婶婶|婆婆|公公|奶奶|爷爷|老伯|老汉|老太太?|老人家?|同志|同学|医生|大夫|护士|医师|主任|书记|科长|局长|处长|站长|所长|队长|院长|校长|园长|村长|镇长|乡长|组长|班长|店长|厂长|董事长|会长|经理|总经理|总监|老板娘?|律师|警官|法官|会计|教授|博士|(?<!车)司机|氏|姓)'
/** One character, so what would make another word of it is left. */
export const shortTitles =
  '(?:姐(?!妹|夫|弟)|哥(?!们)|叔|伯(?!父|母|乐)|姨(?!妈|父)|婶|嫂|爷|(?<!牛)奶(?!粉|茶|油|牛|站|业)|妈|爸|总(?![是体共量的部局站公结算之数额价表线会计理台队在务监经支闸阀管])|(?<!施)工(?![程地作人资业具厂序期艺商会棚伤休种况位号段信队]))'
/** 王某某, 王**, 王×明: what stands for the characters of a given name. */
export const blanks =
  '(?:(?<![由对关至处属位等在基终便鉴]于)某{1,2}(?![种些个一天次处地市区县时日月年项方单公小])|[*×x〇●]{1,3})'
/** What somebody who calls does. */
export const callerVerbs =
  '(?:反映|反应|来电|致电|来访|称|自称|表示|投诉|举报|诉称|自述|诉求|求助|咨询|要求|说|报修)'

/** [老小阿大]X is another word than a name, when none of these surnames' bearers is meant. */
const ordinary = new Set(
  '小区 小时 小车 小米 小麦 小康 小花 小路 小龙 小白 小黄 小田 小石 小江 小方 小平 小安 小全 小元 小单 小管 小广 小游 小明 老房 老城 老白 老常 老年 老管 老单 老强 老路 老古 大门 大江 大方 大黄 大白 大石 大路 大池 大米 大麦 大车 大连 大庆 大关 大成 大明 大安 大兴 大平 大同 大通 大田 大水 大海 大乐 大全 大华 大雷 大元 大会 大管 大温 大单 大游 大古 大易 大强 大雪 大年 大花 大红 大金 大高 大房 大贝 大满 大国 大广 大利 大越 大师 大代 大段 大边 大桑 大桂 大牛 大龙 大叶 大林 大计 大钱 大马 大熊 小熊 小马 小牛 老牛 小鲍 小段 小计 小边 小麻 小林 小钱 小江 小吉 阿明 阿里 大丁 小丁'.split(
    ' ',
  ),
)
const notAfterNickname =
  '(?![路桥山河村镇乡店街巷车鱼虾狗猫鼠牛房院校学型区时小大门厅楼城场站园湖港口库票额吃费孩朋组队伙偷贩])'
/** 老张, 小李, 阿王, 大刘. `isOrdinary`: another word, too, so that only a title or what a caller does makes a name of it. */
export function nicknames(surname: string): { pattern: string; isOrdinary: boolean }[] {
  const leads = (isOrdinary: boolean) =>
    Array.from('老小阿大').filter(lead => ordinary.has(lead + surname) === isOrdinary)
  return [false, true].flatMap(isOrdinary => {
    const all = leads(isOrdinary)
    const end = isOrdinary ? '' : notAfterNickname
    return all.length === 0 ? [] : [{ pattern: `[${all.join('')}]${spelling(surname)}${end}`, isOrdinary }]
  })
}
