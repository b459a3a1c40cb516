/** Whose a form is, which branch a case of this seat is of, and what counts the lookups of people. */
export const id = 62
export const sql = `
-- NULL: nobody knows who opened it. It shows to nobody, and is counted.
ALTER TABLE draft ADD COLUMN operator_id TEXT;
UPDATE draft SET operator_id = coalesce(
  (SELECT operator_id FROM audit WHERE action = 'draft.open' AND subject_id = draft.draft_id ORDER BY audit_id LIMIT 1),
  (SELECT operator_id FROM intake_draft WHERE intake_draft.draft_id = draft.draft_id));

-- A case that the centre has not told yet is of its author's branch.
UPDATE cases SET branch = coalesce((SELECT branch FROM operator WHERE operator.operator_id = cases.operator_id), '')
WHERE branch = '';

-- JSON: other branches that the centre has given a case to. NULL: none.
ALTER TABLE cases ADD COLUMN granted TEXT;

ALTER TABLE operator ADD COLUMN all_branches INTEGER NOT NULL DEFAULT 0;
UPDATE operator SET all_branches = 1 WHERE role = 'admin';

CREATE INDEX audit_caller_lookups ON audit (operator_id, at) WHERE action = 'caller.lookup';
CREATE INDEX audit_case_reads ON audit (operator_id, at) WHERE action = 'case.read';
CREATE INDEX audit_lookup_alarms ON audit (at) WHERE action = 'lookup.alarm';
`
