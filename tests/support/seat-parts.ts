/** The parts of a seat on a real database in a folder of its own, with a clock that a test moves. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createActorKeys } from '../../electron/core/identity/actor-keys.ts'
import { createPasswords } from '../../electron/core/identity/passwords.ts'
import { createResume } from '../../electron/core/identity/resume.ts'
import { createParts } from '../../electron/core/parts.ts'
import { Refusal } from '../../electron/core/refusal.ts'
import { type Database, openDatabase } from '../../electron/core/storage/database.ts'
import type { AccountAsks } from '../../electron/core/sync/account-asks.ts'
import { CentreFailure } from '../../electron/core/sync/centre-client.ts'
import type { CaseDocument } from '../../shared/contract/central.ts'
import { type CaseFields, type Disposition, emptyCaseFields } from '../../shared/domain/case.ts'
import type { Operator } from '../../shared/domain/operator.ts'
import { normalizeNumber } from '../../shared/domain/phone-number.ts'
import { sampleDispositions } from './sample-dispositions.ts'

export const seatStart = Date.parse('2026-11-23T01:00:00.000Z')

export type SeatParts = ReturnType<typeof seatParts>

export function seatParts(name = 'seat') {
  const folder = mkdtempSync(join(tmpdir(), 'zuoxi-parts-'))
  const file = join(folder, 'seat.db')
  const key = new Uint8Array(randomBytes(32))
  const db = openDatabase({ file, key, now: 0 })
  const time = { now: seatStart }
  let drawn = 0
  const draw = () =>
    createHash('sha256')
      .update(`${name} ${(drawn += 1)}`)
      .digest()
  const random = {
    bytes: (count: number) => new Uint8Array(draw().subarray(0, count)),
    uuid: () => `${name}-${draw().toString('hex').slice(0, 32)}`,
  }
  const clock = { now: () => time.now, after: () => () => {} }
  const passwords = createPasswords(random)
  const keys = createActorKeys({ random, passwords })
  const parts = createParts({
    clock,
    sign: keys.sign,
    random,
    catalogue: {
      version: () => 'test',
      knowsCategory: code => code.startsWith('01'),
      knowsDivision: () => true,
      category: code => [code],
      division: code => [code],
    },
    dispositions: sampleDispositions(clock.now),
    numberKey: raw => normalizeNumber(raw, { areaCode: '' }).key,
    appended: () => {},
  })
  const read = () => db
  const write = <T>(work: (own: Database) => T): T => db.transaction(work).immediate(db)
  return {
    ...parts,
    passwords,
    keys,
    folder,
    database: file,
    key,
    db,
    clock,
    random,
    time,
    read,
    write,
    person: (operatorId: string, role: Operator['role'] = 'agent'): Operator => {
      const known = parts.identity.find(db, operatorId)
      if (known !== null) return known
      const seat = {
        workNumber: operatorId,
        name: `${operatorId}的姓名`,
        branch: '云澜中心',
        role,
        skills: [],
      }
      return write(own => parts.identity.create(own, seat, operatorId))
    },
    /** Files a case, a second after what was before it. */
    file: (operator: Operator, change: Partial<CaseFields> = {}) => {
      time.now += 1_000
      return write(own => {
        const { draftId } = parts.drafts.open(own, operator.operatorId, {
          callId: null,
          callingNumber: '',
          contactNumber: '',
          divisionCode: '',
        })
        return parts.cases.submit(own, operator, { draftId, fields: filled(change) })
      })
    },
    waiting: () =>
      (
        db.prepare('SELECT id, case_id AS caseId, name, args FROM outbox ORDER BY seq').all() as {
          id: string
          caseId: string | null
          name: string
          args: string
        }[]
      ).map(({ args, ...row }) => ({ ...row, args: JSON.parse(args) as Record<string, unknown> })),
    sent: () => void db.exec('DELETE FROM outbox; DELETE FROM parked'),
    audited: () => db.prepare('SELECT action FROM audit ORDER BY audit_id').pluck().all() as string[],
    close: () => {
      db.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** What the sample rules ask for under each disposition. */
const reasons: Partial<Record<Disposition, Partial<CaseFields>>> = {
  statutory: { reasonCode: 'F01' },
  explain: { reasonCode: 'J03' },
  refer: { reasonCode: 'Y01', dispositionNote: '一小时内来电二十次。' },
  transfer: {
    handOverNumber: '119',
    handOverName: '消防救援',
    handOverWay: 'three-way',
    handOverAt: new Date(seatStart).toISOString(),
  },
}

export const filled = (change: Partial<CaseFields> = {}): CaseFields => ({
  ...emptyCaseFields,
  contactNumber: '19900000001',
  content: '路灯不亮',
  disposition: 'accept',
  ...reasons[change.disposition ?? 'accept'],
  ...change,
})

/** A case as the centre would tell it. */
export const documentOf = (change: Partial<CaseDocument> & Pick<CaseDocument, 'caseId'>): CaseDocument => ({
  caseNumber: `N-${change.caseId}`,
  version: 1,
  branch: '云澜中心',
  status: 'accepted',
  disposition: 'accept',
  operatorId: 'elsewhere',
  catalogueVersion: 'test',
  callId: null,
  fields: filled(),
  attachments: [],
  history: [],
  createdAt: new Date(seatStart).toISOString(),
  updatedAt: new Date(seatStart).toISOString(),
  ...change,
})

const noAnswer = () => Promise.reject(new CentreFailure('network', '连不上'))
/** Of a centre that is asked nothing of anybody's account. */
export const noAccount: AccountAsks = {
  changePassword: noAnswer,
  replacePassword: noAnswer,
  beginSecondFactor: noAnswer,
  confirmSecondFactor: noAnswer,
}

/** A session's secret as a core keeps it, without a shell. */
export const resumeOf = (seat: Pick<SeatParts, 'random' | 'identity' | 'keys'>) =>
  createResume({ ...seat, given: null, tell: () => {} })

export function refusalOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
  return 'none'
}

export async function refusalOfAsync(run: Promise<unknown>): Promise<string> {
  try {
    await run
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
  return 'none'
}
