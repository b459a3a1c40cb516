export const id = 49

/** Repeats: which cases belong together, and what operators say is wrong with an article (纠错). */
export const sql = `
-- JSON (caseRelations). NULL: none is written here.
ALTER TABLE cases ADD COLUMN relations text;

CREATE TABLE knowledge_correction (
  correction_id text PRIMARY KEY,
  article_id text NOT NULL,
  article_version integer NOT NULL,
  title text NOT NULL,
  owner text NOT NULL,
  remark text NOT NULL,
  operator_id text NOT NULL,
  branch text NOT NULL,
  seat_id text NOT NULL,
  issued_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'declined')),
  answer text NOT NULL DEFAULT '',
  decided_by text,
  decided_at timestamptz
);
CREATE INDEX knowledge_correction_by_state ON knowledge_correction (state, received_at, correction_id);
`
