import type { Disposition } from '../../../shared/domain/case.ts'

/** In the order of the standard, with the keys that choose them. */
export const dispositions: readonly Disposition[] = ['accept', 'transfer', 'statutory', 'explain', 'refer']
export const dispositionKeys = ['Alt+5', 'Alt+6', 'Alt+7', 'Alt+8', 'Alt+9'] as const
