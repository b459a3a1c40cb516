export const id = 46

/** Who is at which seat, and what is remembered of a caller. Presence is worth nothing after a minute: it need not survive a crash. */
export const sql = `
CREATE UNLOGGED TABLE presence (
  seat_id text PRIMARY KEY,
  operator_id text NOT NULL,
  kind text NOT NULL,
  since timestamptz NOT NULL,
  extension text,
  seen_at timestamptz NOT NULL
) WITH (fillfactor = 50);
CREATE TABLE caller_profile (
  number_key text PRIMARY KEY,
  dialect text NOT NULL,
  caller_kind text,
  at timestamptz NOT NULL,
  operator_id text
);
`
