/** The closed loop at the seat: where a dispatched case stands. */
export const id = 42
export const sql = `
-- JSON (caseLoop). NULL: it was never dispatched.
ALTER TABLE cases ADD COLUMN loop TEXT;
ALTER TABLE operator ADD COLUMN unit_code TEXT NOT NULL DEFAULT '';

-- A form that was opened from an internet channel, until the centre knows what became of it.
CREATE TABLE intake_draft (
  draft_id TEXT PRIMARY KEY,
  intake_id TEXT NOT NULL,
  fence INTEGER NOT NULL,
  operator_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`
