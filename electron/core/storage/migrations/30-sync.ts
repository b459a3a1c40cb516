/** What working with a centre needs: roles, commands that were refused, the centre's versions, offline sign-in, numbers. */
export const id = 30
export const sql = `
ALTER TABLE operator ADD COLUMN role TEXT NOT NULL DEFAULT 'agent';
ALTER TABLE operator ADD COLUMN skills TEXT NOT NULL DEFAULT '[]';
ALTER TABLE operator ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0;
ALTER TABLE operator ADD COLUMN employer TEXT NOT NULL DEFAULT '';

-- The centre's version of a case; null until it has come back from there. Edits that are not sent lie on top of it.
ALTER TABLE cases ADD COLUMN synced_version INTEGER;
-- The version of the newest command of ours that took effect there: an older document must not put the case back.
ALTER TABLE cases ADD COLUMN told_version INTEGER;
ALTER TABLE cases ADD COLUMN branch TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN updated_at TEXT;

CREATE UNIQUE INDEX outbox_by_id ON outbox (id);
CREATE INDEX outbox_by_case ON outbox (case_id, seq) WHERE case_id IS NOT NULL;

-- A command that the centre refused (已搁置): it stays in the outbox, and the later ones of its case wait behind it.
CREATE TABLE parked (
  command_id TEXT PRIMARY KEY,
  code TEXT NOT NULL,
  sentence TEXT NOT NULL,
  at TEXT NOT NULL,
  conflict TEXT,
  handed_over INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- Requests of the page that were carried out: a repeated one changes nothing.
CREATE TABLE case_request (
  case_id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  PRIMARY KEY (case_id, request_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE number_block (
  block_id TEXT PRIMARY KEY,
  prefix TEXT NOT NULL,
  next INTEGER NOT NULL,
  last INTEGER NOT NULL,
  digits INTEGER NOT NULL,
  leased_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX number_block_open ON number_block (leased_at, block_id) WHERE next <= last;

CREATE TABLE offline_verifier (
  operator_id TEXT PRIMARY KEY REFERENCES operator,
  verifier TEXT NOT NULL,
  verified_at TEXT NOT NULL,
  offline_days INTEGER NOT NULL,
  failures INTEGER NOT NULL DEFAULT 0,
  locked_until TEXT
) STRICT, WITHOUT ROWID;

-- What the centre published (目录、知识…), by name and version. Its content is fetched by them.
CREATE TABLE publication (
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  effective_at TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;

-- Files of a case (附件) as the centre lists them.
CREATE TABLE case_attachment (
  case_key INTEGER NOT NULL REFERENCES cases,
  attachment_id TEXT NOT NULL,
  name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  PRIMARY KEY (case_key, attachment_id)
) STRICT, WITHOUT ROWID;

-- Files that were added here. The content lies beside the database, sealed under the key (sealed-file.ts), until the centre has
-- it; "upload_path" is where the centre takes the rest. A refused one (failed) is tried again when an operator says so. A file
-- whose case may no longer be seen is sent all the same: the case names it.
CREATE TABLE local_file (
  attachment_id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  key BLOB NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  added_at TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'uploaded', 'failed')),
  upload_path TEXT,
  code TEXT,
  sentence TEXT,
  uploaded_at TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX local_file_by_case ON local_file (case_id);
CREATE INDEX local_file_by_state ON local_file (state, added_at, attachment_id);

-- Changes of the centre that this program could not read: the feed went on, and they are kept.
CREATE TABLE unreadable_change (change_id INTEGER PRIMARY KEY, at TEXT NOT NULL, content TEXT NOT NULL) STRICT;

-- History is append-only but for two: the centre's order that this seat may no longer see a case, and the entry of an edit
-- that its operator gave up before the centre ever took it. The case is named here in the same transaction, and only its
-- rows may go.
CREATE TABLE case_removal (case_key INTEGER PRIMARY KEY) STRICT;
DROP TRIGGER case_history_stays;
CREATE TRIGGER case_history_stays BEFORE DELETE ON case_history
  WHEN NOT EXISTS (SELECT 1 FROM case_removal WHERE case_key = old.case_key)
  BEGIN SELECT raise(ABORT, 'case_history is append-only'); END;
`
