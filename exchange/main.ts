/** The training exchange as a process: `node exchange/main.ts [--port N] [--control-port N]`. Ends with its parent. */
import { parseArgs } from 'node:util'
import { startExchange } from './start-exchange.ts'

const { values } = parseArgs({ options: { port: { type: 'string' }, 'control-port': { type: 'string' } } })
const exchange = await startExchange({
  port: Number(values.port ?? 0),
  controlPort: Number(values['control-port'] ?? 0),
})
const ready = { type: 'ready', training: exchange.training, pid: process.pid }

function end() {
  void exchange.close().then(() => process.exit(0))
  setTimeout(() => process.exit(0), 1_000).unref()
}

process.on('SIGTERM', end)
if (process.send === undefined) {
  process.on('SIGINT', end)
  console.log(JSON.stringify(ready))
} else {
  // The launcher decides when Ctrl-C ends the exchange: a call in training should end before its exchange does.
  process.on('SIGINT', () => {})
  process.on('disconnect', end)
  process.send(ready)
}
