import { expect, it } from 'vitest'
import { fullTime, shortTime } from '../../renderer/ui/time.ts'

it('writes times by China’s clock: the day only where it is another one there', () => {
  const now = Date.parse('2026-11-25T16:30:00.000Z')
  expect(shortTime('2026-11-25T16:05:06.789Z', now)).toBe('00:05')
  expect(shortTime('2026-11-25T15:59:59.999Z', now)).toBe('11/25 23:59')
  expect(fullTime('2026-01-02T16:05:06.000Z')).toBe('2026年1月3日 00:05:06')
})
