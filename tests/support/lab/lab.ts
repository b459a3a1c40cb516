/** A real exchange for the tests: Kamailio, rtpengine, baresip and SIPp, on free ports of 127.0.0.1. */
import { createSocket } from 'node:dgram'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Temper } from '../../../exchange/citizen.ts'
import { toneMuLaw } from '../../../exchange/mu-law.ts'
import { until } from '../seat-process.ts'
import { type Baresip, startBaresip } from './baresip.ts'
import { type LabCitizen, startLabCitizen } from './citizen.ts'
import { kamailioConfig } from './kamailio-config.ts'
import { freePort, isFree } from './ports.ts'
import { type LabProcess, startProcess } from './process.ts'
import { registerPort } from './register.ts'

export type Lab = {
  wsUrl: string
  sipPort: number
  secret: string
  folder: string
  softphone(extension: string, options?: { hertz?: number; answers?: boolean }): Promise<Baresip>
  /** A telephone that knows REFER and Replaces, registered like any other. */
  citizen(number: string, options?: { hertz?: number; temper?: Temper; ringMs?: number }): Promise<LabCitizen>
  /**
   * Runs a SIPp scenario as so many callers at once; resolves with its exit code and output. `crowd`: calls in all, fewer of them
   * at once, each with a line of its own as `[field0]`.
   */
  sipp(
    name: string,
    scenario: string,
    extension: string,
    callers?: number,
    crowd?: { lines: readonly string[]; perSecond: number },
  ): Promise<{ code: number | null; output: string }>
  /** A SIPp that is called: registered under the number, its scenario goes on by itself. The tone is for `rtp_stream`, µ-law. */
  sippPhone(number: string, scenario: (tone: string) => string, hertz: number): Promise<{ output(): string }>
  /** All of them are to be posted once more, as docs/callbacks.md tells an administrator. */
  replayMissedCalls(): void
  /** What the exchange said, the last of it. */
  exchangeOutput(): string
  /** SIGSTOP: it takes connections and answers nothing. */
  pauseExchange(): void
  resumeExchange(): void
  /** Its memory is gone: registrations and transactions. */
  restartExchange(): Promise<void>
  /** From now on the exchange posts missed calls there and looks at the tokens of callbacks. It is restarted. */
  followCentre(centre: { url: string; missedCallsKey: string }): Promise<void>
  /** What the exchange has kept of missed calls, oldest first. */
  missedCallsLog(): { original_call_id: string; number: string | null; outcome: string | null }[]
  stopRelay(): Promise<void>
  stop(): Promise<void>
}

export async function startLab(): Promise<Lab> {
  const running: Running = []
  try {
    return await labOf(running)
  } catch (error) {
    await stopAll(running)
    throw error
  }
}

type Running = { stop(): Promise<void> }[]

/** The last first, each of them whatever becomes of the others. */
async function stopAll(running: Running): Promise<void> {
  const failed: unknown[] = []
  for (const one of running.toReversed()) {
    try {
      await one.stop()
    } catch (error) {
      failed.push(error)
    }
  }
  if (failed.length > 0) throw new AggregateError(failed, 'a part of the lab could not be stopped')
}

