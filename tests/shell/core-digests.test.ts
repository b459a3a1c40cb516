import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import {
  bindingFolder,
  type CoreDigests,
  coreFault,
  digestCore,
} from '../../electron/core-host/core-digests.ts'

let root: string
let digests: CoreDigests
const put = (path: string, content: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
}
const manifest = {
  name: 'binding',
  main: 'lib/index.js',
  scripts: { build: 'x' },
  exports: { '.': './lib/index.js' },
}
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'zuoxi-digests-'))
  put('out/core/main.mjs', 'import "./chunk.mjs"')
  put('out/core/chunk.mjs', '1')
  put(`${bindingFolder}/lib/index.js`, '2')
  put(`${bindingFolder}/prebuilds/linux-x64.node`, '3')
  put(`${bindingFolder}/package.json`, JSON.stringify(manifest))
  put(`${bindingFolder}/README.md`, 'x')
  put(`${bindingFolder}/deps/sqlite3.c`, 'not shipped')
  digests = digestCore(root)
  rmSync(join(root, bindingFolder, 'deps'), { recursive: true })
})
afterEach(() => rmSync(root, { recursive: true, force: true }))
const fault = (platform: NodeJS.Platform = 'linux') => coreFault(root, digests, platform)

it('finds nothing wrong with what was built, nor with what a packager leaves out', () => {
  expect(Object.keys(digests)).toHaveLength(6)
  expect(fault()).toBeNull()
  rmSync(join(root, bindingFolder, 'README.md'))
  put(`${bindingFolder}/package.json`, JSON.stringify({ ...manifest, scripts: undefined, _id: 'x' }))
  expect(fault()).toBeNull()
})

it('names a file that was changed, is missing, was added, or is loaded from elsewhere', () => {
  const changes: [path: string, change: (file: string) => void, says: string][] = [
    ['out/core/chunk.mjs', file => appendFileSync(file, ' '), 'was changed'],
    ['out/core/chunk.mjs', file => rmSync(file), 'is missing'],
    [`${bindingFolder}/prebuilds/linux-x64.node`, file => appendFileSync(file, ' '), 'was changed'],
    [
      `${bindingFolder}/package.json`,
      file => writeFileSync(file, JSON.stringify({ ...manifest, main: 'evil.js' })),
      'was changed',
    ],
  ]
  for (const [path, change, says] of changes) {
    const before = readFileSync(join(root, path))
    change(join(root, path))
    expect(fault()).toBe(`${path} ${says}`)
    writeFileSync(join(root, path), before)
  }
  put('node_modules/bufferutil/index.js', '')
  expect(fault()).toBe('node_modules/bufferutil/index.js does not belong to this program')
})

it('leaves the binding to the system on macOS, where it is signed after the build', () => {
  appendFileSync(join(root, bindingFolder, 'prebuilds', 'linux-x64.node'), ' ')
  expect(fault('darwin')).toBeNull()
})
