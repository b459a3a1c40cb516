/** The catalogues' procedures: for whoever may publish, a person or a system. */
import { implement } from '@orpc/server'
import { catalogueRoutes } from '../../shared/contract/central-catalogues.ts'
import type { Central } from '../central.ts'
import { type Credentials, createWho, tellingRefusals } from './requests.ts'

const decoded = (files: readonly { name: string; content: string }[]) =>
  files.map(({ name, content }) => ({ name, content: Buffer.from(content, 'base64') }))

export function createCatalogueRouter(central: Central) {
  const { catalogues, apiKeys, context: parts } = central
  const { both } = createWho(central)
  const publisher = async (context: Credentials): Promise<string> =>
    context.apiKey === undefined
      ? (await both(context, 'publication.publish')).operator.operatorId
      : `key:${await apiKeys.check(context.apiKey, 'publication.publish')}`

  const os = implement(catalogueRoutes).$context<Credentials>().use(tellingRefusals(parts.log))

  return os.router({
    check: os.check.handler(async ({ input, context }) => {
      await publisher(context)
      return catalogues.check(decoded(input.files))
    }),
    publish: os.publish.handler(async ({ input: { files, version, effectiveAt, city }, context }) => {
      const by = await publisher(context)
      return catalogues.publish({ files: decoded(files), version, effectiveAt, city }, by)
    }),
    compare: os.compare.handler(async ({ input, context }) => {
      await publisher(context)
      return { changes: await catalogues.compare(input.from, input.to) }
    }),
  })
}
