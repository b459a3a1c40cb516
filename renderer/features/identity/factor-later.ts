/** The drawing of a QR code is fetched when somebody needs one. */
import { later } from '../../ui/later.tsx'

export const FactorSetup = later(async () => (await import('./FactorSetup.tsx')).FactorSetup)
