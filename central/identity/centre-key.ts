/**
 * Who this centre is: one Ed25519 key in its database, which every process reads and a restore brings back. A seat that was enrolled
 * here sends its secret and its people's passwords to nobody else (docs/security.md).
 */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { centreProofText } from '../../shared/domain/centre-proof.ts'
import type { CentralContext } from '../context.ts'
import { metaKey } from './meta-key.ts'

export type CentreKey = {
  /** The public half, base64url. */
  key: string
  prove(challenge: string): { key: string; signature: string }
}

/** PKCS #8 before the 32 bytes of an Ed25519 key. */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex')

export async function createCentreKey(context: Pick<CentralContext, 'sql' | 'random'>): Promise<CentreKey> {
  const seed = await metaKey(context, 'centre-key')
  const secret = createPrivateKey({
    key: Buffer.concat([pkcs8Head, seed]),
    format: 'der',
    type: 'pkcs8',
  })
  const key = createPublicKey(secret).export({ format: 'jwk' }).x ?? ''
  return {
    key,
    prove: challenge => ({
      key,
      signature: sign(null, Buffer.from(centreProofText(challenge)), secret).toString('base64url'),
    }),
  }
}
