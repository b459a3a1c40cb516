export const id = 60

/** A command proves who gave it: the proof of each, and the secrets that prove, each sealed under its person's password. */
export const sql = `
-- JSON (commandProof). NULL: written while the secret of whoever is named was not open here, or by the version before.
ALTER TABLE outbox ADD COLUMN proof TEXT;

-- The last sign-in of each person that the centre accepted here. "sealed": AES-256-GCM under argon2id of the password and "salt".
CREATE TABLE actor_key (
  operator_id TEXT PRIMARY KEY REFERENCES operator,
  session_id TEXT NOT NULL,
  until TEXT NOT NULL,
  salt BLOB NOT NULL,
  iv BLOB NOT NULL,
  sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- People are made at the centre only: it would refuse these, and what waits behind them would wait for ever.
INSERT INTO audit (at, operator_id, action, subject_kind, subject_id, result)
  SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), operator_id, 'operator.create', 'operator',
         coalesce(json_extract(args, '$.operatorId'), id), 'refused'
  FROM outbox WHERE name = 'operator.create';
DELETE FROM parked WHERE command_id IN (SELECT id FROM outbox WHERE name = 'operator.create');
DELETE FROM outbox WHERE name = 'operator.create';

-- What this seat's clock said, where the centre counts another time.
ALTER TABLE case_history ADD COLUMN reported_at TEXT;
DROP TRIGGER case_history_keeps;
CREATE TRIGGER case_history_keeps BEFORE UPDATE ON case_history
  WHEN new.entry_id IS NOT old.entry_id OR new.case_key IS NOT old.case_key OR new.kind IS NOT old.kind
    OR new.operator_id IS NOT old.operator_id OR new.detail IS NOT old.detail
    OR old.reported_at IS NOT NULL OR new.reported_at IS NULL
  BEGIN SELECT raise(ABORT, 'case_history is append-only'); END;
`