async function labOf(running: Running): Promise<Lab> {
  const folder = mkdtempSync(join(tmpdir(), 'zuoxi-lab-'))
  running.push({ stop: async () => rmSync(folder, { recursive: true, force: true }) })
  const ports = { sip: await freePort(), ws: await freePort(), rtpengine: await freePort() }
  const secret = 'lab-secret'

  const relayConfig = join(folder, 'rtpengine.conf')
  writeFileSync(relayConfig, '[rtpengine]\n')
  // rtpengine first: Kamailio takes one that does not answer for dead, for five seconds.
  const rtpengine = startProcess(
    'rtpengine',
    [
      // Not the machine's own, which has ports that there is only one of.
      `--config-file=${relayConfig}`,
      '--foreground',
      '--log-stderr',
      '--log-level=3',
      '--table=-1',
      '--interface=127.0.0.1',
      `--listen-ng=127.0.0.1:${ports.rtpengine}`,
      '--port-min=30000',
      '--port-max=32767',
      `--pidfile=${join(folder, 'rtpengine.pid')}`,
    ],
    folder,
  )
  running.push(rtpengine)
  await until(() => pinged(ports.rtpengine), 10_000, 'rtpengine to answer')

  const log = join(folder, 'missed-calls.sqlite')
  const configure = (centre: { url: string; missedCallsKey: string } | null) => {
    const to = centre === null ? null : { url: centre.url, key: centre.missedCallsKey, log }
    writeFileSync(join(folder, 'kamailio.cfg'), kamailioConfig(ports, secret, to))
  }
  configure(null)
  const runtime = join(folder, 'run')
  mkdirSync(runtime)
  let kamailio: LabProcess
  const startExchange = async () => {
    const free = async () => (await isFree(ports.sip)) && (await isFree(ports.ws))
    await until(free, 5_000, "the exchange's ports to be free")
    kamailio = startProcess(
      'kamailio',
      ['-DD', '-E', '-f', join(folder, 'kamailio.cfg'), '-Y', runtime, '-m', '64', '-M', '16'],
      folder,
    )
    running.push(kamailio)
    await until(() => optionsAnswered(ports.sip, kamailio), 10_000, 'Kamailio to answer')
  }
  await startExchange()

  const restart = async () => {
    await kamailio.stop()
    await startExchange()
  }

  let count = 0
  return {
    wsUrl: `ws://127.0.0.1:${ports.ws}`,
    sipPort: ports.sip,
    secret,
    folder,
    softphone: async (extension, options = {}) => {
      count += 1
      const own = join(folder, `softphone-${count}`)
      mkdirSync(own)
      const phone = await startBaresip({
        folder: own,
        exchangePort: ports.sip,
        extension,
        secret,
        hertz: options.hertz ?? 660,
        answers: options.answers ?? false,
      })
      running.push(phone)
      return phone
    },
    citizen: async (number, options = {}) => {
      const { hertz = 660, temper = 'answers', ringMs = 1_000 } = options
      const wsUrl = `ws://127.0.0.1:${ports.ws}`
      const started = await startLabCitizen({ wsUrl, number, secret, hertz, temper, ringMs })
      running.push(started)
      return started
    },
    sipp: async (name, scenario, extension, callers = 1, crowd) => {
      const file = join(folder, `${name}.xml`)
      writeFileSync(file, scenario)
      const own = await freePort()
      const args = ['-sf', file, '-s', extension, '-i', '127.0.0.1', '-p', String(own), '-nostdin']
      if (crowd === undefined) for (const limit of ['-m', '-l', '-r']) args.push(limit, String(callers))
      else {
        const lines = join(folder, `${name}.csv`)
        writeFileSync(lines, `SEQUENTIAL\n${crowd.lines.join('\n')}\n`)
        args.push('-inf', lines, '-m', String(crowd.lines.length), '-l', String(callers))
        args.push('-r', String(crowd.perSecond))
      }
      const caller = startProcess(
        'sipp',
        [
          ...args,
          '-timeout',
          crowd === undefined ? '15s' : '60s',
          '-timeout_error',
          `127.0.0.1:${ports.sip}`,
        ],
        folder,
      )
      await until(caller.hasEnded, crowd === undefined ? 40_000 : 80_000, 'SIPp to end')
      return { code: caller.child.exitCode, output: caller.output() }
    },
    sippPhone: async (number, scenario, hertz) => {
      count += 1
      const tone = join(folder, `tone-${count}.ulaw`)
      writeFileSync(tone, toneMuLaw(hertz))
      const file = join(folder, `phone-${count}.xml`)
      writeFileSync(file, scenario(tone))
      const own = await freePort()
      const args = ['-sf', file, '-i', '127.0.0.1', '-mi', '127.0.0.1', '-p', String(own), '-nostdin']
      const phone = startProcess('sipp', [...args, '-timeout', '80s', `127.0.0.1:${ports.sip}`], folder)
      running.push(phone)
      await registerPort({ user: number, secret, exchangePort: ports.sip, port: own })
      return { output: phone.output }
    },
    replayMissedCalls: () => {
      const db = new DatabaseSync(log)
      db.exec('UPDATE missed_call SET posted_at = NULL')
      db.close()
    },
    exchangeOutput: () => kamailio.output(),
    pauseExchange: () => kamailio.signal('SIGSTOP'),
    resumeExchange: () => kamailio.signal('SIGCONT'),
    restartExchange: restart,
    followCentre: async centre => {
      configure(centre)
      await restart()
    },
    missedCallsLog: () => {
      if (!existsSync(log)) return []
      const db = new DatabaseSync(log, { readOnly: true })
      try {
        const rows = db
          .prepare('SELECT original_call_id, number, outcome FROM missed_call ORDER BY entry')
          .all()
        return rows as { original_call_id: string; number: string | null; outcome: string | null }[]
      } finally {
        db.close()
      }
    },
    stopRelay: () => rtpengine.stop(),
    stop: () => stopAll(running),
  }
}

/** One request over UDP; whether anything came back in a moment. */
function asked(port: number, message: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = createSocket('udp4')
    const end = (answered: boolean) => {
      clearTimeout(timer)
      socket.close()
      resolve(answered)
    }
    const timer = setTimeout(() => end(false), 300)
    socket.on('message', () => end(true))
    socket.on('error', () => end(false))
    socket.bind(0, '127.0.0.1', () => {
      const { port: own } = socket.address()
      socket.send(message.replaceAll('@PORT@', String(own)), port, '127.0.0.1')
    })
  })
}

const pinged = (port: number) => asked(port, '1_1 d7:command4:pinge')

function optionsAnswered(port: number, kamailio: LabProcess): Promise<boolean> {
  if (kamailio.hasEnded()) throw new Error(`Kamailio ended:\n${kamailio.output()}`)
  return asked(
    port,
    [
      `OPTIONS sip:127.0.0.1:${port} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:@PORT@;branch=z9hG4bK${Math.random().toString(36).slice(2)}`,
      'Max-Forwards: 10',
      'From: <sip:lab@127.0.0.1>;tag=lab',
      'To: <sip:lab@127.0.0.1>',
      `Call-ID: ${Math.random().toString(36).slice(2)}`,
      'CSeq: 1 OPTIONS',
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n'),
  )
}
