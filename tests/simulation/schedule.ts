/** What may happen to seats and their centre, as fast-check draws it and as a failure prints it. */
import fc from 'fast-check'
import { type CaseMove, caseMove } from '../../shared/domain/case-moves.ts'
import { type Relation, relation } from '../../shared/domain/case-relations.ts'
import { people } from './centre.ts'
import { type LineFault, lineFaults } from './network.ts'
import { type CrashPoint, crashPoints } from './seat.ts'

/** What an operator does at a seat. `seat` and `pick` choose among what there is when the step is done. */
export type Deed =
  | { do: 'file'; seat: number; by: string; confidential: boolean; refer: boolean }
  | { do: 'remark'; seat: number; by: string; pick: number }
  /** `stale`: the form was opened before somebody else's value came. */
  | { do: 'edit'; seat: number; by: string; pick: number; changes: FieldValue[]; stale: boolean }
  | { do: 'move'; seat: number; by: string; pick: number; move: CaseMove }
  | { do: 'relate'; seat: number; by: string; pick: number; other: number; relation: Relation }
  | { do: 'seat-state'; seat: number; by: string }
  | { do: 'discard-draft'; seat: number; by: string }
  /** A command that the centre's server refuses as a request, not as a command. */
  | { do: 'poison'; seat: number; by: string; pick: number }
  | { do: 'resolve'; seat: number; pick: number; mine: boolean }
  | { do: 'retry'; seat: number; pick: number }
  /** A thief of a seat of another branch sends something in somebody's name. */
  | { do: 'forge'; seat: number; by: string; pick: number; way: Forgery }
  /** As after a long day. */
  | { do: 'few-numbers'; seat: number; left: number }

export type Step =
  | Deed
  | { do: 'run'; ms: number }
  | { do: 'fault'; seat: number; fault: LineFault }
  | { do: 'cut'; seat: number }
  | { do: 'mend'; seat: number }
  | { do: 'silence'; seat: number }
  | { do: 'crash'; seat: number; at: CrashPoint }
  | { do: 'disk-full'; seat: number; writes: number }
  | { do: 'set-clock'; seat: number; hours: number }
  /** Its folder is copied to another machine, with or without the token file; `apart`: neither has a line at first. */
  | { do: 'clone'; seat: number; withToken: boolean; apart: boolean }
  | { do: 'back-up'; seat: number }
  | { do: 'put-back'; seat: number; withToken: boolean }
  | { do: 'old-program'; seat: number }
  | { do: 'new-epoch' }

/**
 * `unproved`: as the version before sent it. `replayed`: what an honest seat has written, sent by another seat. `altered`: an honest
 * proof over something else. `borrowed`: the thief's own secret in another's name.
 * `cross-branch`: somebody of another branch than the case is of. `backdated`: the thief is who they say, and says
 * another time.
 */
export const forgeries = ['unproved', 'replayed', 'altered', 'borrowed', 'cross-branch', 'backdated'] as const
export type Forgery = (typeof forgeries)[number]

export type FieldValue = { field: 'place' | 'callerName' | 'remarks' | 'confidential'; value: number }
/** `opening`: so many cases are everywhere before the first step. */
export type Schedule = { seats: number; opening: number; chance: number; steps: Step[] }

const seat = fc.nat({ max: 5 })
const pick = fc.nat({ max: 4 })
const by = fc.constantFrom(...people.map(({ operatorId }) => operatorId))
const fieldValue: fc.Arbitrary<FieldValue> = fc.record({
  field: fc.oneof(
    { arbitrary: fc.constantFrom('place', 'callerName', 'remarks'), weight: 12 },
    { arbitrary: fc.constant('confidential'), weight: 1 },
  ),
  value: fc.nat({ max: 3 }),
})
const changes = fc.uniqueArray(fieldValue, { minLength: 1, maxLength: 2, selector: ({ field }) => field })
const rarely = fc.nat({ max: 9 }).map(drawn => drawn === 9)

const of = <D extends Step['do']>(
  weight: number,
  name: D,
  parts: { [K in Exclude<keyof Extract<Step, { do: D }>, 'do'>]: fc.Arbitrary<unknown> },
): { weight: number; arbitrary: fc.Arbitrary<Step> } => ({
  weight,
  arbitrary: fc.record({ do: fc.constant(name), ...parts }) as unknown as fc.Arbitrary<Step>,
})

const step: fc.Arbitrary<Step> = fc.oneof(
  of(7, 'file', { seat, by, confidential: rarely, refer: rarely }),
  of(7, 'remark', { seat, by, pick }),
  of(16, 'edit', { seat, by, pick, changes, stale: rarely }),
  of(13, 'move', {
    seat,
    by,
    pick,
    move: fc.constantFrom(
      'close',
      'close',
      'close',
      'reopen',
      'dispatch',
      'dispatch',
      'sign',
      'reply',
      ...caseMove.options,
    ),
  }),
  of(8, 'relate', {
    seat,
    by,
    pick,
    other: pick,
    relation: fc.constantFrom('merge', 'merge', ...relation.options),
  }),
  of(2, 'seat-state', { seat, by }),
  of(1, 'discard-draft', { seat, by }),
  of(1, 'poison', { seat, by, pick }),
  of(3, 'resolve', { seat, pick, mine: fc.boolean() }),
  of(1, 'retry', { seat, pick }),
  of(9, 'forge', { seat, by, pick, way: fc.constantFrom(...forgeries) }),
  of(20, 'run', { ms: fc.constantFrom(40, 150, 400, 1_500, 6_000, 35_000) }),
  of(16, 'fault', { seat, fault: fc.constantFrom(...lineFaults) }),
  of(3, 'cut', { seat }),
  of(4, 'mend', { seat }),
  of(1, 'silence', { seat }),
  of(10, 'crash', { seat, at: fc.constantFrom(...crashPoints) }),
  of(2, 'disk-full', { seat, writes: fc.integer({ min: 1, max: 6 }) }),
  of(1, 'set-clock', { seat, hours: fc.constantFrom(-24, -1, 0, 1, 24) }),
  of(2, 'few-numbers', { seat, left: fc.nat({ max: 2 }) }),
  of(2, 'clone', { seat, withToken: fc.boolean(), apart: fc.boolean() }),
  of(2, 'back-up', { seat }),
  of(3, 'put-back', { seat, withToken: fc.boolean() }),
  of(1, 'old-program', { seat }),
  of(1, 'new-epoch', {}),
)

/** Without bias: the first of them would be short ones, in which little meets. */
export const schedules: fc.Arbitrary<Schedule> = fc.noBias(
  fc.record({
    seats: fc.integer({ min: 3, max: 5 }),
    opening: fc.nat({ max: 3 }),
    chance: fc.nat({ max: 0x7fff_ffff }),
    steps: fc.array(step, { minLength: 1, maxLength: 45, size: 'max' }),
  }),
)

const stepText = ({ do: name, ...rest }: Step): string =>
  [name, ...Object.entries(rest).map(([key, value]) => `${key}=${JSON.stringify(value)}`)].join(' ')

export const scheduleText = ({ seats, opening, chance, steps }: Schedule): string =>
  [
    `${seats} seats, ${opening} cases, chance ${chance}`,
    ...steps.map((each, place) => `  ${place + 1}. ${stepText(each)}`),
  ].join('\n')
