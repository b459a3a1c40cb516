/** The seat's first tables. History, call events and audit are append-only, and triggers hold them to it. */
export const id = 10
export const sql = `
CREATE TABLE local_state (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE operator (
  operator_id TEXT PRIMARY KEY,
  work_number TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  branch TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE draft (
  draft_id TEXT PRIMARY KEY,
  call_id TEXT UNIQUE,
  revision INTEGER NOT NULL,
  fields TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;

-- A case keeps the id of the draft it was filled in as, so that a second submission of one draft finds the first.
-- case_key orders by time: milliseconds since the epoch × 1024 plus a running part; it is the search table's rowid too.
CREATE TABLE cases (
  case_key INTEGER PRIMARY KEY,
  case_id TEXT NOT NULL UNIQUE,
  case_number TEXT NOT NULL UNIQUE,
  calling_key TEXT,
  contact_key TEXT,
  status TEXT NOT NULL,
  disposition TEXT NOT NULL,
  operator_id TEXT NOT NULL REFERENCES operator,
  catalogue_version TEXT NOT NULL,
  version INTEGER NOT NULL,
  fields TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX cases_by_calling ON cases (calling_key, case_key DESC) WHERE calling_key IS NOT NULL;
CREATE INDEX cases_by_contact ON cases (contact_key, case_key DESC) WHERE contact_key IS NOT NULL;

CREATE TABLE case_history (
  case_key INTEGER NOT NULL REFERENCES cases,
  entry_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  at TEXT NOT NULL,
  operator_id TEXT NOT NULL REFERENCES operator,
  detail TEXT NOT NULL,
  PRIMARY KEY (case_key, entry_id)
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE case_search USING fts5(
  tokens, content='', contentless_delete=1, detail=none, tokenize="ascii"
);
INSERT INTO case_search (case_search, rank) VALUES ('automerge', 0);
INSERT INTO case_search (case_search, rank) VALUES ('crisismerge', 1000);

CREATE TABLE call_record (
  call_id TEXT PRIMARY KEY,
  number_key TEXT,
  state TEXT NOT NULL,
  direction TEXT NOT NULL,
  outcome TEXT,
  operator_id TEXT REFERENCES operator,
  case_id TEXT REFERENCES cases (case_id),
  progress TEXT NOT NULL,
  offered_at TEXT NOT NULL
) STRICT;
CREATE INDEX call_record_by_time ON call_record (offered_at DESC);
CREATE INDEX call_record_by_number ON call_record (number_key, offered_at DESC) WHERE number_key IS NOT NULL;
CREATE INDEX call_record_missed ON call_record (number_key) WHERE outcome = 'missed';
CREATE INDEX call_record_live ON call_record (call_id) WHERE state <> 'ended';
CREATE INDEX call_record_by_case ON call_record (case_id) WHERE case_id IS NOT NULL;

CREATE TABLE call_event (
  call_id TEXT NOT NULL REFERENCES call_record,
  sequence INTEGER NOT NULL,
  at TEXT NOT NULL,
  event TEXT NOT NULL,
  PRIMARY KEY (call_id, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  audit_id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  operator_id TEXT,
  action TEXT NOT NULL,
  subject_kind TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  result TEXT NOT NULL
) STRICT;

-- The commands that a centre has not confirmed. Filled from the first day, in the same transaction as what they say.
CREATE TABLE outbox (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  client_id TEXT NOT NULL,
  operator_id TEXT,
  case_id TEXT,
  schema_version INTEGER NOT NULL,
  name TEXT NOT NULL,
  args TEXT NOT NULL,
  base_version INTEGER,
  issued_at TEXT NOT NULL
) STRICT;

CREATE TRIGGER case_history_keeps BEFORE UPDATE ON case_history BEGIN SELECT raise(ABORT, 'case_history is append-only'); END;
CREATE TRIGGER case_history_stays BEFORE DELETE ON case_history BEGIN SELECT raise(ABORT, 'case_history is append-only'); END;
CREATE TRIGGER call_event_keeps BEFORE UPDATE ON call_event BEGIN SELECT raise(ABORT, 'call_event is append-only'); END;
CREATE TRIGGER call_event_stays BEFORE DELETE ON call_event BEGIN SELECT raise(ABORT, 'call_event is append-only'); END;
CREATE TRIGGER audit_keeps BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'audit is append-only'); END;
CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'audit is append-only'); END;
`
