/** Specialists at other seats (专席), in the order in which they are offered. Pure. */
import { z } from 'zod'
import { type SeatState, seatStateKind } from './seat-state.ts'

export const extension = z
  .string()
  .regex(/^\+?[0-9*#]{2,32}$/)
  .describe('分机号')

export const presentSeat = z.object({
  operatorId: z.string(),
  operatorName: z.string(),
  branch: z.string(),
  skills: z.array(z.string()).describe('技能: 方言、涉企、手语等'),
  extension,
  kind: seatStateKind,
  since: z.iso.datetime(),
})
export type PresentSeat = z.infer<typeof presentSeat>

const order: Record<SeatState['kind'], number> = {
  ready: 0,
  'wrap-up': 1,
  busy: 2,
  break: 3,
  talking: 4,
  offline: 5,
}

/** `wanted`: the skill, the dialect that the call came with. Ready before not ready, matching before others, then by name. */
export function rankSpecialists(seats: readonly PresentSeat[], wanted: readonly string[]): PresentSeat[] {
  const matches = ({ skills }: PresentSeat) => skills.some(skill => wanted.includes(skill))
  const rank = (seat: PresentSeat) => (matches(seat) ? 0 : 10) + order[seat.kind]
  return [...seats].sort(
    (a, b) => rank(a) - rank(b) || a.operatorName.localeCompare(b.operatorName, 'zh-Hans-CN'),
  )
}
