import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** The page, for both shells. Chromium 114 is the oldest runtime that it is tested on. */
export default defineConfig({
  root: join(import.meta.dirname, 'renderer'),
  base: '/',
  plugins: [react()],
  build: {
    outDir: join(import.meta.dirname, 'out', 'page'),
    emptyOutDir: true,
    target: 'chrome114',
    // The security policy has no room for inlined scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2_000,
  },
  worker: { format: 'es' },
})
