/** Who sits at this seat (sign-in.ts: how they came there). Every command and audit row carries the operator's id. */
import { type Operator, operator as operatorSchema } from '../../../shared/domain/operator.ts'
import type { Audit } from '../audit/audit.ts'
import type { Clock, Random } from '../context.ts'
import { isoNow } from '../context.ts'
import { Refusal } from '../refusal.ts'
import type { Database } from '../storage/database.ts'
import { readState, writeState } from '../storage/local-state.ts'

const signedInState = 'signed-in-operator'
const lockedState = 'seat-locked'

/**
 * Whether what the page asks for may be answered.
 *
 *   nobody ──sign in──▶ open ──lock──▶ locked
 *      ▲                 │  ◀──unlock──   │
 *      └───── sign out ──┴────────────────┘
 */
export type Access = 'nobody' | 'locked' | 'open'

export type Identity = {
  access(db: Database): Access
  list(db: Database): Operator[]
  /** Null while nobody is signed in. */
  current(db: Database): Operator | null
  /** The operator, or NOT_SIGNED_IN. */
  required(db: Database): Operator
  find(db: Database, operatorId: string): Operator | null
  /** One who may sign in here: not disabled, and known by more than a name in a history. */
  offered(db: Database, operatorId: string): Operator | null
  /** In this seat's own list, which never becomes a centre's. `operatorId` is drawn when none is given. */
  create(db: Database, input: Omit<Operator, 'operatorId'>, operatorId?: string): Operator
  signIn(db: Database, operatorId: string): Operator
  signOut(db: Database): void
  /** Whoever is signed in stays so, and must prove it again before anything is shown. */
  lock(db: Database): void
  unlock(db: Database): void
}

const columns =
  'operator_id AS operatorId, work_number AS workNumber, name, branch, role, skills, all_branches AS everywhere'
/**
 * Null: known by no more than a name in a history. Somebody whose number the centre gave to another (apply-changes.ts) may still
 * be signed in: they have the number that they had.
 */
const fromRow = (row: unknown): Operator | null => {
  const { skills, everywhere, workNumber, ...rest } = row as {
    skills: string
    everywhere: number
    workNumber: string
  }
  const [number = ''] = workNumber.split('~')
  if (number === '') return null
  const all = everywhere === 1 ? { allBranches: true } : {}
  return operatorSchema.parse({ ...rest, ...all, workNumber: number, skills: JSON.parse(skills) as unknown })
}

export function createIdentity(parts: { clock: Clock; random: Random; audit: Audit }): Identity {
  const { clock, random, audit } = parts
  const find = (db: Database, operatorId: string): Operator | null => {
    const row: unknown = db.prepare(`SELECT ${columns} FROM operator WHERE operator_id = ?`).get(operatorId)
    return row === undefined ? null : fromRow(row)
  }
  const offered = (db: Database, operatorId: string): Operator | null => {
    const row: unknown = db
      .prepare(`SELECT ${columns} FROM operator WHERE operator_id = ? AND disabled = 0`)
      .get(operatorId)
    return row === undefined ? null : fromRow(row)
  }
  const current = (db: Database): Operator | null => {
    const operatorId = readState(db, signedInState)
    return operatorId === null ? null : find(db, operatorId)
  }
  const access = (db: Database): Access =>
    current(db) === null ? 'nobody' : readState(db, lockedState) === null ? 'open' : 'locked'
  const signOut = (db: Database) => {
    const operator = current(db)
    writeState(db, lockedState, null)
    if (operator === null) return
    writeState(db, signedInState, null)
    audit.append(db, seatEntry(operator.operatorId, 'operator.signOut'))
  }
  const seatEntry = (operatorId: string, action: string) =>
    ({ operatorId, action, subjectKind: 'operator', subjectId: operatorId, result: 'done' }) as const

  return {
    find,
    offered,
    current,
    access,
    list: db =>
      db
        .prepare(`SELECT ${columns} FROM operator WHERE disabled = 0 AND role <> 'unit' ORDER BY work_number`)
        .all()
        .map(fromRow)
        .filter(operator => operator !== null),
    required: db => {
      const operator = current(db)
      if (operator === null) throw new Refusal('NOT_SIGNED_IN')
      return operator
    },
    create: (db, input, operatorId = random.uuid()) => {
      const taken = db.prepare('SELECT 1 FROM operator WHERE work_number = ?').get(input.workNumber)
      if (taken !== undefined) throw new Refusal('OPERATOR_EXISTS')
      const operator: Operator = { ...input, operatorId }
      db.prepare(
        `INSERT INTO operator (operator_id, work_number, name, branch, role, skills, all_branches, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      ).run(
        operatorId,
        operator.workNumber,
        operator.name,
        operator.branch,
        operator.role,
        JSON.stringify(operator.skills),
        operator.allBranches === true ? 1 : 0,
        isoNow(clock),
      )
      const by = current(db)?.operatorId ?? operator.operatorId
      audit.append(db, { ...seatEntry(by, 'operator.create'), subjectId: operator.operatorId })
      return operator
    },
    signIn: (db, operatorId) => {
      const operator = find(db, operatorId)
      if (operator === null) throw new Refusal('OPERATOR_NOT_FOUND')
      signOut(db)
      writeState(db, signedInState, operatorId)
      audit.append(db, seatEntry(operatorId, 'operator.signIn'))
      return operator
    },
    signOut,
    lock: db => {
      const operator = current(db)
      if (operator === null || access(db) === 'locked') return
      writeState(db, lockedState, isoNow(clock))
      audit.append(db, seatEntry(operator.operatorId, 'operator.lock'))
    },
    unlock: db => {
      const operator = current(db)
      if (operator === null || access(db) === 'open') return
      writeState(db, lockedState, null)
      audit.append(db, seatEntry(operator.operatorId, 'operator.unlock'))
    },
  }
}
