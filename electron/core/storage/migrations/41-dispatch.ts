/** The dispatch catalogue at the seat: what changed and for whom, which categories an operator uses, what a draft's dispatch shall be. */
export const id = 41
export const sql = `
-- What the operator chose for the dispatch, where it is not what the catalogue proposes. A form's id becomes its case's, so the
-- choice is there until the case is dispatched.
CREATE TABLE dispatch_choice (
  case_id TEXT PRIMARY KEY,
  choice TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Categories that an operator has filed under here: whose change is told, and what is offered first.
CREATE TABLE category_use (
  operator_id TEXT NOT NULL,
  category_code TEXT NOT NULL,
  used_at TEXT NOT NULL,
  PRIMARY KEY (operator_id, category_code)
) STRICT, WITHOUT ROWID;

-- Another version of the catalogue came into force here.
CREATE TABLE catalogue_change (
  change_key INTEGER PRIMARY KEY,
  version TEXT NOT NULL,
  previous TEXT NOT NULL,
  applied_at TEXT NOT NULL,
  changes TEXT NOT NULL,
  touched TEXT NOT NULL
) STRICT;
CREATE TABLE catalogue_seen (
  operator_id TEXT PRIMARY KEY,
  change_key INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`
