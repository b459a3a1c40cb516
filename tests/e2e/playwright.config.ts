import { defineConfig } from '@playwright/test'

/**
 * The same page, core and centre in both shells. All of it is tried in Chromium on the loopback shell; in Electron under Xvfb, whose
 * Chromium is the oldest that is supported, what a shell or its media may do otherwise: these are left out there.
 */
const ofThePage = [
  'assist',
  'callbacks',
  'catalogue',
  'dispositions',
  'enterprise',
  'keystrokes',
  'loop',
  'repeats',
  'seat-states',
  'training',
]
const ofSeveralSeats = [
  'callbacks-team',
  'offline',
  'repeats-offline',
  'specialists',
  'supervisor',
  'three-days-offline',
  'two-seats',
  'units',
]
// A page that has crashed is lost to Playwright: Electron's own test of it is in electron.spec.ts.
const notInElectron = ['crashed-page', ...ofThePage, ...ofSeveralSeats].map(name => `${name}.spec.ts`)

export default defineConfig({
  testDir: '.',
  globalSetup: '../support/clusters.ts',
  outputDir: '../../test-results/e2e',
  fullyParallel: false,
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  retries: 0,
  reporter: [['list']],
  projects: [
    {
      name: 'chromium',
      metadata: { shell: 'loopback' },
      testIgnore: ['electron.spec.ts', 'installed.spec.ts'],
    },
    { name: 'electron', metadata: { shell: 'electron' }, testIgnore: notInElectron },
  ],
})
