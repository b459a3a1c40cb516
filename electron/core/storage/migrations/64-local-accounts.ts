export const id = 64

/** Accounts of a protected seat that has no centre, and second factors that are checked while the centre is away. */
export const sql = `
-- Verified here alone and never sent: the centre keeps its own people.
CREATE TABLE local_account (
  operator_id TEXT PRIMARY KEY REFERENCES operator,
  verifier TEXT NOT NULL,
  -- Given by the administrator: replaced at the first sign-in.
  must_change INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0,
  blocked_until TEXT
) STRICT, WITHOUT ROWID;

-- The secret of a time-based code (RFC 6238), sealed under a key that only the operator's password opens.
CREATE TABLE second_factor (
  operator_id TEXT PRIMARY KEY REFERENCES operator,
  sealed TEXT NOT NULL,
  -- The last 30-second step whose code was used: no code counts twice, also after a restart.
  last_step INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
`
