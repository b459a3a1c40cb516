/**
 * Routes SIP between lines: registered seats on their WebSockets, and the simulated citizens inside this process.
 * A proxy in RFC 3261's sense: it adds its Via, forks an INVITE to every contact of an extension, and cancels the
 * branches that lost with `Reason: SIP;cause=200`, so that a seat can tell "answered elsewhere" from "gave up".
 */
import { randomBytes } from 'node:crypto'
import type { Registrar } from './registrar.ts'
import { header, readAddress, respond, type SipMessage } from './sip-message.ts'

export type Line = { send(message: SipMessage): void }

type Branch = { id: string; connection: number; request: SipMessage; status: number; cancelled: boolean }
type Fork = {
  from: number
  request: SipMessage
  branches: Branch[]
  answered: boolean
  cancelled: boolean
  finished: boolean
}

export type Proxy = {
  attach(line: Line): number
  detach(connection: number): void
  receive(connection: number, message: SipMessage): void
}

export function createProxy(options: {
  domain: string
  registrar: Registrar
  outside(number: string): number | null
}): Proxy {
  const { domain, registrar, outside } = options
  const lines = new Map<number, Line>()
  /** Contacts that were seen in dialogs, by `user@host`: in-dialog requests are addressed to them. */
  const contacts = new Map<string, number>()
  const forks = new Map<string, Fork>()
  let count = 0

  const contactKey = (uri: string) => {
    const { user, host } = readAddress(uri)
    return `${user}@${host}`
  }
  const learn = (connection: number, message: SipMessage) => {
    const contact = header(message, 'contact')
    if (contact !== '' && contact !== '*') contacts.set(contactKey(contact), connection)
  }
  const send = (connection: number, message: SipMessage) => lines.get(connection)?.send(message)

  /** The fork of an INVITE, also named by its CANCEL: same Call-ID, same CSeq number, same From tag. */
  const forkKey = (request: SipMessage) =>
    `${header(request, 'call-id')} ${header(request, 'cseq').split(' ')[0]} ${readAddress(header(request, 'from')).tag}`

  const forward = (request: SipMessage, connection: number, from: number, uri: string): string => {
    const id = `z9hG4bK${from}.${connection}.${randomBytes(6).toString('hex')}`
    send(connection, {
      ...request,
      startLine: `${request.method} ${uri} SIP/2.0`,
      requestUri: uri,
      headers: [['Via', `SIP/2.0/WS ${domain};branch=${id}`], ...request.headers],
    })
    return id
  }

  const startFork = (request: SipMessage, from: number, targets: { connection: number; uri: string }[]) => {
    const fork: Fork = { from, request, branches: [], answered: false, cancelled: false, finished: false }
    forks.set(forkKey(request), fork)
    for (const { connection, uri } of targets) {
      const id = forward(request, connection, from, uri)
      const sent = { ...request, startLine: `INVITE ${uri} SIP/2.0`, requestUri: uri }
      fork.branches.push({ id, connection, request: sent, status: 0, cancelled: false })
    }
  }

  const cancelBranch = (branch: Branch, reason: string | null) => {
    if (branch.cancelled || branch.status >= 200) return
    branch.cancelled = true
    const kept = branch.request.headers.filter(([name]) => /^(from|to|call-id|max-forwards)$/i.test(name))
    send(branch.connection, {
      startLine: `CANCEL ${branch.request.requestUri} SIP/2.0`,
      method: 'CANCEL',
      requestUri: branch.request.requestUri,
      status: null,
      headers: [
        ['Via', `SIP/2.0/WS ${domain};branch=${branch.id}`],
        ...kept,
        ['CSeq', `${header(branch.request, 'cseq').split(' ')[0]} CANCEL`],
        ...(reason === null ? [] : [['Reason', reason] as [string, string]]),
      ],
      body: '',
    })
  }

  const acknowledge = (branch: Branch, response: SipMessage) => {
    send(branch.connection, {
      startLine: `ACK ${branch.request.requestUri} SIP/2.0`,
      method: 'ACK',
      requestUri: branch.request.requestUri,
      status: null,
      headers: [
        ['Via', `SIP/2.0/WS ${domain};branch=${branch.id}`],
        ['From', header(response, 'from')],
        ['To', header(response, 'to')],
        ['Call-ID', header(response, 'call-id')],
        ['CSeq', `${header(response, 'cseq').split(' ')[0]} ACK`],
        ['Max-Forwards', '70'],
      ],
      body: '',
    })
  }

  const request = (connection: number, message: SipMessage) => {
    learn(connection, message)
    const { method } = message
    const target = readAddress(message.requestUri ?? '')
    if (method === 'REGISTER') return send(connection, registrar.register(message, connection))
    if (method === 'CANCEL') {
      send(connection, respond(message, 200, 'OK'))
      const fork = forks.get(forkKey(message))
      if (fork === undefined || fork.finished) return
      fork.cancelled = true
      for (const branch of fork.branches) cancelBranch(branch, header(message, 'reason') || null)
      return
    }
    const inDialog = contacts.get(`${target.user}@${target.host}`)
    if (inDialog !== undefined && readAddress(header(message, 'to')).tag !== '') {
      if (method === 'INVITE')
        return startFork(message, connection, [{ connection: inDialog, uri: message.requestUri ?? '' }])
      if (method === 'ACK') return void forward(message, inDialog, connection, message.requestUri ?? '')
      return void forward(message, inDialog, connection, message.requestUri ?? '')
    }
    if (method === 'ACK') return
    if (method === 'OPTIONS')
      return send(
        connection,
        respond(message, 200, 'OK', [['Allow', 'INVITE, ACK, CANCEL, BYE, OPTIONS']], '', 'proxy'),
      )
    if (method !== 'INVITE')
      return send(connection, respond(message, 481, 'Call/Transaction Does Not Exist', [], '', 'proxy'))
    send(connection, respond(message, 100, 'Trying'))
    // In the place of a dialog (RFC 3891): to the very contact that has it.
    if (inDialog !== undefined && header(message, 'replaces') !== '')
      return startFork(message, connection, [{ connection: inDialog, uri: message.requestUri ?? '' }])
    if (registrar.knows(target.user)) {
      const bindings = registrar.bindings(target.user)
      if (bindings.length === 0)
        return send(connection, respond(message, 480, 'Temporarily Unavailable', [], '', 'proxy'))
      return startFork(
        message,
        connection,
        bindings.map(binding => ({ connection: binding.connection, uri: binding.contact })),
      )
    }
    const citizen = outside(target.user)
    if (citizen === null) return send(connection, respond(message, 404, 'Not Found', [], '', 'proxy'))
    startFork(message, connection, [{ connection: citizen, uri: message.requestUri ?? '' }])
  }

  const response = (connection: number, message: SipMessage) => {
    learn(connection, message)
    const [own = '', ...rest] = message.headers
      .filter(([name]) => /^(via|v)$/i.test(name))
      .map(([, value]) => value)
    const route = /branch=z9hG4bK(\d+)\.(\d+)\./.exec(own)
    if (route === null) return
    const back = withoutFirstVia(message)
    const isInvite = header(message, 'cseq').endsWith('INVITE')
    if (!isInvite) return rest.length === 0 ? undefined : send(Number(route[1]), back)
    const fork = forks.get(forkKey(message))
    const branch = fork?.branches.find(({ id }) => own.includes(id))
    if (fork === undefined || branch === undefined) return send(Number(route[1]), back)
    const status = message.status ?? 0
    branch.status = Math.max(branch.status, status)
    if (status < 200) return fork.answered ? undefined : send(fork.from, back)
    if (status < 300) {
      // A 2xx is always forwarded, also a late one: the caller acknowledges it and hangs up.
      send(fork.from, back)
      fork.answered = true
      fork.finished = true
      for (const other of fork.branches)
        if (other !== branch) cancelBranch(other, 'SIP;cause=200;text="Call completed elsewhere"')
      return
    }
    acknowledge(branch, message)
    if (fork.answered || fork.finished || fork.branches.some(other => other.status < 200)) return
    fork.finished = true
    send(fork.from, back)
  }

  return {
    attach: line => {
      count += 1
      lines.set(count, line)
      return count
    },
    detach: connection => {
      lines.delete(connection)
      registrar.lost(connection)
      for (const [key, at] of contacts) if (at === connection) contacts.delete(key)
      for (const [key, fork] of forks) {
        if (fork.from === connection) {
          for (const branch of fork.branches) cancelBranch(branch, null)
          forks.delete(key)
        }
      }
    },
    receive: (connection, message) =>
      message.method === null ? response(connection, message) : request(connection, message),
  }
}

function withoutFirstVia(message: SipMessage): SipMessage {
  const at = message.headers.findIndex(([name]) => /^(via|v)$/i.test(name))
  return { ...message, headers: message.headers.filter((_, index) => index !== at) }
}
