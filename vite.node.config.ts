import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { defineConfig, type Plugin } from 'vite'
import { phoneMetadata } from './scripts/phone-metadata.ts'

const root = import.meta.dirname
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }

/** Main and preload are CommonJS, since a sandboxed preload and Electron's older test runtime take nothing else. */
const targets = {
  core: { entry: 'electron/core/main.ts', file: 'main.mjs', format: 'es' },
  loopback: { entry: 'electron/loopback/main.ts', file: 'main.mjs', format: 'es' },
  main: { entry: 'electron/main/main.ts', file: 'main.cjs', format: 'cjs' },
  preload: { entry: 'electron/preload/preload.ts', file: 'preload.cjs', format: 'cjs' },
} as const

/**
 * To import node:http is to read every one of its exports, and one of them loads the whole of fetch: 30 ms of each start. What is asked
 * for by name does not.
 */
const httpWithoutFetch = {
  name: 'http-without-fetch',
  enforce: 'pre',
  resolveId: (source, _, { kind }) =>
    kind === 'import-statement' && /^(node:)?http$/.test(source) ? '\0http-without-fetch' : null,
  load: id =>
    id === '\0http-without-fetch'
      ? "export const { Agent, createServer, request } = process.getBuiltinModule('node:http')"
      : null,
} satisfies Plugin

export default defineConfig(({ mode }) => {
  const target = targets[mode as keyof typeof targets]
  const onNode24 = mode === 'core' || mode === 'loopback'
  return {
    root,
    plugins: onNode24 ? [httpWithoutFetch, phoneMetadata] : [],
    define: { __APP_VERSION__: JSON.stringify(version) },
    ssr: { noExternal: true },
    build: {
      ssr: true,
      outDir: join(root, 'out', mode),
      emptyOutDir: true,
      target: onNode24 ? 'node24' : 'node18',
      minify: false,
      rollupOptions: {
        // The workers are started by the core at run time, from beside it.
        input: {
          main: join(root, target.entry),
          ...(mode === 'core' && {
            'password-worker': join(root, 'electron/core/identity/password-worker.ts'),
            'search-worker': join(root, 'electron/core/assist/search-worker.ts'),
            'page-worker': join(root, 'electron/core/sync/page-worker.ts'),
          }),
        },
        external: [
          'electron',
          'better-sqlite3-multiple-ciphers',
          'bufferutil',
          'utf-8-validate',
          ...builtinModules
            .flatMap(name => [name, `node:${name}`])
            .filter(name => !onNode24 || !/^(node:)?http$/.test(name)),
        ],
        output: {
          format: target.format,
          entryFileNames: mode === 'core' ? '[name].mjs' : target.file,
          // What a core loads only when it is needed.
          chunkFileNames: '[name].mjs',
          ...(mode !== 'core' && { codeSplitting: false }),
        },
      },
    },
  }
})
