/** A real softphone (baresip), controlled over its JSON socket: it speaks a tone and records what it hears. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { until } from '../seat-process.ts'
import { writeToneWav } from '../tone.ts'
import { freePort } from './ports.ts'
import { startProcess } from './process.ts'

type BaresipEvent = { event?: boolean; type?: string; param?: string; response?: boolean; ok?: boolean }

export type Baresip = {
  dial(extension: string): Promise<void>
  answer(): Promise<void>
  hangUp(): Promise<void>
  events(): readonly BaresipEvent[]
  /** Level of the last `seconds` of decoded audio that it heard, dBFS; −99 before any. */
  heardDbfs(seconds: number): number
  /** Bits of audio a second that reach it now, by its own count: its recorder does not outlive a hold. */
  receivedBitsPerSecond(): number
  output(): string
  stop(): Promise<void>
}

export async function startBaresip(options: {
  folder: string
  exchangePort: number
  extension: string
  secret: string
  hertz: number
  answers: boolean
}): Promise<Baresip> {
  const { folder, extension, exchangePort } = options
  const [sip, control] = [await freePort(), await freePort()]
  const heard = join(folder, 'heard')
  mkdirSync(heard, { recursive: true })
  const tone = join(folder, 'tone.wav')
  writeToneWav(tone, { hertz: options.hertz, seconds: 180, rate: 8_000 })
  const modules = ['account', 'ctrl_tcp', 'menu']
  writeFileSync(
    join(folder, 'config'),
    [
      'poll_method epoll',
      `sip_listen 127.0.0.1:${sip}`,
      'net_interface 127.0.0.1',
      'call_max_calls 4',
      'audio_player aubridge,nil',
      `audio_source aufile,${tone}`,
      'audio_alert aubridge,nil',
      'rtp_ports 10000-19998',
      'rtp_timeout 60',
      'module_path /usr/lib/baresip/modules',
      'module g711.so',
      'module aufile.so',
      'module aubridge.so',
      'module sndfile.so',
      `snd_path ${heard}`,
      ...modules.map(name => `module_app ${name}.so`),
      `ctrl_tcp_listen 127.0.0.1:${control}`,
      '',
    ].join('\n'),
  )
  writeFileSync(
    join(folder, 'accounts'),
    `<sip:${extension}@127.0.0.1:${exchangePort}>;auth_user=${extension};auth_pass=${options.secret};regint=60;answermode=${options.answers ? 'auto' : 'manual'}\n`,
  )
  const program = startProcess('baresip', ['-f', folder], folder)
  const events: BaresipEvent[] = []
  const socket = await connected(control)
  let buffer = Buffer.alloc(0)
  socket.on('data', chunk => {
    buffer = Buffer.concat([buffer, chunk])
    for (;;) {
      const colon = buffer.indexOf(':')
      const length = Number(buffer.subarray(0, Math.max(colon, 0)).toString())
      if (colon < 0 || buffer.length < colon + 1 + length + 1) return
      events.push(JSON.parse(buffer.subarray(colon + 1, colon + 1 + length).toString('utf8')) as BaresipEvent)
      buffer = buffer.subarray(colon + length + 2)
    }
  })
  socket.on('error', () => {})
  const command = async (name: string, params?: string) => {
    const before = events.filter(event => event.response === true).length
    const json = JSON.stringify({
      command: name,
      ...(params === undefined ? {} : { params }),
      token: String(Date.now()),
    })
    socket.write(`${Buffer.byteLength(json)}:${json},`)
    await until(
      () => events.filter(event => event.response === true).length > before,
      5_000,
      `baresip to ${name}`,
    )
  }
  await until(
    () => events.some(({ type }) => type === 'REGISTER_OK') || program.output().includes('200 OK'),
    10_000,
    'baresip to register',
  )

  return {
    dial: number => command('dial', `sip:${number}@127.0.0.1:${exchangePort}`),
    answer: () => command('accept'),
    hangUp: () => command('hangup'),
    events: () => events,
    heardDbfs: seconds => tailLevel(heard, seconds),
    receivedBitsPerSecond: () => Number(/audio=\d+\/(\d+) \(bit\/s\)[^(]*$/.exec(program.output())?.[1] ?? 0),
    output: program.output,
    stop: async () => {
      socket.destroy()
      await program.stop()
    },
  }
}

async function connected(port: number): Promise<Socket> {
  let socket: Socket | null = null
  await until(
    () =>
      new Promise<boolean>(resolve => {
        const attempt = connect(port, '127.0.0.1')
        attempt.once('connect', () => {
          socket = attempt
          resolve(true)
        })
        attempt.once('error', () => resolve(false))
      }),
    10_000,
    "baresip's control socket",
  )
  if (socket === null) throw new Error('no control socket')
  return socket
}

/** The newest recording of decoded audio, still growing: its last seconds. 16-bit mono at 8 kHz behind a 44-byte head. */
function tailLevel(folder: string, seconds: number): number {
  const newest = readdirSync(folder)
    .filter(name => name.endsWith('-dec.wav'))
    .map(name => ({ name, at: statSync(join(folder, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at)[0]
  if (newest === undefined) return -99
  // Nothing is written while nothing arrives: an old end of the file is silence, not the tone that it ended with.
  if (Date.now() - newest.at > 1_500) return -99
  const file = readFileSync(join(folder, newest.name))
  const samples = Math.min(Math.floor((file.length - 44) / 2), Math.round(seconds * 8_000))
  if (samples < 800) return -99
  let sum = 0
  for (let index = 0; index < samples; index += 1) sum += file.readInt16LE(file.length - 2 * (index + 1)) ** 2
  return sum === 0 ? -99 : 10 * Math.log10(sum / samples / 32_768 ** 2)
}
