import { defineConfig } from '@playwright/test'

/** The same specs in both shells: Chromium on the loopback shell, and Electron under Xvfb. */
export default defineConfig({
  testDir: '.',
  outputDir: '../../test-results/e2e',
  fullyParallel: false,
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  retries: 0,
  reporter: [['list']],
  projects: [
    { name: 'chromium', metadata: { shell: 'loopback' }, testIgnore: 'electron.spec.ts' },
    // A page that has crashed is lost to Playwright: Electron's own test of it is in electron.spec.ts.
    { name: 'electron', metadata: { shell: 'electron' }, testIgnore: 'crashed-page.spec.ts' },
  ],
})
