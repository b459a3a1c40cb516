export const id = 52

/** What left the seat for the city's language model, masked as it was sent, and how it ended. Append-only, as the audit. */
export const sql = `
CREATE TABLE model_request (
  request_id TEXT PRIMARY KEY,
  at TEXT NOT NULL,
  operator_id TEXT NOT NULL,
  purpose TEXT NOT NULL,
  model TEXT NOT NULL,
  masked TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE model_answer (
  request_id TEXT PRIMARY KEY REFERENCES model_request,
  at TEXT NOT NULL,
  outcome TEXT NOT NULL,
  characters INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER model_request_keeps BEFORE UPDATE ON model_request BEGIN SELECT raise(ABORT, 'model_request is append-only'); END;
CREATE TRIGGER model_request_stays BEFORE DELETE ON model_request BEGIN SELECT raise(ABORT, 'model_request is append-only'); END;
CREATE TRIGGER model_answer_keeps BEFORE UPDATE ON model_answer BEGIN SELECT raise(ABORT, 'model_answer is append-only'); END;
CREATE TRIGGER model_answer_stays BEFORE DELETE ON model_answer BEGIN SELECT raise(ABORT, 'model_answer is append-only'); END;
`
