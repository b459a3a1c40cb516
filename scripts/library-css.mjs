// The component library's style sheet, cut down to the components that the page has. It is made when the library is published and
// not in the page: making it there took a quarter of the time until the first picture.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const components = readdirSync(join(root, 'node_modules', 'antd', 'es')).filter(name =>
  /^[a-z][a-z-]+$/.test(name),
)
/** Classes that are called otherwise than their component's folder. */
const otherNames = {
  btn: 'button',
  picker: 'date-picker',
  col: 'grid',
  row: 'grid',
  ribbon: 'badge',
  qrcode: 'qr-code',
  float: 'float-button',
}
const names = [...components, ...Object.keys(otherNames)].sort((a, b) => b.length - a.length)

/** The folder of the component whose class this is; null: of none, as the classes of motion are. */
function componentOf(className) {
  const name = names.find(one => className === one || className.startsWith(`${one}-`))
  return name === undefined ? null : (otherNames[name] ?? name)
}

/**
 * `kept`: the folders of the components whose styles stay. A page that has another one is not built: it would be without its looks.
 * For vite: `postcss` cuts the sheet, `plugin` checks what was built.
 */
export function libraryCss(kept) {
  const stays = selector =>
    // Variables of the theme that the sheet was made with; the page has its own.
    !selector.includes('.css-var-_') &&
    [...selector.replaceAll(/:not\([^)]*\)/g, '').matchAll(/\.ant-([a-z-]+)/g)].every(([, className]) => {
      const component = componentOf(className)
      return component === null || kept.includes(component)
    })
  return {
    postcss: {
      postcssPlugin: 'library-css',
      Once(sheet) {
        if (!/antd[\\/]dist[\\/]/.test(sheet.source?.input.file ?? '')) return
        sheet.walkRules(rule => {
          if (rule.parent.type === 'atrule' && rule.parent.name === 'keyframes') return
          const selectors = rule.selectors.filter(stays)
          if (selectors.length === 0) rule.remove()
          else if (selectors.length < rule.selectors.length) rule.selectors = selectors
        })
        sheet.walkAtRules(rule => {
          if (rule.nodes?.length === 0) rule.remove()
        })
      },
    },
    plugin: {
      name: 'library-css',
      generateBundle(_, bundle) {
        for (const chunk of Object.values(bundle))
          for (const [id, { renderedLength }] of Object.entries(chunk.modules ?? {})) {
            const component = /antd[\\/]es[\\/]([a-z-]+)[\\/]style[\\/]/.exec(id)?.[1]
            if (renderedLength > 0 && component !== undefined && !kept.includes(component))
              this.error(
                `the page has ${component} of the component library, of which it has no styles: vite.page.config.ts`,
              )
          }
      },
    },
  }
}
