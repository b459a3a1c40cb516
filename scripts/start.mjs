// `npm start`: brings up the seat, the training exchange and the sample catalogue. Runs on any Node ≥ 20 at first, and again
// under the packaged Node 24 before it loads anything native.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const major = Number(process.versions.node.split('.')[0])

/** The Node that came with `npm ci`, on each platform. */
function packagedNode() {
  const packages = [
    `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`,
    `node-bin-${process.platform}-${process.arch}`,
  ]
  const binary = process.platform === 'win32' ? 'node.exe' : 'node'
  return packages.map(name => join(root, 'node_modules', name, 'bin', binary)).find(path => existsSync(path))
}

if (major < 24) {
  const node = packagedNode()
  if (node === undefined) {
    console.error(
      `zuoxi: this needs Node 24 or newer, and none was installed with it for ${process.platform}-${process.arch}.`,
    )
    process.exit(1)
  }
  // Standard input is a pipe that ends with this process, however it ends: the child sees it and ends too.
  const child = spawn(node, [import.meta.filename, ...process.argv.slice(2)], {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { ...process.env, ZUOXI_OUTER_NODE: '1' },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)))
} else {
  // What was compiled once is kept beside what was built, for this process and those it starts: a third less until the seat is ready.
  const compiled = join(root, 'out', '.compiled')
  const { enableCompileCache } = await import('node:module')
  enableCompileCache(compiled)
  process.env.NODE_COMPILE_CACHE ??= compiled
  const { launch } = await import('./launcher/launch.mjs')
  await launch(process.argv.slice(2))
}
