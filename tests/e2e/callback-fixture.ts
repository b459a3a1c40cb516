/** A seat, and a centre of its own that it is enrolled at by hand. */
import { join } from 'node:path'
import { type CallbackCentre, startCallbackCentre } from '../support/callback-centre.ts'
import { test as seatTest } from './seat-fixture.ts'

export const test = seatTest.extend<{ centre: CallbackCentre }>({
  centre: async ({ seat }, use) => {
    const centre = await startCallbackCentre(join(seat.scratch, 'centre'))
    try {
      await use(centre)
    } finally {
      await centre.end()
    }
  },
})
