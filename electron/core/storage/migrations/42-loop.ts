/** The closed loop at the seat: where a dispatched case stands. */
export const id = 42
export const sql = `
-- JSON (caseLoop). NULL: it was never dispatched.
ALTER TABLE cases ADD COLUMN loop TEXT;
ALTER TABLE operator ADD COLUMN unit_code TEXT NOT NULL DEFAULT '';
`
