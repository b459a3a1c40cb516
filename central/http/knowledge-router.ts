/** 知识纠错: whoever answers for the articles, as a person or as the system that publishes them. */
import { implement } from '@orpc/server'
import { knowledgeRoutes } from '../../shared/contract/central-knowledge.ts'
import type { Central } from '../central.ts'
import { type Credentials, createWho, tellingRefusals } from './requests.ts'

export function createKnowledgeRouter(central: Central) {
  const { corrections, apiKeys, context: parts } = central
  const { both } = createWho(central)
  const reviewer = async (context: Credentials) => {
    if (context.apiKey !== undefined) {
      const name = await apiKeys.check(context.apiKey, 'publication.publish')
      return { id: `key:${name}`, name }
    }
    const { operator } = await both(context, 'knowledge.review')
    return { id: operator.operatorId, name: operator.name }
  }

  const os = implement(knowledgeRoutes).$context<Credentials>().use(tellingRefusals(parts.log))

  return os.router({
    corrections: os.corrections.handler(async ({ input, context }) => {
      await reviewer(context)
      return { corrections: await corrections.list(input) }
    }),
    decide: os.decide.handler(async ({ input, context }) =>
      corrections.decide(await reviewer(context), input),
    ),
  })
}
