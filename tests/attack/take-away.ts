/** Loaded before a program (`--import`): takes the check named in ZUOXI_WITHOUT_CHECK out of the source as it is read. */
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { checks } from './checks.ts'

const check = checks.find(({ name }) => name === process.env['ZUOXI_WITHOUT_CHECK'])
if (check === undefined) throw new Error(`no check is named "${process.env['ZUOXI_WITHOUT_CHECK']}"`)
const changed = pathToFileURL(join(import.meta.dirname, '..', '..', check.file)).href

registerHooks({
  load: (url, context, nextLoad) => {
    const loaded = nextLoad(url, context)
    if (url !== changed) return loaded
    const source = String(loaded.source)
    const [before, after, ...more] = source.split(check.code)
    if (before === undefined || after === undefined || more.length > 0)
      throw new Error(`${check.file} does not have the code of "${check.name}" once`)
    return { ...loaded, source: `${before}${check.without}${after}` }
  },
})
