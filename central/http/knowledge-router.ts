/** 知识纠错: whoever answers for the articles, as a person or as the system that publishes them. */
import { implement } from '@orpc/server'
import { knowledgeRoutes } from '../../shared/contract/central-knowledge.ts'
import type { Central } from '../central.ts'
import { authorIn, type Credentials, createAdmit } from './access.ts'
import { admitting, tellingRefusals } from './requests.ts'

export function createKnowledgeRouter(central: Central) {
  const { corrections, context: parts } = central
  const os = implement(knowledgeRoutes)
    .$context<Credentials>()
    .use(tellingRefusals(parts.log))
    .use(admitting(createAdmit(central)))

  return os.router({
    corrections: os.corrections.handler(async ({ input, context }) => ({
      corrections: await corrections.list(authorIn(context.caller), input),
    })),
    decide: os.decide.handler(async ({ input, context }) =>
      corrections.decide(authorIn(context.caller), input),
    ),
  })
}
