export const id = 10

/** What people wrote is kept as JSON text: jsonb and plain text refuse U+0000 and half characters, and a form may hold them. */
export const sql = `
CREATE TABLE meta (name text PRIMARY KEY, value text NOT NULL);

CREATE TABLE operator (
  operator_id text PRIMARY KEY,
  work_number text NOT NULL,
  name text NOT NULL,
  branch text NOT NULL,
  role text NOT NULL CHECK (role IN ('agent', 'contractor', 'lead', 'admin')),
  skills text NOT NULL,
  employer text NOT NULL DEFAULT '',
  disabled boolean NOT NULL DEFAULT false,
  password_hash text,
  failures integer NOT NULL DEFAULT 0,
  locked_until timestamptz,
  updated_at timestamptz NOT NULL
);
-- Two seats that worked without a centre may each have made a person with the same number; only one can sign in here.
CREATE UNIQUE INDEX operator_by_work_number ON operator (work_number) WHERE password_hash IS NOT NULL;

CREATE TABLE device (
  client_id text PRIMARY KEY,
  seat_id text NOT NULL,
  seat_name text NOT NULL,
  branch text NOT NULL,
  secret_hash text NOT NULL,
  highest_seq bigint NOT NULL DEFAULT 0,
  superseded_at timestamptz,
  revoked_at timestamptz,
  enrolled_at timestamptz NOT NULL
);
CREATE TABLE enrolment_code (
  code_hash text PRIMARY KEY,
  branch text NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  created_by text
);
CREATE TABLE operator_session (
  session_id text PRIMARY KEY,
  operator_id text NOT NULL REFERENCES operator,
  seat_id text NOT NULL,
  created_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE TABLE refresh_token (
  token_hash text PRIMARY KEY,
  session_id text NOT NULL REFERENCES operator_session ON DELETE CASCADE,
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE TABLE api_key (
  key_hash text PRIMARY KEY,
  name text NOT NULL,
  scopes text NOT NULL,
  created_at timestamptz NOT NULL,
  revoked_at timestamptz
);

CREATE TABLE number_series (prefix text PRIMARY KEY, next bigint NOT NULL);
CREATE TABLE number_block (
  block_id text PRIMARY KEY,
  request_id text NOT NULL,
  client_id text NOT NULL REFERENCES device,
  prefix text NOT NULL,
  first bigint NOT NULL,
  last bigint NOT NULL,
  digits integer NOT NULL,
  leased_at timestamptz NOT NULL,
  ended_at timestamptz,
  UNIQUE (client_id, request_id)
);

CREATE TABLE cases (
  case_id text PRIMARY KEY,
  case_number text NOT NULL UNIQUE,
  version integer NOT NULL,
  branch text NOT NULL,
  seat_id text NOT NULL,
  status text NOT NULL,
  disposition text NOT NULL,
  confidential boolean NOT NULL,
  operator_id text NOT NULL,
  catalogue_version text NOT NULL,
  call_id text,
  calling_key text,
  contact_key text,
  fields text NOT NULL,
  attachments text NOT NULL,
  authors text NOT NULL,
  digest text NOT NULL,
  created_at text NOT NULL,
  updated_at text NOT NULL
);
CREATE INDEX cases_by_calling_key ON cases (calling_key) WHERE calling_key IS NOT NULL;
CREATE INDEX cases_by_contact_key ON cases (contact_key) WHERE contact_key IS NOT NULL;
CREATE TABLE case_history (
  case_id text NOT NULL,
  entry_id text NOT NULL,
  version integer NOT NULL,
  entry text NOT NULL,
  PRIMARY KEY (case_id, entry_id)
);
-- Seats of other branches that worked on a case see it too.
CREATE TABLE case_seat (case_id text NOT NULL, seat_id text NOT NULL, PRIMARY KEY (case_id, seat_id));

CREATE TABLE call_record (
  seat_id text NOT NULL,
  call_id text NOT NULL,
  client_id text NOT NULL,
  seq bigint NOT NULL,
  branch text NOT NULL,
  number_key text,
  operator_id text,
  case_id text,
  record text NOT NULL,
  received_at timestamptz NOT NULL,
  PRIMARY KEY (seat_id, call_id)
);
CREATE INDEX call_record_by_number ON call_record (number_key) WHERE number_key IS NOT NULL;
CREATE TABLE seat_state (
  entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  seat_id text NOT NULL,
  operator_id text,
  kind text NOT NULL,
  reason text,
  since text NOT NULL,
  received_at timestamptz NOT NULL
);

CREATE TABLE applied_command (
  id text PRIMARY KEY,
  client_id text NOT NULL,
  seq bigint NOT NULL,
  version integer,
  applied_at timestamptz NOT NULL,
  UNIQUE (client_id, seq)
);

CREATE TABLE publication (
  name text NOT NULL,
  version text NOT NULL,
  effective_at timestamptz NOT NULL,
  sha256 text NOT NULL,
  content text NOT NULL,
  published_by text NOT NULL,
  published_at timestamptz NOT NULL,
  PRIMARY KEY (name, version)
);

-- Written without a number in the transaction of the change; ids are drawn while the subject's row is locked.
CREATE TABLE change_inbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL,
  subject text NOT NULL,
  branch text,
  written_at timestamptz NOT NULL
);
-- What readers see: each subject once, at the number of its newest committed change.
CREATE TABLE change (
  number bigint NOT NULL UNIQUE,
  kind text NOT NULL,
  subject text NOT NULL,
  branch text,
  PRIMARY KEY (kind, subject)
);

CREATE TABLE audit (
  entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  client_id text,
  operator_id text,
  employer text NOT NULL DEFAULT '',
  action text NOT NULL,
  subject_kind text NOT NULL,
  subject_id text,
  result text NOT NULL,
  detail text,
  command_id text,
  issued_at text
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% only grows', TG_TABLE_NAME;
END $$;
CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE ON audit
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER history_only_grows BEFORE UPDATE OR DELETE ON case_history
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
`
