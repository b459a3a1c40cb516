/** Repeats: which cases belong together (关联、并单), here and as a form chose it before it was filed. And 纠错 of articles. */
export const id = 49
export const sql = `
-- JSON (caseRelations). NULL: none is written at this case. "told_relations": as the centre told them; what is unsent lies on top.
ALTER TABLE cases ADD COLUMN relations TEXT;
ALTER TABLE cases ADD COLUMN told_relations TEXT;

-- The same the other way round: which cases name this one.
CREATE TABLE case_relation (
  other_id TEXT NOT NULL,
  case_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('link', 'merge')),
  PRIMARY KEY (other_id, case_id, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX case_relation_by_case ON case_relation (case_id);

-- A form's id becomes its case's: what is chosen here is done when it is filed.
CREATE TABLE draft_relation (
  draft_id TEXT NOT NULL,
  other_id TEXT NOT NULL,
  relation TEXT NOT NULL CHECK (relation IN ('link', 'merge')),
  PRIMARY KEY (draft_id, other_id)
) STRICT, WITHOUT ROWID;

-- What was said here about an article (纠错): one request is one, and whoever reads the article sees that it was said.
CREATE TABLE article_correction (
  correction_id TEXT PRIMARY KEY,
  article_id TEXT NOT NULL,
  article_version INTEGER NOT NULL,
  remark TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX article_correction_by_article ON article_correction (article_id, at);

CREATE INDEX outbox_relations ON outbox (case_id, seq) WHERE name = 'case.relate';
`
