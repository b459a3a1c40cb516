/** Who is at which seat now (在岗状态), as the centre last heard it. Told by each seat every few seconds, forgotten when it stops. */
import { z } from 'zod'
import { seatStateKind } from '../domain/seat-state.ts'
import { extension, presentSeat } from '../domain/specialist.ts'
import { route } from './central-route.ts'

/** A seat that was not heard for so long is not there. Seconds. */
export const presenceSeconds = 60

export const presenceAnswer = z.object({ seats: z.array(presentSeat) })

/** Device and operator. */
export const presenceRoutes = {
  tell: route(
    'POST',
    '/v1/presence',
    '报告在岗状态',
    `报告本席状态，并取得有技能的其他在岗坐席。${presenceSeconds} 秒没有报告即视为不在岗。`,
  )
    .input(
      z.object({
        kind: seatStateKind,
        since: z.iso.datetime(),
        extension: extension.nullable().describe('能转接到本席的号码；没有则不列出'),
      }),
    )
    .output(presenceAnswer),
}
