import { defineConfig } from '@playwright/test'

/** The seat in Chromium against a real exchange: Kamailio, rtpengine, baresip, SIPp. */
export default defineConfig({
  testDir: '.',
  globalSetup: '../support/clusters.ts',
  outputDir: '../../test-results/telephony',
  fullyParallel: false,
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  projects: [{ name: 'telephony', metadata: { shell: 'loopback' } }],
})
