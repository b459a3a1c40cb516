export const id = 42

/**
 * The closed loop: where a dispatched case stands, the people of the handling units and their page's sessions, and what comes in by
 * internet channels.
 */
export const sql = `
ALTER TABLE cases ADD COLUMN loop text;
ALTER TABLE cases ADD COLUMN unit_codes text[];
CREATE INDEX cases_by_unit ON cases USING gin (unit_codes) WHERE unit_codes IS NOT NULL;

ALTER TABLE operator DROP CONSTRAINT operator_role_check;
ALTER TABLE operator ADD CONSTRAINT operator_role_check CHECK (role IN ('agent', 'contractor', 'lead', 'admin', 'unit'));
ALTER TABLE operator ADD COLUMN unit_code text NOT NULL DEFAULT '';

-- The cookie of the units' page, and the token that its forms carry.
CREATE TABLE unit_session (
  token_hash text PRIMARY KEY,
  operator_id text NOT NULL REFERENCES operator,
  form_token text NOT NULL,
  created_at timestamptz NOT NULL,
  used_at timestamptz NOT NULL,
  ended_at timestamptz
);

-- What people sent by a web form or a mini-program, until a seat has made a case of it.
CREATE TABLE intake (
  intake_id text PRIMARY KEY,
  channel text NOT NULL,
  channel_id text NOT NULL,
  digest text NOT NULL,
  received_at timestamptz NOT NULL,
  content text NOT NULL,
  number_key text,
  state text NOT NULL CHECK (state IN ('open', 'claimed', 'filed', 'dropped')),
  fence integer NOT NULL DEFAULT 0,
  lease_seat text,
  lease_operator text,
  lease_until timestamptz,
  case_id text,
  reason text NOT NULL DEFAULT '',
  UNIQUE (channel, channel_id)
);
CREATE INDEX intake_by_channel ON intake (channel, received_at);
CREATE INDEX intake_waiting ON intake (received_at, intake_id) WHERE state IN ('open', 'claimed');
`
