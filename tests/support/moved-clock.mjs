// Loaded into a process by `--import` (moved-clock.ts): its calendar stands as far from the machine's as the file says. What counts
// from the start of a process, as timers do, runs on.
import { readFileSync } from 'node:fs'

const file = process.env.ZUOXI_TEST_CLOCK
const Machine = Date
let offsetMs = 0
const read = () => {
  try {
    offsetMs = Number(readFileSync(file, 'utf8')) || 0
  } catch {
    // It is being written, or gone with the test's folder: the clock stays.
  }
}

class Moved extends Machine {
  constructor(...given) {
    if (given.length === 0) super(Moved.now())
    else super(...given)
  }
  static now() {
    return Machine.now() + offsetMs
  }
}

if (file !== undefined) {
  read()
  setInterval(read, 50).unref()
  globalThis.Date = Moved
}
