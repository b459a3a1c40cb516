/**
 * Words that make a case urgent (紧急词表): a table, not learned, and whatever a model says, it wins. The callback policy has words
 * of its own, with points, since there they order a queue; here they name the level of the form.
 */
import { z } from 'zod'

export const urgencyWordsName = 'urgency-words'

export const urgencyWords = z.object({
  sample: z.boolean().describe('示例数据'),
  words: z
    .array(
      z.object({
        word: z.string().min(1).max(20),
        urgency: z.enum(['urgent', 'critical']),
        /** Longer words that contain it and mean something else. */
        except: z.array(z.string().min(1).max(20)).max(20).default([]),
      }),
    )
    .max(500),
})
export type UrgencyWords = z.infer<typeof urgencyWords>

const critical = (word: string, ...except: string[]) => ({ word, urgency: 'critical' as const, except })
const urgent = (word: string, ...except: string[]) => ({ word, urgency: 'urgent' as const, except })

/** An example; a city publishes its own. */
export const sampleUrgencyWords: UrgencyWords = {
  sample: true,
  words: [
    // 泄露 is how most people write it.
    ...['煤气', '燃气', '天然气', '液化气'].flatMap(gas =>
      [`${gas}泄漏`, `${gas}泄露`, `${gas}味`, `漏${gas}`, `闻到${gas}`].map(word => critical(word)),
    ),
    critical('漏气', '轮胎漏气', '车胎漏气'),
    critical('起火'),
    critical('着火', '容易着火', '怕着火'),
    critical('失火'),
    critical('火灾', '火灾隐患', '火灾风险', '防火灾'),
    critical('爆炸', '信息爆炸'),
    critical('自杀'),
    critical('轻生'),
    critical('不想活'),
    critical('跳楼', '跳楼价'),
    critical('跳河'),
    critical('触电'),
    critical('漏电', '漏电保护'),
    critical('被困'),
    critical('溺水', '防溺水'),
    critical('坍塌'),
    critical('倒塌'),
    critical('昏迷'),
    critical('晕倒'),
    critical('中毒'),
    critical('走失'),
    critical('孩子不见'),
    critical('小孩丢'),
    critical('拐卖'),
    critical('家暴'),
    critical('虐待'),
    critical('持刀'),
    urgent('停水'),
    urgent('停电'),
    urgent('停气'),
    urgent('停暖'),
    urgent('爆管'),
    urgent('井盖缺失'),
    urgent('井盖不见'),
    urgent('电线掉'),
    urgent('电线垂'),
    urgent('围墙开裂'),
    urgent('高空坠物'),
    urgent('群体'),
    urgent('讨薪'),
    urgent('聚集'),
  ],
}

export type UrgencyFound = { urgency: 'urgent' | 'critical'; words: string[] }

const readCharacters = 4_000

/** Where `word` stands outside every exception. */
function stands(text: string, word: string, except: readonly string[]): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    const within = except.some(longer => {
      const offset = longer.indexOf(word)
      return offset !== -1 && text.startsWith(longer, at - offset) && at >= offset
    })
    if (!within) return true
  }
  return false
}

/** The highest level that a word of the text asks for, and its words; null: the table has nothing to say. */
export function urgencyOf(text: string, { words }: UrgencyWords): UrgencyFound | null {
  const read = text.slice(0, readCharacters)
  const found = words.filter(({ word, except }) => stands(read, word, except))
  if (found.length === 0) return null
  const highest = found.some(({ urgency }) => urgency === 'critical') ? 'critical' : 'urgent'
  return {
    urgency: highest,
    words: found.filter(({ urgency }) => urgency === highest).map(({ word }) => word),
  }
}
