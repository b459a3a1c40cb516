/** Proofs in tests: everybody is signed in at every seat of a test's centre, and commands are signed under these sessions. */
import { createHash, createHmac } from 'node:crypto'
import { type ActorProofs, secretUnder } from '../../central/identity/actor-proofs.ts'
import { migrate } from '../../central/storage/migrate.ts'
import type { Queries, Sql } from '../../central/storage/sql.ts'
import { type ActorKeys, createActorKeys, type HeldProof } from '../../electron/core/identity/actor-keys.ts'
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

const benchKey = Buffer.alloc(32, 9)
const benchActor = { sessionId: 'bench-session', operatorId: 'bench-operator', seatId: 'bench-seat' }
/** One person of every bench's centre, so that what a seat wrote before it knew a centre is proved at each of them. */
export const benchProof: HeldProof = {
  operatorId: benchActor.operatorId,
  sessionId: benchActor.sessionId,
  secret: secretUnder(benchKey, benchActor),
  until: '2100-01-01T00:00:00.000Z',
}

/** Signs as that person does. */
export const benchSign = (): ActorKeys['sign'] => {
  const keys = createActorKeys({
    random: { bytes: count => new Uint8Array(count), uuid: () => '' },
    passwords: { derive: () => Promise.reject(new Error('no password is asked here')) },
  })
  keys.hold(benchProof)
  return keys.sign
}

/** Before the centre's first process opens the database. */
export async function letBenchIn(sql: Sql, branch: string): Promise<void> {
  await migrate(sql)
  const { operatorId, sessionId, seatId } = benchActor
  await sql.query("INSERT INTO meta (name, value) VALUES ('actor-key', $1)", [benchKey.toString('base64url')])
  await sql.query(
    `INSERT INTO operator (operator_id, work_number, name, branch, role, skills, updated_at)
     VALUES ($1, 'B1', '基准', $2, 'agent', '[]', now())`,
    [operatorId, branch],
  )
  await sql.query(
    `INSERT INTO operator_session (session_id, operator_id, seat_id, branch, created_at, proves_until)
     VALUES ($1, $2, $3, $4, now(), $5)`,
    [sessionId, operatorId, seatId, branch, benchProof.until],
  )
}
