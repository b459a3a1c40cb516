export const id = 66

/**
 * Uploads that are under way, so that every process counts those of one sender; the citizen's code (查询码) that goes with a case's
 * or an item's number; wrong codes by number. What was filed before gets a code too: an operator can read it out.
 */
export const sql = `
CREATE TABLE upload (
  upload_id text PRIMARY KEY,
  -- 'seat …' or 'channel …'
  sender text NOT NULL,
  bytes bigint NOT NULL,
  begun_at timestamptz NOT NULL,
  touched_at timestamptz NOT NULL
);
CREATE INDEX upload_by_sender ON upload (sender, touched_at);
CREATE INDEX upload_by_touch ON upload (touched_at);

CREATE FUNCTION drawn_progress_code() RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT lpad(((('x' || substr(replace(gen_random_uuid()::text, '-', ''), 17, 15))::bit(60)::bigint) % 100000000)::text, 8, '0')
$$;
ALTER TABLE cases ADD COLUMN progress_code text;
ALTER TABLE intake ADD COLUMN progress_code text;
UPDATE cases SET progress_code = drawn_progress_code();
UPDATE intake SET progress_code = drawn_progress_code();
DROP FUNCTION drawn_progress_code();

CREATE TABLE progress_guess (
  number text PRIMARY KEY,
  since timestamptz NOT NULL,
  failures integer NOT NULL
);
CREATE INDEX progress_guess_by_since ON progress_guess (since);
`
