// Starts `electron [switches] [-r module] <folder>` as the stock binary does: the runtime's own default app is not in the package.
'use strict'
const fs = require('node:fs')
const Module = require('node:module')
const path = require('node:path')
const { app } = require('electron')

const args = process.argv.slice(1)
const preloads = []
let target
for (let index = 0; index < args.length && target === undefined; index += 1) {
  const arg = args[index]
  if (arg === '-r' || arg === '--require') {
    index += 1
    preloads.push(args[index])
  } else if (!arg.startsWith('-')) target = arg
}
if (preloads.length > 0) Module._preloadModules(preloads)
if (target === undefined) {
  console.error('usage: electron [switches] <folder>')
  process.exit(2)
}
const folder = path.resolve(target)
const manifest = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'))
Object.defineProperty(process, 'defaultApp', { value: true, enumerable: true })
app.setVersion(manifest.version)
app.setName(manifest.productName)
app.setAppPath(folder)
Module._load(path.join(folder, manifest.main), Module, true)
