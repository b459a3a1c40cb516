/** The catalogues' procedures: for whoever may publish, a person or a system. */
import { implement } from '@orpc/server'
import { catalogueRoutes } from '../../shared/contract/central-catalogues.ts'
import type { Central } from '../central.ts'
import { authorIn, type Credentials, createAdmit } from './access.ts'
import { admitting, tellingRefusals } from './requests.ts'

const decoded = (files: readonly { name: string; content: string }[]) =>
  files.map(({ name, content }) => ({ name, content: Buffer.from(content, 'base64') }))

export function createCatalogueRouter(central: Central) {
  const { catalogues, context: parts } = central

  const os = implement(catalogueRoutes)
    .$context<Credentials>()
    .use(tellingRefusals(parts.log))
    .use(admitting(createAdmit(central)))

  return os.router({
    check: os.check.handler(({ input }) => catalogues.check(decoded(input.files))),
    publish: os.publish.handler(async ({ input: { files, version, effectiveAt, city }, context }) => {
      const { id } = authorIn(context.caller)
      return catalogues.publish({ files: decoded(files), version, effectiveAt, city }, id)
    }),
    compare: os.compare.handler(async ({ input }) => ({
      changes: await catalogues.compare(input.from, input.to),
    })),
  })
}
