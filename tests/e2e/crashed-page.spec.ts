import { test } from './seat-fixture.ts'
import { takenBack } from './taken-back.ts'

test("the page's process dies in a call: opened again, it takes the citizen back, and the form is as it was", async ({
  seat,
}) => {
  await takenBack(seat, 'crashed', () => seat.crashPage())
})
