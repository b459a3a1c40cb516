import { test } from './seat-fixture.ts'
import { takenBack } from './taken-back.ts'

test('the page is reloaded in a call: the citizen is taken back, and the form is as it was', async ({
  seat,
}) => {
  await takenBack(seat, 'reloaded', () => seat.page.reload())
})
