/** The transfer directory and the disposition rules of a seat under test: what ships, until something is published. */
import { join } from 'node:path'
import { createDispositions } from '../../electron/core/dispositions/dispositions.ts'
import { root } from './seat-process.ts'

export const sampleDispositions = (now: () => number, faults: string[] = []) =>
  createDispositions({
    resourcesDir: join(root, 'resources'),
    now,
    onFault: what => void faults.push(what),
  })
