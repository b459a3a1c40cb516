import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/simulation/*.test.ts'],
    pool: 'forks',
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
