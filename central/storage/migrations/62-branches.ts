export const id = 62

/**
 * Branches: who works for the whole city, which branches a case was given to, whose files a case has, and where a request of the
 * internet belongs. Attachments are stored as JSON text that may hold what PostgreSQL's own JSON functions refuse, so the names in
 * it are found as text; the quotes of what people wrote are escaped there.
 */
export const sql = `
ALTER TABLE operator ADD COLUMN all_branches boolean NOT NULL DEFAULT false;
UPDATE operator SET all_branches = true WHERE role = 'admin';

-- Beside its own branch. A remark gives nothing: only a supervisor who hands a case on does (转交跟办).
CREATE TABLE case_grant (case_id text NOT NULL, branch text NOT NULL, PRIMARY KEY (case_id, branch));
INSERT INTO case_grant (case_id, branch)
SELECT c.case_id, o.branch FROM cases c
JOIN operator o ON o.operator_id = substring(c.loop FROM '"owner":\\{"operatorId":"([^"\\\\]+)"')
WHERE o.branch <> c.branch
ON CONFLICT DO NOTHING;

-- Seats of other branches that had touched a case: each is told once that it may not see it any more.
INSERT INTO change_inbox (kind, subject, branch, written_at)
SELECT DISTINCT 'case', c.case_id, c.branch, now() FROM case_seat JOIN cases c USING (case_id);

-- From which sender a case has its file. The content of any other sender is never given out for it.
CREATE TABLE case_file (
  attachment_id text NOT NULL,
  sender text NOT NULL,
  case_id text NOT NULL,
  PRIMARY KEY (attachment_id, sender)
);
WITH named AS (
  SELECT c.case_id, c.created_at, (regexp_matches(c.attachments, '"attachmentId":"([^"\\\\]+)"', 'g'))[1] AS attachment_id
  FROM cases c WHERE c.attachments <> '[]'
), stored AS (
  SELECT attachment_id, CASE WHEN seat_id IS NOT NULL THEN 'seat:' || seat_id
                             WHEN intake_id IS NOT NULL THEN 'intake:' || intake_id
                             WHEN unit_code IS NOT NULL THEN 'unit:' || unit_code END AS sender
  FROM file
), coming AS (
  SELECT n.attachment_id, 'seat:' || d.seat_id AS sender, n.case_id, n.created_at
  FROM named n JOIN audit a ON a.action = 'case.attach' AND a.subject_id = n.case_id AND a.result = 'done'
  JOIN device d ON d.client_id = a.client_id
  WHERE NOT EXISTS (SELECT 1 FROM stored s WHERE s.attachment_id = n.attachment_id)
)
INSERT INTO case_file (attachment_id, sender, case_id)
SELECT DISTINCT ON (attachment_id, sender) attachment_id, sender, case_id FROM (
  SELECT n.attachment_id, s.sender, n.case_id, n.created_at FROM named n JOIN stored s USING (attachment_id)
  WHERE s.sender IS NOT NULL
  UNION ALL SELECT attachment_id, sender, case_id, created_at FROM coming
) found ORDER BY attachment_id, sender, created_at, case_id
ON CONFLICT DO NOTHING;

-- Where a request belongs; NULL: the channel did not say. lease_branch: the branch that has it in hand.
ALTER TABLE intake ADD COLUMN branch text;
ALTER TABLE intake ADD COLUMN lease_branch text;
UPDATE intake i SET lease_branch = o.branch FROM operator o WHERE o.operator_id = i.lease_operator;

CREATE INDEX audit_lookups ON audit (operator_id, action, at)
  WHERE action IN ('caller.lookup', 'caller.ring', 'case.read', 'alarm.lookups');
`
