import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig, type IndexHtmlTransformContext, type Plugin } from 'vite'
import { libraryCss } from './scripts/library-css.mjs'
import { phoneMetadata } from './scripts/phone-metadata.ts'

const library = libraryCss([
  'alert',
  'app',
  'button',
  'cascader',
  'checkbox',
  'drawer',
  'dropdown',
  'empty',
  'grid',
  'input',
  'input-number',
  'menu',
  'message',
  'modal',
  'notification',
  'popconfirm',
  'popover',
  'progress',
  'qr-code',
  'radio',
  'segmented',
  'select',
  'skeleton',
  'slider',
  'space',
  'spin',
  'tooltip',
])

/**
 * A schema that the page does not use is left out of it, with what it is made of: to make one has no other effect. Most of them are
 * the core's, beside a type or a rule that both have.
 */
const unusedSchemas = {
  name: 'unused-schemas',
  transform: (code: string, id: string) =>
    /[\\/]shared[\\/].*\.ts$/.test(id) && code.includes("from 'zod'")
      ? { code: code.replaceAll(/\bz\.[a-zA-Z.]+\(/g, '/* @__PURE__ */ $&'), map: null }
      : null,
}

type Modules = { getModuleInfo(id: string): { importedIds: readonly string[] } | null }
const page = (...path: string[]) => join(import.meta.dirname, 'renderer', ...path).replaceAll('\\', '/')
/** What is imported for good, by a file and by what it imports. */
function importedBy(file: string, modules: Modules): Set<string> {
  const all = new Set<string>()
  const add = (id: string) => {
    if (all.has(id)) return
    all.add(id)
    for (const other of modules.getModuleInfo(id)?.importedIds ?? []) add(other)
  }
  add(file)
  return all
}

/**
 * What connects to the core is one file, and all else that the first picture of the seat needs is another: a browser that has just
 * started is slow to ask for a dozen.
 */
function firstFiles() {
  let sets: { connects: Set<string>; draws: Set<string> } | null = null
  return (id: string, modules: Modules) => {
    sets ??= {
      connects: importedBy(page('main.ts'), modules),
      draws: importedBy(page('app', 'seat.tsx'), modules),
    }
    return sets.connects.has(id) ? 'connection' : sets.draws.has(id) ? 'seat' : null
  }
}
const nameOf = firstFiles()
/** Makes an error while it is evaluated; to tell where, an inspected browser reads the whole file around it once more. */
const isReact = (id: string) =>
  /[\\/]node_modules[\\/](react|react-dom|scheduler)[\\/]|[\\/]renderer[\\/]app[\\/]react-root\.ts$/.test(id)

/** The page says at once what its first script will ask for, so that it is fetched meanwhile. */
const fetchedMeanwhile: Plugin = {
  name: 'fetched-meanwhile',
  transformIndexHtml: {
    order: 'post',
    handler: (_: string, { bundle = {} }: IndexHtmlTransformContext) => {
      const isFirst = (chunk: { moduleIds: string[] }) => chunk.moduleIds.includes(page('main.ts'))
      const files = new Set<string>()
      const styles = new Set<string>()
      const add = (file: string) => {
        const chunk = bundle[file]
        if (chunk?.type !== 'chunk' || isFirst(chunk) || files.has(file)) return
        files.add(file)
        for (const style of chunk.viteMetadata?.importedCss ?? []) styles.add(style)
        for (const other of chunk.imports) add(other)
      }
      for (const chunk of Object.values(bundle))
        if (chunk.type === 'chunk' && isFirst(chunk)) for (const file of chunk.dynamicImports) add(file)
      const tag = (attrs: Record<string, string>) => ({ tag: 'link', attrs, injectTo: 'head' as const })
      return [
        ...[...files].map(file => tag({ rel: 'modulepreload', crossorigin: '', href: `/${file}` })),
        ...[...styles].map(file => tag({ rel: 'preload', as: 'style', href: `/${file}` })),
      ]
    },
  },
}

/** The page, for both shells. Chromium 114 is the oldest runtime that it is tested on. */
export default defineConfig({
  root: join(import.meta.dirname, 'renderer'),
  base: '/',
  plugins: [react(), library.plugin, unusedSchemas, phoneMetadata, fetchedMeanwhile],
  css: { postcss: { plugins: [library.postcss] } },
  build: {
    outDir: join(import.meta.dirname, 'out', 'page'),
    emptyOutDir: true,
    target: 'chrome114',
    // The security policy has no room for inlined scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2_000,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // The first one takes what both have.
            {
              name: (id, modules) => (nameOf(id, modules) === 'connection' ? 'connection' : null),
              priority: 2,
            },
            {
              name: (id, modules) =>
                nameOf(id, modules) === 'seat' ? (isReact(id) ? 'react' : 'seat') : null,
              priority: 1,
            },
          ],
        },
      },
    },
  },
  worker: { format: 'es' },
})
