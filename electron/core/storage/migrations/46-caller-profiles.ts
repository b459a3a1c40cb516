export const id = 46

export const sql = `
CREATE TABLE caller_profile (
  number_key TEXT PRIMARY KEY,
  dialect TEXT NOT NULL,
  caller_kind TEXT,
  at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`
