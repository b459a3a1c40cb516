// Keeps one program that cannot watch its parent itself (a browser): ends it when standard input ends, and ends with it.
import { spawn } from 'node:child_process'

const [command, ...args] = process.argv.slice(2)
const child = spawn(command, args, { stdio: 'ignore' })
// Whoever started this wants the browser's own pid.
process.stdout.write(`${child.pid ?? 0}\n`)
process.on('SIGINT', () => {})
process.on('SIGTERM', () => child.kill('SIGTERM'))
process.stdin.on('end', () => child.kill('SIGTERM'))
process.stdin.on('error', () => child.kill('SIGTERM'))
process.stdin.resume()
child.on('exit', code => process.exit(code ?? 0))
child.on('error', () => process.exit(127))
