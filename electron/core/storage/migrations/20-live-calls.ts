/** What a call leaves beside its record, and the states of a seat (坐席状态) in order. */
export const id = 20
export const sql = `
-- Only while the call lives: what a page needs to take it back.
CREATE TABLE live_dialog (
  call_id TEXT PRIMARY KEY REFERENCES call_record,
  dialog TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE call_evidence (
  call_id TEXT PRIMARY KEY REFERENCES call_record,
  evidence TEXT NOT NULL
) STRICT;

CREATE INDEX call_record_unfiled ON call_record (operator_id, offered_at DESC)
  WHERE outcome = 'answered' AND direction = 'inbound' AND case_id IS NULL;

CREATE TABLE seat_state_log (
  seat_state_id INTEGER PRIMARY KEY,
  operator_id TEXT NOT NULL REFERENCES operator,
  at TEXT NOT NULL,
  kind TEXT NOT NULL,
  reason TEXT
) STRICT;
CREATE TRIGGER seat_state_log_keeps BEFORE UPDATE ON seat_state_log BEGIN SELECT raise(ABORT, 'seat_state_log is append-only'); END;
CREATE TRIGGER seat_state_log_stays BEFORE DELETE ON seat_state_log BEGIN SELECT raise(ABORT, 'seat_state_log is append-only'); END;
`
