/** Proofs in tests: everybody is signed in at every seat of a test's centre, and commands are signed under these sessions. */
import { createHash, createHmac } from 'node:crypto'
import type { ActorProofs } from '../../central/identity/actor-proofs.ts'
import type { Queries } from '../../central/storage/sql.ts'
import type { Command } from '../../shared/domain/command.ts'
import { commandProofText } from '../../shared/domain/command-proof.ts'

/** A session for each person at each seat, whichever of the two comes first. */
export const signEverybodyIn = (sql: Queries): Promise<void> =>
  sql.script(`
    CREATE OR REPLACE FUNCTION test_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO operator_session (session_id, operator_id, seat_id, branch, created_at, proves_until)
        SELECT 't-' || md5(o.operator_id || '@' || d.seat_id), o.operator_id, d.seat_id, min(d.branch), now(), '2100-01-01'
        FROM operator o CROSS JOIN device d GROUP BY o.operator_id, d.seat_id
        ON CONFLICT DO NOTHING;
      RETURN NULL;
    END $$;
    CREATE OR REPLACE TRIGGER test_sessions AFTER INSERT ON operator FOR EACH STATEMENT EXECUTE FUNCTION test_sessions();
    CREATE OR REPLACE TRIGGER test_sessions AFTER INSERT ON device FOR EACH STATEMENT EXECUTE FUNCTION test_sessions();`)

export const testSession = (operatorId: string, seatId: string): string =>
  `t-${createHash('md5').update(`${operatorId}@${seatId}`).digest('hex')}`

/** The command with the proof of whoever it names. */
export function signed<C extends Omit<Command, 'proof'>>(
  proofs: Pick<ActorProofs, 'secretOf'>,
  seatId: string,
  command: C,
): C & Pick<Command, 'proof'> {
  const { operatorId, clientId: client, seq } = command
  if (operatorId === null) return command
  const session = testSession(operatorId, seatId)
  const secret = Buffer.from(proofs.secretOf({ sessionId: session, operatorId, seatId }), 'base64url')
  const text = commandProofText({ ...command, session, client })
  const mac = createHmac('sha256', secret).update(text).digest('base64url')
  return { ...command, proof: { session, client, seq, mac } }
}

/** For parts of a seat that nobody proves anything with. */
export const unsigned = () => null
