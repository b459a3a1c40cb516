/** A seat's line to the centre on the virtual clock: it loses, cuts, repeats, holds and replaces what it carries. */
import type { CentreAnswer, CentreRequest } from '../../electron/core/sync/centre-client.ts'
import type { CentreLine } from '../../electron/core/sync/centre-line.ts'
import type { SimCentre } from './centre.ts'
import type { Tally } from './tally.ts'
import type { Chance, Timeline } from './timeline.ts'

/** What happens to one request. */
export const lineFaults = [
  /** The request never arrives. */
  'request-lost',
  /** It took effect, and the seat is not told. */
  'answer-lost',
  /** It arrives twice, the second time after other requests. */
  'doubled',
  /** The seat has given it up and goes on before it arrives. */
  'very-late',
  /** Request and answer are overtaken by others. */
  'delayed',
  'answer-cut',
  /** A portal's page with 200. */
  'portal',
  'unavailable',
  'rate-limited',
] as const
export type LineFault = (typeof lineFaults)[number]

/** As in centre-line.ts. */
const silentMs = 20_000
/** A small page, so that catching up takes several. */
const pageSize = 4

export type LineCrash = 'before-send' | 'applied'

/** What the network knows of a seat that runs. */
export type LineEnd = {
  /** False once the seat has crashed: nothing reaches it any more. */
  alive(): boolean
  isCut(): boolean
  /** Taken by the next request. */
  nextFault(): LineFault | null
  /** Whether the seat crashes here. */
  crashes(at: LineCrash, path: string): boolean
  /** The session at the centre of whoever sits there; null: nobody does. */
  session(): string | null
  /** The event stream does not come through. */
  isSilent(): boolean
}

export type Network = {
  open(end: LineEnd): CentreLine
  /** Requests and answers under way. */
  underWay(): number
  requests(): number
}

export function createNetwork(centre: SimCentre, timeline: Timeline, chance: Chance, tally: Tally): Network {
  let underWay = 0
  let requests = 0
  const latency = () => 5 + chance.under(300)
  const silent = () => new Error('silent')

  /** What a seat asks for, in pages that are small enough for a simulation. */
  const sized = (request: CentreRequest): CentreRequest => ({
    ...request,
    path: request.path.replace(/limit=\d+/, `limit=${pageSize}`),
  })

  /** Commands go under the session of whoever sits there: some of them take effect only so. */
  const underSession = async (end: LineEnd, request: CentreRequest): Promise<CentreRequest> => {
    const session = request.path === '/v1/commands' ? end.session() : null
    if (session === null) return request
    const token = await centre.central.tokens.sign('operator', session)
    return { ...request, headers: { ...request.headers, 'x-operator-session': token } }
  }

  const carry = (ms: number, run: () => unknown) => {
    underWay += 1
    timeline.after(ms, () => {
      underWay -= 1
      return run()
    })
  }

  const ask = (end: LineEnd, request: CentreRequest): Promise<CentreAnswer> =>
    new Promise((resolve, reject) => {
      requests += 1
      if (end.crashes('before-send', request.path)) return
      const fault = end.nextFault()
      tally.count('request')
      tally.count(`line ${end.isCut() ? 'cut' : (fault ?? 'well')}`)
      const fails = (ms: number) => carry(ms, () => end.alive() && reject(silent()))
      const answers = (ms: number, answer: CentreAnswer) =>
        carry(ms, () => {
          if (!end.alive()) return
          // It was under way when the line was cut.
          if (end.isCut()) return fails(silentMs)
          resolve(answer)
        })
      if (end.isCut()) return fails(latency())
      const arrives = (ms: number, then: (answer: CentreAnswer) => void) =>
        carry(ms, async () => {
          if (end.isCut() && fault !== 'very-late') {
            if (end.alive()) fails(silentMs)
            return
          }
          const answer = await centre.serve(sized(await underSession(end, request)))
          if (end.alive() && end.crashes('applied', request.path)) return
          then(answer)
        })
      const there = latency()
      const back = latency()
      switch (fault) {
        case 'request-lost':
          return fails(silentMs)
        case 'answer-lost':
          return arrives(there, () => fails(silentMs))
        case 'very-late':
          fails(silentMs)
          return arrives(silentMs + chance.under(20_000), () => {})
        case 'delayed':
          return arrives(chance.under(9_000), answer => answers(chance.under(9_000), answer))
        case 'portal':
          return answers(there, {
            status: 200,
            headers: { 'content-type': 'text/html' },
            text: '<html><body>请登录网络</body></html>',
          })
        case 'unavailable':
          return answers(there, { status: 503, headers: {}, text: 'upstream connect error' })
        case 'rate-limited':
          return answers(there, {
            status: 429,
            headers: { 'retry-after': '2' },
            text: '{"code":"RATE_LIMITED","message":"请求过于频繁"}',
          })
        case 'answer-cut':
          return arrives(there, answer =>
            answers(back, { ...answer, text: answer.text.slice(0, chance.under(answer.text.length)) }),
          )
        case 'doubled':
          arrives(there + chance.under(5_000), () => {})
          return arrives(there, answer => answers(back, answer))
        case null:
          return arrives(there, answer => answers(back, answer))
      }
    })

  const listen = (
    end: LineEnd,
    headers: Record<string, string>,
    on: { heard(text: string): void; ended(): void },
  ) => {
    let stop = () => {}
    let over = false
    const close = () => {
      over = true
      stop()
    }
    const cut = () => {
      close()
      if (end.alive()) on.ended()
    }
    carry(latency(), async () => {
      if (over || !end.alive()) return
      if (end.isCut()) return cut()
      const { devices, wake } = centre.central
      const device = await devices
        .of(headers['authorization']?.replace('Bearer ', '') ?? '')
        .catch(() => null)
      if (device === null) return cut()
      stop = wake.on(device, () =>
        carry(latency(), () => {
          if (over || !end.alive() || end.isSilent()) return
          if (end.isCut()) return cut()
          on.heard('data: changed\n\n')
        }),
      )
    })
    return close
  }

  return {
    open: end => {
      const stops: (() => void)[] = []
      return {
        ask: request => ask(end, request),
        receive: () => Promise.reject(new Error('files take another way')),
        listen: (_path, headers, on) => {
          const stop = listen(end, headers, on)
          stops.push(stop)
          return stop
        },
        close: () => {
          for (const stop of stops) stop()
        },
      }
    },
    underWay: () => underWay,
    requests: () => requests,
  }
}
