/** Files that no seat added: who did, and those that came with a form of an internet channel. JSON (attachment). */
export const id = 47
export const sql = `
ALTER TABLE case_attachment ADD COLUMN added_by TEXT;
ALTER TABLE intake_draft ADD COLUMN attachments TEXT NOT NULL DEFAULT '[]';
`
