/** Requests under the seat's own token: it is fetched when it is missing or old, and once more when the centre refuses it. */

import { z } from 'zod'
import { accessGrant, deviceCredential } from '../../../shared/contract/central.ts'
import type { Clock, Random } from '../context.ts'
import type { Database } from '../storage/database.ts'
import { type CentreClient, CentreFailure, createCentreClient, type Transport } from './centre-client.ts'
import {
  highestSeq,
  keepCredential,
  needRenewal,
  type RenewalReason,
  readCredential,
  renewalNeeded,
  renewalRequest,
} from './seat-identity.ts'

const early = 60
const grant = accessGrant.extend({ highestSeq: z.number().int().min(0) })

export type DeviceClient = {
  /** Adds the seat's token to every request. */
  client: CentreClient
  /** For the event stream and for files. */
  token(): Promise<string>
  /** Another one than `used`, which the centre refused. */
  anotherToken(used: string): Promise<string>
  enrol(code: string, seatName: string): Promise<void>
  /** Another identity, where one is needed. The numbers of the former end. */
  renewIfNeeded(): Promise<void>
  forget(): void
}

export function createDeviceClient(parts: {
  clock: Clock
  random: Random
  ask: Transport
  read(): Database
  write<T>(work: (db: Database) => T): T
  discardNumbers(db: Database): void
  /** What was read under the former identity may be seen differently by the new one. */
  readAgain(db: Database): void
  /** In the transaction that keeps a credential: which centre it is of (centre-trust.ts). */
  enrolled(db: Database, credential: z.infer<typeof deviceCredential>): void
}): DeviceClient {
  const { clock, random, read, write, discardNumbers } = parts
  const bare = createCentreClient(parts.ask)
  let held: { token: string; until: number } | null = null
  let fetching: Promise<string> | null = null

  const fetchToken = async (): Promise<string> => {
    const credential = readCredential(read())
    if (credential === null)
      throw new CentreFailure('refused', '这台坐席尚未在中心登记', { status: 401, code: 'NOT_ENROLLED' })
    const { clientId, deviceSecret } = credential
    const told = await bare.ask('POST', '/v1/device-tokens', grant, { body: { clientId, deviceSecret } })
    held = { token: told.accessToken, until: clock.now() + (told.expiresInSeconds - early) * 1_000 }
    // The centre has seen commands that this database never made: it is an older one that was put back.
    if (told.highestSeq > highestSeq(read()) && renewalNeeded(read()) === null)
      write(db => {
        needRenewal(db, 'restored')
        discardNumbers(db)
      })
    return held.token
  }

  const token = (): Promise<string> => {
    // A clock that was put back must not keep a token alive for ever; the centre refuses an old one anyway.
    if (held !== null && clock.now() < held.until) return Promise.resolve(held.token)
    fetching ??= fetchToken().finally(() => {
      fetching = null
    })
    return fetching
  }

  const anotherToken = (used: string): Promise<string> => {
    if (held?.token === used) held = null
    return token()
  }

  const withToken = async <T>(work: (token: string) => Promise<T>): Promise<T> => {
    const used = await token()
    try {
      return await work(used)
    } catch (error) {
      if (!(error instanceof CentreFailure) || error.code !== 'UNAUTHENTICATED') throw error
      return work(await anotherToken(used))
    }
  }

  const client: CentreClient = {
    ask: (method, path, output, options) =>
      withToken(used => bare.ask(method, path, output, { ...options, token: used })),
    take: path => withToken(used => bare.take(path, { token: used })),
  }

  const adopt = (credential: z.infer<typeof deviceCredential>) => {
    held = null
    write(db => {
      discardNumbers(db)
      keepCredential(db, credential)
      parts.enrolled(db, credential)
      parts.readAgain(db)
    })
  }

  return {
    client,
    token,
    anotherToken,
    enrol: async (code, seatName) => {
      // It stays the same seat, whose cases it goes on seeing, where the centre knows the identity of before.
      const before = readCredential(read())
      const former =
        before === null ? undefined : { clientId: before.clientId, deviceSecret: before.deviceSecret }
      adopt(await bare.ask('POST', '/v1/enrolments', deviceCredential, { body: { code, seatName, former } }))
    },
    renewIfNeeded: async () => {
      // The token says whether this database is an older one; a former identity gets none.
      if (renewalNeeded(read()) === null) await token()
      const reason: RenewalReason | null = renewalNeeded(read())
      const credential = readCredential(read())
      if (reason === null || credential === null) return
      const { clientId, deviceSecret } = credential
      const requestId = write(db => renewalRequest(db, random))
      const body = { clientId, deviceSecret, requestId, reason }
      adopt(await bare.ask('POST', '/v1/enrolments/renew', deviceCredential, { body }))
    },
    forget: () => {
      held = null
    },
  }
}
