/** Who may come in, and how that ends: the parts of the centre's identity, put together. */
import type { IdentityPolicy } from '../../shared/domain/identity-policy.ts'
import type { CentralContext } from '../context.ts'
import type { ActorProofs } from './actor-proofs.ts'
import { type ApiKeys, createApiKeys } from './api-keys.ts'
import { type CentreKey, createCentreKey } from './centre-key.ts'
import { createDevices, type Devices } from './devices.ts'
import { createEndings, type Endings } from './endings.ts'
import { createIdentityPolicy } from './identity-policy.ts'
import { metaKey } from './meta-key.ts'
import { createOperators, type Operators } from './operators.ts'
import { createPasswords, type Passwords } from './passwords.ts'
import { createSecondFactors, type SecondFactors } from './second-factor.ts'
import { createSecretBox } from './secret-box.ts'
import { createSessions, type Sessions } from './sessions.ts'
import { createSignInFailures, type SignInFailures } from './sign-in-failures.ts'
import { createTickets } from './tickets.ts'
import { createTokens, type Tokens } from './tokens.ts'
import { totp } from './totp.ts'

export type CentralIdentity = {
  tokens: Tokens
  centreKey: CentreKey
  devices: Devices
  sessions: Sessions
  operators: Operators
  apiKeys: ApiKeys
  secondFactors: SecondFactors
  endings: Endings
  passwords: Passwords
  failures: SignInFailures
  identityPolicy(): Promise<IdentityPolicy>
}

export async function createIdentity(
  context: CentralContext,
  options: { offlineDays: number; proofs: ActorProofs; secretsKey: Buffer | null; changed(): void },
): Promise<CentralIdentity> {
  const tokens = await createTokens(context)
  const centreKey = await createCentreKey(context)
  const endings = await createEndings(context)
  const passwords = createPasswords(context.random)
  const failures = createSignInFailures(context)
  const box = createSecretBox(context.random, {
    outside: options.secretsKey,
    inside: await metaKey(context, 'secrets-key'),
  })
  const secondFactors = createSecondFactors(context, { kind: totp, box, endings })
  const identityPolicy = createIdentityPolicy(context)
  return {
    tokens,
    centreKey,
    identityPolicy,
    endings,
    passwords,
    failures,
    secondFactors,
    devices: createDevices(context, {
      tokens,
      endings,
      renewKey: await metaKey(context, 'renew-key'),
      centreKey: centreKey.key,
    }),
    sessions: createSessions(context, {
      tokens,
      proofs: options.proofs,
      passwords,
      failures,
      secondFactors,
      endings,
      tickets: createTickets(context),
      policy: identityPolicy,
      offlineDays: options.offlineDays,
    }),
    operators: createOperators(context, { passwords, endings, changed: options.changed }),
    apiKeys: createApiKeys(context, { endings }),
  }
}
