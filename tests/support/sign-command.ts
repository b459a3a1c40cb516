/** Signs a command as a seat does, under what a sign-in gave. */
import { createHmac } from 'node:crypto'
import type { Command } from '../../shared/domain/command.ts'
import { commandProofText, type SessionProof } from '../../shared/domain/command-proof.ts'

export function signCommand<C extends Omit<Command, 'proof'>>(
  command: C,
  proof: SessionProof,
): C & Pick<Command, 'proof'> {
  const { sessionId: session, secret } = proof
  const { clientId: client, seq } = command
  const text = commandProofText({ ...command, session, client })
  const mac = createHmac('sha256', Buffer.from(secret, 'base64url')).update(text).digest('base64url')
  return { ...command, proof: { session, client, seq, mac } }
}
