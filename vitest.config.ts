import { configDefaults, defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts', 'tests/**/*.test.tsx'],
    // Minutes long, with a count of its own: `npm test -- simulation`.
    exclude: [...configDefaults.exclude, 'tests/simulation/**'],
    globalSetup: ['tests/support/clusters.ts'],
    setupFiles: ['tests/support/seeds.ts'],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
