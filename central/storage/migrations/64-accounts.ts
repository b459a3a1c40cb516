export const id = 64

/**
 * What was given out can be seen and ended; tokens belong to one device; failures are counted by source. `failures` and
 * `locked_until` of `operator` are used no more: a process of the former version may still run beside this one.
 */
export const sql = `
ALTER TABLE operator_session ADD COLUMN IF NOT EXISTS revoked_at timestamptz;
ALTER TABLE operator_session ADD COLUMN client_id text;
UPDATE operator_session s SET client_id = (
  SELECT d.client_id FROM device d WHERE d.seat_id = s.seat_id AND d.superseded_at IS NULL AND d.revoked_at IS NULL
  ORDER BY d.enrolled_at DESC LIMIT 1);
CREATE INDEX operator_session_by_operator ON operator_session (operator_id);
CREATE INDEX operator_session_by_client ON operator_session (client_id);

ALTER TABLE device ADD COLUMN former_client_id text;
ALTER TABLE device ADD COLUMN renew_request text;
ALTER TABLE device ADD COLUMN token_at timestamptz;
-- One identity is followed by one other at most, so a copy cannot renew beside its twin.
CREATE UNIQUE INDEX device_by_renewal ON device (former_client_id) WHERE renew_request IS NOT NULL;

ALTER TABLE api_key ADD COLUMN key_id text;
ALTER TABLE api_key ADD COLUMN expires_at timestamptz;
ALTER TABLE api_key ADD COLUMN used_at timestamptz;
UPDATE api_key SET key_id = substr(md5(key_hash), 1, 12);
ALTER TABLE api_key ALTER COLUMN key_id SET NOT NULL;
CREATE UNIQUE INDEX api_key_by_id ON api_key (key_id);

ALTER TABLE operator ADD COLUMN must_change_password boolean NOT NULL DEFAULT false;
ALTER TABLE operator ADD COLUMN password_set_at timestamptz;
UPDATE operator SET password_set_at = updated_at WHERE password_hash IS NOT NULL;

-- By the digest of what was typed as the work number: people type passwords there by mistake. Source '*': all unknown sources.
CREATE TABLE sign_in_failure (
  source text NOT NULL,
  person text NOT NULL,
  failures integer NOT NULL,
  since timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  wait_until timestamptz NOT NULL,
  PRIMARY KEY (source, person)
);
CREATE INDEX sign_in_failure_by_age ON sign_in_failure (last_at);
-- Where a person signed in before.
CREATE TABLE sign_in_source (
  operator_id text NOT NULL REFERENCES operator,
  source text NOT NULL,
  last_at timestamptz NOT NULL,
  PRIMARY KEY (operator_id, source)
);

-- What a sign-in goes on with that was refused after the right password.
CREATE TABLE sign_in_ticket (
  ticket_hash text PRIMARY KEY,
  operator_id text NOT NULL REFERENCES operator,
  client_id text NOT NULL,
  step text NOT NULL CHECK (step IN ('password', 'second-factor')),
  expires_at timestamptz NOT NULL
);

-- 'secret' is encrypted. 'pending' is one that was given but not confirmed.
CREATE TABLE second_factor (
  operator_id text PRIMARY KEY REFERENCES operator,
  kind text,
  secret text,
  last_step bigint NOT NULL DEFAULT 0,
  confirmed_at timestamptz,
  pending text,
  window_until timestamptz
);
CREATE TABLE recovery_code (
  operator_id text NOT NULL REFERENCES operator,
  code_hash text NOT NULL,
  used_at timestamptz,
  PRIMARY KEY (operator_id, code_hash)
);
`
