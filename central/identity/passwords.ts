/** Passwords are kept as argon2id (OWASP's smallest parameters: 19 MiB, two passes). */
import { argon2id, argon2Verify } from 'hash-wasm'
import type { Random } from '../context.ts'

export const hashPassword = (password: string, random: Random): Promise<string> =>
  argon2id({
    password,
    salt: random.bytes(16),
    parallelism: 1,
    iterations: 2,
    memorySize: 19 * 1024,
    hashLength: 32,
    outputType: 'encoded',
  })

export const verifyPassword = (password: string, hash: string): Promise<boolean> =>
  argon2Verify({ password, hash })

/** A well-formed hash of nothing: an unknown number takes as long to refuse as a wrong password. */
export const nobodysHash =
  '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
