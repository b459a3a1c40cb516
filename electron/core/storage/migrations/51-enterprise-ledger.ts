export const id = 51

/** Enterprises' cases by who follows them, and by time: the ledger reads these alone, however many others there are. */
export const sql = `
CREATE INDEX cases_of_enterprises_by_owner
  ON cases (coalesce(json_extract(loop, '$.owner.operatorId'), operator_id), case_key DESC)
  WHERE json_extract(fields, '$.callerKind') = 'enterprise';
CREATE INDEX cases_of_enterprises ON cases (case_key DESC)
  WHERE json_extract(fields, '$.callerKind') = 'enterprise';
`
