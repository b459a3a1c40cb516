import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { uuidV7 } from '../../electron/core/uuid.ts'

it('makes ids of version 7 that sort by time', () => {
  const time = fc.integer({ min: 0, max: 2 ** 45 })
  fc.assert(
    fc.property(time, time, (a, b) => {
      const [one, two] = [uuidV7(a, randomBytes(10)), uuidV7(b, randomBytes(10))]
      expect(z.uuidv7().safeParse(one).success).toBe(true)
      if (a !== b) expect(one < two).toBe(a < b)
    }),
  )
})
