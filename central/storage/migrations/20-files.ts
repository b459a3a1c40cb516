export const id = 20

/** Files that arrived whole and with the digest that was promised. Their bytes lie in the shared folder. */
export const sql = `
CREATE TABLE file (
  file_id text PRIMARY KEY,
  attachment_id text NOT NULL,
  sha256 text NOT NULL,
  bytes bigint NOT NULL,
  seat_id text NOT NULL,
  stored_at timestamptz NOT NULL
);
CREATE INDEX file_by_attachment ON file (attachment_id);
`
